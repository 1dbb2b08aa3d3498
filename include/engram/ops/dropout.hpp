#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>

#include <engram/autograd/variable.hpp>
#include <engram/core/random.hpp>
#include <engram/kernels/dropout.hpp>
#include <engram/kernels/elementwise.hpp>

namespace engram {

/// Sets each element to 0 with probability p and multiplies the others by 1 / (1 - p), so that the expectation of each
/// is x. (p is rounded to a multiple of 2^-32, and the factor is that of the rounded one: the expectation is exact.)
///
/// The mask is a function of the generator's state alone, drawn from a stream split off by its position; draw from the
/// generator, or split it, before the next mask.
/// @param x  any shape
/// @throws ArgumentError unless 0 <= p <= 1
/// Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014.
template <std::floating_point T>
Variable<T> dropout(const Variable<T>& x, double p, const Rng& rng) {
  ensure<ArgumentError>(p >= 0 && p <= 1, "dropout: need p in [0, 1], got ", p);
  const double threshold = std::nearbyint(p * 0x1p32);
  if (threshold >= 0x1p32) {
    return differentiable("dropout", Tensor<T>::zeros(x.shape()),
                          wrt(x, [](const Tensor<T>& dy) { return Tensor<T>::zeros(dy.shape()); }));
  }
  const T scale = static_cast<T>(1 / (1 - threshold * 0x1p-32));
  auto y = Tensor<T>::uninitialized(x.shape());
  auto keep = Tensor<std::uint8_t>::uninitialized(x.shape());
  kernels::dropout(x.value().size(), rng.split(rng.state().position).state(), static_cast<std::uint32_t>(threshold),
                   scale, x.value().data(), y.data(), keep.data());
  return differentiable("dropout", std::move(y), wrt(x, [scale, keep = std::move(keep)](Tensor<T> dy) {
                          return kernels::map_in_place(
                              [scale](T d, std::uint8_t k) { return k != 0 ? scale * d : T{0}; }, std::move(dy), keep);
                        }));
}

}  // namespace engram
