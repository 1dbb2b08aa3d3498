#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <utility>

#include <engram/ops/cross_entropy.hpp>

namespace engram::train {

/// Cross entropy for FitOptions::loss: `{.loss = train::class_loss<float>()}`. Batches carry classes as numbers of the
/// model's type, as pairs(inputs, classes) makes them; they must be whole.
/// @returns a function (logits [N, C, ...], classes [N, ...]) to the loss; it throws ArgumentError naming the first
/// class that is no whole number, and what cross_entropy throws
template <std::floating_point T>
auto class_loss(CrossEntropyOptions<T> options = {}) {
  return [options = std::move(options)](const Variable<T>& logits, const Variable<T>& classes) {
    constexpr T most = T(1 << 24);  // below it a float holds all whole numbers
    for (Index i = 0; i < classes.value().size(); ++i) {
      const T value = classes.value()[i];
      ensure<ArgumentError>(std::trunc(value) == value && std::abs(value) <= most,
                            "class_loss: need whole numbers as classes, got ", value, " at ", i);
    }
    return cross_entropy(logits, cast<std::int64_t>(classes.value()), options);
  };
}

}  // namespace engram::train
