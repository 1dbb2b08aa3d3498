// Puts the autoencoder beside a Gaussian blur and PCA on the frames that were held out: PSNR against the clean truth.
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <engram/analysis/gaussian_blur.hpp>
#include <engram/analysis/psnr.hpp>
#include <engram/embed/pca.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/npz.hpp>

#include "support/denoising.hpp"
#include "support/program.hpp"
#include "support/split.hpp"

using namespace engram;

namespace {

struct Row {
  std::string method;
  double psnr;
};

/// The blur that comes closest to the truth; its width is chosen with the truth in hand, so it flatters the blur.
Row best_blur(const Tensor<float>& noisy, const Tensor<float>& truth) {
  Row best{"", -1e300};
  for (int step = 1; step <= 40; ++step) {
    const double sigma = 0.05 * step;
    const double value = analysis::psnr(analysis::gaussian_blur(noisy, sigma), truth);
    if (value > best.psnr) {
      char name[64];
      std::snprintf(name, sizeof name, "best Gaussian blur (sigma %.2f)", sigma);
      best = {name, value};
    }
  }
  return best;
}

/// PCA to `count` components, found on the training frames.
Row pca(const data::Frames& frames, const std::vector<Index>& training, const Tensor<float>& noisy,
        const Tensor<float>& truth, Index count) {
  const Index pixels = noisy.size() / noisy.dim(0);
  const embed::Pca<float> reduction(frames.batch<float>(training).reshaped({-1, pixels}), {.n_components = count});
  const auto rebuilt = reduction.inverse_transform(reduction.transform(noisy.reshaped({-1, pixels})));
  return {"PCA to " + std::to_string(count) + " components", analysis::psnr(rebuilt.reshaped(truth.shape()), truth)};
}

std::vector<Index> complement(const std::vector<Index>& sorted, Index count) {
  std::vector<Index> rest;
  auto next = sorted.begin();
  for (Index i = 0; i < count; ++i) {
    if (next != sorted.end() && *next == i) {
      ++next;
    } else {
      rest.push_back(i);
    }
  }
  return rest;
}

/// How long the study's own recipe takes at the pace of this training.
void print_full_run(const io::Table& history, Index training_frames) {
  const auto seconds = history.column("seconds");
  const double epoch =
      std::accumulate(seconds.elements().begin(), seconds.elements().end(), 0.0) / static_cast<double>(seconds.size());
  std::printf(
      "The study's full run (train_autoencoder --preset study: 150 epochs of %td frames) takes about\n"
      "%.1f hours at the pace of this one (%.0f s an epoch).\n",
      training_frames, 150 * epoch / 3600, epoch);
}

int compare(const std::filesystem::path& folder, const std::filesystem::path& images, data::FrameOptions options) {
  const auto trained = support::load_autoencoder(folder);
  const Index latent_dim = trained.model.options().latent_dim;
  options.maximum = trained.maximum;
  const data::Frames frames = data::load_frames(images, options);
  const auto clean = support::load_clean(images, frames);
  if (!clean) {
    std::printf("%s holds no array clean: without the truth there is no PSNR to compare.\n", images.c_str());
    return 0;
  }
  const auto indices = io::NpzReader(folder / "held_out.npz").read("indices").as<std::int64_t>();
  const std::vector<Index> held_out(indices.elements().begin(), indices.elements().end());
  ensure<ArgumentError>(trained.frames_crc32 == text(support::checksum(frames)), images.string(),
                        ": need the recording that ", trained.file.string(), " was trained on, got other frames");
  const auto noisy = frames.batch<float>(held_out);
  const auto truth = clean->batch<float>(held_out);
  const auto history = io::read_csv(folder / "history.csv");
  const Row input{"noisy frames", analysis::psnr(noisy, truth)};
  const Row autoencoder{text("autoencoder to ", latent_dim, " numbers, ", history.values.dim(0), " epochs"),
                        analysis::psnr(support::denoised(trained.model, frames, held_out), truth)};
  const std::vector<Index> training = complement(held_out, frames.size());
  std::vector<Row> rows{input, best_blur(noisy, truth),
                        pca(frames, training, noisy, truth, std::min(latent_dim, std::ssize(training))), autoencoder};
  std::ranges::sort(rows, [](const Row& a, const Row& b) { return a.psnr > b.psnr; });
  std::printf("PSNR against the clean frames, %td held-out frames; more is better\n", std::ssize(held_out));
  for (const Row& row : rows) {
    std::printf("  %5.1f dB  %+5.1f dB  %s\n", row.psnr, row.psnr - input.psnr, row.method.c_str());
  }
  if (autoencoder.psnr < rows.front().psnr) {
    std::printf(
        "So not the autoencoder but this comes closest to the truth: %s.\n"
        "A code of %td numbers cannot carry every pixel; it is there to be studied.\n",
        rows.front().method.c_str(), latent_dim);
  }
  print_full_run(history, std::ssize(training));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path model;
  std::filesystem::path images;
  data::FrameOptions options;
  CLI::App app("Compares a trained autoencoder with a Gaussian blur and PCA on the held-out frames.",
               "compare_denoisers");
  app.add_option("--model", model, "Folder that train_autoencoder wrote")->required();
  app.add_option("--images", images, "The recording that it was trained on: .npz with the array clean")->required();
  app.add_option("--array", options.array, "Array of the .npz that holds the frames")->capture_default_str();
  return support::run(app, argc, argv, [&] { return compare(model, images, options); });
}
