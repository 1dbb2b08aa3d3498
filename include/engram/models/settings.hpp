#pragma once

#include <engram/core/settings.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/models/parts.hpp>

namespace engram::models {

/// Adds what it takes to build a network again.
inline void write_options(Settings& settings, const NetworkOptions& o) {
  settings.set("image_height", o.image_height);
  settings.set("image_width", o.image_width);
  settings.set("channels", o.channels);
  settings.set("latent_dim", o.latent_dim);
  settings.set("width", o.width);
}

/// What write_options added.
/// @throws FormatError for a setting that is missing or no number
inline NetworkOptions read_options(const Settings& settings) {
  return {.image_height = settings.number<Index>("image_height"),
          .image_width = settings.number<Index>("image_width"),
          .channels = settings.number<Index>("channels"),
          .latent_dim = settings.number<Index>("latent_dim"),
          .width = settings.number<Index>("width")};
}

inline void write_options(Settings& settings, const BlindSpotUnetOptions& o) {
  settings.set("channels", o.channels);
  settings.set("width", o.width);
  settings.set("depth", o.depth);
  settings.set("mean", o.mean);
  settings.set("deviation", o.deviation);
}

/// What write_options added for a BlindSpotUnet.
/// @throws FormatError for a setting that is missing or no number
inline BlindSpotUnetOptions read_unet_options(const Settings& settings) {
  return {.channels = settings.number<Index>("channels"),
          .width = settings.number<Index>("width"),
          .depth = settings.number<Index>("depth"),
          .mean = settings.number<double>("mean"),
          .deviation = settings.number<double>("deviation")};
}

}  // namespace engram::models
