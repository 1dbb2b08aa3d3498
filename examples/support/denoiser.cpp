#include "support/denoiser.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/io/csv.hpp>
#include <engram/plot/curves.hpp>
#include <engram/train/crops.hpp>
#include <engram/train/dataset.hpp>

#include "support/evaluation.hpp"
#include "support/picture.hpp"
#include "support/status.hpp"

namespace support {

using engram::Tensor;
using engram::denoising::NoiseCorrelation;
using engram::denoising::NoiseCurve;

Index usual_crop(const engram::data::Frames& frames) {
  constexpr Index large = 96;
  return std::max(frames.shape()[2], frames.shape()[3]) > large ? 64 : 0;
}

Sample sample_frames(const engram::data::Frames& frames, const std::vector<Index>& items, std::size_t most, Index crop,
                     const engram::data::Frames* targets) {
  const auto few = few_of(items, most);
  const auto& to = targets == nullptr ? frames : *targets;
  auto all = engram::train::frames_to_frames<float>(frames, to, few);
  if (crop > 0) {
    all = engram::train::crops(std::move(all), crop);
  }
  const auto batch = all.batch(all_frames(std::ssize(few)));
  return {batch.inputs.value(), targets == nullptr ? std::nullopt : std::optional(batch.targets.value())};
}

Denoised denoise_by_themselves(const engram::denoising::BlindSpotDenoiser<float>& denoiser,
                               const Tensor<float>& noisy) {
  const auto told = denoiser.predict(noisy);
  auto noise = engram::denoising::noise_curves(noisy, told);
  auto images = clipped(engram::denoising::posterior_mean(noisy, told, noise));
  return {std::move(images), std::move(noise), engram::denoising::noise_correlation(noisy, told)};
}

std::vector<std::string> correlation_warnings(const NoiseCorrelation& correlation,
                                              const engram::data::BlindSpotOptions& spots) {
  static constexpr double too_much = 0.3;
  std::vector<std::string> warnings;
  const auto reach = [](const std::array<double, 3>& along) {  // pixels, so far it goes together
    return along.rend() - std::ranges::find_if(along.rbegin(), along.rend(), [](double c) { return c > too_much; });
  };
  const Index rows = reach(correlation.along_rows);
  const Index columns = reach(correlation.along_columns);
  const auto look = [&](const char* direction, const char* option, const std::array<double, 3>& along, Index pixels,
                        Index hidden) {
    if (std::isnan(along[0])) {
      warnings.push_back(engram::text("too few calm pixels to tell whether the noise goes together along ", direction));
    } else if (pixels > hidden) {
      char value[16];
      std::snprintf(value, sizeof value, "%.2f", along[0]);
      warnings.push_back(engram::text("the noise of pixels beside each other along ", direction,
                                      " goes together (correlation ", value,
                                      "), so that the network takes it for a part of the scene; trained with ", option,
                                      " ", pixels, " or more it cannot see it"));
    }
  };
  look("rows", "--along-rows", correlation.along_rows, rows, spots.along_rows);
  look("columns", "--along-columns", correlation.along_columns, columns, spots.along_columns);
  if (rows > spots.along_rows && columns > spots.along_columns) {
    warnings.push_back(
        "noise seems to go together along rows and columns also where a network does not foresee the scene well yet: "
        "first train longer");
  }
  return warnings;
}

std::string unlike_training(const Tensor<float>& frames, const engram::models::BlindSpotUnetOptions& network) {
  PixelMoments moments;
  moments.add(frames);
  const double mean = moments.mean();
  const double deviation = moments.deviation();
  const bool alike = std::abs(mean - network.mean) <= 4 * network.deviation && deviation <= 4 * network.deviation &&
                     deviation >= network.deviation / 4;
  if (alike) {
    return {};
  }
  char numbers[160];
  std::snprintf(numbers, sizeof numbers,
                "pixels are unlike those of the training: mean %.3g, deviation %.3g of the brightest, there %.3g and "
                "%.3g; does --maximum fit?",
                mean, deviation, network.mean, network.deviation);
  return numbers;
}

std::optional<double> strength_beside(const std::vector<NoiseCurve>& noise, const std::vector<NoiseCurve>& known) {
  constexpr double beyond = 0.1;  // of the curve's ends, which a curve of few points needs
  std::vector<double> ratios;
  for (std::size_t c = 0; c < std::min(noise.size(), known.size()); ++c) {
    for (std::size_t i = 0; i < noise[c].levels.size(); ++i) {
      const double level = noise[c].levels[i];
      if (level >= known[c].levels.front() - beyond && level <= known[c].levels.back() + beyond &&
          known[c](level) > 0) {
        ratios.push_back(noise[c].deviations[i] / known[c](level));
      }
    }
  }
  if (ratios.empty()) {
    return std::nullopt;
  }
  const auto middle = ratios.begin() + std::ssize(ratios) / 2;
  std::ranges::nth_element(ratios, middle);
  return *middle;
}

Tensor<float> without_noise(const engram::denoising::BlindSpotDenoiser<float>& denoiser,
                            const engram::data::Frames& frames, const std::vector<Index>& items) {
  Status status;
  Stopwatch watch;
  double seconds = 0;
  const engram::Shape one = frame_shape(frames);
  const Index at_once = std::clamp<Index>(80000 / one.size(), 1, evaluation_batch);
  const auto of_batch = [&](Index begin, Index count) {
    const auto some = std::span(items).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
    Tensor<float> clean = denoiser(frames.batch<float>(some));
    seconds += watch.lap();
    status.show_share("denoising", begin + count, std::ssize(items), seconds);
    return clean;
  };
  return clipped(in_batches(std::ssize(items), one, of_batch, at_once));
}

void write_noise_curve(const std::filesystem::path& csv, const std::filesystem::path& figure,
                       const std::vector<NoiseCurve>& noise) {
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

void write_noise_correlation(const std::filesystem::path& csv, const NoiseCorrelation& correlation) {
  auto table = Tensor<double>::uninitialized({3, 3});
  for (std::size_t k = 0; k < 3; ++k) {
    const auto row = static_cast<Index>(3 * k);
    table[row] = static_cast<double>(k + 1);
    table[row + 1] = correlation.along_rows[k];
    table[row + 2] = correlation.along_columns[k];
  }
  engram::io::write_csv(csv, {.columns = {"pixels_apart", "along_rows", "along_columns"}, .values = table});
}

NoiseCorrelation read_noise_correlation(const std::filesystem::path& csv) {
  const engram::io::Table table = engram::io::read_csv(csv);
  const auto rows = table.column("along_rows");
  const auto columns = table.column("along_columns");
  engram::ensure<engram::FormatError>(rows.size() == 3, csv.string(), ": need 3 rows, got ", rows.size());
  NoiseCorrelation correlation;
  std::copy_n(rows.data(), 3, correlation.along_rows.begin());
  std::copy_n(columns.data(), 3, correlation.along_columns.begin());
  return correlation;
}

}  // namespace support
