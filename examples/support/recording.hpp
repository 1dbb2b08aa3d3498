// Frames as the programs read them.
#pragma once

#include <filesystem>
#include <optional>

#include <CLI/CLI.hpp>

#include <engram/core/error.hpp>
#include <engram/data/frames.hpp>
#include <engram/data/load.hpp>
#include <engram/io/file.hpp>
#include <engram/io/npz.hpp>
#include <engram/models/parts.hpp>

namespace support {

/// Frames for a network that was trained on those of `maximum`, where the options name no other.
/// @throws ShapeError unless they are as it was trained on
inline engram::data::Frames load_frames_for(const engram::models::NetworkOptions& network, double maximum,
                                            const std::filesystem::path& model, const std::filesystem::path& images,
                                            engram::data::FrameOptions options) {
  if (options.maximum == 0) {
    options.maximum = maximum;
  }
  auto frames = engram::data::load_frames(images, options);
  const engram::Shape& s = frames.shape();
  engram::ensure<engram::ShapeError>(
      s[1] == network.channels && s[2] == network.image_height && s[3] == network.image_width, images.string(),
      ": need frames [N, ", network.channels, ", ", network.image_height, ", ", network.image_width, "] as ",
      model.string(), " was trained on, got ", s);
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

}  // namespace support
