#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/first_lists.hpp>
#include <engram/embed/neighbors/prepared_rows.hpp>
#include <engram/embed/union_find.hpp>

namespace engram::embed::detail {

/// Where a search starts and where it can go on from each row.
struct SearchGraph {
  std::vector<std::int32_t> entries;  ///< rows that every query is compared with, ascending
  std::vector<Index> offsets;         ///< [N + 1]
  std::vector<std::int32_t> targets;  ///< of row i: targets[offsets[i]] .. targets[offsets[i + 1] - 1]
};

/// For each row, those in its list and those who have it in theirs.
inline std::vector<std::vector<std::int32_t>> linked_rows(const Tensor<std::int32_t>& lists) {
  const Index n = lists.dim(0);
  const Index length = lists.dim(1);
  std::vector<std::vector<std::int32_t>> linked(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < length; ++j) {
      const std::int32_t other = lists[i * length + j];
      if (other != i) {
        linked[static_cast<std::size_t>(i)].push_back(other);
        linked[static_cast<std::size_t>(other)].push_back(static_cast<std::int32_t>(i));
      }
    }
  }
  return linked;
}

/// Of the rows that row i is linked with (reordered), those to keep: the nearest, then each that is nearer to i than to
/// all kept ones: who is behind another is reached through it.
/// Source: Malkov, Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable
/// small world graphs", IEEE TPAMI 42(4), 2020, algorithm 4.
template <class T>
std::vector<std::int32_t> diverse(const PreparedRows<T>& rows, Index i, std::vector<std::int32_t>& linked, Index most) {
  constexpr Index nearest_considered = 64;
  std::ranges::sort(linked);
  linked.erase(std::unique(linked.begin(), linked.end()), linked.end());
  std::vector<const T*> pointers(linked.size());
  std::ranges::transform(linked, pointers.begin(), [&](std::int32_t j) { return rows.row(j); });
  std::vector<T> from_i(linked.size());
  const T* self = rows.row(i);
  rows.distances(&self, 1, pointers.data(), std::ssize(pointers), from_i.data(), std::ssize(pointers));
  std::vector<std::pair<T, std::int32_t>> order(linked.size());
  for (std::size_t j = 0; j < linked.size(); ++j) {
    order[j] = {from_i[j], linked[j]};
  }
  std::ranges::sort(order);
  order.resize(std::min(order.size(), static_cast<std::size_t>(nearest_considered)));
  pointers.resize(order.size());
  std::ranges::transform(order, pointers.begin(), [&](const auto& found) { return rows.row(found.second); });
  const Buffer<T> between = all_pairs(rows, pointers);
  std::vector<std::size_t> kept;
  for (std::size_t j = 0; j < order.size() && std::ssize(kept) < most; ++j) {
    const T* from_j = between.data() + j * order.size();
    if (std::ranges::none_of(kept, [&](std::size_t other) { return from_j[other] < order[j].first; })) {
      kept.push_back(j);
    }
  }
  std::vector<std::int32_t> result(kept.size());
  std::ranges::transform(kept, result.begin(), [&](std::size_t j) { return order[j].second; });
  return result;
}

/// About `count` rows drawn at random, and one of each connected component of the graph that has none of these.
inline std::vector<std::int32_t> draw_entries(const SearchGraph& graph, Index count, Rng rng) {
  const Index n = std::ssize(graph.offsets) - 1;
  UnionFind components(n);
  for (Index i = 0; i < n; ++i) {
    for (Index e = graph.offsets[static_cast<std::size_t>(i)]; e < graph.offsets[static_cast<std::size_t>(i) + 1];
         ++e) {
      components.join(static_cast<std::int32_t>(i), graph.targets[static_cast<std::size_t>(e)]);
    }
  }
  std::vector<std::int32_t> entries;
  std::vector<bool> met(static_cast<std::size_t>(n));
  for (Index drawn = 0; drawn < count; ++drawn) {
    const auto row = static_cast<std::int32_t>(rng.below(n));
    entries.push_back(row);
    met[static_cast<std::size_t>(components.root(row))] = true;
  }
  for (std::int32_t i = 0; i < n; ++i) {
    if (components.root(i) == i && !met[static_cast<std::size_t>(i)]) {
      entries.push_back(i);
    }
  }
  std::ranges::sort(entries);
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

/// @param lists  [N, K], the rows' neighbours
/// @param most   targets of a row at most
template <class T>
SearchGraph make_search_graph(const PreparedRows<T>& rows, const Tensor<std::int32_t>& lists, Index most,
                              const Rng& rng) {
  const Index n = rows.count();
  auto linked = linked_rows(lists);
  parallel_ranges(n, 128, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      auto& of_row = linked[static_cast<std::size_t>(i)];
      of_row = diverse(rows, i, of_row, most);
    }
  });
  SearchGraph graph;
  graph.offsets.push_back(0);
  for (const auto& of_row : linked) {
    graph.targets.insert(graph.targets.end(), of_row.begin(), of_row.end());
    graph.offsets.push_back(std::ssize(graph.targets));
  }
  graph.entries = draw_entries(graph, static_cast<Index>(std::sqrt(static_cast<double>(n))), rng);
  return graph;
}

}  // namespace engram::embed::detail
