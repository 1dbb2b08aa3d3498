#include <engram/onnx/export.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <engram/embed/pca.hpp>
#include <engram/io/child_process.hpp>
#include <engram/io/npy.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/nn/affine.hpp>
#include <engram/nn/dropout.hpp>
#include <engram/nn/group_norm.hpp>
#include <engram/nn/layer_norm.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/nn/shape.hpp>
#include <engram/onnx/blind_spot_unet.hpp>
#include <engram/onnx/pca.hpp>

#include "support/random_tensor.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

constexpr models::NetworkOptions small_network{
    .image_height = 22, .image_width = 26, .channels = 2, .latent_dim = 6, .width = 4};

/// Where onnxruntime-node is: a folder node_modules in $ENGRAM_ONNX_RUNTIME or build/peers.
std::filesystem::path onnx_runtime() {
  const char* named = std::getenv("ENGRAM_ONNX_RUNTIME");
  const std::filesystem::path folder = named != nullptr ? named : ENGRAM_TEST_DIR "/../build/peers";
  return std::filesystem::exists(folder / "node_modules/onnxruntime-node") && io::find_program("node")
             ? folder
             : std::filesystem::path();
}

bool have_onnx() {
  return std::filesystem::exists("/usr/lib/python3/dist-packages/onnx");
}

/// Running statistics as after a training.
template <class Model>
Model trained(Model model, std::uint64_t seed) {
  for (const auto& entry : nn::state(model)) {
    if (entry.values != nullptr && entry.name.ends_with("running_var")) {
      for (float& value : entry.values->elements()) {
        value = 0.5F + 0.1F * static_cast<float>(seed++ % 7);
      }
    } else if (entry.values != nullptr && entry.name.ends_with("running_mean")) {
      *entry.values = normal<float>(entry.values->shape(), seed++);
    }
  }
  return model;
}

Tensor<float> as_float(const Tensor<double>& x) {
  auto out = Tensor<float>::uninitialized(x.shape());
  for (Index i = 0; i < x.size(); ++i) {
    out[i] = static_cast<float>(x[i]);
  }
  return out;
}

/// Writes a model and what it makes of three items.
template <class Model>
void write_example(const std::filesystem::path& folder, const std::string& name, const Model& model,
                   const Shape& item) {
  std::vector<Index> extents{3};
  extents.insert(extents.end(), item.begin(), item.end());
  const Variable<float> x(normal<float>(Shape(std::span<const Index>(extents)), 5));
  onnx::write(folder / (name + ".onnx"), model, item);
  io::write_npy(folder / (name + ".x.npy"), x.value());
  io::write_npy(folder / (name + ".y.npy"), model(x).value());
  if constexpr (requires { model.encode(x); }) {
    io::write_npy(folder / (name + ".code.npy"), model.encode(x).value());
  }
}

