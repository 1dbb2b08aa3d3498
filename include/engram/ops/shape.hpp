#pragma once

#include <algorithm>
#include <concepts>
#include <initializer_list>
#include <span>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/pool_allocator.hpp>
#include <engram/kernels/strided.hpp>
#include <engram/ops/reduce.hpp>

namespace engram {

/// The same elements in row-major order under another shape; one extent may be -1: what is left.
/// @throws ShapeError if the number of elements differs
template <std::floating_point T>
Variable<T> reshape(const Variable<T>& x, std::span<const Index> extents) {
  return differentiable("reshape", x.value().reshaped(x.value().inferred(extents)),
                        wrt(x, [shape = x.shape()](Tensor<T> dy) { return std::move(dy).reshaped(shape); }));
}
template <std::floating_point T>
Variable<T> reshape(const Variable<T>& x, std::initializer_list<Index> extents) {
  return reshape(x, std::span<const Index>(extents.begin(), extents.size()));
}

/// Joins the dims start_dim .. end_dim into one, by default all but the first: [N, C, H, W] to [N, C H W]; by default
/// a vector [N] becomes [N, 1].
/// @throws ShapeError for a scalar, ArgumentError for dims that x does not have or in the wrong order
template <std::floating_point T>
Variable<T> flatten(const Variable<T>& x, Index start_dim = 1, Index end_dim = -1) {
  const Index rank = x.shape().rank();
  ensure<ShapeError>(rank >= 1, "flatten: need x [N, ...], got x ", x.shape());
  if (rank == 1 && start_dim == 1 && end_dim == -1) {
    return reshape(x, {x.shape()[0], 1});
  }
  const Index first = detail::checked_axis("flatten", start_dim, rank);
  const Index last = detail::checked_axis("flatten", end_dim, rank);
  ensure<ArgumentError>(first <= last, "flatten: need start_dim <= end_dim, got ", start_dim, " and ", end_dim);
  PoolVector<Index> extents;
  for (Index axis = 0; axis < rank; ++axis) {
    if (axis > first && axis <= last) {
      extents.back() *= x.shape()[axis];
    } else {
      extents.push_back(x.shape()[axis]);
    }
  }
  return reshape(x, std::span<const Index>(extents));
}

namespace detail {

template <class T>
Tensor<T> permuted(const Tensor<T>& x, const std::vector<Index>& axes) {
  const kernels::Strides own = kernels::row_major_strides(x.shape());
  PoolVector<Index> extents;
  kernels::Strides from{};
  for (const Index axis : axes) {
    from[extents.size()] = own[static_cast<std::size_t>(axis)];
    extents.push_back(x.dim(axis));
  }
  auto y = Tensor<T>::uninitialized(Shape(std::span<const Index>(extents)));
  kernels::copy_strided({y.shape(), {from, kernels::row_major_strides(y.shape())}}, x.data(), y.data());
  return y;
}

}  // namespace detail

/// Reorders the dims: dim i of the result is dim dims[i] of x. The elements are copied.
/// @throws ArgumentError unless each dim of x is listed once
template <std::floating_point T>
Variable<T> permute(const Variable<T>& x, const std::vector<Index>& dims) {
  const Index rank = x.shape().rank();
  ensure<ArgumentError>(std::ssize(dims) == rank, "permute: need each dim of x ", x.shape(), " once, got ", dims.size(),
                        " dims");
  std::vector<Index> axes;
  std::vector<Index> inverse(static_cast<std::size_t>(rank));
  for (const Index dim : dims) {
    const Index axis = detail::checked_axis("permute", dim, rank);
    ensure<ArgumentError>(std::ranges::find(axes, axis) == axes.end(), "permute: need each dim of x ", x.shape(),
                          " once, got ", dim, " twice");
    inverse[static_cast<std::size_t>(axis)] = std::ssize(axes);
    axes.push_back(axis);
  }
  return differentiable("permute", detail::permuted(x.value(), axes),
                        wrt(x, [inverse](const Tensor<T>& dy) { return detail::permuted(dy, inverse); }));
}

/// Exchanges two dims: the transpose of a matrix is transpose(x, 0, 1).
/// @throws ArgumentError for a dim that x does not have
template <std::floating_point T>
Variable<T> transpose(const Variable<T>& x, Index dim0, Index dim1) {
  const Index rank = x.shape().rank();
  std::vector<Index> dims(static_cast<std::size_t>(rank));
  for (Index axis = 0; axis < rank; ++axis) {
    dims[static_cast<std::size_t>(axis)] = axis;
  }
  std::swap(dims[static_cast<std::size_t>(detail::checked_axis("transpose", dim0, rank))],
            dims[static_cast<std::size_t>(detail::checked_axis("transpose", dim1, rank))]);
  return permute(x, dims);
}

}  // namespace engram
