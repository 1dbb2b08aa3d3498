#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <numeric>
#include <span>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/panels.hpp>
#include <engram/embed/neighbors/scan.hpp>
#include <engram/embed/neighbors/top_k.hpp>
#include <engram/kernels/simd/widest.hpp>

// Every row against every row, in blocks: lower bounds of a block's distances, a scan for those that are within a row's
// limit, and distances by differences for the few that remain.

namespace engram::embed::detail {

/// The inner distance of two prepared rows, in double.
template <class T>
double measured(const T* a, const T* b, Index width, bool manhattan) {
  double value = 0;
  kernels::simd::with_widest([&] {
    value = manhattan ? ManhattanDistance{}.template operator()<double>(a, b, width)
                      : SquaredDistance{}.template operator()<double>(a, b, width);
  });
  return value;
}

/// 0 .. n-1 shuffled: in whatever order the data come, a row meets near ones early and its limit falls fast.
inline std::vector<std::int32_t> visiting_order(Index n) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  Rng(0).shuffle(std::span<std::int32_t>(order));
  return order;
}

/// Calls found(row, its nearest others) for each row, on any thread. Each pair of blocks is computed once and serves
/// the rows of both, which are locked meanwhile: the order in which a row meets candidates may vary, the result does
/// not.
/// @param rows     prepared rows [N, W]
/// @param columns  of them in use
/// @param k        at least 1, at most N - 1
template <class T, class Consume>
void self_join(const Tensor<T>& rows, Index columns, Index k, bool manhattan, Consume consume) {
  const Index n = rows.dim(0);
  const Index width = rows.dim(1);
  const std::vector<std::int32_t> order = visiting_order(n);
  const BoundPlan<T> plan = plan_bounds<T>(rows, rows, order, columns, manhattan);
  const Panels<T> left = pack<T>(plan, rows, order, join_block, true);
  const Panels<T> right = pack<T>(plan, rows, order, join_block, false);
  const T* slack = left.slack.data();
  const Index blocks = (n + join_block - 1) / join_block;
  TopK<T> nearest(blocks * join_block, k);
  T* limits = nearest.limits();
  constexpr T never = std::numeric_limits<T>::lowest();
  std::fill(limits + n, limits + blocks * join_block, never);
  const std::vector<T> all_never(static_cast<std::size_t>(join_block), never);
  std::vector<std::mutex> busy(static_cast<std::size_t>(blocks));
  const auto original = [&](Index i) { return order[static_cast<std::size_t>(i)]; };
  const auto measure = [&](Index i, std::int32_t j) {
    return measured(rows.data() + original(i) * width, rows.data() + j * width, width, manhattan);
  };
  const auto upwards = [&](double distance) { return plan.upwards(distance); };
  // Block a meets a + distance; when the number of blocks is even, the last distance would meet each pair twice.
  parallel_for(blocks * (blocks / 2 + 1), [&](Index task) {
    const Index distance = task / blocks;
    const Index a = task % blocks;
    const Index b = (a + distance) % blocks;
    if (distance > 0 && 2 * distance == blocks && a > b) {
      return;
    }
    Buffer<T> bounds(static_cast<std::size_t>(join_block * join_block));
    lower_bounds(plan, left.at(a), join_block, right.at(b), join_block, bounds.data());
    const std::unique_lock lock(busy[static_cast<std::size_t>(std::min(a, b))]);
    std::unique_lock lock_other(busy[static_cast<std::size_t>(std::max(a, b))], std::defer_lock);
    if (a != b) {
      lock_other.lock();
    }
    const T* column_limits = a == b ? all_never.data() : limits + b * join_block;
    scan(plan, bounds.data(), join_block, limits + a * join_block, column_limits, [&](Index r, Index c, T low) {
      const Index i = a * join_block + r;
      const Index j = b * join_block + c;
      const T high = low + (slack[i] + slack[j]);
      if (low <= limits[i] && i != j) {
        nearest.add(i, low, high, original(j), measure, upwards);
      }
      if (low <= column_limits[c]) {
        nearest.add(j, low, high, original(i), measure, upwards);
      }
    });
  });
  parallel_ranges(n, 64, [&](Index begin, Index end) {
    std::vector<Found> found;
    for (Index i = begin; i < end; ++i) {
      nearest.nearest(i, measure, found);
      consume(original(i), found);
    }
  });
}

/// Calls consume(query, its nearest rows of x) for each of the queries, on any thread.
/// @param queries  prepared rows [Q, W]
/// @param x        prepared rows [N, W]
/// @param k        at least 1, at most N
template <class T, class Consume>
void query_join(const Tensor<T>& queries, const Tensor<T>& x, Index columns, Index k, bool manhattan, Consume consume) {
  const Index count = queries.dim(0);
  const Index width = x.dim(1);
  const std::vector<std::int32_t> order = visiting_order(x.dim(0));
  const BoundPlan<T> plan = plan_bounds<T>(queries, x, order, columns, manhattan);
  std::vector<std::int32_t> as_given(static_cast<std::size_t>(count));
  std::iota(as_given.begin(), as_given.end(), 0);
  const Index block = std::clamp<Index>((count / 8 + 11) / 12 * 12, 12, join_block);  // whole tiles, several tasks
  const Panels<T> left = pack<T>(plan, queries, as_given, block, true);
  const Panels<T> right = pack<T>(plan, x, order, join_block, false);
  const std::vector<T> never(static_cast<std::size_t>(join_block), std::numeric_limits<T>::lowest());
  const auto upwards = [&](double distance) { return plan.upwards(distance); };
  parallel_for((count + block - 1) / block, [&](Index task) {
    const Index first = task * block;
    const Index used = std::min(block, count - first);
    const T* slack = left.slack.data() + first;
    const auto measure = [&](Index i, std::int32_t j) {
      return measured(queries.data() + (first + i) * width, x.data() + j * width, width, manhattan);
    };
    TopK<T> nearest(block, k);
    T* limits = nearest.limits();
    std::fill(limits + used, limits + block, never[0]);
    Buffer<T> bounds(static_cast<std::size_t>(block * join_block));
    for (Index b = 0; b * join_block < x.dim(0); ++b) {
      lower_bounds(plan, left.at(task), block, right.at(b), join_block, bounds.data());
      scan(plan, bounds.data(), block, limits, never.data(), [&](Index i, Index c, T low) {
        if (low <= limits[i]) {  // may have fallen meanwhile
          const Index j = b * join_block + c;
          nearest.add(i, low, low + (slack[i] + right.slack.data()[j]), order[static_cast<std::size_t>(j)], measure,
                      upwards);
        }
      });
    }
    std::vector<Found> found;
    for (Index i = 0; i < used; ++i) {
      nearest.nearest(i, measure, found);
      consume(first + i, found);
    }
  });
}

}  // namespace engram::embed::detail
