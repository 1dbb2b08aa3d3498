// A report with one of everything, from synthetic data: sample_report OUT.html [FRAMES [STEPS]]
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <limits>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/arena.hpp>
#include <engram/data/labels.hpp>
#include <engram/io/movie_writer.hpp>
#include <engram/plot/curves.hpp>

#include "support/report.hpp"

using namespace engram;

namespace {

/// Clouds that become rings of the given directions, in degrees.
support::MapCode ring(const std::string& name, const Tensor<double>& directions, Index steps) {
  const Index frames = directions.size();
  support::MapCode code{.name = name, .points = Tensor<float>::uninitialized({steps, frames, 2}), .steps = {}};
  Rng rng(3);
  Tensor<double> noise = Tensor<double>::uninitialized({frames, 2});
  for (double& x : noise.elements()) {
    x = rng.normal();
  }
  for (Index s = 0; s < steps; ++s) {
    code.steps.push_back(5 * s);
    const double order = steps == 1 ? 1 : static_cast<double>(s) / static_cast<double>(steps - 1);
    for (Index i = 0; i < frames; ++i) {
      const double angle = directions[i] * std::numbers::pi / 180;
      const double spread = 1 - 0.85 * order;
      float* point = code.points.data() + 2 * (s * frames + i);
      point[0] = static_cast<float>(4 * order * std::cos(angle) + spread * noise[2 * i]);
      point[1] = static_cast<float>(4 * order * std::sin(angle) + spread * noise[2 * i + 1]);
    }
  }
  return code;
}

support::CodeMap sample_map(data::ArenaRecording recording, Index steps) {
  const data::Labels labels{recording.labels, recording.columns};
  Tensor<double> head = labels.column("head_angle");
  support::CodeMap map;
  map.codes = {ring("autoencoder", head, steps), ring("PCA, 16-D", labels.column("location_angle"), 1)};
  head[1] = std::numeric_limits<double>::quiet_NaN();
  map.labels = {
      {.colors = plot::CircularColors{head, 360, "head direction"}, .unit = "°"},
      {.colors = plot::ContinuousColors{labels.column("distance"), "distance to the centre"}, .unit = "px"},
      {.colors = plot::CategoricalColors{labels.column("in_port"), {"elsewhere", "<b>port</b>"}, "at a port"}}};
  map.images = {{"recorded", std::move(recording.images)}, {"denoised", std::move(recording.clean)}};
  return map;
}

support::ReportSection sample_section(const std::filesystem::path& folder, const Tensor<std::uint8_t>& images) {
  const auto x = Tensor<double>::from({5}, {1, 2, 3, 4, 5});
  plot::write_curves(folder / "loss.png", {{.name = "held-out frames", .x = x, .y = x}},
                     {.title = "Loss", .x_label = "epoch", .y_label = "loss"});
  io::MovieWriter movie(folder / "frames.mp4", {.fps = 10, .enlarge = 6});
  for (Index i = 0; i < std::min<Index>(images.dim(0), 30); ++i) {
    movie.add(
        Tensor<std::uint8_t>::from({50, 50}, images.elements().subspan(static_cast<std::size_t>(2500 * i), 2500)));
  }
  movie.commit();
  return {.heading = "Training",
          .text = {"The autoencoder learns to draw each frame from sixteen numbers. The loss is the mean squared "
                   "difference of grey levels; what it cannot carry through the sixteen numbers is mostly noise."},
          .figures = {{folder / "loss.png", "Loss on held-out frames over the epochs."},
                      {folder / "frames.mp4", "The first frames of the recording."}},
          .tables = {{"Scores on held-out frames, mean ± deviation over three seeds.",
                      {"method", "PSNR", "SSIM", "largest correlation between pixels of what was taken away"},
                      {{"autoencoder, 16 numbers", "25.7 dB", "0.739 ± 0.004", "0.37"},
                       {"best Gaussian blur (sigma 0.50)", "31.2 dB", "0.817 ± 0.001", "0.16"},
                       {"noisy frames", "28.9 dB", "0.695 ± 0.001", ""}}}}};
}

void write_sample(const std::filesystem::path& file, Index frames, Index steps) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  data::ArenaRecording recording = data::make_arena({.frames = frames, .seed = 0});
  support::Report report{.title = "Codes of an animal's pose <sample>",
                         .summary = {text(frames, " frames of the arena, seed 0, made up codes")}};
  report.claims = {{"The code carries the direction of the head.", "Error of 12°, chance 90°.",
                    "Error of 14°, chance 90°.", support::Verdict::supported},
                   {"The autoencoder denoises better than a blur.", "PSNR higher by 2 dB.",
                    "PSNR lower by 5.5 dB on held-out frames of the arena.", support::Verdict::contradicted},
                   {"Codes of two recordings agree after alignment.", "Shown for one pair.",
                    "Not measured: one recording.", support::Verdict::undecided}};
  report.sections = {sample_section(folder, recording.images)};
  report.map = sample_map(std::move(recording), steps);
  report.settings = {{"frames", text(frames)},
                     {"seed", "0"},
                     {"threads", "2"},
                     {"compiler", "GCC 12.2"},
                     {"hash of the data", "9d1c2f7e55aa0b43"}};
  report.files = {{"codes.npy", "The codes of all frames, float32 [N, 16].", "codes = numpy.load(\"codes.npy\")"},
                  {"figures/loss & more.png", "Losses.", "PIL.Image.open(\"figures/loss & more.png\")"}};
  support::write_report(file, report);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: sample_report OUT.html [FRAMES [STEPS]]\n");
    return 2;
  }
  try {
    write_sample(argv[1], argc > 2 ? std::atol(argv[2]) : 2000, argc > 3 ? std::atol(argv[3]) : 6);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
