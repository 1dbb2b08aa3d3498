#pragma once

#include <concepts>
#include <string_view>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/row_norm.hpp>

// What layer norm and group norm share: normalisation within an example, the same in training and in evaluation.

namespace engram {

namespace detail {

template <class T>
Variable<T> row_norm(std::string_view op, const kernels::RowNormGeometry& g, const Variable<T>& x,
                     const Optional<T>& weight, const Optional<T>& bias, double eps) {
  ensure<ArgumentError>(eps >= 0, op, ": need eps >= 0, got ", eps);
  auto y = Tensor<T>::uninitialized(x.shape());
  auto mean = Tensor<T>::uninitialized({g.rows()});
  auto inverse = Tensor<T>::uninitialized({g.rows()});
  const auto data = [](const Optional<T>& v) { return v ? v->value().data() : nullptr; };
  kernels::row_norm(g, x.value().data(), data(weight), data(bias), static_cast<T>(eps), y.data(), mean.data(),
                    inverse.data());
  std::vector<Variable<T>> inputs{x};
  if (weight) {
    inputs.push_back(*weight);
  }
  if (bias) {
    inputs.push_back(*bias);
  }
  return differentiable_jointly(op, std::move(y), inputs,
                                [g, x, weight, bias, data, mean = std::move(mean), inverse = std::move(inverse)](
                                    const Tensor<T>& dy, const std::vector<bool>& needed) {
                                  std::vector<Tensor<T>> grads(1);
                                  if (needed[0]) {
                                    grads[0] = Tensor<T>::uninitialized(dy.shape());
                                    kernels::row_norm_grad_input(g, dy.data(), x.value().data(), mean.data(),
                                                                 inverse.data(), data(weight), grads[0].data());
                                  }
                                  if (weight || bias) {
                                    const Shape shape = weight ? weight->shape() : bias->shape();
                                    auto dweight = Tensor<T>::uninitialized(shape);
                                    auto dbias = Tensor<T>::uninitialized(shape);
                                    kernels::row_norm_grad_affine(g, dy.data(), x.value().data(), mean.data(),
                                                                  inverse.data(), dweight.data(), dbias.data());
                                    if (weight) {
                                      grads.push_back(std::move(dweight));
                                    }
                                    if (bias) {
                                      grads.push_back(std::move(dbias));
                                    }
                                  }
                                  return grads;
                                });
}

}  // namespace detail

}  // namespace engram
