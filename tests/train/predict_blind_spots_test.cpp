#include <engram/train/predict_blind_spots.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <engram/analysis/noise_curve.hpp>
#include <engram/analysis/posterior_mean.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/ops/concat.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/blind_spots.hpp>
#include <engram/train/fit.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("predict_blind_spots: each pixel's prediction is what stood in its place when it was hidden") {
  const auto images = normal<double>({40, 2, 7, 8}, 1);
  const auto told = train::predict_blind_spots(
      [](const Variable<double>& x) {
        return concat({x, x * 2}, 1);
      },
      images, {.spacing = 2});
  for (Index place = 0; place < 4; ++place) {
    const auto hidden = data::hide_pixels(
        images, data::BlindSpotOptions{.spacing = 2}, [=](Index, Rng&) { return place; }, [](Index) { return Rng(0); });
    for (Index i = 0; i < images.size(); ++i) {
      if (hidden.spots[i] == 1) {
        REQUIRE(told.means[i] == hidden.images[i]);
        REQUIRE(told.variances[i] == 2 * hidden.images[i]);
      }
    }
  }
}

TEST_CASE("predict_blind_spots: what a network tells of a pixel does not depend on the pixel") {
  Rng rng(0);
  const models::BlindSpotUnet<double> net({.width = 8, .depth = 1}, rng);
  auto images = normal<double>({1, 1, 10, 9}, 1);
  const auto before = train::predict_blind_spots(net, images);
  images[40] += 5;
  const auto after = train::predict_blind_spots(net, images);
  CHECK(after.means[40] == before.means[40]);
  CHECK(after.variances[40] == before.variances[40]);
  CHECK(after.means[41] != before.means[41]);
}

TEST_CASE("predict_blind_spots: images and networks that do not fit are refused") {
  const auto same = [](const Variable<float>& x) { return x; };
  CHECK_THROWS_WITH_AS(train::predict_blind_spots(same, Tensor<float>::zeros({2, 5, 5})),
                       "predict_blind_spots: need images [N, C, H, W], got [2, 5, 5]", ShapeError);
  CHECK_THROWS_WITH_AS(train::predict_blind_spots(same, Tensor<float>::zeros({2, 1, 5, 5})),
                       "predict_blind_spots: need a network to [N, 2 C, H, W] from [18, 1, 5, 5], got [18, 1, 5, 5]",
                       ShapeError);
}

TEST_CASE("blind spots: from noisy images alone a network learns what is below the noise, and how strong that is") {
  constexpr Index n = 64;
  auto clean = Tensor<float>::uninitialized({n, 1, 16, 16});
  Rng rng(5);
  for (Index i = 0; i < n; ++i) {
    const double phase = rng.uniform(0, 6.28);
    for (Index at = 0; at < 256; ++at) {
      clean[i * 256 + at] = static_cast<float>(0.5 + 0.3 * std::sin(0.5 * static_cast<double>(at % 16) + phase) *
                                                         std::cos(0.4 * static_cast<double>(at / 16)));
    }
  }
  Tensor<float> noisy = clean;
  for (float& v : noisy.elements()) {
    v += static_cast<float>(0.15 * rng.normal());
  }
  const auto recorded = train::pairs(noisy, noisy);
  models::BlindSpotUnet<float> net({.width = 8, .depth = 1, .mean = 0.5, .deviation = 0.2}, rng);
  optim::Adam<float> adam(nn::variables(net), {.lr = 3e-3});
  train::TrainingState state;
  train::fit(net, adam, recorded,
             {.epochs = 25,
              .batch_size = 8,
              .loss = train::blind_spot_loss<float>,
              .augment = train::blind_spots<float>(),
              .validation = train::blind_spot_validation(recorded)},
             state);
  const auto told = train::predict_blind_spots(net, noisy);
  const auto curve = analysis::noise_curve(noisy, told.means, told.variances);
  const auto error = [&](const Tensor<float>& images) {
    double sum = 0;
    for (Index i = 0; i < images.size(); ++i) {
      sum += std::pow(static_cast<double>(images[i] - clean[i]), 2);
    }
    return sum / static_cast<double>(images.size());
  };
  const double before = error(noisy);
  const double blind = error(told.means);
  CHECK(blind < before / 4);
  CHECK(error(analysis::posterior_mean(noisy, told.means, told.variances, curve)) < blind);
  CHECK(curve(0.5) == doctest::Approx(0.15).epsilon(0.1));
  const auto losses = state.history.measured("validation_loss");
  CHECK(losses.back() < losses.front());
}
