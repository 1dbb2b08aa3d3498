#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <numeric>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/eigenpairs.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/embed/umap/random_walk.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed::detail {

/// Orthonormal approximate eigenvectors of a random walk, in columns, by falling eigenvalue, without the constant one.
struct WalkBlock {
  Tensor<float> vectors;          // [N, width]
  std::vector<double> values;     // [width]
  std::vector<double> residuals;  // |P x - value x| of each
};

/// Inner products of two blocks x and y = P x over all rows, after the constant vector was taken out of x.
inline WalkProducts centred_products(const std::vector<float>& degree, const Tensor<float>& x, const Tensor<float>& y) {
  const Index width = x.dim(1);
  const Index rows = x.dim(0);
  std::vector<WalkProducts> pieces(static_cast<std::size_t>((rows + walk_grain - 1) / walk_grain), WalkProducts(0));
  parallel_ranges(rows, walk_grain, [&](Index begin, Index end) {
    pieces[static_cast<std::size_t>(begin / walk_grain)] = walk_products(degree, x, y, begin, end);
  });
  WalkProducts sums(width);
  const auto add = [](std::vector<double>& to, const std::vector<double>& from) {
    std::transform(to.begin(), to.end(), from.begin(), to.begin(), std::plus<>());
  };
  for (const WalkProducts& piece : pieces) {
    add(sums.xx, piece.xx);
    add(sums.xy, piece.xy);
    add(sums.yy, piece.yy);
    add(sums.x1, piece.x1);
  }
  const double whole = std::accumulate(degree.begin(), degree.end(), 0.0);
  const auto size = static_cast<std::size_t>(width);
  for (std::size_t j = 0; j < size; ++j) {
    for (std::size_t k = 0; k < size; ++k) {
      const double constant = sums.x1[j] * sums.x1[k] / whole;  // P leaves the constant vector as it is
      sums.xx[j * size + k] -= constant;
      sums.xy[j * size + k] -= constant;
      sums.yy[j * size + k] -= constant;
    }
    sums.x1[j] /= whole;
  }
  return sums;
}

/// a^T s a, or a^T s b, for [n, n] matrices a, s, b.
inline Tensor<double> between(const Tensor<double>& a, const std::vector<double>& s, const Tensor<double>& b) {
  const Index n = a.dim(0);
  auto sb = Tensor<double>::zeros({n, n});
  auto out = Tensor<double>::zeros({n, n});
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      for (Index k = 0; k < n; ++k) {
        sb[i * n + k] += s[static_cast<std::size_t>(i * n + j)] * b[j * n + k];
      }
    }
  }
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      for (Index k = 0; k < n; ++k) {
        out[j * n + k] += a[i * n + j] * sb[i * n + k];
      }
    }
  }
  return out;
}

/// A matrix c [n, n] for which the columns of x c are orthonormal, from the inner products of those of x. Directions
/// that depend on others to 10 digits come out shorter than 1, but finite.
inline Tensor<double> orthonormalizer(const std::vector<double>& xx, Index n) {
  std::vector<double> scale(static_cast<std::size_t>(n));
  for (Index j = 0; j < n; ++j) {
    const double square = xx[static_cast<std::size_t>(j * n + j)];
    scale[static_cast<std::size_t>(j)] = square > 1e-200 ? 1 / std::sqrt(square) : 0.0;
  }
  auto cosines = Tensor<double>::uninitialized({n, n});
  for (Index j = 0; j < n; ++j) {
    for (Index k = 0; k < n; ++k) {
      const auto at = static_cast<std::size_t>(std::min(j, k) * n + std::max(j, k));
      cosines[j * n + k] = xx[at] * scale[static_cast<std::size_t>(j)] * scale[static_cast<std::size_t>(k)];
    }
  }
  const SymmetricEigen eigen = eigen_symmetric(cosines.data(), n);
  auto c = Tensor<double>::uninitialized({n, n});
  for (Index j = 0; j < n; ++j) {
    for (Index k = 0; k < n; ++k) {
      c[j * n + k] =
          scale[static_cast<std::size_t>(j)] * eigen.vectors[k * n + j] / std::sqrt(std::max(eigen.values[k], 1e-10));
    }
  }
  return c;
}

/// x becomes (x - 1 mean^T) c.
inline void combine_columns(const Tensor<double>& c, const std::vector<double>& mean, Tensor<float>& x) {
  const Index width = x.dim(1);
  const Tensor<float> turn = cast<float>(c);
  std::vector<float> shift(static_cast<std::size_t>(width), 0.0F);
  for (Index k = 0; k < width; ++k) {
    double sum = 0;
    for (Index j = 0; j < width; ++j) {
      sum += mean[static_cast<std::size_t>(j)] * c[j * width + k];
    }
    shift[static_cast<std::size_t>(k)] = static_cast<float>(-sum);
  }
  const float* factors = turn.data();
  const float* start = shift.data();
  float* rows = x.data();
  parallel_ranges(x.dim(0), walk_grain, [=](Index begin, Index end) {
    std::vector<float> kept(static_cast<std::size_t>(width));
    float* old = kept.data();
    kernels::simd::with_widest([=]() __attribute__((always_inline)) {
      for (Index i = begin; i < end; ++i) {
        float* row = rows + i * width;
        std::memcpy(old, row, static_cast<std::size_t>(width) * sizeof(float));
        for (Index k = 0; k < width; k += 8) {
          Float8 sum;
          Float8 factor;
          load8(sum, start + k);
          for (Index j = 0; j < width; ++j) {
            load8(factor, factors + j * width + k);
            sum += old[j] * factor;
          }
          std::memcpy(row + k, &sum, sizeof sum);
        }
      }
    });
  });
}

/// Turns the columns of block.vectors into the best approximate eigenvectors among their combinations. `work` has their
/// shape and is overwritten.
/// Source: Saad, "Numerical methods for large eigenvalue problems", 2011, section 4.3.
inline void rayleigh_ritz(const SparseGraph& graph, const std::vector<float>& degree, WalkBlock& block,
                          Tensor<float>& work) {
  const Index n = block.vectors.dim(1);
  walk_step(graph, degree, block.vectors, work, 1.0F, 0.0F, 0.0F);
  const WalkProducts sums = centred_products(degree, block.vectors, work);
  const Tensor<double> basis = orthonormalizer(sums.xx, n);
  const SymmetricEigen ritz = eigen_symmetric(between(basis, sums.xy, basis).data(), n);
  auto turn = Tensor<double>::zeros({n, n});
  for (Index j = 0; j < n; ++j) {
    for (Index k = 0; k < n; ++k) {
      for (Index r = 0; r < n; ++r) {
        turn[j * n + k] += basis[j * n + r] * ritz.vectors[k * n + r];
      }
    }
  }
  const Tensor<double> xx = between(turn, sums.xx, turn);
  const Tensor<double> xy = between(turn, sums.xy, turn);
  const Tensor<double> yy = between(turn, sums.yy, turn);
  block.values.assign(ritz.values.data(), ritz.values.data() + n);
  block.residuals.resize(static_cast<std::size_t>(n));
  for (Index k = 0; k < n; ++k) {
    const double value = ritz.values[k];
    const Index d = k * n + k;
    block.residuals[static_cast<std::size_t>(k)] =
        std::sqrt(std::max(yy[d] - 2 * value * xy[d] + value * value * xx[d], 0.0));
  }
  combine_columns(turn, sums.x1, block.vectors);
}

}  // namespace engram::embed::detail
