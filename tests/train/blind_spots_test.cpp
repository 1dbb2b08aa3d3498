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
      data::hide_random_pixels(images, {}, [](Index i) { return Rng(1).split(static_cast<std::uint64_t>(i)); });
  CHECK(list(batch.inputs.value()) == list(expected.images));
  CHECK(list(slice(batch.targets, 1, {0, 2}).value()) == list(images));
  CHECK(list(slice(batch.targets, 1, {2, 4}).value()) == list(expected.spots));
}

TEST_CASE("blind_spot_loss: of means and variances in the spots alone, each with the gradient of its own term") {
  const auto output = parameter({1, 2, 2, 2}, {1, 2, 3, 4, 2, 9, 9, 0.5});
  const auto targets = constant({1, 2, 2, 2}, {0, 0, 0, 6, 1, 0, 0, 1});  // spots: 0 of N(1, 2) and 6 of N(4, 0.5)
  const auto loss = train::blind_spot_loss(output, targets);
  CHECK(loss.value().item() ==
        doctest::Approx((1 / 1.25 + std::log(2) + 1 / 2.0 + 4 / 1.25 + std::log(0.5) + 4 / 0.5) / 4));
  const auto gradient = backward(loss)[output];
  const std::vector<double> expected{1 / 1.25 / 2, 0, 0, -2 / 1.25 / 2, (0.5 - 0.25) / 4, 0, 0, (2.0 - 16) / 4};
  for (Index i = 0; i < 8; ++i) {
    CHECK(gradient[i] == doctest::Approx(expected[static_cast<std::size_t>(i)]));
  }
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
  CHECK_THROWS_WITH_AS(train::blind_spots<float>({.spacing = 1}),
                       "blind_spots: need spacing >= 2, radius >= 1, along_rows >= 0 and along_columns >= 0, all <= "
                       "32, got 1, 1, 0 and 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(hidden_batch(Tensor<float>::zeros({2, 5, 5}), {}),
                       "blind_spots: need images [N, C, H, W], got [2, 5, 5]", ShapeError);
  CHECK_THROWS_WITH_AS(train::blind_spot_loss(zeros({1, 1, 2, 2}), zeros({1, 2, 2, 2})),
                       "blind_spot_loss: need output and targets [N, 2 C, H, W], got [1, 1, 2, 2] and [1, 2, 2, 2]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(train::blind_spot_loss(zeros({1, 2, 2, 2}), zeros({1, 2, 2, 2})),
                       "blind_spot_loss: need a blind spot, got none in targets [1, 2, 2, 2]", ArgumentError);
}
