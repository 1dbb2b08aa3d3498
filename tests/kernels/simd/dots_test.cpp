#include <engram/kernels/simd/dots.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/numbers.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

/// Whole numbers, so that the order of additions does not matter.
template <class T>
void check_dots() {
  for (const auto& [name, dots] : runnable(&simd::avx512::dots<T>, &simd::avx2::dots<T>, &simd::baseline::dots<T>)) {
    const std::string instruction_set = name;
    CAPTURE(instruction_set);
    for (const Index rows : {0, 1, 7, 8, 9, 19}) {
      for (const Index k : {0, 1, 3, 4, 8, 15, 16, 17, 40}) {
        for (const Index parts : {1, 3}) {
          const Index lda = 2;  // windows overlap
          const Index distance = k + 5;
          const auto a = whole_numbers<T>(rows * lda + parts * distance + k, 1);
          const auto b = whole_numbers<T>(parts * k, 2);
          std::vector<T> expected(static_cast<std::size_t>(rows) + 1, T(99));
          std::vector<T> sums = expected;
          for (Index i = 0; i < rows; ++i) {
            T& sum = expected[static_cast<std::size_t>(i)];
            sum = 0;
            for (Index q = 0; q < parts; ++q) {
              for (Index p = 0; p < k; ++p) {
                sum += a.data()[i * lda + q * distance + p] * b.data()[q * k + p];
              }
            }
          }
          dots(rows, parts, k, a.data(), lda, distance, b.data(), sums.data());
          CAPTURE(rows);
          CAPTURE(k);
          CHECK(sums == expected);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("dots: inner products of overlapping windows, all sizes, on all instruction sets") {
  check_dots<float>();
  check_dots<double>();
}
