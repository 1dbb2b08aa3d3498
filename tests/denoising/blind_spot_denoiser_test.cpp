#include <engram/denoising/blind_spot_denoiser.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <limits>
#include <vector>

#include <engram/core/take_rows.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using denoising::BlindSpotDenoiser;

namespace {

models::BlindSpotUnet<float> small_network(Index channels = 1) {
  Rng rng(0);
  return models::BlindSpotUnet<float>({.channels = channels, .width = 3, .depth = 1, .mean = 0.4, .deviation = 0.3},
                                      rng);
}

}  // namespace

TEST_CASE("BlindSpotDenoiser: joins prediction and pixel by the noise that it found") {
  const auto net = small_network(2);
  const data::BlindSpotOptions spots{.spacing = 2, .fill = data::BlindSpotFill::median};
  const auto noisy = normal<float>({30, 2, 14, 11}, 1);
  BlindSpotDenoiser<float> denoiser(net, spots);
  CHECK(denoiser.noise().empty());
  denoiser.fit_noise(noisy);
  const auto told = denoising::predict_blind_spots(net, noisy, spots);
  const auto curves = denoising::noise_curves(noisy, told);
  REQUIRE(denoiser.noise().size() == 2);
  CHECK(denoiser.noise()[1].deviations == curves[1].deviations);
  CHECK(list(denoiser(noisy)) == list(denoising::posterior_mean(noisy, told, curves)));
}

TEST_CASE("BlindSpotDenoiser: large images are what whole ones would be") {
  const auto net = small_network();
  const auto noisy = normal<float>({1, 1, 50, 301}, 2);
  const BlindSpotDenoiser<float> denoiser(net);
  const auto tiled = denoiser.predict(noisy);
  const auto whole = denoising::predict_blind_spots(net, noisy);
  for (Index i = 0; i < noisy.size(); ++i) {
    REQUIRE(tiled.means[i] == doctest::Approx(whole.means[i]).epsilon(1e-4));
    REQUIRE(tiled.variances[i] == doctest::Approx(whole.variances[i]).epsilon(1e-4));
  }
}

TEST_CASE("BlindSpotDenoiser: a file holds network, blind spots, noise and further settings") {
  const TemporaryFolder folder;
  const auto file = folder / "denoiser.npz";
  const auto noisy = normal<float>({30, 1, 14, 11}, 1);
  BlindSpotDenoiser<float> denoiser(small_network(), {.spacing = 4, .along_rows = 1});
  denoiser.fit_noise(noisy);
  Settings more;
  more.set("maximum", 255);
  denoiser.save(file, more);
  const auto loaded = BlindSpotDenoiser<float>::load(file);
  CHECK(loaded.spots().spacing == 4);
  CHECK(loaded.spots().along_rows == 1);
  CHECK(list(loaded(noisy)) == list(denoiser(noisy)));
  CHECK(train::load_settings(file).number<int>("maximum") == 255);

  BlindSpotDenoiser<float>(small_network()).save(file);
  CHECK(BlindSpotDenoiser<float>::load(file).noise().empty());
}

TEST_CASE("BlindSpotDenoiser: what is missing or does not fit is refused") {
  const BlindSpotDenoiser<float> denoiser(small_network());
  CHECK_THROWS_WITH_AS(denoiser(normal<float>({1, 1, 8, 8}, 1)),
                       "BlindSpotDenoiser: need the noise, which fit_noise() finds, got none", ArgumentError);
  CHECK_THROWS_AS(denoiser.predict(normal<float>({1, 2, 8, 8}, 1)), ShapeError);
  CHECK_THROWS_AS(BlindSpotDenoiser<float>(small_network(), {.spacing = 1}), ArgumentError);

  const TemporaryFolder folder;
  const auto file = folder / "model.npz";
  const auto net = small_network();
  Settings settings;
  settings.set("model", "conv_autoencoder");
  train::save_model(file, net, settings);
  CHECK_THROWS_WITH_AS(BlindSpotDenoiser<float>::load(file),
                       text(file.string(), ": need a blind_spot_unet, got a conv_autoencoder").c_str(), FormatError);
  settings.set("model", "blind_spot_unet");
  models::write_options(settings, net.options());
  denoising::write_options(settings, {});
  settings.set("fill", "zero");
  train::save_model(file, net, settings);
  CHECK_THROWS_WITH_AS(BlindSpotDenoiser<float>::load(file),
                       text(file.string(), ": need mean, median or neighbor for the setting fill, got zero").c_str(),
                       FormatError);
  for (const char* name :
       {"spacing", "radius", "along_rows", "along_columns"}) {  // of which sums and products are made
    denoising::write_options(settings, {});
    settings.set(name, std::numeric_limits<Index>::max());
    train::save_model(file, net, settings);
    CHECK_THROWS_WITH_AS(BlindSpotDenoiser<float>::load(file), doctest::Contains("all <= 32, got "), FormatError);
  }
}
