#pragma once

#include <concepts>
#include <initializer_list>

#include <engram/autograd/variable.hpp>

namespace engram {

/// The same elements in row-major order under another shape; one extent may be -1: what is left.
/// @throws ShapeError if the number of elements differs
template <std::floating_point T>
Variable<T> reshape(const Variable<T>& x, std::initializer_list<Index> extents) {
  return differentiable("reshape", x.value().reshaped(extents),
                        wrt(x, [shape = x.shape()](Tensor<T> dy) { return std::move(dy).reshaped(shape); }));
}

/// [N, ...] to [N, everything else].
/// @throws ShapeError for a scalar
template <std::floating_point T>
Variable<T> flatten(const Variable<T>& x) {
  ensure<ShapeError>(x.shape().rank() >= 1, "flatten: need x [N, ...], got x ", x.shape());
  Index columns = 1;
  for (Index axis = 1; axis < x.shape().rank(); ++axis) {
    columns *= x.shape()[axis];
  }
  return reshape(x, {x.shape()[0], columns});
}

}  // namespace engram
