#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <engram/analysis/psnr.hpp>
#include <engram/data/load.hpp>
#include <engram/infer/runner.hpp>
#include <engram/io/file.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/settings.hpp>
#include <engram/train/model_file.hpp>

namespace support {

using engram::Index;

/// A model that train_autoencoder left.
struct TrainedAutoencoder {
  std::filesystem::path file;
  double maximum = 0;        ///< the pixel value that it takes for 1; 0: the type's
  std::string frames_crc32;  ///< support::checksum of the frames that it was trained on, in digits
  engram::models::ConvAutoencoder<float> model;
};

/// The model of a training's folder.
inline TrainedAutoencoder load_autoencoder(const std::filesystem::path& folder) {
  const auto file = folder / "model.npz";
  const engram::Settings settings = engram::train::load_settings(file);
  TrainedAutoencoder trained = engram::naming(file.string(), [&] {
    const std::string& kind = settings.get("model");
    engram::ensure<engram::FormatError>(kind == "conv_autoencoder", "need a conv_autoencoder, got a ", kind);
    engram::Rng rng(0);
    return TrainedAutoencoder{file, settings.number<double>("maximum"), settings.get("frames_crc32"),
                              engram::models::ConvAutoencoder<float>(engram::models::read_options(settings), rng)};
  });
  engram::train::load_model(file, trained.model);
  return trained;
}

/// Frames for a trained model; where the options name no maximum, that of its training.
/// @throws ShapeError unless they are as it was trained on
inline engram::data::Frames load_frames_for(const TrainedAutoencoder& trained, const std::filesystem::path& images,
                                            engram::data::FrameOptions options) {
  if (options.maximum == 0) {
    options.maximum = trained.maximum;
  }
  auto frames = engram::data::load_frames(images, options);
  const engram::Shape& s = frames.shape();
  const engram::models::NetworkOptions& network = trained.model.options();
  engram::ensure<engram::ShapeError>(
      s[1] == network.channels && s[2] == network.image_height && s[3] == network.image_width, images.string(),
      ": need frames [N, ", network.channels, ", ", network.image_height, ", ", network.image_width, "] as ",
      trained.file.string(), " was trained on, got ", s);
  return frames;
}

/// Declares the options --array and --maximum of a program that reads frames for a trained model.
inline void add_frame_options(CLI::App& app, engram::data::FrameOptions& options) {
  app.add_option("--array", options.array, "Array of the .npz that holds the frames")->capture_default_str();
  app.add_option("--maximum", options.maximum, "Pixel value that becomes 1; 0: as in the training")
      ->capture_default_str();
}

/// The clean frames behind a recording: the array `clean` of an .npz; nothing if there is none.
inline std::optional<engram::data::Frames> load_clean(const std::filesystem::path& images,
                                                      const engram::data::Frames& frames) {
  if (engram::io::lower_extension(images) != ".npz" || !engram::io::NpzReader(images).contains("clean")) {
    return std::nullopt;
  }
  auto clean = engram::data::load_frames(images, {.array = "clean", .maximum = frames.maximum()});
  engram::ensure<engram::ShapeError>(clean.shape() == frames.shape(), images.string(), ": need clean ", frames.shape(),
                                     " as the images are, got ", clean.shape());
  return clean;
}

/// The model's output for the listed frames, clipped to 0..1: [n, C, H, W].
inline engram::Tensor<float> denoised(const engram::models::ConvAutoencoder<float>& model,
                                      const engram::data::Frames& frames, const std::vector<Index>& items) {
  const engram::Shape& s = frames.shape();
  auto out = engram::Tensor<float>::uninitialized({std::ssize(items), s[1], s[2], s[3]});
  const Index size = s.size() / s[0];
  constexpr Index batch_size = 64;
  engram::infer::Runner<float> runner(engram::infer::Plan<float>(model, {s[1], s[2], s[3]}), batch_size);
  for (Index begin = 0; begin < std::ssize(items); begin += batch_size) {
    const Index count = std::min(batch_size, std::ssize(items) - begin);
    const auto batch =
        frames.batch<float>(std::span(items).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));
    std::ranges::transform(runner.run(batch.elements()), out.data() + begin * size,
                           [](float v) { return std::clamp(v, 0.0F, 1.0F); });
  }
  return out;
}

}  // namespace support
