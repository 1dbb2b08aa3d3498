#include <engram/kernels/simd/transpose.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

/// Sizes below, at and above those of the squares; strides beyond the rows, whose gaps must stay as they are.
template <class T>
void check_transpose() {
  for (const Index rows : {0, 1, 2, 3, 4, 7, 8, 9, 16, 19}) {
    for (const Index columns : {0, 1, 2, 4, 5, 8, 11, 24}) {
      const Index in_stride = columns + 3;
      const Index out_stride = rows + 2;
      const auto in = whole_numbers<T>(rows * in_stride, 1);
      std::vector<T> out(static_cast<std::size_t>(columns * out_stride), T(99));
      std::vector<T> expected = out;
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < columns; ++j) {
          expected.data()[j * out_stride + i] = in.data()[i * in_stride + j];
        }
      }
      CAPTURE(rows);
      CAPTURE(columns);
      simd::transpose(rows, columns, in.data(), in_stride, out.data(), out_stride);
      CHECK(out == expected);
      std::ranges::fill(out, T(99));
      simd::baseline::transpose(rows, columns, in.data(), in_stride, out.data(), out_stride);
      CHECK(out == expected);
    }
  }
}

}  // namespace

TEST_CASE("transpose: all sizes") {
  check_transpose<float>();
  check_transpose<double>();
}
