#include <engram/embed/neighbors/row_scale.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace engram;
using namespace engram::embed;
using embed::detail::row_scale;
using embed::detail::row_size;

TEST_CASE("row size: the exponent of the largest magnitude, below all others for zeros") {
  const float row[] = {0.5F, -9, 3};
  CHECK(row_size(row, 3) == 3);
  CHECK(row_size(row, 1) == -1);
  const float zeros[] = {0, -0.0F};
  const float smallest = std::numeric_limits<float>::denorm_min();
  CHECK(row_size(&smallest, 1) == -149);
  CHECK(row_size(zeros, 2) == FP_ILOGB0);
}

TEST_CASE("row scale: the median row's, zeros left out; narrow while all rows are within 2^40 of it") {
  const auto scale_of = [](float a, float b) {
    return row_scale(Tensor<float>::from({5, 2}, {0, 0, 1, -0x1p-60F, a, 1, 0, 0, b, 0}), Metric::euclidean);
  };
  CHECK(scale_of(5, 9).exponent == 2);
  CHECK(scale_of(5, 9).narrow);
  CHECK(scale_of(1, 0x1p40F).exponent == 0);
  CHECK(scale_of(1, 0x1p40F).narrow);
  CHECK(!scale_of(1, 0x1p41F).narrow);
  CHECK(scale_of(1, 0x1p-40F).narrow);
  CHECK(!scale_of(1, 0x1p-41F).narrow);
}

TEST_CASE("row scale: 1 of zeros, of doubles and of rows that become unit rows") {
  CHECK(row_scale(Tensor<float>::zeros({3, 2}), Metric::euclidean).exponent == 0);
  CHECK(row_scale(Tensor<double>::full({3, 2}, 1e30), Metric::euclidean).exponent == 0);
  CHECK(row_scale(Tensor<float>::full({3, 2}, 0x1p100F), Metric::cosine).exponent == 0);
  CHECK(row_scale(Tensor<float>::full({3, 2}, 0x1p100F), Metric::manhattan).exponent == 100);
}

TEST_CASE("row scale: leaves the largest entry finite") {
  const auto x = Tensor<float>::from({3, 1}, {0x1p-120F, 0x1p-120F, std::numeric_limits<float>::max()});
  const auto scale = row_scale(x, Metric::euclidean);
  CHECK(scale.exponent == 1);
  CHECK(!scale.narrow);
}
