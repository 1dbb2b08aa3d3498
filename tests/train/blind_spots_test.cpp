#include <engram/train/blind_spots.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/evaluate.hpp>
#include <engram/train/fit.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

/// A batch of the images with blind spots.
template <class T>
train::Batch<T> hidden_batch(const Tensor<T>& images, const data::BlindSpotOptions& options, std::uint64_t seed = 1) {
  const Variable<T> x(images);
  return train::blind_spots<T>(options)({x, x}, Rng(seed));
}

}  // namespace

TEST_CASE("blind_spots: hides pixels of the inputs; targets are the images and the spots") {
  const auto images = normal<double>({3, 2, 10, 10}, 1);
  const auto batch = hidden_batch(images, {});
  const auto expected =
      data::hide_pixels(images, {}, [](Index i) { return Rng(1).split(static_cast<std::uint64_t>(i)); });
  CHECK(list(batch.inputs.value()) == list(expected.images));
  CHECK(list(slice(batch.targets, 1, {0, 2}).value()) == list(images));
  CHECK(list(slice(batch.targets, 1, {2, 4}).value()) == list(expected.spots));
}

TEST_CASE("blind_spot_loss: the mean squared error in the spots alone, with its gradient") {
  const auto output = parameter({1, 1, 2, 2}, {1, 2, 3, 4});
  const auto targets = constant({1, 2, 2, 2}, {0, 0, 0, 0, 1, 0, 0, 1});
  CHECK(train::blind_spot_loss(output, targets).value().item() == doctest::Approx((1.0 + 16) / 2));
  const auto batch = hidden_batch(normal<double>({2, 2, 6, 5}, 1), {.rate = 0.2});
  const auto check = gradient_check([&](const auto& y) { return train::blind_spot_loss(y, batch.targets); },
                                    random_constant({2, 2, 6, 5}, 2));
  CHECK_MESSAGE(check.ok(1e-8), check.text());
}

TEST_CASE("blind_spot_validation: an example's spots are the same in any batch") {
  const auto images = normal<float>({5, 1, 12, 12}, 1);
  const auto all = train::blind_spot_validation(train::pairs(images, images), {}, 7);
  CHECK(all.size == 5);
  const auto together = all.batch(std::vector<Index>{0, 1, 2, 3, 4});
  const auto alone = all.batch(std::vector<Index>{3});
  CHECK(list(slice(together.inputs, 0, {3, 4}).value()) == list(alone.inputs.value()));
  CHECK(list(slice(together.targets, 0, {3, 4}).value()) == list(alone.targets.value()));
  const auto other = train::blind_spot_validation(train::pairs(images, images), {}, 8);
  CHECK(list(other.batch(std::vector<Index>{3}).inputs.value()) != list(alone.inputs.value()));
}

TEST_CASE("blind_spots: options, images and targets that do not fit are refused") {
  CHECK_THROWS_WITH_AS(train::blind_spots<float>({.rate = 0.5}), "blind_spots: need 0 < rate <= 0.25, got 0.5",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(train::blind_spots<float>({.radius = 0}),
                       "blind_spots: need radius >= 1, along_rows >= 0 and along_columns >= 0, got 0, 0 and 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(hidden_batch(Tensor<float>::zeros({2, 5, 5}), {}),
                       "blind_spots: need images [N, C, H, W] of 2 pixels or more, got [2, 5, 5]", ShapeError);
  CHECK_THROWS_WITH_AS(
      train::blind_spot_loss(zeros({1, 1, 2, 2}), zeros({1, 1, 2, 2})),
      "blind_spot_loss: need output [N, C, H, W] and targets [N, 2 C, H, W], got [1, 1, 2, 2] and [1, 1, 2, 2]",
      ShapeError);
  CHECK_THROWS_WITH_AS(train::blind_spot_loss(zeros({1, 1, 2, 2}), zeros({1, 2, 2, 2})),
                       "blind_spot_loss: need a blind spot, got none in targets [1, 2, 2, 2]", ArgumentError);
}

TEST_CASE("blind_spots: from noisy images alone a network learns to come nearer to the clean ones") {
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
  models::BlindSpotUnet<float> net({.width = 8, .depth = 1}, rng);
  optim::Adam<float> adam(nn::variables(net), {.lr = 3e-3});
  train::TrainingState state;
  train::fit(net, adam, recorded,
             {.epochs = 25,
              .batch_size = 8,
              .loss = train::blind_spot_loss<float>,
              .augment = train::blind_spots<float>(),
              .validation = train::blind_spot_validation(recorded)},
             state);
  const NoGrad no_grad;
  const auto error = [&](const Tensor<float>& images) {
    double sum = 0;
    for (Index i = 0; i < images.size(); ++i) {
      sum += std::pow(static_cast<double>(images[i] - clean[i]), 2);
    }
    return sum / static_cast<double>(images.size());
  };
  const double before = error(noisy);
  const double after = error(net(Variable<float>(noisy)).value());
  CHECK(after < before / 4);
  // What the validation tells, less the noise's variance, is the error without the pixel itself.
  CHECK(state.history.measured("validation_loss").back() - 0.0225 < before / 3);
}
