#pragma once

#include <algorithm>

#include <engram/core/tensor.hpp>
#include <engram/embed/pca.hpp>

namespace engram::embed::detail {

/// The rows of x [N, D] along their first principal components: [N, dimensions]; 0 along those that they do not have.
inline Tensor<float> pca_coordinates(const Tensor<float>& x, Index dimensions) {
  const Index rows = x.dim(0);
  const Index known = rows < 2 ? 0 : std::min({dimensions, rows, x.dim(1)});
  auto out = Tensor<float>::zeros({rows, dimensions});
  if (known > 0) {
    const Tensor<float> scores = Pca<float>({.n_components = known}).fit_transform(x);
    for (Index i = 0; i < rows; ++i) {
      std::copy_n(scores.data() + i * known, known, out.data() + i * dimensions);
    }
  }
  return out;
}

}  // namespace engram::embed::detail