/// Layers for images [2, 12, 9], one after another where they can follow each other.
void write_layers(const std::filesystem::path& folder) {
  using nn::Sequential;
  const Shape item{2, 12, 9};
  Rng rng(1);
  const auto conv = [&](Index in, Index out) {
    return nn::Conv2d<float>({.in_channels = in, .out_channels = out, .kernel = 3, .padding = 1}, rng);
  };
  write_example(
      folder, "convolutions",
      Sequential<float>{
          nn::Conv2d<float>({.in_channels = 2,
                             .out_channels = 4,
                             .kernel = {3, 2},
                             .stride = {2, 1},
                             .padding = {1, 0},
                             .dilation = {1, 2},
                             .groups = 2},
                            rng),
          nn::LeakyReLU{0.2},
          nn::ConvTranspose2d<float>(
              {.in_channels = 4, .out_channels = 2, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1}, rng),
          nn::Dropout<float>(0.5, rng), nn::Tanh(),
          nn::Conv2d<float>({.in_channels = 2, .out_channels = 1, .kernel = 1, .bias = false}, rng)},
      item);
  write_example(
      folder, "pooling",
      Sequential<float>{nn::MaxPool2d{{.kernel = 3, .stride = 2, .padding = 1, .ceil_mode = true}}, nn::ELU{0.7},
                        nn::AvgPool2d{{.kernel = 2, .stride = 1, .padding = 1, .count_include_pad = false}}, nn::SiLU(),
                        nn::AdaptiveAvgPool2d{1}, nn::Flatten(), nn::Softmax{}},
      item);
  write_example(folder, "nearest",
                Sequential<float>{nn::Upsample{{.scale = {2, 3}}}, conv(2, 2), nn::Upsample{{.size = {17, 40}}}}, item);
  for (const kernels::Pair& size : {kernels::Pair{10, 46}, kernels::Pair{28, 62}, kernels::Pair{5, 4}}) {
    write_example(folder, text("nearest_", size.y), Sequential<float>{nn::Upsample{{.size = size}}}, {1, 6, 6});
  }
  write_example(folder, "bilinear",
                Sequential<float>{nn::Upsample{{.scale = 2, .mode = UpsampleMode::bilinear}}, nn::GELU()}, item);
  write_example(
      folder, "corners",
      Sequential<float>{nn::Upsample{{.size = {20, 31}, .mode = UpsampleMode::bilinear, .align_corners = true}},
                        nn::Sigmoid()},
      item);
  write_example(folder, "padding",
                Sequential<float>{nn::Pad2d{{1, 2, 3, 0}, PadMode::reflect}, nn::Pad2d{2, PadMode::replicate},
                                  nn::Pad2d{{0, 1, 0, 1}, PadMode::constant, -1.5}, nn::Softplus{2}},
                item);
  write_example(folder, "norms",
                Sequential<float>{conv(2, 6), nn::GroupNorm<float>({.num_groups = 3, .num_channels = 6}), nn::ReLU(),
                                  nn::LayerNorm<float>({.normalized_shape = {12, 9}}), nn::Flatten(),
                                  nn::Linear<float>({.in_features = 648, .out_features = 5}, rng), nn::LogSoftmax{}},
                item);
}

void write_all(const std::filesystem::path& folder) {
  write_layers(folder);
  Rng rng(2);
  write_example(folder, "autoencoder", trained(models::ConvAutoencoder<float>(small_network, rng), 1), {2, 22, 26});
  write_example(folder, "tagger", trained(models::DirectionTagger<float>(small_network, rng), 2), {2, 22, 26});
  write_example(folder, "decoder", trained(models::ReductionDecoder<float>(small_network, rng), 3), {6});
  const models::BlindSpotUnetOptions unet{.channels = 2, .width = 3, .depth = 2, .mean = 0.4, .deviation = 0.2};
  write_example(folder, "denoiser", models::BlindSpotUnet<float>(unet, rng), {2, 21, 14});
  write_example(folder, "denoiser_whole", models::BlindSpotUnet<float>(unet, rng), {2, 20, 16});
  const auto wide = normal<double>({3, 5}, 7);
  Rng same(4);
  const nn::Sequential<double> doubles{nn::Linear<double>({.in_features = 5, .out_features = 2}, same), nn::SiLU()};
  onnx::write(folder / "doubles.onnx", doubles, {5});
  io::write_npy(folder / "doubles.x.npy", as_float(wide));
  io::write_npy(folder / "doubles.y.npy", as_float(doubles(Variable<double>(wide)).value()));
  for (const bool whiten : {false, true}) {
    const auto rows = normal<float>({40, 9}, 6);
    const embed::Pca<float> pca(rows, {.n_components = 4, .whiten = whiten});
    const std::filesystem::path file = folder / text("pca_", whiten);
    onnx::write(file.string() + ".onnx", pca);
    io::write_npy(file.string() + ".x.npy", rows);
    io::write_npy(file.string() + ".y.npy", pca.transform(rows));
  }
}

}  // namespace

