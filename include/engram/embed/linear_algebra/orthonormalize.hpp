#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/tridiagonal.hpp>
#include <engram/kernels/gemm.hpp>

namespace engram::embed::detail {

inline Tensor<double> first_rows(const Tensor<double>& x, Index count) {
  const auto size = static_cast<std::size_t>(count * x.dim(1));
  return Tensor<double>::from({count, x.dim(1)}, x.elements().first(size));
}

/// rows -= (rows basis^T) basis: rows [count, width], basis [size, width].
inline void subtract_projection(double* rows, Index count, const double* basis, Index size, Index width) {
  if (size == 0) {
    return;
  }
  auto overlaps = Tensor<double>::uninitialized({count, size});
  kernels::gemm(count, size, width, kernels::row_major<double>(rows, width),
                kernels::row_major(basis, width).transposed(), overlaps.data(), size);
  for (double& v : overlaps.elements()) {
    v = -v;
  }
  kernels::gemm(count, width, size, kernels::row_major<double>(overlaps.data(), size), kernels::row_major(basis, width),
                rows, width, kernels::Store::add);
}

/// Scales a row to length 1; returns the length that it had.
inline double normalize(double* row, Index width) {
  double largest = 0;
  for (Index i = 0; i < width; ++i) {
    largest = std::max(largest, std::abs(row[i]));
  }
  if (largest == 0) {
    return 0;
  }
  for (Index i = 0; i < width; ++i) {
    row[i] /= largest;
  }
  const double length = std::sqrt(dot(row, row, 0, width));
  for (Index i = 0; i < width; ++i) {
    row[i] /= length;
  }
  return largest * length;
}

inline std::vector<double> row_lengths(const Tensor<double>& rows) {
  std::vector<double> lengths;
  for (Index k = 0; k < rows.dim(0); ++k) {
    const double* row = rows.data() + k * rows.dim(1);
    lengths.push_back(std::sqrt(dot(row, row, 0, rows.dim(1))));
  }
  return lengths;
}

/// Makes rows [count, width] orthonormal, and orthogonal to the first `size` rows of `basis`, which are orthonormal;
/// size + count <= width. The first rows span what they did before; a row that those before it span gives way to a
/// random one.
///
/// Gram and Schmidt's method in blocks of rows, repeated until nothing more is cut away.
/// Source: Giraud, Langou, Rozloznik, "The loss of orthogonality in the Gram-Schmidt orthogonalization process",
/// Comput. Math. Appl. 50(7), 2005.
inline void orthonormalize(Tensor<double>& rows, const Tensor<double>& basis, Index size) {
  constexpr Index block = 32;
  const Index width = rows.dim(1);
  Rng rng(1);
  for (Index begin = 0; begin < rows.dim(0); begin += block) {
    double* first = rows.data() + begin * width;
    const Index members = std::min(block, rows.dim(0) - begin);
    double left_of[block];  // of a row that had length 1; below 1e-14 it is rounding errors
    for (Index i = 0; i < members; ++i) {
      normalize(first + i * width, width);
      left_of[i] = 1;
    }
    double least = 0;
    for (int round = 0; round < 12 && (round == 0 || least < 0.7); ++round) {
      subtract_projection(first, members, basis.data(), size, width);
      subtract_projection(first, members, rows.data(), begin, width);
      least = 1;
      for (Index i = 0; i < members; ++i) {
        double* row = first + i * width;
        for (Index j = 0; j < i; ++j) {
          add_scaled(-dot(first + j * width, row, 0, width), first + j * width, row, 0, width);
        }
        const double left = normalize(row, width);
        left_of[i] *= left;
        least = std::min(least, left);
        if (left_of[i] < 1e-14) {
          std::generate_n(row, width, [&] { return rng.normal(); });
          normalize(row, width);
          left_of[i] = 1;
          least = 0;
        }
      }
    }
  }
}

}  // namespace engram::embed::detail
