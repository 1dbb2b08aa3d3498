#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/eigenpairs.hpp>
#include <engram/embed/linear_algebra/orthonormalize.hpp>
#include <engram/embed/pca/product.hpp>
#include <engram/kernels/gemm.hpp>

namespace engram::embed::detail {

/// The leading eigenpairs of a^T a, a [length, width].
template <class T>
struct LeadingPairs {
  Tensor<double> values;   ///< [K], largest first
  Tensor<double> vectors;  ///< [K, width], orthonormal rows
  Tensor<T> images;        ///< a vectors^T [length, K]
};

template <class T>
LeadingPairs<T> first_pairs(const LeadingPairs<T>& pairs, Index count) {
  auto images = Tensor<T>::uninitialized({pairs.images.dim(0), count});
  for (Index i = 0; i < images.dim(0); ++i) {
    std::copy_n(pairs.images.data() + i * pairs.images.dim(1), count, images.data() + i * count);
  }
  return {Tensor<double>::from({count}, pairs.values.elements().first(static_cast<std::size_t>(count))),
          first_rows(pairs.vectors, count), std::move(images)};
}

/// Turns the vectors from `first` on within the space that they span, so that their images' own products, free of what
/// longer images leave in a^T a as rounding errors, tell them apart; then those that are shorter still.
inline void refine_small_pairs(LeadingPairs<double>& pairs, double negligible) {
  const Index count = pairs.values.size();
  const Index length = pairs.images.dim(0);
  const Index width = pairs.vectors.dim(1);
  Index head = 0;
  for (Index first = 1; first < count && pairs.values[head] > 0; ++first) {
    if (pairs.values[first] > negligible * pairs.values[head]) {
      continue;
    }
    head = first;
    const Index group = count - first;
    const std::vector<double> no_mean(static_cast<std::size_t>(group), 0.0);
    const CentredMatrix<double> images{pairs.images.data() + first, length, group, count, 1, no_mean.data()};
    const SymmetricEigen own = eigen_symmetric(gram(images).data(), group);
    const auto turn = kernels::row_major(own.vectors.data(), group);
    auto vectors = Tensor<double>::uninitialized({group, width});
    kernels::gemm(group, width, group, turn, kernels::row_major(pairs.vectors.data() + first * width, width),
                  vectors.data(), width);
    std::ranges::copy(vectors.elements(), pairs.vectors.data() + first * width);
    auto turned = Tensor<double>::uninitialized({length, group});
    kernels::gemm(length, group, group, kernels::row_major(pairs.images.data() + first, count), turn.transposed(),
                  turned.data(), group);
    for (Index i = 0; i < length; ++i) {
      std::copy_n(turned.data() + i * group, group, pairs.images.data() + i * count + first);
    }
    for (Index k = 0; k < group; ++k) {
      pairs.values[first + k] = std::clamp(own.values[k], 0.0, pairs.values[first + k - 1]);
    }
  }
}

/// From all eigenpairs of a^T a, in double. Directions of small variance come from a second look at their images, so
/// that they are as accurate as a singular value decomposition of a would find them.
/// @param choose  tells from all values, none of them negative, how many pairs are wanted
template <class T, class Choose>
LeadingPairs<T> exact_pairs(const CentredMatrix<T>& a, Choose choose) {
  constexpr double resolved = 1e-6;  // of the largest value: rounding errors of a^T a are far below
  SymmetricEigen all = eigen_symmetric(gram(a).data(), a.width);
  for (double& value : all.values.elements()) {
    value = std::max(0.0, value);
  }
  const Index count = choose(all.values);
  const bool refine = std::same_as<T, double> && all.values[count - 1] <= resolved * all.values[0];
  const Index used = refine ? a.width : count;
  LeadingPairs<T> pairs{Tensor<double>::from({used}, all.values.elements().first(static_cast<std::size_t>(used))),
                        first_rows(all.vectors, used), Tensor<T>::uninitialized({a.length, used})};
  multiply(a, pairs.vectors, pairs.images.data(), used, nullptr);
  if constexpr (std::same_as<T, double>) {
    if (refine) {
      refine_small_pairs(pairs, resolved);
      return first_pairs(pairs, count);
    }
  }
  return pairs;
}

}  // namespace engram::embed::detail
