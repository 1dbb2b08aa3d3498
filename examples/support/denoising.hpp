// A trained autoencoder.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/settings.hpp>
#include <engram/train/model_file.hpp>

namespace support {

/// A model that train_autoencoder left.
struct TrainedAutoencoder {
  std::filesystem::path file;
  double maximum = 0;  ///< the pixel value that it takes for 1; 0: the type's
  engram::models::ConvAutoencoder<float> model;
};

/// The model of a training's folder.
inline TrainedAutoencoder load_autoencoder(const std::filesystem::path& folder) {
  const auto file = folder / "model.npz";
  const engram::Settings settings = engram::train::load_settings(file);
  const auto [maximum, options] = engram::naming(file.string(), [&] {
    const std::string& kind = settings.get("model");
    engram::ensure<engram::FormatError>(kind == "conv_autoencoder", "need a conv_autoencoder, got a ", kind);
    return std::pair(settings.number<double>("maximum"), engram::models::read_options(settings));
  });
  return {file, maximum, engram::train::load_new_model<engram::models::ConvAutoencoder<float>>(file, options)};
}

}  // namespace support
