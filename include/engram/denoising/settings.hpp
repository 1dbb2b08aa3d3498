#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/data/blind_spots.hpp>
#include <engram/denoising/noise_curve.hpp>

namespace engram::denoising {

/// The names of data::BlindSpotFill, in its order.
inline constexpr std::array<std::string_view, 3> fill_names{"mean", "median", "neighbor"};

/// @throws FormatError for a name that is none of fill_names
inline data::BlindSpotFill fill_of_name(std::string_view name) {
  const auto* const fill = std::ranges::find(fill_names, name);
  ensure<FormatError>(fill != fill_names.end(), "need mean, median or neighbor for the setting fill, got ", name);
  return static_cast<data::BlindSpotFill>(fill - fill_names.begin());
}

/// Adds the blind spots that a network was trained with.
inline void write_options(Settings& settings, const data::BlindSpotOptions& o) {
  settings.set("spacing", o.spacing);
  settings.set("fill", fill_names[static_cast<std::size_t>(o.fill)]);
  settings.set("radius", o.radius);
  settings.set("along_rows", o.along_rows);
  settings.set("along_columns", o.along_columns);
}

/// What write_options added.
/// @throws FormatError for a setting that is missing or no number
inline data::BlindSpotOptions read_blind_spots(const Settings& settings) {
  return {.spacing = settings.number<Index>("spacing"),
          .fill = fill_of_name(settings.get("fill")),
          .radius = settings.number<Index>("radius"),
          .along_rows = settings.number<Index>("along_rows"),
          .along_columns = settings.number<Index>("along_columns")};
}

/// Adds the noise of each channel, point by point.
inline void write_noise(Settings& settings, const std::vector<NoiseCurve>& noise) {
  for (std::size_t c = 0; c < noise.size(); ++c) {
    const std::string prefix = text("noise.", c, ".");
    settings.set(prefix + "points", noise[c].levels.size());
    for (std::size_t i = 0; i < noise[c].levels.size(); ++i) {
      settings.set(text(prefix, i, ".level"), noise[c].levels[i]);
      settings.set(text(prefix, i, ".deviation"), noise[c].deviations[i]);
    }
  }
}

/// What write_noise added for as many channels.
/// @throws FormatError for a setting that is missing or no number, no points, levels that do not rise,
/// or deviations below 0
inline std::vector<NoiseCurve> read_noise(const Settings& settings, Index channels) {
  std::vector<NoiseCurve> noise(static_cast<std::size_t>(channels));
  for (std::size_t c = 0; c < noise.size(); ++c) {
    const std::string prefix = text("noise.", c, ".");
    const auto points = settings.number<std::size_t>(prefix + "points");
    ensure<FormatError>(points >= 1, "need 1 or more for the setting ", prefix, "points, got 0");
    for (std::size_t i = 0; i < points; ++i) {
      const auto level = settings.number<double>(text(prefix, i, ".level"));
      const auto deviation = settings.number<double>(text(prefix, i, ".deviation"));
      ensure<FormatError>(std::isfinite(level) && (i == 0 || level > noise[c].levels.back()),
                          "need finite and rising levels for the setting ", prefix, i, ".level, got ", level);
      ensure<FormatError>(std::isfinite(deviation) && deviation >= 0, "need a finite number >= 0 for the setting ",
                          prefix, i, ".deviation, got ", deviation);
      noise[c].levels.push_back(level);
      noise[c].deviations.push_back(deviation);
    }
  }
  return noise;
}

}  // namespace engram::denoising