TEST_CASE("onnx: the checker of ONNX takes what is written" * doctest::skip(!have_onnx())) {
  const TemporaryFolder folder;
  write_all(folder.path());
  const auto checked =
      support::run_command("/usr/bin/python3 " ENGRAM_TEST_DIR "/onnx/check.py", {folder.path().string()});
  CHECK_MESSAGE(checked.status == 0, checked.output);
  CHECK(checked.output.find("'encoder.0.weight', 'encoder.0.bias', 'encoder.1.weight'") != std::string::npos);
  CHECK(checked.output.find("['code', 'y']") != std::string::npos);
}

TEST_CASE("onnx: ONNX Runtime makes of it what the model makes" * doctest::skip(onnx_runtime().empty())) {
  const TemporaryFolder folder;
  write_all(folder.path());
  const auto ran =
      support::run_command("node " ENGRAM_TEST_DIR "/onnx/run.mjs", {folder.path().string(), onnx_runtime().string()});
  CHECK_MESSAGE(ran.status == 0, ran.output);
}

TEST_CASE("onnx: metadata, and what cannot be written is refused and leaves no file") {
  const TemporaryFolder folder;
  const auto file = folder / "model.onnx";
  Rng rng(1);
  const auto own = [](const Variable<float>& x) { return x; };
  CHECK_THROWS_WITH_AS(onnx::write(file, nn::Sequential<float>{own}, {3}),
                       "onnx: need layers that ONNX can express, got one that does not describe itself", ArgumentError);
  CHECK_THROWS_AS(
      onnx::write(file, nn::Sequential<float>{nn::Linear<float>({.in_features = 3, .out_features = 1}, rng)}, {4}),
      ShapeError);
  CHECK_THROWS_WITH_AS(onnx::write(file, nn::Sequential<float>{nn::Pad2d{1, PadMode::circular}}, {1, 4, 4}),
                       "onnx: need constant, reflect or replicate padding of images, got circular or items [1, 4, 4]",
                       ArgumentError);
  CHECK_THROWS_AS(onnx::write(file, nn::Sequential<float>{nn::Softmax{5}}, {4}), ArgumentError);
  CHECK_THROWS_AS(onnx::write(file, nn::Sequential<float>{nn::AdaptiveAvgPool2d{0}}, {1, 4, 4}), ArgumentError);
  CHECK_THROWS_WITH_AS(
      onnx::write(file,
                  nn::Sequential<float>{nn::MaxPool2d{{.kernel = 2, .stride = 3, .padding = 1, .ceil_mode = true}}},
                  {1, 4, 4}),
      "onnx: need max pooling with ceil_mode whose windows all begin inside the image, got items [1, 4, 4]",
      ArgumentError);
  CHECK_THROWS_WITH_AS(
      onnx::write(file, nn::Sequential<float>{nn::Linear<float>({.in_features = 3, .out_features = 1}, rng)}, {2, 3}),
      "onnx: need items [F] for a linear layer, got [2, 3]", ArgumentError);
  CHECK_THROWS_WITH_AS(onnx::write(file, models::BlindSpotUnet<float>({}, rng), {1, 2, 8}),
                       "onnx: need items [1, H >= 4, W >= 4], got [1, 2, 8]", ShapeError);
  CHECK_THROWS_WITH_AS(onnx::write(file, embed::Pca<float>()), "onnx: need a Pca that data were fitted to",
                       ArgumentError);
  CHECK_FALSE(std::filesystem::exists(file));
  Settings metadata;
  metadata.set("maximum", 255);
  onnx::write(file, nn::Sequential<float>{nn::ReLU()}, {3},
              {.input = "frames", .output = "clean", .metadata = metadata});
  const std::string bytes = io::read_text(file);
  for (const char* part : {"frames", "clean", "maximum", "255", "Relu"}) {
    CHECK(bytes.find(part) != std::string::npos);
  }
  CHECK_THROWS_WITH_AS(onnx::write(file, nn::Sequential<float>{nn::ReLU()}, {3}, {.input = "x", .output = "x"}),
                       "onnx: need names that differ, got x twice", ArgumentError);
}
