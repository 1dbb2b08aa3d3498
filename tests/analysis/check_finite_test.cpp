#include <engram/analysis/check_finite.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace engram;
using analysis::detail::check_finite;

TEST_CASE("check_finite: names the first element that is not finite") {
  CHECK_NOTHROW(check_finite("f", "x", Tensor<float>::from({2}, {1, -3e38f})));
  CHECK_NOTHROW(check_finite("f", "x", Tensor<int>::from({2}, {1, 2})));
  CHECK_NOTHROW(check_finite("f", "x", Tensor<double>()));
  CHECK_THROWS_WITH_AS(check_finite("f", "x", Tensor<double>::from({2, 2}, {1, 2, -INFINITY, NAN})),
                       "f: need finite x, got -inf at position 2", ArgumentError);
}
