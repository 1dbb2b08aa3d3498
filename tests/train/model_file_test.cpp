#include <engram/train/model_file.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include <engram/models/blind_spot_unet.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/settings.hpp>
#include <engram/nn/linear.hpp>

#include "support/random_tensor.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

const models::NetworkOptions small_network{
    .image_height = 18, .image_width = 22, .channels = 2, .latent_dim = 3, .width = 4};

Settings settings_of(const models::NetworkOptions& options) {
  Settings settings;
  models::write_options(settings, options);
  return settings;
}

}  // namespace

TEST_CASE("model file: gives back the options, and a model with the same outputs") {
  const TemporaryFolder folder;
  Rng rng(1);
  models::ConvAutoencoder<float> model(small_network, rng);
  const Variable<float> x(normal<float>({4, 2, 18, 22}, 2));
  (void)model(x, Mode::train);  // moves the running statistics
  train::save_model(folder / "model.npz", model, settings_of(small_network));
  const auto options = models::read_options(train::load_settings(folder / "model.npz"));
  CHECK(options == small_network);
  models::ConvAutoencoder<float> other(options, rng);
  CHECK_FALSE(std::ranges::equal(other(x).value().elements(), model(x).value().elements()));
  train::load_model(folder / "model.npz", other);
  CHECK(std::ranges::equal(other(x).value().elements(), model(x).value().elements()));
  const auto made = train::load_new_model<models::ConvAutoencoder<float>>(folder / "model.npz", options);
  CHECK(std::ranges::equal(made(x).value().elements(), model(x).value().elements()));
}

TEST_CASE("model file: options of a network that its arrays cannot fill are refused before it takes memory") {
  const TemporaryFolder folder;
  const auto path = folder / "model.npz";
  Rng rng(1);
  models::ConvAutoencoder<float> model(small_network, rng);
  train::save_model(path, model, settings_of(small_network));
  const auto load = [&](Index models::NetworkOptions::*member, Index value) {
    auto options = small_network;
    options.*member = value;
    (void)train::load_new_model<models::ConvAutoencoder<float>>(path, options);
  };
  using Options = models::NetworkOptions;
  for (const auto member :
       {&Options::image_height, &Options::image_width, &Options::channels, &Options::latent_dim, &Options::width}) {
    for (const Index value : {Index{1} << 20, Index{1} << 40, Index{1} << 62}) {
      CHECK_THROWS_WITH_AS(load(member, value + 2), doctest::Contains("need arrays for a network of"), FormatError);
    }
  }
  const auto load_unet = [&](const models::BlindSpotUnetOptions& options) {
    (void)train::load_new_model<models::BlindSpotUnet<float>>(path, options);
  };
  for (const auto& options :
       {models::BlindSpotUnetOptions{.channels = Index{1} << 40}, models::BlindSpotUnetOptions{.width = Index{1} << 62},
        models::BlindSpotUnetOptions{.width = 1000, .depth = 6}}) {
    CHECK_THROWS_WITH_AS(load_unet(options), doctest::Contains("need arrays for a network of"), FormatError);
  }
}

TEST_CASE("model file: holds PyTorch's state dict") {
  const TemporaryFolder folder;
  Rng rng(1);
  models::ConvAutoencoder<float> model(small_network, rng);
  train::save_model(folder / "model.npz", model, settings_of(small_network));
  const io::NpzReader file(folder / "model.npz");
  CHECK(file.read("encoder.0.weight").shape == Shape{4, 2, 3, 3});
  CHECK(file.read("fc_1.1.running_mean").shape == Shape{3});
  CHECK(file.read("decoder.12.bias").shape == Shape{2});
  CHECK(file.read("encoder.1.num_batches_tracked").dtype == io::DType::i64);
}

TEST_CASE("model file: a double model reads a float file") {
  const TemporaryFolder folder;
  Rng rng(1);
  models::ConvAutoencoder<float> model(small_network, rng);
  train::save_model(folder / "model.npz", model, settings_of(small_network));
  models::ConvAutoencoder<double> wide(small_network, rng);
  train::load_model(folder / "model.npz", wide);
  const auto& from = model.parameters()[0].variable.value();
  const auto& to = wide.parameters()[0].variable.value();
  CHECK(static_cast<double>(from[5]) == to[5]);
}

TEST_CASE("model file: another kind of model is refused, naming the first array that it lacks") {
  const TemporaryFolder folder;
  Rng rng(1);
  models::DirectionTagger<float> tagger(small_network, rng);
  const auto path = folder / "model.npz";
  train::save_model(path, tagger, settings_of(small_network));
  models::ConvAutoencoder<float> model(small_network, rng);
  CHECK_THROWS_WITH_AS(train::load_model(path, model),
                       (path.string() + ": need fc_2.0.weight [16, 3], got [2, 3]").c_str(), FormatError);
}

