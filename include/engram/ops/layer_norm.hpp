#pragma once

#include <concepts>

#include <engram/autograd/variable.hpp>
#include <engram/ops/row_norm.hpp>

namespace engram {

/// Normalises over the last axes, those of `weight`: (x - mean) / sqrt(variance + eps) * weight + bias with the
/// (biased) variance of each example.
/// @param x                 [..., normalized_shape]
/// @param normalized_shape  the last extents of x
/// @param weight, bias      of shape normalized_shape, or none
/// @throws ShapeError if the shapes disagree
/// Source: Ba, Kiros, Hinton, "Layer normalization", arXiv:1607.06450.
template <std::floating_point T>
Variable<T> layer_norm(const Variable<T>& x, const Shape& normalized_shape, const Optional<T>& weight = {},
                       const Optional<T>& bias = {}, double eps = 1e-5) {
  const Index ends = normalized_shape.rank();
  bool fits = ends >= 1 && x.shape().rank() >= ends && normalized_shape.size() > 0;
  for (Index back = 1; fits && back <= ends; ++back) {
    fits = x.shape()[-back] == normalized_shape[-back];
  }
  fits = fits && (!weight || weight->shape() == normalized_shape) && (!bias || bias->shape() == normalized_shape);
  ensure<ShapeError>(fits, "layer_norm: need x [..., normalized_shape] and weight, bias of normalized_shape ",
                     normalized_shape, ", got x ", x.shape(), ", weight ", weight ? weight->shape().text() : "none",
                     ", bias ", bias ? bias->shape().text() : "none");
  return detail::row_norm<T>("layer_norm",
                             {.batch = x.shape().size() / normalized_shape.size(), .channels = normalized_shape.size()},
                             x, weight, bias, eps);
}

}  // namespace engram
