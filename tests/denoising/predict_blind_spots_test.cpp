#include <engram/denoising/predict_blind_spots.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <engram/core/take_rows.hpp>
#include <engram/denoising/noise_curve.hpp>
#include <engram/denoising/posterior_mean.hpp>
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
  const auto told = denoising::predict_blind_spots(
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

TEST_CASE("predict_blind_spots: what a network tells of a pixel does not depend on the pixel, whatever hides it") {
  Rng rng(0);
  const models::BlindSpotUnet<double> net({.channels = 2, .width = 4, .depth = 1}, rng);
  const auto images = normal<double>({1, 2, 8, 9}, 1);
  for (const auto& spots :
       {data::BlindSpotOptions{}, data::BlindSpotOptions{.fill = data::BlindSpotFill::median},
        data::BlindSpotOptions{.spacing = 2, .fill = data::BlindSpotFill::neighbor},
        data::BlindSpotOptions{.radius = 2, .along_rows = 1}, data::BlindSpotOptions{.along_columns = 2}}) {
    const auto before = denoising::predict_blind_spots(net, images, spots);
    for (Index pixel = 0; pixel < 72; ++pixel) {
      auto others = images;  // what may not tell: the pixel's channels, and those hidden with it
      for (Index k = 0; k < 2; ++k) {
        for (Index away = -std::min(spots.along_rows, pixel % 9); away <= std::min(spots.along_rows, 8 - pixel % 9);
             ++away) {
          others[k * 72 + pixel + away] += 5;
        }
        for (Index away = -spots.along_columns; away <= spots.along_columns; ++away) {
          if (const Index at = pixel + 9 * away; at >= 0 && at < 72) {
            others[k * 72 + at] -= 7;
          }
        }
      }
      const auto after = denoising::predict_blind_spots(net, others, spots);
      for (Index k = 0; k < 2; ++k) {
        REQUIRE(after.means[k * 72 + pixel] == before.means[k * 72 + pixel]);
        REQUIRE(after.variances[k * 72 + pixel] == before.variances[k * 72 + pixel]);
      }
      REQUIRE(list(after.means) != list(before.means));
    }
  }
}

TEST_CASE("predict_blind_spots: what is told of an image does not depend on its place among others") {
  Rng rng(0);
  const models::BlindSpotUnet<double> net({.width = 2, .depth = 1}, rng);
  const auto images = normal<double>({5, 1, 8, 8}, 1);
  const data::BlindSpotOptions spots{.fill = data::BlindSpotFill::neighbor};
  const auto all = denoising::predict_blind_spots(net, images, spots);
  const auto last = denoising::predict_blind_spots(net, take_rows(images, std::vector<Index>{4}), spots);
  CHECK(list(take_rows(all.means, std::vector<Index>{4})) == list(last.means));
}

TEST_CASE("predict_blind_spots: images and networks that do not fit are refused") {
  const auto same = [](const Variable<float>& x) { return x; };
  CHECK_THROWS_WITH_AS(denoising::predict_blind_spots(same, Tensor<float>::zeros({2, 5, 5})),
                       "predict_blind_spots: need images [N, C, H, W], got [2, 5, 5]", ShapeError);
  CHECK_THROWS_WITH_AS(denoising::predict_blind_spots(same, Tensor<float>::zeros({2, 1, 5, 5})),
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
  const auto told = denoising::predict_blind_spots(net, noisy);
  const auto curve = denoising::noise_curves(noisy, told);
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
  CHECK(error(denoising::posterior_mean(noisy, told, curve)) < blind);
  CHECK(curve[0](0.5) == doctest::Approx(0.15).epsilon(0.1));
  const auto losses = state.history.measured("validation_loss");
  CHECK(losses.back() < losses.front());
}
