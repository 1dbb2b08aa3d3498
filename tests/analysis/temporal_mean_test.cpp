#include <engram/analysis/temporal_mean.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <engram/analysis/psnr.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using analysis::mean_squared_error;
using analysis::temporal_mean;

TEST_CASE("temporal_mean: by hand; at the ends over the frames that exist") {
  const auto frames = Tensor<double>::from({5, 1, 2}, {0, 10, 6, 20, 12, 30, 30, 40, 9, 50});
  CHECK(list(temporal_mean(frames, {.radius = 1})) == std::vector<double>{3, 15, 6, 20, 16, 30, 17, 40, 19.5, 45});
  CHECK(list(temporal_mean(frames, {.radius = 1, .include_centre = false})) ==
        std::vector<double>{6, 20, 6, 20, 18, 30, 10.5, 40, 30, 40});
  CHECK(temporal_mean(frames).shape() == frames.shape());
  CHECK(temporal_mean(frames)[4] == doctest::Approx(57.0 / 5));
}

TEST_CASE("temporal_mean: radius 0 changes nothing, any larger one than the recording is its mean") {
  const auto frames = normal<float>({4, 3}, 1);
  CHECK(list(temporal_mean(frames, {.radius = 0})) == list(frames));
  const auto means = temporal_mean(frames, {.radius = std::numeric_limits<Index>::max()});
  for (Index i = 3; i < 12; ++i) {
    CHECK(means[i] == means[i - 3]);
  }
  CHECK(means[0] == doctest::Approx((frames[0] + frames[3] + frames[6] + frames[9]) / 4));
  CHECK(temporal_mean(Tensor<float>::zeros({0, 3})).shape() == Shape{0, 3});
}

TEST_CASE("temporal_mean: the variance of white noise falls by the number of frames") {
  const auto noise = normal({400, 100}, 2);
  const auto nothing = Tensor<double>::zeros(noise.shape());
  CHECK(mean_squared_error(temporal_mean(noise), nothing) == doctest::Approx(1.0 / 5).epsilon(0.05));
  CHECK(mean_squared_error(temporal_mean(noise, {.radius = 2, .include_centre = false}), nothing) ==
        doctest::Approx(1.0 / 4).epsilon(0.05));
}

TEST_CASE("temporal_mean: against a mean without the centre noisy frames score their noise and the mean's") {
  // Variance 1 of the frame and 1/4 of the mean of four others add up. With the centre the frame is 1/5 of its
  // reference: the difference has variance (4/5)^2 + 4/25 = 4/5, less than the noise.
  const auto noise = normal({400, 100}, 3);
  CHECK(mean_squared_error(noise, temporal_mean(noise, {.radius = 2, .include_centre = false})) ==
        doctest::Approx(1.25).epsilon(0.05));
  CHECK(mean_squared_error(noise, temporal_mean(noise)) == doctest::Approx(0.8).epsilon(0.05));
}

TEST_CASE("temporal_mean: the same bits on any number of threads") {
  const auto frames = normal<float>({30, 7}, 4);
  CHECK(same_bits_on_any_threads([&] { return temporal_mean(frames); }));
}

TEST_CASE("temporal_mean: errors say what was needed and what was got") {
  auto frames = Tensor<float>::zeros({3, 2});
  CHECK_THROWS_WITH_AS(temporal_mean(frames, {.radius = -1}), "temporal_mean: need radius >= 0, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(
      temporal_mean(frames, {.radius = 0, .include_centre = false}),
      "temporal_mean: need a radius >= 1 and two frames where the centre is left out, got radius 0 and frames [3, 2]",
      ArgumentError);
  CHECK_THROWS_AS(temporal_mean(Tensor<float>::zeros({1, 2}), {.radius = 1, .include_centre = false}), ArgumentError);
  CHECK_THROWS_WITH_AS(temporal_mean(Tensor<float>::zeros({})), "temporal_mean: need frames [N, ...], got []",
                       ShapeError);
  frames[3] = NAN;
  CHECK_THROWS_WITH_AS(temporal_mean(frames), "temporal_mean: need finite frames, got nan at position 3",
                       ArgumentError);
}
