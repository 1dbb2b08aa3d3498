#pragma once

#include <cmath>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis::detail {

/// Refuses a tensor of any shape with an element that is not finite, naming the first.
template <class T>
void check_finite(const char* operation, const char* name, const Tensor<T>& x) {
  for (Index i = 0; i < x.size(); ++i) {
    ensure<ArgumentError>(std::isfinite(static_cast<double>(x[i])), operation, ": need finite ", name, ", got ", x[i],
                          " at position ", i);
  }
}

}  // namespace engram::analysis::detail
