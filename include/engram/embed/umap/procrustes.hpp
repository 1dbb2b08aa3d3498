#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/eigenpairs.hpp>

namespace engram::embed {

namespace detail {

/// Means over the related rows: of points [N, d], of their partners among reference [M, d]; and how many there are.
struct RelatedMeans {
  std::vector<double> points;
  std::vector<double> reference;
  Index count = 0;
};

inline RelatedMeans related_means(const Tensor<float>& points, const Tensor<float>& reference,
                                  const std::vector<std::int32_t>& partners) {
  const Index d = points.dim(1);
  RelatedMeans means{std::vector<double>(static_cast<std::size_t>(d)), std::vector<double>(static_cast<std::size_t>(d)),
                     std::ssize(partners) - std::ranges::count(partners, -1)};
  for (Index i = 0; i < points.dim(0); ++i) {
    const std::int32_t partner = partners[static_cast<std::size_t>(i)];
    for (Index c = 0; partner >= 0 && c < d; ++c) {
      const auto at = static_cast<std::size_t>(c);
      means.points[at] += static_cast<double>(points[i * d + c]) / static_cast<double>(means.count);
      means.reference[at] += static_cast<double>(reference[partner * d + c]) / static_cast<double>(means.count);
    }
  }
  return means;
}

/// The orthogonal matrix nearest to m [d, d], by m's singular vectors; any of them where m has not full rank.
inline Tensor<double> nearest_orthogonal(const Tensor<double>& m) {
  const Index d = m.dim(0);
  auto squared = Tensor<double>::zeros({d, d});  // m' m
  for (Index r = 0; r < d; ++r) {
    for (Index at = 0; at < d * d; ++at) {
      squared[at] += m[r * d + at / d] * m[r * d + at % d];
    }
  }
  const SymmetricEigen right = eigen_symmetric(squared.data(), d);
  auto left = Tensor<double>::zeros({d, d});  // by row; m times the right vector, of length 1 and right to those before
  const auto made_unit = [&](Index k, double least) {
    double* const u = left.data() + k * d;
    for (int pass = 0; pass < 2; ++pass) {
      for (Index j = 0; j < k; ++j) {
        const double part = std::inner_product(u, u + d, left.data() + j * d, 0.0);
        std::transform(u, u + d, left.data() + j * d, u, [part](double a, double b) { return a - part * b; });
      }
    }
    const double length = std::sqrt(std::inner_product(u, u + d, u, 0.0));
    std::for_each(u, u + d, [length](double& a) { a = length > 0 ? a / length : 0.0; });
    return length > least;
  };
  const double size = std::sqrt(std::max(right.values[0], 0.0));
  auto nearest = Tensor<double>::zeros({d, d});
  for (Index k = 0; k < d; ++k) {
    for (Index r = 0; r < d; ++r) {
      left[k * d + r] = std::inner_product(m.data() + r * d, m.data() + (r + 1) * d, right.vectors.data() + k * d, 0.0);
    }
    for (Index axis = 0; !made_unit(k, axis == 0 ? 1e-9 * size : 0.5 / std::sqrt(static_cast<double>(d))); ++axis) {
      std::fill_n(left.data() + k * d, d, 0.0);
      left[k * d + axis] = 1;
    }
    for (Index at = 0; at < d * d; ++at) {
      nearest[at] += left[k * d + at / d] * right.vectors[k * d + at % d];
    }
  }
  return nearest;
}

}  // namespace detail

/// Turns, mirrors and moves points [N, d] so that they come to lie by least squares near their partners among
/// reference [M, d]; they stay as they are if none has a partner.
/// Source: Schoenemann, "A generalized solution of the orthogonal Procrustes problem", 1966.
inline Tensor<float> procrustes_aligned(const Tensor<float>& points, const Tensor<float>& reference,
                                        const std::vector<std::int32_t>& partners) {
  const detail::RelatedMeans means = detail::related_means(points, reference, partners);
  if (means.count == 0) {
    return points;
  }
  const Index d = points.dim(1);
  auto product = Tensor<double>::zeros({d, d});
  const auto centred = [d](const Tensor<float>& x, const std::vector<double>& mean, Index row, Index c) {
    return static_cast<double>(x[row * d + c]) - mean[static_cast<std::size_t>(c)];
  };
  for (Index i = 0; i < points.dim(0); ++i) {
    const std::int32_t partner = partners[static_cast<std::size_t>(i)];
    for (Index at = 0; partner >= 0 && at < d * d; ++at) {
      product[at] += centred(points, means.points, i, at / d) * centred(reference, means.reference, partner, at % d);
    }
  }
  const Tensor<double> turn = detail::nearest_orthogonal(product);
  auto aligned = Tensor<float>::uninitialized(points.shape());
  for (Index at = 0; at < points.size(); ++at) {
    double sum = means.reference[static_cast<std::size_t>(at % d)];
    for (Index c = 0; c < d; ++c) {
      sum += centred(points, means.points, at / d, c) * turn[c * d + at % d];
    }
    aligned[at] = static_cast<float>(sum);
  }
  return aligned;
}

}  // namespace engram::embed
