#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <engram/core/pool_allocator.hpp>
#include <engram/core/tensor.hpp>
#include <engram/kernels/elementwise.hpp>
#include <engram/kernels/strided.hpp>

namespace engram::kernels {

/// The shape in which a and b meet: aligned at the last axis, extents of 1 repeat; none if they do not fit.
/// Source: NumPy's broadcasting rules.
inline std::optional<Shape> broadcast_shape(const Shape& a, const Shape& b) {
  const Index rank = std::max(a.rank(), b.rank());
  PoolVector<Index> extents(static_cast<std::size_t>(rank));
  for (Index back = 1; back <= rank; ++back) {
    const Index p = back <= a.rank() ? a[-back] : 1;
    const Index q = back <= b.rank() ? b[-back] : 1;
    if (p != q && p != 1 && q != 1) {
      return std::nullopt;
    }
    extents[static_cast<std::size_t>(rank - back)] = p == 1 ? q : p;
  }
  return Shape(std::span<const Index>(extents));
}

/// Strides with which a row-major array of `shape` passes for one of shape `target`: 0 along repeated axes.
inline Strides broadcast_strides(const Shape& shape, const Shape& target) {
  const Strides own = row_major_strides(shape);
  Strides strides{};
  for (Index back = 1; back <= shape.rank(); ++back) {
    if (shape[-back] != 1) {
      strides[static_cast<std::size_t>(target.rank() - back)] = own[static_cast<std::size_t>(shape.rank() - back)];
    }
  }
  return strides;
}

/// y[...] = f(a[...], b[...]) in the shape `target` that both are broadcast to.
template <class T, class F>
Tensor<T> map_broadcast(F f, const Tensor<T>& a, const Tensor<T>& b, const Shape& target) {
  if (a.shape() == b.shape()) {
    return map(f, a, b);
  }
  auto y = Tensor<T>::uninitialized(target);
  T* out = y.data();
  const StridedLoop<2> loop(target, {broadcast_strides(a.shape(), target), broadcast_strides(b.shape(), target)});
  const auto [a_step, b_step] = loop.inner_strides();
  loop.parallel_runs(elementwise_grain,
                     [&, p = a_step, q = b_step](Index position, const std::array<Index, 2>& at, Index count) {
                       const T* u = a.data() + at[0];
                       const T* v = b.data() + at[1];
                       T* to = out + position;
                       simd::with_widest([&] {
                         if (p == 1 && q == 1) {
                           for_each_lane(0, count, [=](Index i) { to[i] = f(u[i], v[i]); });
                         } else if (p == 1 && q == 0) {
                           for_each_lane(0, count, [=, second = *v](Index i) { to[i] = f(u[i], second); });
                         } else if (p == 0 && q == 1) {
                           for_each_lane(0, count, [=, first = *u](Index i) { to[i] = f(first, v[i]); });
                         } else {
                           for_each_lane(0, count, [=](Index i) { to[i] = f(u[i * p], v[i * q]); });
                         }
                       });
                     });
  return y;
}

}  // namespace engram::kernels