TEST_CASE("model file: any other .npz is refused") {
  const TemporaryFolder folder;
  const auto path = folder / "frames.npz";
  io::NpzWriter file(path);
  file.add("images", Tensor<float>::zeros({1, 2}));
  file.commit();
  CHECK_THROWS_WITH_AS(train::load_settings(path),
                       (path.string() + ": need a model file with the array settings, got 1 other arrays").c_str(),
                       FormatError);
}

TEST_CASE("model file: one that holds more than the model is refused") {
  const TemporaryFolder folder;
  const auto path = folder / "model.npz";
  Rng rng(1);
  nn::Sequential<float> two(nn::Linear<float>({.in_features = 2, .out_features = 2}, rng),
                            nn::Linear<float>({.in_features = 2, .out_features = 2}, rng));
  train::save_model(path, two, Settings());
  nn::Sequential<float> one(nn::Linear<float>({.in_features = 2, .out_features = 2}, rng));
  CHECK_THROWS_WITH_AS(train::load_model(path, one),
                       (path.string() + ": need the 2 arrays of the model alone, got 1.weight too").c_str(),
                       FormatError);
}

TEST_CASE("model file: buffers that are not persistent are not in it") {
  struct Counting {
    std::int64_t passes = 0;
    Variable<float> operator()(const Variable<float>& x) const { return x; }
    Variable<float> operator()(const Variable<float>& x, Mode) { return x; }
    nn::Buffers<float> buffers() { return {{"passes", nullptr, &passes, false}, {"kept", nullptr, &passes}}; }
  };
  const TemporaryFolder folder;
  const auto path = folder / "model.npz";
  Rng rng(1);
  nn::Sequential<float> model(nn::Linear<float>({.in_features = 2, .out_features = 2, .bias = false}, rng),
                              Counting{5});
  train::save_model(path, model, Settings());
  const io::NpzReader file(path);
  CHECK(file.names() == std::vector<std::string>{"settings", "0.weight", "1.kept"});
  train::load_model(path, model);
}

TEST_CASE("model file: the parts that are named, out of another kind of model's file") {
  const TemporaryFolder folder;
  const auto path = folder / "model.npz";
  Rng rng(1);
  models::ConvAutoencoder<float> model(small_network, rng);
  const Variable<float> x(normal<float>({4, 2, 18, 22}, 2));
  (void)model(x, Mode::train);
  train::save_model(path, model, settings_of(small_network));
  models::DirectionTagger<float> tagger(small_network, rng);
  const auto head = tagger.parameters().back().variable.value();
  train::load_model(path, tagger, {"encoder", "fc_1"});
  CHECK(std::ranges::equal(tagger.encode(x).value().elements(), model.encode(x).value().elements()));
  CHECK(std::ranges::equal(tagger.parameters().back().variable.value().elements(), head.elements()));
}

TEST_CASE("model file: parts that do not fit are refused, and nothing is changed") {
  const TemporaryFolder folder;
  const auto path = folder / "model.npz";
  Rng rng(1);
  models::ConvAutoencoder<float> model(small_network, rng);
  train::save_model(path, model, settings_of(small_network));
  models::DirectionTagger<float> tagger(small_network, rng);
  const auto before = tagger.parameters().front().variable.value();
  CHECK_THROWS_WITH_AS(train::load_model(path, tagger, {"encoder", "fc_2"}),
                       (path.string() + ": need fc_2.0.weight [2, 3], got [16, 3]").c_str(), FormatError);
  CHECK_THROWS_WITH_AS(train::load_model(path, tagger, {"encoder", "decoder"}),
                       "load_model: need a part of the model (encoder, fc_1, fc_2), got decoder", ArgumentError);
  train::save_model(path, tagger, settings_of(small_network));
  CHECK_THROWS_WITH_AS(train::load_model(path, model, {"encoder", "decoder.0"}),
                       (path.string() + ": need the array decoder.0.weight [8, 4, 3, 3], got settings, "
                                        "encoder.0.weight, encoder.0.bias, encoder.1.weight, ...")
                           .c_str(),
                       FormatError);
  CHECK(std::ranges::equal(tagger.parameters().front().variable.value().elements(), before.elements()));
}

TEST_CASE("model file: a model that is not finite does not take the place of one that is") {
  const TemporaryFolder folder;
  Rng rng(1);
  nn::Linear<double> model({.in_features = 3, .out_features = 2}, rng);
  train::save_model(folder / "model.npz", model);
  const std::string before = io::read_text(folder / "model.npz");
  model.parameters()[1].variable.mutable_value()[1] = -NAN;
  CHECK_THROWS_WITH_AS(train::save_model(folder / "model.npz", model),
                       "save_model: need a model of finite numbers, got nan in bias", ArgumentError);
  CHECK(io::read_text(folder / "model.npz") == before);
}
