#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include <engram/core/pool_allocator.hpp>
#include <engram/core/tensor.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>
#include <engram/kernels/strided.hpp>

namespace engram::kernels {

namespace detail {

/// The axes of a shape for which `reduced` has the given value, as a loop over the array.
inline StridedLoop<1> axes_where(const Shape& shape, std::span<const bool> reduced, bool value) {
  const Strides strides = row_major_strides(shape);
  PoolVector<Index> extents;
  std::array<Strides, 1> chosen{};
  for (std::size_t axis = 0; axis < reduced.size(); ++axis) {
    if (reduced[axis] == value) {
      chosen[0][extents.size()] = strides[axis];
      extents.push_back(shape[static_cast<Index>(axis)]);
    }
  }
  return {Shape(std::span<const Index>(extents)), chosen};
}

/// Reduced elements that one task sums for each result; the pieces are then added in order, so that one result of many
/// elements is shared out too.
inline constexpr Index reduce_piece = 1 << 15;

/// Sum of x[0], x[step] ... x[(count - 1) step].
template <class T>
double sum_run(const T* x, Index count, Index step) {
  double total = 0;
  simd::with_widest([&] {
    total = step == 1 ? sum_lanes<double>(0, count, [=](Index i) { return static_cast<double>(x[i]); })
                      : sum_lanes<double>(0, count, [=](Index i) { return static_cast<double>(x[i * step]); });
  });
  return total;
}

/// Sum of the elements begin .. end-1 of a loop that starts at x.
template <class T>
double sum_of(const StridedLoop<1>& loop, Index begin, Index end, const T* x) {
  const Index step = loop.inner_strides()[0];
  if (loop.is_one_run()) {
    return sum_run(x + begin * step, end - begin, step);
  }
  double total = 0;
  loop.for_each_run(begin, end, [&](Index, const std::array<Index, 1>& at, Index count) {
    total += sum_run(x + at[0], count, step);
  });
  return total;
}

/// Adds the elements begin .. end-1 of a loop that starts at x to totals[0], those of one that starts at x + 1 to
/// totals[1], and so on.
template <class T>
void add_side_by_side(const StridedLoop<1>& loop, Index begin, Index end, const T* x, Index columns, double* totals) {
  const Index step = loop.inner_strides()[0];
  loop.for_each_run(begin, end, [&](Index, const std::array<Index, 1>& at, Index count) {
    simd::with_widest([=, rows = x + at[0]] {
      for (Index i = 0; i < count; ++i) {
        for_each_lane(0, columns, [=, row = rows + i * step](Index j) { totals[j] += static_cast<double>(row[j]); });
      }
    });
  });
}

}  // namespace detail

/// Sums in double over the axes that are marked: y[kept axes] = factor * sum of x over the reduced ones.
///
/// @param shape    of x
/// @param reduced  one entry per axis of `shape`
/// @param y        the kept axes in order, row-major (overwritten)
template <class T>
void sum_axes(const Shape& shape, std::span<const bool> reduced, const T* x, double factor, T* y) {
  const StridedLoop<1> kept = detail::axes_where(shape, reduced, false);
  const StridedLoop<1> summed = detail::axes_where(shape, reduced, true);
  if (kept.size() == 0) {
    return;
  }
  // Neighbours along the innermost kept axis form a block of columns that is summed side by side.
  const bool side_by_side = kept.inner_strides()[0] == 1 && kept.size() > 1;
  const Index pieces = std::max<Index>(1, (summed.size() + detail::reduce_piece - 1) / detail::reduce_piece);
  const Index block = side_by_side ? 256 : std::max<Index>(1, detail::reduce_piece / std::max<Index>(1, summed.size()));
  const Index blocks = (kept.size() + block - 1) / block;
  Buffer<double> sums(static_cast<std::size_t>(pieces * kept.size()));
  parallel_for(pieces * blocks, [&](Index task) {
    const Index piece = task % pieces;
    const Index first = task / pieces * block;
    const Index last = std::min(kept.size(), first + block);
    const Index begin = piece * detail::reduce_piece;
    const Index end = std::min(summed.size(), begin + detail::reduce_piece);
    double* out = sums.data() + piece * kept.size();
    std::fill(out + first, out + last, 0.0);
    kept.for_each_run(first, last, [&](Index position, const std::array<Index, 1>& at, Index columns) {
      if (side_by_side) {
        detail::add_side_by_side(summed, begin, end, x + at[0], columns, out + position);
        return;
      }
      for (Index column = 0; column < columns; ++column) {
        out[position + column] = detail::sum_of(summed, begin, end, x + at[0] + column * kept.inner_strides()[0]);
      }
    });
  });
  parallel_ranges(kept.size(), detail::reduce_piece, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      double total = 0;
      for (Index piece = 0; piece < pieces; ++piece) {
        total += sums.data()[piece * kept.size() + i];
      }
      y[i] = static_cast<T>(factor * total);
    }
  });
}

/// The adjoint of broadcasting x to `gradient`'s shape: `gradient` summed over the axes along which x was repeated.
template <class T>
Tensor<T> sum_to_shape(Tensor<T> gradient, const Shape& shape) {
  if (gradient.shape() == shape) {
    return gradient;
  }
  std::array<bool, static_cast<std::size_t>(Shape::max_rank)> reduced{};
  const Index added = gradient.rank() - shape.rank();
  for (Index axis = 0; axis < gradient.rank(); ++axis) {
    reduced[static_cast<std::size_t>(axis)] = axis < added || shape[axis - added] == 1;
  }
  auto sum = Tensor<T>::uninitialized(shape);
  sum_axes(gradient.shape(), std::span<const bool>(reduced.data(), static_cast<std::size_t>(gradient.rank())),
           gradient.data(), 1.0, sum.data());
  return sum;
}

}  // namespace engram::kernels
