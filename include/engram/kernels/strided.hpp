#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>

namespace engram::kernels {

using Strides = std::array<Index, static_cast<std::size_t>(Shape::max_rank)>;

/// Distances in memory between neighbours along each axis of a row-major array.
inline Strides row_major_strides(const Shape& shape) {
  Strides strides{};
  Index step = 1;
  for (Index axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<std::size_t>(axis)] = step;
    step *= shape[axis];
  }
  return strides;
}

/// Nested loops, outermost first, in which each of N arrays moves by strides of its own; a stride of 0 repeats an
/// element. Axes that all arrays pass through in one sweep are joined, so that the innermost loop is long.
template <std::size_t N>
class StridedLoop {
 public:
  using Offsets = std::array<Index, N>;

  StridedLoop(const Shape& extents, const std::array<Strides, N>& strides) {
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(extents.rank()); ++axis) {
      Offsets steps;
      for (std::size_t array = 0; array < N; ++array) {
        steps[array] = strides[array][axis];
      }
      append(extents[static_cast<Index>(axis)], steps);
    }
    if (rank_ == 0) {
      extents_[0] = 1;
      rank_ = 1;
    }
  }

  /// Times that the innermost body runs in all.
  Index size() const { return size_; }

  /// Whether the innermost axis is all there is.
  bool is_one_run() const { return rank_ == 1; }

  /// Steps of each array along the innermost axis.
  const Offsets& inner_strides() const { return strides_[rank_ - 1]; }

  /// Calls f(position, offsets, count) for runs of `count` steps of the innermost axis, which together are the
  /// iterations begin .. end-1 in order; `offsets` say where each array stands at the first of them.
  template <class F>
  void for_each_run(Index begin, Index end, F f) const {
    if (begin >= end) {
      return;
    }
    Strides index{};
    Offsets offsets{};
    Index rest = begin;
    for (std::size_t axis = rank_; axis-- > 0;) {
      index[axis] = rest % extents_[axis];
      rest /= extents_[axis];
      move(offsets, axis, index[axis]);
    }
    const std::size_t inner = rank_ - 1;
    for (Index position = begin; position < end;) {
      const Index count = std::min(extents_[inner] - index[inner], end - position);
      f(position, offsets, count);
      position += count;
      index[inner] += count;
      move(offsets, inner, count);
      for (std::size_t axis = inner; axis > 0 && index[axis] == extents_[axis]; --axis) {
        index[axis] = 0;
        move(offsets, axis, -extents_[axis]);
        ++index[axis - 1];
        move(offsets, axis - 1, 1);
      }
    }
  }

  /// As for_each_run over all iterations, in parallel; runs are cut where `grain` iterations are done.
  template <class F>
  void parallel_runs(Index grain, F f) const {
    parallel_ranges(size_, grain, [&](Index begin, Index end) { for_each_run(begin, end, f); });
  }

 private:
  void append(Index extent, const Offsets& steps) {
    size_ *= extent;
    if (extent == 1) {
      return;
    }
    bool joins = rank_ > 0;
    for (std::size_t array = 0; joins && array < N; ++array) {
      joins = strides_[rank_ - 1][array] == steps[array] * extent;
    }
    if (joins) {
      extents_[rank_ - 1] *= extent;
    } else {
      extents_[rank_++] = extent;
    }
    strides_[rank_ - 1] = steps;
  }
  void move(Offsets& offsets, std::size_t axis, Index steps) const {
    for (std::size_t array = 0; array < N; ++array) {
      offsets[array] += steps * strides_[axis][array];
    }
  }

  Strides extents_{};
  std::array<Offsets, static_cast<std::size_t>(Shape::max_rank)> strides_{};
  std::size_t rank_ = 0;
  Index size_ = 1;
};

/// to[...] = from[...] for the loop's iterations; array 0 is `from`, array 1 is `to`.
template <class T>
void copy_strided(const StridedLoop<2>& loop, const T* from, T* to) {
  const auto [from_step, to_step] = loop.inner_strides();
  const bool contiguous = from_step == 1 && to_step == 1;
  loop.parallel_runs(1 << 15, [=, f = from_step, t = to_step](Index, const std::array<Index, 2>& at, Index count) {
    if (contiguous) {
      std::copy_n(from + at[0], count, to + at[1]);
      return;
    }
    for (Index i = 0; i < count; ++i) {
      to[at[1] + i * t] = from[at[0] + i * f];
    }
  });
}

}  // namespace engram::kernels
