#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <engram/embed/pca.hpp>
#include <engram/embed/umap.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/fit.hpp>

#include "support/model_numbers.hpp"
#include "support/random_tensor.hpp"

// Frames that no camera should give, but some do: all black, all alike, with pixels that never change, of tiny numbers.

using namespace engram;

namespace {

bool all_finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

/// The losses of five epochs on the frames.
std::vector<double> train_on(const Tensor<float>& frames) {
  Rng rng(1);
  models::ConvAutoencoder<float> model({.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 4}, rng);
  optim::Adam<float> adam(nn::variables(model), {.lr = 1e-2});
  train::FitOptions<float> options{.epochs = 5, .batch_size = 5};
  options.validation = train::pairs(frames, frames);
  train::TrainingState state;
  train::fit(model, adam, train::pairs(frames, frames), options, state);
  CHECK(all_finite(numbers(model)));
  return state.history.measured("train_loss");
}

const Shape twenty{20, 1, 18, 18};

}  // namespace

TEST_CASE("odd numbers: an autoencoder learns from black, constant, partly constant and tiny frames") {
  const auto black = train_on(Tensor<float>::zeros(twenty));
  CHECK(black.back() < black.front());
  const auto grey = train_on(Tensor<float>::full(twenty, 0.5F));
  CHECK(grey.back() < grey.front());
  auto half = normal<float>(twenty, 2);
  for (Index i = 0; i < half.size(); ++i) {
    half[i] = i % 18 < 9 ? 1 : half[i];
  }
  const auto partly = train_on(half);
  CHECK(partly.back() < partly.front());
  CHECK(all_finite(train_on(Tensor<float>::full(twenty, 1e-41F))));  // denormal
}

TEST_CASE("odd numbers: PCA and UMAP of black and of tiny frames are finite") {
  for (const float level : {0.0F, 1e-41F}) {
    const auto rows = Tensor<float>::full({30, 50}, level);
    embed::Pca<float> pca({.n_components = 2});
    for (const float code : pca.fit_transform(rows).elements()) {
      CHECK(code == 0);
    }
    for (const float place : embed::Umap({.n_epochs = 20}).fit_transform(rows).elements()) {
      CHECK(std::isfinite(place));
    }
  }
}
