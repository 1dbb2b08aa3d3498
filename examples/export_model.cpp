// Writes a trained model for other programs: .onnx for ONNX Runtime, OpenCV, TensorRT or Core ML tools, .safetensors
// for PyTorch.
#include <cstdio>
#include <filesystem>
#include <string>

#include <engram/core/settings.hpp>
#include <engram/denoising/blind_spot_denoiser.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/io/file.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/models/settings.hpp>
#include <engram/onnx/blind_spot_unet.hpp>
#include <engram/onnx/export.hpp>
#include <engram/onnx/pca.hpp>
#include <engram/train/model_file.hpp>
#include <engram/train/safetensors.hpp>

#include "support/program.hpp"

using namespace engram;

namespace {

struct Options {
  std::filesystem::path model;
  std::filesystem::path out;
  Index height = 0;  ///< of the frames that a denoiser gets
  Index width = 0;
};

/// What goes in and what comes out, by name, and its shape.
struct Names {
  std::string input;
  std::string output;
  Shape item;
};

template <class Model>
void write_model(const Options& o, const Settings& settings, Model& model, const Names& names) {
  if (io::lower_extension(o.out) == ".safetensors") {
    train::save_safetensors(o.out, model, settings);
    std::printf("%s: weights and buffers for PyTorch\n", o.out.c_str());
    return;
  }
  onnx::write(o.out, model, names.item, {.input = names.input, .output = names.output, .metadata = settings});
  std::printf("%s: %s [N, %s to %s\n", o.out.c_str(), names.input.c_str(), names.item.text().substr(1).c_str(),
              names.output.c_str());
}

template <class Model>
void load_and_write(const Options& o, const Settings& settings, const Names& names) {
  const auto file = o.model / "model.npz";
  const auto options = naming(file.string(), [&] { return models::read_options(settings); });
  auto model = train::load_new_model<Model>(file, options);
  write_model(o, settings, model, names);
}

void export_denoiser(const Options& o, const Settings& settings) {
  const auto denoiser = denoising::BlindSpotDenoiser<float>::load(o.model / "model.npz");
  const bool needs_size = io::lower_extension(o.out) == ".onnx";
  ensure<ArgumentError>(!needs_size || (o.height > 0 && o.width > 0),
                        "--height, --width: need the size of the frames, as this denoiser takes any");
  write_model(o, settings, denoiser.network(),
              {"frames", "means_and_variances", {denoiser.network().options().channels, o.height, o.width}});
}

/// A decoder, and the PCA before it beside its file.
void export_decoder(const Options& o, const Settings& settings, const models::NetworkOptions& network) {
  const bool with_pca = settings.get("reduction") == "pca" && io::lower_extension(o.out) == ".onnx";
  const auto pca = with_pca ? embed::load_pca<float>(o.model / "reduction.npz") : embed::Pca<float>();
  load_and_write<models::ReductionDecoder<float>>(o, settings, {"code", "denoised", {network.latent_dim}});
  if (with_pca) {
    const auto file = std::filesystem::path(o.out).replace_extension(".pca.onnx");
    onnx::write(file, pca, {.input = "pixels", .output = "code", .metadata = settings});
    std::printf("%s: pixels of a frame, one row each, to code\n", file.c_str());
  }
}

int export_model(const Options& o) {
  support::need_extension("--out", o.out, {".onnx", ".safetensors"});
  const auto file = o.model / "model.npz";
  const Settings settings = train::load_settings(file);
  const std::string kind = naming(file.string(), [&] { return settings.get("model"); });
  if (kind == "blind_spot_unet") {
    export_denoiser(o, settings);
    return 0;
  }
  const auto network = naming(file.string(), [&] { return models::read_options(settings); });
  const Shape image{network.channels, network.image_height, network.image_width};
  if (kind == "conv_autoencoder") {
    load_and_write<models::ConvAutoencoder<float>>(o, settings, {"frames", "denoised", image});
  } else if (kind == "direction_tagger") {
    load_and_write<models::DirectionTagger<float>>(o, settings, {"frames", "direction", image});
  } else if (kind == "reduction_decoder") {
    export_decoder(o, settings, network);
  } else {
    fail<FormatError>(file.string(),
                      ": need a conv_autoencoder, reduction_decoder, direction_tagger or blind_spot_unet, got a ",
                      kind);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  support::Program app("Writes a trained model for other programs: .onnx, or .safetensors for PyTorch.",
                       "export_model");
  app.add_option("--model", o.model, "Folder that a training program wrote")->required();
  app.add_option("--out", o.out,
                 "The file, .onnx or .safetensors; the PCA before a decoder is put beside it as .pca.onnx")
      ->required();
  app.add_option("--height", o.height, "Of the frames for the .onnx of a denoiser, in pixels")
      ->check(support::whole_number(1));
  app.add_option("--width", o.width, "Likewise")->check(support::whole_number(1));
  return support::run(app, argc, argv, [&] { return export_model(o); });
}
