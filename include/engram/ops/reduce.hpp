#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <span>
#include <string_view>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/pool_allocator.hpp>
#include <engram/kernels/broadcast.hpp>
#include <engram/kernels/reduce.hpp>

namespace engram {

namespace detail {

using AxisMask = std::array<bool, static_cast<std::size_t>(Shape::max_rank)>;

/// The axis that `dim` means; negative ones count from the end.
/// @throws ArgumentError if there is none
inline Index checked_axis(std::string_view op, Index dim, Index rank) {
  ensure<ArgumentError>(dim >= -rank && dim < rank, op, ": need a dim in ", -rank, "..", rank - 1, ", got ", dim);
  return dim < 0 ? dim + rank : dim;
}

/// Which axes are summed; all of them if none is named.
inline AxisMask reduced_axes(std::string_view op, const Shape& x, std::span<const Index> dims) {
  AxisMask mask{};
  for (const Index dim : dims) {
    bool& reduced = mask[static_cast<std::size_t>(checked_axis(op, dim, x.rank()))];
    ensure<ArgumentError>(!reduced, op, ": need each dim once, got ", dim, " twice");
    reduced = true;
  }
  if (dims.empty()) {
    mask.fill(true);
  }
  return mask;
}

template <class T>
Variable<T> reduce(std::string_view op, const Variable<T>& x, std::span<const Index> dims, bool keepdim, bool average) {
  const Shape& shape = x.shape();
  const AxisMask reduced = reduced_axes(op, shape, dims);
  PoolVector<Index> kept;  // the result's extents
  PoolVector<Index> ones;  // with an extent of 1 in place of each reduced axis
  Index count = 1;
  for (Index axis = 0; axis < shape.rank(); ++axis) {
    const bool gone = reduced[static_cast<std::size_t>(axis)];
    count *= gone ? shape[axis] : 1;
    ones.push_back(gone ? 1 : shape[axis]);
    if (!gone || keepdim) {
      kept.push_back(ones.back());
    }
  }
  const double factor = average ? 1 / static_cast<double>(count) : 1.0;
  auto y = Tensor<T>::uninitialized(Shape(std::span<const Index>(kept)));
  kernels::sum_axes(shape, std::span<const bool>(reduced.data(), static_cast<std::size_t>(shape.rank())),
                    x.value().data(), factor, y.data());
  return differentiable(
      op, std::move(y),
      wrt(x, [shape, aligned = Shape(std::span<const Index>(ones)), slope = static_cast<T>(factor)](Tensor<T> dy) {
        dy = std::move(dy).reshaped(aligned);
        auto dx = Tensor<T>::uninitialized(shape);
        const kernels::StridedLoop<1> loop(shape, {kernels::broadcast_strides(aligned, shape)});
        const Index step = loop.inner_strides()[0];
        loop.parallel_runs(kernels::elementwise_grain, [&](Index position, const std::array<Index, 1>& at, Index run) {
          T* to = dx.data() + position;
          const T* from = dy.data() + at[0];
          if (step == 0) {
            std::fill_n(to, run, slope * *from);
          } else {  // 1: the innermost axis is not summed
            kernels::simd::with_widest(
                [&] { kernels::for_each_lane(0, run, [=](Index i) { to[i] = slope * from[i]; }); });
          }
        });
        return dx;
      }));
}

}  // namespace detail

/// Sum over the listed dims (over all of them if none is listed), in double. Negative dims count from the end.
/// @param keepdim  leave an extent of 1 in place of each summed dim
/// @throws ArgumentError for a dim that x does not have, or that is listed twice
template <std::floating_point T>
Variable<T> sum(const Variable<T>& x, const std::vector<Index>& dims = {}, bool keepdim = false) {
  return detail::reduce("sum", x, dims, keepdim, false);
}

/// Mean over the listed dims, as `sum`; NaN over nothing.
/// @throws ArgumentError as sum
template <std::floating_point T>
Variable<T> mean(const Variable<T>& x, const std::vector<Index>& dims = {}, bool keepdim = false) {
  return detail::reduce("mean", x, dims, keepdim, true);
}

}  // namespace engram
