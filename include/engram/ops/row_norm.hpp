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
  PoolVector<Variable<T>> inputs{x};
  for (const auto* affine : {&weight, &bias}) {
    if (*affine) {
      inputs.push_back(**affine);
    }
  }
  // Captured below instead of the optional operands, of which GCC 12 warns.
  const bool scaled = weight.has_value();
  const bool shifted = bias.has_value();
  const auto weight_of = [scaled](const PoolVector<Variable<T>>& operands) {
    return scaled ? operands[1].value().data() : nullptr;
  };
  kernels::row_norm(g, x.value().data(), weight_of(inputs), shifted ? inputs.back().value().data() : nullptr,
                    static_cast<T>(eps), y.data(), mean.data(), inverse.data());
  return differentiable_jointly(
      op, std::move(y), inputs,
      [=, mean = std::move(mean), inverse = std::move(inverse)](const Tensor<T>& dy, const PoolVector<bool>& needed) {
        const T* values = inputs[0].value().data();
        PoolVector<Tensor<T>> grads(1);
        if (needed[0]) {
          grads[0] = Tensor<T>::uninitialized(dy.shape());
          kernels::row_norm_grad_input(g, dy.data(), values, mean.data(), inverse.data(), weight_of(inputs),
                                       grads[0].data());
        }
        if (inputs.size() > 1) {
          auto dweight = Tensor<T>::uninitialized(inputs[1].shape());
          auto dbias = Tensor<T>::uninitialized(inputs[1].shape());
          kernels::row_norm_grad_affine(g, dy.data(), values, mean.data(), inverse.data(), dweight.data(),
                                        dbias.data());
          if (scaled) {
            grads.push_back(std::move(dweight));
          }
          if (shifted) {
            grads.push_back(std::move(dbias));
          }
        }
        return grads;
      });
}

}  // namespace detail

}  // namespace engram
