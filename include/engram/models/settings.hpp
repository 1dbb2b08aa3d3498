#pragma once

#include <engram/core/settings.hpp>
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

}  // namespace engram::models
