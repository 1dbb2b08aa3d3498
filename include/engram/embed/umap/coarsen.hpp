#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>
#include <engram/embed/umap/graph.hpp>

namespace engram::embed::detail {

/// A graph between groups of another graph's rows.
struct CoarseGraph {
  SparseGraph graph;                 ///< weights summed over the pairs of members; within a group: a loop
  std::vector<std::int32_t> groups;  ///< for each row of the finer graph the row here
};

/// Numbers groups of at most 8 rows as rows join them.
class Grouping {
 public:
  explicit Grouping(std::vector<std::int32_t>& groups) : groups_(groups) {}

  bool is_full(std::int32_t group) const { return sizes_[static_cast<std::size_t>(group)] == 8; }
  void start(std::size_t row) {
    groups_[row] = static_cast<std::int32_t>(sizes_.size());
    sizes_.push_back(1);
  }
  void join(std::size_t row, std::int32_t group) {
    groups_[row] = group;
    ++sizes_[static_cast<std::size_t>(group)];
  }
  Index count() const { return std::ssize(sizes_); }

 private:
  std::vector<std::int32_t>& groups_;
  std::vector<std::int32_t> sizes_;
};

/// Puts each row that has no group yet with its heaviest neighbour whose group is not full. Rows that have no such
/// neighbour go with others that share their heaviest one, as the leaves of a star do; so there are never more than
/// about 9 groups for 16 rows. Returns how many there are.
inline Index group_by_heaviest_edge(const SparseGraph& graph, std::vector<std::int32_t>& groups) {
  const auto rows = static_cast<std::size_t>(graph.rows());
  groups.assign(rows, -1);
  Grouping grouping(groups);
  std::vector<std::int32_t> around(rows + 1,
                                   -1);  // the last group of rows that share a neighbour; at the end: have none
  for (std::size_t i = 0; i < rows; ++i) {
    if (groups[i] >= 0) {
      continue;
    }
    float heaviest = 0;
    float heaviest_open = 0;
    std::size_t neighbor = rows;
    std::size_t partner = rows;
    for (auto e = static_cast<std::size_t>(graph.offsets[i]); e < static_cast<std::size_t>(graph.offsets[i + 1]); ++e) {
      const auto j = static_cast<std::size_t>(graph.columns[e]);
      const float weight = graph.weights[e];
      if (weight > heaviest_open && j != i) {
        if (weight > heaviest) {
          heaviest = weight;
          neighbor = j;
        }
        if (groups[j] < 0 || !grouping.is_full(groups[j])) {
          heaviest_open = weight;
          partner = j;
        }
      }
    }
    if (partner < rows) {
      if (groups[partner] < 0) {
        grouping.start(partner);
      }
      grouping.join(i, groups[partner]);
    } else if (std::int32_t& others = around[neighbor]; others >= 0 && !grouping.is_full(others)) {
      grouping.join(i, others);
    } else {
      grouping.start(i);
      others = groups[i];
    }
  }
  return grouping.count();
}

/// The edges of groups begin .. end-1, whose members are rows members[starts[g]] .. members[starts[g + 1] - 1].
struct GroupEdges {
  std::vector<Index> ends;  ///< for each group the number of edges up to and with it
  std::vector<std::int32_t> columns;
  std::vector<float> weights;
};

inline GroupEdges sum_edges(const SparseGraph& graph, const std::vector<std::int32_t>& groups,
                            const std::vector<std::int32_t>& members, const std::vector<Index>& starts, Index begin,
                            Index end) {
  GroupEdges sums;
  std::vector<Index> place(starts.size() - 1, -1);  // of the edge to each group, if it was met in the present row
  for (Index g = begin; g < end; ++g) {
    const Index first = std::ssize(sums.columns);
    for (Index m = starts[static_cast<std::size_t>(g)]; m < starts[static_cast<std::size_t>(g) + 1]; ++m) {
      const auto row = static_cast<std::size_t>(members[static_cast<std::size_t>(m)]);
      for (Index e = graph.offsets[row]; e < graph.offsets[row + 1]; ++e) {
        const std::int32_t to = groups[static_cast<std::size_t>(graph.columns[static_cast<std::size_t>(e)])];
        const float weight = graph.weights[static_cast<std::size_t>(e)];
        Index& at = place[static_cast<std::size_t>(to)];
        if (at < first) {
          at = std::ssize(sums.columns);
          sums.columns.push_back(to);
          sums.weights.push_back(weight);
        } else {
          sums.weights[static_cast<std::size_t>(at)] += weight;
        }
      }
    }
    sums.ends.push_back(std::ssize(sums.columns));
  }
  return sums;
}

/// A graph of a third of the rows or so that looks the same from afar. Its columns are in no particular order.
///
/// Source: Karypis and Kumar, "A fast and high quality multilevel scheme for partitioning irregular graphs", 1998,
/// section 3.1, with groups instead of pairs.
inline CoarseGraph coarsen(const SparseGraph& graph) {
  CoarseGraph coarse;
  const Index count = group_by_heaviest_edge(graph, coarse.groups);
  std::vector<Index> starts(static_cast<std::size_t>(count) + 1, 0);
  for (const std::int32_t g : coarse.groups) {
    ++starts[static_cast<std::size_t>(g) + 1];
  }
  for (std::size_t g = 1; g < starts.size(); ++g) {
    starts[g] += starts[g - 1];
  }
  std::vector<std::int32_t> members(coarse.groups.size());
  std::vector<Index> next(starts.begin(), starts.end() - 1);
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[static_cast<std::size_t>(next[static_cast<std::size_t>(coarse.groups[i])]++)] =
        static_cast<std::int32_t>(i);
  }
  constexpr Index grain = 4096;
  std::vector<GroupEdges> pieces(static_cast<std::size_t>((count + grain - 1) / grain));
  parallel_ranges(count, grain, [&](Index begin, Index end) {
    pieces[static_cast<std::size_t>(begin / grain)] = sum_edges(graph, coarse.groups, members, starts, begin, end);
  });
  coarse.graph.column_count = count;
  for (const GroupEdges& piece : pieces) {
    const Index before = coarse.graph.edges();
    for (const Index edges : piece.ends) {
      coarse.graph.offsets.push_back(before + edges);
    }
    coarse.graph.columns.insert(coarse.graph.columns.end(), piece.columns.begin(), piece.columns.end());
    coarse.graph.weights.insert(coarse.graph.weights.end(), piece.weights.begin(), piece.weights.end());
  }
  return coarse;
}

}  // namespace engram::embed::detail
