#include <engram/analysis/psnr.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

using namespace engram;
using analysis::mean_squared_error;
using analysis::psnr;
using analysis::psnr_within;

TEST_CASE("mean_squared_error: worked out by hand") {
  const auto a = Tensor<float>::from({2, 2}, {1, 2, 3, 4});
  const auto b = Tensor<float>::from({2, 2}, {1, 0, 3, 8});
  CHECK(mean_squared_error(a, b) == 5);
  CHECK(mean_squared_error(b, a) == 5);
}

TEST_CASE("mean_squared_error: summed in double") {
  const Index count = 1 << 22;  // from 32768 on, a float sum grows in steps of 1/256
  CHECK(mean_squared_error(Tensor<float>::full({count}, 0.1f), Tensor<float>::zeros({count})) ==
        doctest::Approx(0.01).epsilon(1e-6));
}

TEST_CASE("psnr: decibels relative to the peak") {
  const auto a = Tensor<double>::full({10}, 0.5);
  const auto b = Tensor<double>::full({10}, 0.6);
  CHECK(psnr(a, b) == doctest::Approx(20).epsilon(1e-12));
  CHECK(psnr(a, b, 10) == doctest::Approx(40).epsilon(1e-12));
  CHECK(std::isinf(psnr(a, a)));
  CHECK(psnr(a, a) > 0);
}

TEST_CASE("psnr_within: of what the mask marks alone") {
  const auto a = Tensor<double>::from({4}, {0.5, 0.5, 7, 0.5});
  const auto b = Tensor<double>::from({4}, {0.6, 0.4, 0, 9});
  const auto mask = Tensor<std::uint8_t>::from({4}, {1, 1, 0, 0});
  CHECK(psnr_within(a, b, mask) == doctest::Approx(20).epsilon(1e-12));
  CHECK(psnr_within(a, b, mask, 10) == doctest::Approx(40).epsilon(1e-12));
  CHECK_THROWS_WITH_AS(psnr_within(a, b, Tensor<std::uint8_t>::zeros({4})),
                       "psnr_within: need a mask that is not 0 everywhere, got one of [4]", ArgumentError);
  CHECK_THROWS_WITH_AS(psnr_within(a, b, Tensor<std::uint8_t>::zeros({2})),
                       "psnr_within: need tensors of one shape, got [4], [4] and a mask [2]", ShapeError);
}

TEST_CASE("psnr: other shapes, nothing to compare and a peak that is none") {
  const auto a = Tensor<float>::zeros({2, 3});
  CHECK_THROWS_WITH_AS(psnr(a, Tensor<float>::zeros({3, 2})),
                       "mean_squared_error: need two tensors of one shape, got [2, 3] and [3, 2]", ShapeError);
  CHECK_THROWS_WITH_AS(psnr(Tensor<float>(), Tensor<float>()),
                       "mean_squared_error: need two tensors of one shape, got [0] and [0]", ShapeError);
  CHECK_THROWS_WITH_AS(psnr(a, a, 0), "psnr: need peak > 0, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(psnr(a, a, NAN), "psnr: need peak > 0, got nan", ArgumentError);
}
