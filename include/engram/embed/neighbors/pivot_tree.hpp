#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/shape.hpp>
#include <engram/embed/neighbors/prepared_rows.hpp>

namespace engram::embed::detail {

/// Consecutive places [begin, end).
struct Span {
  Index begin;
  Index end;

  Index size() const { return end - begin; }
};

/// Rows in an order in which near ones tend to stand together, cut into leaves.
struct RowPartition {
  std::vector<std::int32_t> order;  ///< the row at each place
  std::vector<Span> leaves;         ///< of places, in order
};

/// Cuts rows into cells of nearby ones: of some of a cell's rows, drawn at random, each takes the rows that it is
/// nearest to; and so on in each part, until it has at most `leaf_size` rows.
///
/// With two pivots this is the random hyperplane of Dasgupta, Freund, "Random projection trees and low dimensional
/// manifolds", STOC 2008, and of NN-descent's usual start; more of them give rounder cells in fewer passes over the
/// rows, and the tiles of pairs.hpp measure several pivots for the price of one.
template <class T>
class PivotTree {
 public:
  /// @param leaf_size  at least 1
  PivotTree(const PreparedRows<T>& rows, Index leaf_size, const Rng& rng)
      : rows_(rows),
        leaf_size_(leaf_size),
        rng_(rng),
        order_(static_cast<std::size_t>(rows.count())),
        scratch_(order_.size()),
        part_(order_.size()) {
    std::iota(order_.begin(), order_.end(), 0);
  }

  RowPartition grow() {
    std::vector<Span> large{{0, rows_.count()}};
    std::vector<Span> small;
    while (!large.empty()) {
      const Span cell = large.back();
      large.pop_back();
      for (const Span part : split(cell)) {
        (part.size() > small_cell ? large : small).push_back(part);
      }
    }
    std::ranges::sort(small, {}, &Span::begin);
    std::vector<std::vector<Span>> leaves(small.size());
    parallel_for(std::ssize(small), [&](Index i) {
      const auto at = static_cast<std::size_t>(i);
      std::vector<Span> open{small[at]};
      while (!open.empty()) {
        const Span cell = open.back();
        open.pop_back();
        if (cell.size() <= leaf_size_) {
          leaves[at].push_back(cell);
          continue;
        }
        const std::vector<Span> parts = split(cell);
        open.insert(open.end(), parts.rbegin(), parts.rend());
      }
    });
    RowPartition result{std::move(order_), {}};
    for (const auto& some : leaves) {
      result.leaves.insert(result.leaves.end(), some.begin(), some.end());
    }
    return result;
  }

 private:
  static constexpr Index most_pivots = 16;
  static constexpr Index block = 256;        // rows that are assigned at a time
  static constexpr Index small_cell = 8192;  // a task of its own

  const T* row(Index place) const { return rows_.row(order_[static_cast<std::size_t>(place)]); }

  /// So many that parts of half a leaf come out, at least two.
  std::vector<const T*> draw_pivots(Span cell) const {
    const Index half = std::max<Index>(1, leaf_size_ / 2);
    const Index count = std::clamp<Index>((cell.size() + half - 1) / half, 2, std::min(most_pivots, cell.size()));
    Rng rng = rng_.split(static_cast<std::uint64_t>(cell.begin) << 32 | static_cast<std::uint64_t>(cell.end));
    std::vector<const T*> pivots;
    while (std::ssize(pivots) < count) {
      const T* pivot = row(cell.begin + rng.below(cell.size()));
      if (std::ranges::find(pivots, pivot) == pivots.end()) {
        pivots.push_back(pivot);
      }
    }
    return pivots;
  }

  /// Reorders the cell's places so that the rows of each pivot stand together. Rows that pivots do not tell apart (all
  /// equal) are cut evenly.
  std::vector<Span> split(Span cell) {
    if (cell.size() <= leaf_size_) {
      return {cell};
    }
    const std::vector<const T*> pivots = draw_pivots(cell);
    const Index count = std::ssize(pivots);
    parallel_ranges(cell.size(), block, [&](Index begin, Index end) {
      assign({cell.begin + begin, cell.begin + end}, pivots);
    });
    Index starts[most_pivots + 1] = {};
    for (Index place = cell.begin; place < cell.end; ++place) {
      ++starts[part_[static_cast<std::size_t>(place)] + 1];
    }
    std::partial_sum(starts, starts + count + 1, starts);
    std::vector<Span> parts;
    for (Index p = 0; p < count; ++p) {
      if (starts[p + 1] > starts[p]) {
        parts.push_back({cell.begin + starts[p], cell.begin + starts[p + 1]});
      }
    }
    if (parts.size() == 1) {
      parts.clear();
      for (Index p = 0; p < count; ++p) {
        parts.push_back({cell.begin + cell.size() * p / count, cell.begin + cell.size() * (p + 1) / count});
      }
      return parts;
    }
    for (Index place = cell.begin; place < cell.end; ++place) {
      const auto at = static_cast<std::size_t>(place);
      scratch_[static_cast<std::size_t>(cell.begin + starts[part_[at]]++)] = order_[at];
    }
    std::copy(scratch_.begin() + cell.begin, scratch_.begin() + cell.end, order_.begin() + cell.begin);
    return parts;
  }

  /// The nearest pivot of the row at each of at most `block` places.
  void assign(Span places, std::span<const T* const> pivots) {
    const Index count = std::ssize(pivots);
    const T* rows[block] = {};
    T distances[block * most_pivots];
    for (Index place = places.begin; place < places.end; ++place) {
      rows[place - places.begin] = row(place);
    }
    rows_.distances(rows, places.size(), pivots.data(), count, distances, count);
    for (Index i = 0; i < places.size(); ++i) {
      const T* nearest = std::min_element(distances + i * count, distances + (i + 1) * count);
      part_[static_cast<std::size_t>(places.begin + i)] = static_cast<std::uint8_t>(nearest - (distances + i * count));
    }
  }

  const PreparedRows<T>& rows_;
  Index leaf_size_;
  Rng rng_;
  std::vector<std::int32_t> order_;
  std::vector<std::int32_t> scratch_;
  std::vector<std::uint8_t> part_;
};

/// See PivotTree.
template <class T>
RowPartition partition_rows(const PreparedRows<T>& rows, Index leaf_size, const Rng& rng) {
  return PivotTree<T>(rows, leaf_size, rng).grow();
}

}  // namespace engram::embed::detail
