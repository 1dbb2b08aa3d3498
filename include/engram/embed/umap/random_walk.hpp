#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/kernels/simd/widest.hpp>

// Blocks of vectors under the random walk P = D^-1 W of a graph with weights W and degrees D. P is symmetric in the
// inner product <f, g> = sum_i d_i f_i g_i; its eigenvectors are those of the normalised Laplacian
// I - D^-1/2 W D^-1/2 times D^-1/2, and its eigenvalues are 1 less theirs. The graph's weights serve as they are.
//
// A block holds its vectors in columns, [N, width] with width a multiple of 8, so that an edge costs one fused
// multiply-add of eight neighbouring numbers.

namespace engram::embed::detail {

typedef float Float8 __attribute__((vector_size(32)));
typedef double Double8 __attribute__((vector_size(64)));

[[gnu::always_inline]] inline void load8(Float8& v, const float* from) {
  std::memcpy(&v, from, sizeof v);
}

/// Rows that one task handles.
inline constexpr Index walk_grain = 2048;

/// Sum of each row's weights, but no less than the smallest normal number, so that one can divide by it.
inline std::vector<float> degrees(const SparseGraph& graph) {
  std::vector<float> sums(static_cast<std::size_t>(graph.rows()));
  parallel_ranges(graph.rows(), walk_grain, [&](Index begin, Index end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      double sum = 0;
      for (Index e = graph.offsets[i]; e < graph.offsets[i + 1]; ++e) {
        sum += static_cast<double>(graph.weights[static_cast<std::size_t>(e)]);
      }
      sums[i] = std::max(static_cast<float>(sum), std::numeric_limits<float>::min());
    }
  });
  return sums;
}

/// z = a P x + b x + c z for blocks x and z [N, width].
inline void walk_step(const SparseGraph& graph, const std::vector<float>& degree, const Tensor<float>& x,
                      Tensor<float>& z, float a, float b, float c) {
  const Index width = x.dim(1);
  const Index* offsets = graph.offsets.data();
  const std::int32_t* columns = graph.columns.data();
  const float* weights = graph.weights.data();
  const float* d = degree.data();
  const float* from = x.data();
  float* to = z.data();
  parallel_ranges(graph.rows(), walk_grain, [=](Index begin, Index end) {
    kernels::simd::with_widest([=]() __attribute__((always_inline)) {
      for (Index i = begin; i < end; ++i) {
        const float scale = a / d[i];
        for (Index j = 0; j < width; j += 8) {
          Float8 sum = {};
          Float8 row;
          for (Index e = offsets[i]; e < offsets[i + 1]; ++e) {
            load8(row, from + columns[e] * width + j);
            sum += weights[e] * row;
          }
          Float8 old;
          load8(row, from + i * width + j);
          load8(old, to + i * width + j);
          sum = scale * sum + b * row + c * old;
          std::memcpy(to + i * width + j, &sum, sizeof sum);
        }
      }
    });
  });
}

/// x becomes T(P) x for the Chebyshev polynomial T of the given degree that stays within -1 .. 1 on -1 .. cut and grows
/// fastest above: what x has of eigenvectors above `cut` comes forward. `work` has x's shape; degree >= 1.
/// Source: Zhou, Saad, Tiago, Chelikowsky, "Self-consistent-field calculations using Chebyshev-filtered subspace
/// iteration", 2006.
inline void chebyshev_filter(const SparseGraph& graph, const std::vector<float>& degree, double cut, int order,
                             Tensor<float>& x, Tensor<float>& work) {
  const double centre = (cut - 1) / 2;
  const double half = (cut + 1) / 2;
  const auto step = [&](double times) {
    return std::pair(static_cast<float>(times / half), static_cast<float>(-times * centre / half));
  };
  const auto [first, first_shift] = step(1);
  walk_step(graph, degree, x, work, first, first_shift, 0.0F);
  const auto [next, next_shift] = step(2);
  for (int k = 1; k < order; ++k) {
    walk_step(graph, degree, work, x, next, next_shift, -1.0F);
    std::swap(x, work);
  }
  std::swap(x, work);
}

/// Inner products of the columns of two blocks x and y = P x.
struct WalkProducts {
  explicit WalkProducts(Index width)
      : xx(cells(width)), xy(cells(width)), yy(cells(width)), x1(static_cast<std::size_t>(width)) {}

  std::vector<double> xx;  ///< <x_j, x_k>: [width, width]
  std::vector<double> xy;  ///< <x_j, P x_k>
  std::vector<double> yy;  ///< <P x_j, P x_k>
  std::vector<double> x1;  ///< <x_j, 1>

 private:
  static std::size_t cells(Index width) { return static_cast<std::size_t>(width * width); }
};

/// The part of rows begin .. end-1 of them.
inline WalkProducts walk_products(const std::vector<float>& degree, const Tensor<float>& x, const Tensor<float>& y,
                                  Index begin, Index end) {
  const Index width = x.dim(1);
  WalkProducts sums(width);
  double* xx = sums.xx.data();
  double* xy = sums.xy.data();
  double* yy = sums.yy.data();
  double* x1 = sums.x1.data();
  const float* d = degree.data();
  const float* left = x.data();
  const float* right = y.data();
  kernels::simd::with_widest([=]() __attribute__((always_inline)) {
    for (Index i = begin; i < end; ++i) {
      const float* f = left + i * width;
      const float* g = right + i * width;
      const auto weight = static_cast<double>(d[i]);
      for (Index k = 0; k < width; k += 8) {
        Float8 row;
        load8(row, f + k);
        const Double8 fk = __builtin_convertvector(row, Double8);
        load8(row, g + k);
        const Double8 gk = __builtin_convertvector(row, Double8);
        const auto add = [](double* sum, const Double8& term) __attribute__((always_inline)) {
          Double8 old;
          std::memcpy(&old, sum, sizeof old);
          old += term;
          std::memcpy(sum, &old, sizeof old);
        };
        for (Index j = 0; j < width; ++j) {
          const double fj = weight * static_cast<double>(f[j]);
          const double gj = weight * static_cast<double>(g[j]);
          add(xx + j * width + k, fj * fk);
          add(xy + j * width + k, fj * gk);
          add(yy + j * width + k, gj * gk);
        }
        add(x1 + k, weight * fk);
      }
    }
  });
  return sums;
}

}  // namespace engram::embed::detail
