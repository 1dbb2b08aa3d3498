#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/graph.hpp>

namespace engram::embed {

/// For each row of one data set (a slice) the row of another that is the same thing there; -1 where there is none.
using Relation = std::vector<std::int32_t>;

/// Each row is the same thing in both slices.
inline Relation identity_relation(Index rows) {
  Relation relation(static_cast<std::size_t>(rows));
  std::iota(relation.begin(), relation.end(), std::int32_t{0});
  return relation;
}

/// The relation back. No row may have two partners.
/// @param relation  from slice `slice` to the next one, which has `rows` rows
/// @returns         from that one to `slice`
/// @throws ArgumentError for a partner outside -1 .. rows - 1, and for one that two rows have
inline Relation inverted(const Relation& relation, Index rows, Index slice = 0) {
  Relation back(static_cast<std::size_t>(rows), -1);
  for (std::size_t i = 0; i < relation.size(); ++i) {
    const std::int32_t partner = relation[i];
    if (partner == -1) {
      continue;
    }
    ensure<ArgumentError>(partner >= 0 && partner < rows, "AlignedUmap: need partners -1 .. ", rows - 1,
                          " in the relation from slice ", slice, ", got ", partner, " for row ", i);
    std::int32_t& own = back[static_cast<std::size_t>(partner)];
    ensure<ArgumentError>(own == -1, "AlignedUmap: need each row once in the relation from slice ", slice, ", got ",
                          partner, " for the rows ", own, " and ", i);
    own = static_cast<std::int32_t>(i);
  }
  return back;
}

/// The relation that leads through another slice.
inline Relation chained(Relation first, const Relation& second) {
  for (std::int32_t& partner : first) {
    partner = partner < 0 ? -1 : second[static_cast<std::size_t>(partner)];
  }
  return first;
}

/// How alike the neighbours of partners are: of those neighbours of either that have partners themselves, the share
/// that both have (Jaccard's index); 1 if there are none, 0 for a row without a partner.
/// @param partners  from the rows of `graph` to those of `other`
/// @param back      its inverse
/// @returns         one per row of `graph`, 0 .. 1
inline std::vector<float> neighborhood_overlap(const SparseGraph& graph, const SparseGraph& other,
                                               const Relation& partners, const Relation& back) {
  const auto neighbours = [](const SparseGraph& g, std::int32_t row) {
    const auto at = static_cast<std::size_t>(row);
    return std::pair{g.columns.begin() + g.offsets[at], g.columns.begin() + g.offsets[at + 1]};
  };
  std::vector<float> overlap(partners.size(), 0.0F);
  parallel_ranges(graph.rows(), 1024, [&](Index begin, Index end) {
    std::vector<std::int32_t> own;
    for (Index i = begin; i < end; ++i) {
      const std::int32_t partner = partners[static_cast<std::size_t>(i)];
      if (partner < 0) {
        continue;
      }
      own.clear();
      const auto [first, last] = neighbours(graph, static_cast<std::int32_t>(i));
      std::for_each(first, last, [&](std::int32_t j) {
        if (partners[static_cast<std::size_t>(j)] >= 0) {
          own.push_back(partners[static_cast<std::size_t>(j)]);
        }
      });
      std::ranges::sort(own);
      Index both = 0;
      Index either = std::ssize(own);
      const auto [other_first, other_last] = neighbours(other, partner);
      std::for_each(other_first, other_last, [&](std::int32_t j) {
        if (back[static_cast<std::size_t>(j)] >= 0) {
          const bool shared = std::ranges::binary_search(own, j);
          both += shared ? 1 : 0;
          either += shared ? 0 : 1;
        }
      });
      overlap[static_cast<std::size_t>(i)] = either > 0 ? static_cast<float>(both) / static_cast<float>(either) : 1.0F;
    }
  });
  return overlap;
}

/// What pulls the rows of one slice towards their partners in another.
struct Tie {
  Index slice = 0;                ///< the other slice
  Relation partners = {};         ///< its rows
  std::vector<float> pulls = {};  ///< per unit of distance, one per row

