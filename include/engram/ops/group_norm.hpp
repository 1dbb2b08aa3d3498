#pragma once

#include <concepts>

#include <engram/autograd/variable.hpp>
#include <engram/ops/row_norm.hpp>

namespace engram {

/// Normalises each group of channels of each image by its own mean and (biased) variance; with one group per channel
/// this is instance norm.
/// @param x             [N, C] or [N, C, ...]
/// @param groups        divides C
/// @param weight, bias  [C], or none
/// @throws ShapeError if the shapes disagree or the groups do not divide the channels
/// Source: Wu, He, "Group normalization", ECCV 2018.
template <std::floating_point T>
Variable<T> group_norm(const Variable<T>& x, Index groups, const Optional<T>& weight = {}, const Optional<T>& bias = {},
                       double eps = 1e-5) {
  const Shape& s = x.shape();
  ensure<ShapeError>(s.rank() >= 2 && groups >= 1 && s[1] > 0 && s[1] % groups == 0 &&
                         (!weight || weight->shape() == Shape{s[1]}) && (!bias || bias->shape() == Shape{s[1]}),
                     "group_norm: need x [N, C, ...], groups that divide C and weight, bias [C], got x ", s,
                     ", groups ", groups, ", weight ", weight ? weight->shape().text() : "none", ", bias ",
                     bias ? bias->shape().text() : "none");
  Index area = 1;
  for (Index axis = 2; axis < s.rank(); ++axis) {
    area *= s[axis];
  }
  return detail::row_norm<T>("group_norm", {.batch = s[0], .groups = groups, .channels = s[1] / groups, .area = area},
                             x, weight, bias, eps);
}

}  // namespace engram
