#include "support/denoiser.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <utility>

#include <engram/analysis/posterior_mean.hpp>
#include <engram/core/error.hpp>
#include <engram/io/csv.hpp>
#include <engram/plot/curves.hpp>

#include "support/evaluation.hpp"

namespace support {

using engram::Tensor;

engram::data::BlindSpotFill blind_spot_fill(const std::string& name) {
  const auto fill = std::ranges::find(blind_spot_fills, name);
  engram::ensure<engram::FormatError>(fill != blind_spot_fills.end(),
                                      "need mean, median or neighbor for the setting fill, got ", name);
  return static_cast<engram::data::BlindSpotFill>(fill - blind_spot_fills.begin());
}

void write_options(engram::Settings& settings, const engram::data::BlindSpotOptions& o) {
  settings.set("spacing", o.spacing);
  settings.set("fill", blind_spot_fills[static_cast<std::size_t>(o.fill)]);
  settings.set("radius", o.radius);
  settings.set("along_rows", o.along_rows);
  settings.set("along_columns", o.along_columns);
}

engram::data::BlindSpotOptions read_blind_spots(const engram::Settings& settings) {
  return {.spacing = settings.number<Index>("spacing"),
          .fill = blind_spot_fill(settings.get("fill")),
          .radius = settings.number<Index>("radius"),
          .along_rows = settings.number<Index>("along_rows"),
          .along_columns = settings.number<Index>("along_columns")};
}

Denoised estimate_noise(const engram::models::BlindSpotUnet<float>& net, const engram::data::BlindSpotOptions& spots,
                        const engram::data::Frames& frames, const std::vector<Index>& items) {
  const Tensor<float> noisy = frames.batch<float>(items);
  const auto told = engram::train::predict_blind_spots(net, noisy, spots);
  Noise noise{engram::analysis::noise_curves(noisy, told.means, told.variances),
              engram::analysis::noise_correlation(noisy, told.means, told.variances)};
  auto images = clipped(engram::analysis::posterior_mean(noisy, told.means, told.variances, noise.curves));
  return {std::move(images), std::move(noise)};
}

void warn_of_correlation(const engram::analysis::NoiseCorrelation& correlation,
                         const engram::data::BlindSpotOptions& spots) {
  constexpr double too_much = 0.3;
  const auto warn = [](const char* direction, const char* option, const std::array<double, 3>& along, Index hidden) {
    const auto far = std::ranges::find_if(along.rbegin(), along.rend(), [](double c) { return c > too_much; });
    if (std::isnan(along[0])) {
      std::fprintf(stderr, "warning: too few calm pixels to tell whether the noise goes together along %s\n",
                   direction);
    }
    const auto pixels = along.rend() - far;  // so far it reaches
    if (pixels > hidden) {
      std::fprintf(stderr,
                   "warning: the noise of pixels beside each other along %s goes together (correlation %.2f), so that "
                   "the network takes it for a part of the scene; with %s %td or more it cannot see it\n",
                   direction, along[0], option, pixels);
    }
  };
  warn("rows", "--along-rows", correlation.along_rows, spots.along_rows);
  warn("columns", "--along-columns", correlation.along_columns, spots.along_columns);
}

Tensor<float> without_noise(const engram::models::BlindSpotUnet<float>& net,
                            const engram::data::BlindSpotOptions& spots,
                            const std::vector<engram::analysis::NoiseCurve>& noise, const engram::data::Frames& frames,
                            const std::vector<Index>& items) {
  return clipped(in_batches(std::ssize(items), frame_shape(frames), [&](Index begin, Index count) {
    const Tensor<float> noisy =
        frames.batch<float>(std::span(items).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));
    const auto told = engram::train::predict_blind_spots(net, noisy, spots);
    return engram::analysis::posterior_mean(noisy, told.means, told.variances, noise);
  }));
}

void write_noise_curve(const std::filesystem::path& csv, const std::filesystem::path& figure,
                       const std::vector<engram::analysis::NoiseCurve>& noise) {
  std::vector<double> rows;
  std::vector<engram::plot::Curve> curves;
  for (std::size_t c = 0; c < noise.size(); ++c) {
    const auto points = std::ssize(noise[c].levels);
    auto levels = Tensor<double>::uninitialized({points});
    auto deviations = levels;
    for (Index i = 0; i < points; ++i) {
      const double level = noise[c].levels[static_cast<std::size_t>(i)];
      const double deviation = noise[c].deviations[static_cast<std::size_t>(i)];
      rows.insert(rows.end(), {static_cast<double>(c), level, deviation});
      levels[i] = 255 * level;
      deviations[i] = 255 * deviation;
    }
    curves.push_back({.name = noise.size() == 1 ? "" : engram::text("channel ", c), .x = levels, .y = deviations});
  }
  auto table = Tensor<double>::uninitialized({std::ssize(rows) / 3, 3});
  std::ranges::copy(rows, table.data());
  engram::io::write_csv(csv, {.columns = {"channel", "level", "deviation"}, .values = table});
  engram::plot::write_curves(figure, curves,
                             {.title = "Noise of the frames",
                              .x_label = "level of a pixel, in 255ths of the brightest",
                              .y_label = "standard deviation of the noise",
                              .y_includes = {0}});
}

std::vector<engram::analysis::NoiseCurve> read_noise_curve(const std::filesystem::path& csv) {
  const engram::io::Table table = engram::io::read_csv(csv);
  const auto channels = table.column("channel");
  const auto levels = table.column("level");
  const auto deviations = table.column("deviation");
  std::vector<engram::analysis::NoiseCurve> curves;
  for (Index i = 0; i < levels.size(); ++i) {
    const bool next = curves.empty() || channels[i] != static_cast<double>(curves.size() - 1);
    if (next) {
      curves.emplace_back();
    }
    auto& curve = curves.back();
    engram::ensure<engram::FormatError>(
        channels[i] == static_cast<double>(curves.size() - 1) && (next || levels[i] > curve.levels.back()),
        csv.string(), ": need channels 0, 1, ... with rising levels, got channel ", channels[i], ", level ", levels[i],
        " in row ", i + 1);
    curve.levels.push_back(levels[i]);
    curve.deviations.push_back(deviations[i]);
  }
  engram::ensure<engram::FormatError>(!curves.empty(), csv.string(), ": need rows, got none");
  return curves;
}

}  // namespace support