  /// Adds to force [d] the pull on row i of `points` [N, d] towards its partner among `others` [M, d].
  [[gnu::always_inline]] void add_pull(const float* points, const float* others, Index d, Index i, float* force) const {
    const auto at = static_cast<std::size_t>(i);
    if (partners[at] >= 0) {
      for (Index c = 0; c < d; ++c) {
        force[c] += pulls[at] * (others[partners[at] * d + c] - points[i * d + c]);
      }
    }
  }
};

/// Ties the rows of `graph` to their partners in slice `slice`, which has the graph `other`. The pull is in proportion
/// to `strength`, to how alike the neighbours are, and to the edges of the row that are due in an epoch: so it stands
/// in the same proportion to the other forces on each row, dense or not.
/// @param back  the inverse of `partners`
inline Tie tie_rows(const SparseGraph& graph, const SparseGraph& other, Index slice, Relation partners,
                    const Relation& back, double strength) {
  Tie made{slice, std::move(partners), {}};
  made.pulls = neighborhood_overlap(graph, other, made.partners, back);
  const double largest = graph.weights.empty() ? 1.0 : static_cast<double>(*std::ranges::max_element(graph.weights));
  for (std::size_t i = 0; i < made.pulls.size(); ++i) {
    double due = 0;
    for (auto e = static_cast<std::size_t>(graph.offsets[i]); e < static_cast<std::size_t>(graph.offsets[i + 1]); ++e) {
      due += static_cast<double>(graph.weights[e]) / largest;
    }
    made.pulls[i] = static_cast<float>(strength * due * static_cast<double>(made.pulls[i]));
  }
  return made;
}

namespace detail {

template <class Items>
auto& at(Items& items, Index i) {
  return items[static_cast<std::size_t>(i)];
}

}  // namespace detail

/// The ties between the slices of a sequence: of each to `window_size` slices before and after it, the strength e times
/// less from slice to slice.
class Alignment {
 public:
  Alignment() = default;
  /// @param strength  of the ties between a slice and the next, see tie_rows()
  Alignment(double strength, Index window_size) : strength_(strength), window_size_(window_size) {}

  /// Adds the next slice.
  /// @param to_before  from its rows to those of the slice before, as made by inverted(); of the first slice: none
  void add(SparseGraph graph, Relation to_before) {
    const Index last = std::ssize(graphs_);
    graphs_.push_back(std::move(graph));
    to_before_.push_back(std::move(to_before));
    ties_.emplace_back();
    Relation back;
    for (Index other = last - 1; other >= std::max<Index>(0, last - window_size_); --other) {
      back = other == last - 1 ? to_before_.back() : chained(std::move(back), detail::at(to_before_, other + 1));
      Relation forth = inverted(back, detail::at(graphs_, other).rows());
      const double strength = strength_ * std::exp(1.0 - static_cast<double>(last - other));
      ties_.back().push_back(
          tie_rows(detail::at(graphs_, last), detail::at(graphs_, other), other, back, forth, strength));
      detail::at(ties_, other)
          .push_back(
              tie_rows(detail::at(graphs_, other), detail::at(graphs_, last), last, std::move(forth), back, strength));
    }
    if (last >= window_size_) {
      detail::at(graphs_, last - window_size_) = {};  // out of reach for the slices to come
    }
  }

  /// Adds to force [d] the pulls on row i of a slice.
  /// @param maps  of all slices, [their rows, d]
  void add_pulls(Index slice, const std::vector<Tensor<float>>& maps, Index i, float* force) const {
    const Tensor<float>& map = detail::at(maps, slice);
    for (const Tie& tie : detail::at(ties_, slice)) {
      tie.add_pull(map.data(), detail::at(maps, tie.slice).data(), map.dim(1), i, force);
    }
  }

  /// Forgets the ties, once the maps are made; slices can still be added.
  void drop_ties() { ties_.assign(ties_.size(), {}); }

 private:
  double strength_ = 0;
  Index window_size_ = 1;
  std::vector<SparseGraph> graphs_;     ///< of the last window_size slices; empty ones before
  std::vector<Relation> to_before_;     ///< of each slice
  std::vector<std::vector<Tie>> ties_;  ///< of each slice
};

}  // namespace engram::embed
