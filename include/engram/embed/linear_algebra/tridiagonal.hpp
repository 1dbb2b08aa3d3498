#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed {

namespace detail {

inline double dot(const double* a, const double* b, Index begin, Index end) {
  double sum = 0;
  kernels::simd::with_widest(
      [&] { sum = kernels::sum_lanes<double>(begin, end, [=](Index i) { return a[i] * b[i]; }); });
  return sum;
}

/// y += factor x over begin .. end-1.
inline void add_scaled(double factor, const double* x, double* y, Index begin, Index end) {
  kernels::simd::with_widest([&] { kernels::for_each_lane(begin, end, [=](Index i) { y[i] += factor * x[i]; }); });
}

/// a = Q T Q^T with T tridiagonal and Q = H_0 H_1 ... of reflections H_j = I - tau_j v_j v_j^T.
struct Tridiagonal {
  std::vector<double> diagonal;  // [n]
  std::vector<double> beside;    // [n], element j couples j and j + 1; the last is 0
  std::vector<double> tau;       // [n]
  Tensor<double> reflectors;     // row j is v_j, which is zero up to j and 1 at j + 1
};

inline constexpr Index eigen_panel = 32;

/// Turns `v`, of which the elements from `first` on count, into a reflector; returns tau and what it maps v[first] to.
inline std::pair<double, double> make_reflector(double* v, Index first, Index n) {
  const double rest = dot(v, v, first + 1, n);
  const double head = v[first];
  v[first] = 1;
  if (rest == 0) {
    return {0, head};
  }
  const double image = head > 0 ? -std::sqrt(head * head + rest) : std::sqrt(head * head + rest);
  kernels::simd::with_widest([&] {
    const double scale = 1 / (head - image);
    kernels::for_each_lane(first + 1, n, [=](Index i) { v[i] *= scale; });
  });
  return {(image - head) / image, image};
}

/// w = a v over rows and columns first .. n-1.
inline void symmetric_product(const double* a, Index n, Index first, const double* v, double* w) {
  parallel_ranges(n - first, std::max<Index>(1, (1 << 16) / n), [&](Index begin, Index end) {
    for (Index i = first + begin; i < first + end; ++i) {
      w[i] = dot(a + i * n, v, first, n);
    }
  });
}

/// a += u^T p over rows and columns first .. n-1; u and p hold `count` rows of n.
inline void add_outer_products(double* a, Index n, Index first, const double* u, const double* p, Index count) {
  const Index size = n - first;
  kernels::gemm(size, size, count, kernels::row_major(u + first, n).transposed(), kernels::row_major(p + first, n),
                a + first * n + first, n, kernels::Store::add);
}

/// Source: Dongarra, Sorensen, Hammarling, "Block reduction of matrices to condensed forms for eigenvalue
/// computations", J. Comput. Appl. Math. 27, 1989. Uses up a [n, n].
inline Tridiagonal tridiagonalize(Tensor<double>& a) {
  const Index n = a.dim(0);
  const auto count = static_cast<std::size_t>(n);
  Tridiagonal t{std::vector<double>(count), std::vector<double>(count), std::vector<double>(count),
                Tensor<double>::zeros({n, n})};
  // Rows r and panel + r of `left` are -v_r and -w_r, of `right` w_r and v_r: a - sum v w^T + w v^T is a + left^T
  // right.
  auto left = Tensor<double>::zeros({2 * eigen_panel, n});
  auto right = Tensor<double>::zeros({2 * eigen_panel, n});
  for (Index p0 = 0; p0 < n; p0 += eigen_panel) {
    const Index panel = std::min(eigen_panel, n - p0);
    std::fill_n(left.data(), left.size(), 0.0);
    std::fill_n(right.data(), right.size(), 0.0);
    for (Index j = p0; j < p0 + panel; ++j) {
      double* v = t.reflectors.data() + j * n;
      std::copy_n(a.data() + j * n + j, n - j, v + j);
      for (Index r = 0; r < 2 * eigen_panel; ++r) {
        if (const double factor = right[r * n + j]; factor != 0) {
          add_scaled(factor, left.data() + r * n, v, j, n);
        }
      }
      t.diagonal[static_cast<std::size_t>(j)] = std::exchange(v[j], 0.0);
      if (j + 1 == n) {
        break;
      }
      const auto [tau, image] = make_reflector(v, j + 1, n);
      t.beside[static_cast<std::size_t>(j)] = image;
      t.tau[static_cast<std::size_t>(j)] = tau;
      double* w = right.data() + (j - p0) * n;
      symmetric_product(a.data(), n, j + 1, v, w);
      for (Index r = 0; r < 2 * eigen_panel; ++r) {
        if (r != j - p0) {
          add_scaled(dot(right.data() + r * n, v, j + 1, n), left.data() + r * n, w, j + 1, n);
        }
      }
      const double half = tau * tau / 2 * dot(w, v, j + 1, n);
      for (Index i = j + 1; i < n; ++i) {
        w[i] = tau * w[i] - half * v[i];
        left[(j - p0) * n + i] = -v[i];
        left[(eigen_panel + j - p0) * n + i] = -w[i];
        right[(eigen_panel + j - p0) * n + i] = v[i];
      }
    }
    add_outer_products(a.data(), n, std::min(n, p0 + panel), left.data(), right.data(), 2 * eigen_panel);
  }
  return t;
}

/// Q^T [n, n]: I times blocks of reflections, each I - Y T^T Y^T, the last block first.
/// Source: Schreiber, van Loan, "A storage-efficient WY representation for products of Householder transformations",
/// SIAM J. Sci. Stat. Comput. 10(1), 1989.
inline Tensor<double> reflections_transposed(const Tridiagonal& t) {
  const Index n = t.reflectors.dim(0);
  auto q = Tensor<double>::zeros({n, n});
  for (Index i = 0; i < n; ++i) {
    q[i * n + i] = 1;
  }
  for (Index begin = (n - 1) / eigen_panel * eigen_panel; begin >= 0; begin -= eigen_panel) {
    const Index count = std::min(eigen_panel, n - begin);
    const Index first = begin + 1;  // the reflections leave rows and columns before this as they are
    const Index size = n - first;
    const double* y = t.reflectors.data() + begin * n;
    double block[eigen_panel][eigen_panel] = {};  // T
    for (Index j = 0; j < count; ++j) {
      const double tau = t.tau[static_cast<std::size_t>(begin + j)];
      block[j][j] = tau;
      for (Index i = j - 1; i >= 0; --i) {
        const double overlap = dot(y + i * n, y + j * n, begin + j + 1, n);
        for (Index h = 0; h <= i; ++h) {
          block[h][j] -= tau * block[h][i] * overlap;
        }
      }
    }
    auto product = Tensor<double>::uninitialized({size, count});
    auto turned = Tensor<double>::uninitialized({size, count});
    kernels::gemm(size, count, size, kernels::row_major(q.data() + first * n + first, n),
                  kernels::row_major(y + first, n).transposed(), product.data(), count);
    for (Index i = 0; i < size; ++i) {
      for (Index j = 0; j < count; ++j) {
        double sum = 0;
        for (Index h = j; h < count; ++h) {
          sum -= product[i * count + h] * block[j][h];
        }
        turned[i * count + j] = sum;
      }
    }
    kernels::gemm(size, size, count, kernels::row_major(turned.data(), count), kernels::row_major(y + first, n),
                  q.data() + first * n + first, n, kernels::Store::add);
  }
  return q;
}

}  // namespace detail

}  // namespace engram::embed
