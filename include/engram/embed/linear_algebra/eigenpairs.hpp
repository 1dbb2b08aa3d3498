#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/tridiagonal.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed {

/// Eigenvalues, largest first, and the eigenvector of each as a row: vectors[i * n + j] is element j of vector i.
struct SymmetricEigen {
  Tensor<double> values;   ///< [n]
  Tensor<double> vectors;  ///< [n, n], orthonormal rows
};

namespace detail {

/// Rows `row` and `row + 1` become cosine * lower - sine * upper and sine * lower + cosine * upper.
struct Rotation {
  Index row;
  double cosine;
  double sine;
};

/// A matrix [n, n] cut into pieces [n, 32] of columns, to whose rows rotations are applied.
class RotatedRows {
 public:
  explicit RotatedRows(const Tensor<double>& matrix) : n_(matrix.dim(0)) {
    for (Index begin = 0; begin < n_; begin += width) {
      auto piece = Tensor<double>::zeros({n_, width});
      for (Index i = 0; i < n_; ++i) {
        std::copy_n(matrix.data() + i * n_ + begin, std::min(width, n_ - begin), piece.data() + i * width);
      }
      pieces_.push_back(std::move(piece));
    }
  }

  void apply(const std::vector<Rotation>& rotations) {
    parallel_for(std::ssize(pieces_), [&](Index piece) {
      double* rows = pieces_[static_cast<std::size_t>(piece)].data();
      kernels::simd::with_widest([&] {
        for (const Rotation& r : rotations) {
          double* lower = rows + r.row * width;
          double* upper = lower + width;
          kernels::for_each_lane(0, width, [=, c = r.cosine, s = r.sine](Index i) {
            const double low = lower[i];
            const double high = upper[i];
            lower[i] = c * low - s * high;
            upper[i] = s * low + c * high;
          });
        }
      });
    });
  }

  void copy_row(Index row, double* out) const {
    for (Index begin = 0; begin < n_; begin += width) {
      std::copy_n(pieces_[static_cast<std::size_t>(begin / width)].data() + row * width, std::min(width, n_ - begin),
                  out + begin);
    }
  }

 private:
  static constexpr Index width = 32;
  Index n_;
  std::vector<Tensor<double>> pieces_;
};

/// One sweep of the implicit QL method with Wilkinson's shift over rows first .. last of the tridiagonal matrix, whose
/// rotations are appended.
inline void ql_sweep(double* diagonal, double* beside, Index first, Index last, std::vector<Rotation>& rotations) {
  const double slope = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
  const double shift = diagonal[first] - beside[first] / (slope + std::copysign(std::hypot(slope, 1.0), slope));
  double bulge = diagonal[last] - shift;
  double sine = 1;
  double cosine = 1;
  double moved = 0;
  for (Index i = last - 1; i >= first; --i) {
    const double across = sine * beside[i];
    const double along = cosine * beside[i];
    const double length = std::sqrt(across * across + bulge * bulge);
    beside[i + 1] = length;
    if (length == 0) {  // the matrix falls into two
      diagonal[i + 1] -= moved;
      beside[last] = 0;
      return;
    }
    sine = across / length;
    cosine = bulge / length;
    const double upper = diagonal[i + 1] - moved;
    const double turned = (diagonal[i] - upper) * sine + 2 * cosine * along;
    moved = sine * turned;
    diagonal[i + 1] = upper + moved;
    bulge = cosine * turned - along;
    rotations.push_back({i, cosine, sine});
  }
  diagonal[first] -= moved;
  beside[first] = bulge;
  beside[last] = 0;
}

/// Makes the tridiagonal matrix, whose elements are about 1 at most, diagonal, rotating `rows` alongside.
inline void ql_iterate(Tridiagonal& t, RotatedRows& rows) {
  const Index n = std::ssize(t.diagonal);
  double* diagonal = t.diagonal.data();
  double* beside = t.beside.data();
  const auto negligible = [&](Index i) {
    constexpr double eps = std::numeric_limits<double>::epsilon();
    return std::abs(beside[i]) <= eps * (std::abs(diagonal[i]) + std::abs(diagonal[i + 1]) + eps);
  };
  std::vector<Rotation> rotations;
  Index sweeps = 0;
  for (Index first = 0; first < n; ++first) {
    for (;;) {
      Index last = first;
      while (last + 1 < n && !negligible(last)) {
        ++last;
      }
      if (last == first) {
        break;
      }
      ensure<Error>(++sweeps < 60 * n, "eigen_symmetric: the eigenvalues did not converge");
      ql_sweep(diagonal, beside, first, last, rotations);
      if (std::ssize(rotations) >= 64 * n) {
        rows.apply(rotations);
        rotations.clear();
      }
    }
  }
  rows.apply(rotations);
}

}  // namespace detail

/// All eigenvalues and eigenvectors of a symmetric matrix: Householder's tridiagonalisation in blocks, then the
/// implicit QL method. Errors of the eigenvalues are some 1e-15 of the largest. The bits are the same on any number of
/// threads.
/// @param a  [n, n], row by row, symmetric; finite
/// @throws ArgumentError unless a is finite
/// Source: Golub, van Loan, "Matrix computations", 2013, sections 8.3.1 and 8.3.3.
inline SymmetricEigen eigen_symmetric(const double* a, Index n) {
  if (n == 0) {
    return {Tensor<double>::zeros({0}), Tensor<double>::zeros({0, 0})};
  }
  auto scaled = Tensor<double>::from({n, n}, std::span<const double>(a, static_cast<std::size_t>(n * n)));
  double largest = 0;
  for (const double v : scaled.elements()) {
    ensure<ArgumentError>(std::isfinite(v), "eigen_symmetric: need finite numbers, got ", v);
    largest = std::max(largest, std::abs(v));
  }
  const double scale = largest > 0 ? largest : 1.0;
  for (double& v : scaled.elements()) {
    v /= scale;
  }
  detail::Tridiagonal t = detail::tridiagonalize(scaled);
  detail::RotatedRows rows(detail::reflections_transposed(t));
  detail::ql_iterate(t, rows);
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, [&](Index i, Index j) {
    return t.diagonal[static_cast<std::size_t>(i)] > t.diagonal[static_cast<std::size_t>(j)];
  });
  SymmetricEigen result{Tensor<double>::uninitialized({n}), Tensor<double>::uninitialized({n, n})};
  for (Index i = 0; i < n; ++i) {
    const Index from = order[static_cast<std::size_t>(i)];
    result.values[i] = scale * t.diagonal[static_cast<std::size_t>(from)];
    rows.copy_row(from, result.vectors.data() + i * n);
  }
  return result;
}

}  // namespace engram::embed
