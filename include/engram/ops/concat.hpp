#pragma once

#include <concepts>
#include <initializer_list>
#include <span>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/strided.hpp>
#include <engram/ops/reduce.hpp>

namespace engram {

/// Joins arrays along one dim: [.., n1, ..] and [.., n2, ..] to [.., n1 + n2, ..], as torch.cat.
/// @throws ArgumentError without any part or for a dim that they do not have, ShapeError if the other extents differ
template <std::floating_point T>
Variable<T> concat(const std::vector<Variable<T>>& parts, Index dim = 0) {
  ensure<ArgumentError>(!parts.empty(), "concat: need 1 part or more, got none");
  const Shape& first = parts.front().shape();
  const auto axis = static_cast<std::size_t>(detail::checked_axis("concat", dim, first.rank()));
  std::vector<Index> extents(first.begin(), first.end());
  extents[axis] = 0;
  for (const Variable<T>& part : parts) {
    bool fits = part.shape().rank() == first.rank();
    for (std::size_t i = 0; fits && i < extents.size(); ++i) {
      fits = i == axis || part.shape()[static_cast<Index>(i)] == extents[i];
    }
    ensure<ShapeError>(fits, "concat: need parts of one shape but for dim ", dim, ", got ", first, " and ",
                       part.shape());
    extents[axis] += part.shape()[static_cast<Index>(axis)];
  }
  auto y = Tensor<T>::uninitialized(Shape(std::span<const Index>(extents)));
  const kernels::Strides whole = kernels::row_major_strides(y.shape());
  const Index stride = y.size() == 0 ? 0 : whole[axis];
  std::vector<Shape> shapes;
  Index offset = 0;
  for (const Variable<T>& part : parts) {
    shapes.push_back(part.shape());
    kernels::copy_strided({part.shape(), {kernels::row_major_strides(part.shape()), whole}}, part.value().data(),
                          y.data() + offset);
    offset += part.shape()[static_cast<Index>(axis)] * stride;
  }
  return differentiable_jointly("concat", std::move(y), parts,
                                [=](const Tensor<T>& dy, const PoolVector<bool>& needed) {
                                  PoolVector<Tensor<T>> grads(shapes.size());
                                  Index from = 0;
                                  for (std::size_t i = 0; i < shapes.size(); ++i) {
                                    if (needed[i]) {
                                      grads[i] = Tensor<T>::uninitialized(shapes[i]);
                                      kernels::copy_strided({shapes[i], {whole, kernels::row_major_strides(shapes[i])}},
                                                            dy.data() + from, grads[i].data());
                                    }
                                    from += shapes[i][static_cast<Index>(axis)] * stride;
                                  }
                                  return grads;
                                });
}
template <std::floating_point T>
Variable<T> concat(std::initializer_list<Variable<T>> parts, Index dim = 0) {
  return concat(std::vector<Variable<T>>(parts), dim);
}

}  // namespace engram
