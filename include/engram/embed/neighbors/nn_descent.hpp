#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/candidates.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/neighbors/first_lists.hpp>
#include <engram/embed/neighbors/lists.hpp>
#include <engram/embed/neighbors/local_join.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/embed/neighbors/pivot_tree.hpp>
#include <engram/embed/neighbors/prepared_rows.hpp>
#include <engram/embed/neighbors/running_lists.hpp>
#include <engram/embed/neighbors/top_k.hpp>

namespace engram::embed {

struct NnDescentOptions {
  Metric metric = Metric::euclidean;
  std::uint64_t seed = 0;
  Index n_trees = 4;  ///< partitions whose leaves give the first lists; at least 2: no neighbour of a neighbour leads
                      ///< out of the leaves of a single one
  Index max_candidates = 60;  ///< neighbours of a row, fresh and not, that a round compares with each other; at least 1
  Index n_iters = 20;         ///< rounds at most
  double delta = 0.001;       ///< no further round when fewer than this share of all entries changed
};

namespace detail {

/// Row i becomes the former row order[i], cycle by cycle: no second copy of all rows.
template <class T>
void reorder_rows(Tensor<T>& rows, const std::vector<std::int32_t>& order) {
  const Index width = rows.dim(1);
  const auto row = [&](std::size_t i) { return rows.data() + static_cast<Index>(i) * width; };
  std::vector<T> kept(static_cast<std::size_t>(width));
  std::vector<bool> done(order.size());
  for (std::size_t first = 0; first < order.size(); ++first) {
    if (done[first]) {
      continue;
    }
    std::copy_n(row(first), width, kept.begin());
    std::size_t to = first;
    for (auto from = static_cast<std::size_t>(order[to]); from != first; from = static_cast<std::size_t>(order[to])) {
      std::copy_n(row(from), width, row(to));
      done[to] = true;
      to = from;
    }
    std::copy_n(kept.begin(), width, row(to));
    done[to] = true;
  }
}

/// Moves the rows to the order of a first partition, in which neighbours are near each other in memory too, and lists
/// who are neighbours in the leaves of all partitions.
/// @returns the former number of each row
template <class T>
std::vector<std::int32_t> first_lists(PreparedRows<T>& rows, Index n_trees, const Rng& rng, RunningLists<T>& lists) {
  constexpr Index leaf_size = 512;
  RowPartition first = partition_rows(rows, leaf_size, rng.split(0));
  reorder_rows(rows.values, first.order);
  std::vector<std::int32_t> original = first.order;
  std::iota(first.order.begin(), first.order.end(), 0);
  list_next_rows(rows, lists);
  join_leaves(rows, first, lists);
  for (Index tree = 1; tree < n_trees; ++tree) {
    join_leaves(rows, partition_rows(rows, leaf_size, rng.split(static_cast<std::uint64_t>(tree))), lists);
  }
  return original;
}

/// Rounds of local joins until few entries change.
template <class T>
void descend(const PreparedRows<T>& rows, const NnDescentOptions& options, const Rng& rng, RunningLists<T>& lists) {
  JoinCandidates candidates;
  candidates.capacity = options.max_candidates;
  const double enough = options.delta * static_cast<double>(lists.rows) * static_cast<double>(lists.length);
  for (Index round = 0; round < options.n_iters; ++round) {
    Rng seeds = rng.split(static_cast<std::uint64_t>(options.n_trees + round));
    const std::uint64_t seed = std::uint64_t{seeds.bits()} << 32;
    draw_candidates(lists, seed | seeds.bits(), candidates);
    if (static_cast<double>(LocalJoin<T>(rows, candidates, lists).run()) < enough) {
      break;
    }
  }
}

/// The k - 1 nearest of each list as columns 1 .. k-1, under the rows' original numbers.
template <class T>
void write_lists(const PreparedRows<T>& rows, const RunningLists<T>& lists, const std::vector<std::int32_t>& original,
                 NeighborLists<T>& out) {
  const Index k = out.indices.dim(1);
  parallel_ranges(lists.rows, 256, [&](Index begin, Index end) {
    std::vector<Found> found;
    for (Index i = begin; i < end; ++i) {
      rows.measure(rows.row(i), {lists.indices_of(i), static_cast<std::size_t>(k - 1)}, found);
      for (Found& neighbor : found) {
        neighbor.index = original[static_cast<std::size_t>(neighbor.index)];
      }
      std::sort(found.begin(), found.end());
      const std::int32_t self = original[static_cast<std::size_t>(i)];
      Index at = self * k;
      out.indices[at] = self;
      out.distances[at] = 0;
      for (const Found& neighbor : found) {
        out.indices[++at] = neighbor.index;
        out.distances[at] = rows.finished(neighbor.distance);
      }
    }
  });
}

}  // namespace detail

/// Approximately the k nearest rows of each row of x, itself first: k - 1 others and a 0. Of Gaussian clusters, images
/// and the like more than 99 in 100 of the true ones.
///
/// Lists are started from the leaves of random partitions (pivot_tree.hpp) and then improved by the rule that a
/// neighbour's neighbour is likely a neighbour: in each round all pairs of a row's neighbours, one of them fresh, are
/// compared. Source: Dong, Moses, Li, "Efficient k-nearest neighbor graph construction for generic similarity
/// measures", WWW 2011. A function of x and the options, on any number of threads. Rows of floats whose largest entries
/// differ by factors above 2^40 from the median row's are left to exact_neighbors().
/// @param x  [N, D], finite
/// @returns  [N, k], nearest first
/// @throws ShapeError unless x has two axes; ArgumentError unless 1 <= k <= N < 2^31, entries are finite and options in
/// range
template <std::floating_point T>
NeighborLists<T> nn_descent(const Tensor<T>& x, Index k, const NnDescentOptions& options = {}) {
  check_rows("nn_descent", "x", x);
  const Index n = x.dim(0);
  ensure<ArgumentError>(k >= 1 && k <= n, "nn_descent: need 1 <= k <= ", n, " (the rows of x), got ", k);
  ensure<ArgumentError>(
      options.n_trees >= 2 && options.max_candidates >= 1 && options.n_iters >= 0 && options.delta >= 0,
      "nn_descent: need n_trees >= 2, max_candidates >= 1, n_iters and delta >= 0, got ", options.n_trees, ", ",
      options.max_candidates, ", ", options.n_iters, ", ", options.delta);
  PreparedRows<T> rows(x, options.metric);
  if constexpr (std::is_same_v<T, float>) {
    if (!rows.scale.narrow) {
      return exact_neighbors(x, k, options.metric);
    }
  }
  const Index length = std::min(n - 1, std::max<Index>(k - 1, 19));
  const Rng rng(options.seed);
  detail::RunningLists<T> lists(n, length);
  std::vector<std::int32_t> original(1, 0);
  if (length > 0) {
    original = detail::first_lists(rows, options.n_trees, rng, lists);
    detail::descend(rows, options, rng, lists);
  }
  NeighborLists<T> result{Tensor<std::int32_t>::uninitialized({n, k}), Tensor<T>::uninitialized({n, k})};
  detail::write_lists(rows, lists, original, result);
  return result;
}

}  // namespace engram::embed
