// Puts trained models beside a Gaussian blur, a median filter and PCA on the frames that were held out: how near each
// comes to the truth, and whether what it took away looks like noise.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/gaussian_blur.hpp>
#include <engram/analysis/median_filter.hpp>
#include <engram/analysis/psnr.hpp>
#include <engram/analysis/ssim.hpp>
#include <engram/analysis/temporal_mean.hpp>
#include <engram/analysis/whiteness.hpp>
#include <engram/embed/pca.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/io/npz.hpp>

#include "support/evaluation.hpp"
#include "support/model_codes.hpp"
#include "support/program.hpp"
#include "support/recording.hpp"
#include "support/split.hpp"
#include "support/trained_model.hpp"

using namespace engram;

namespace {

struct Options {
  std::vector<std::filesystem::path> models;
  std::filesystem::path images;
  std::filesystem::path out;
  data::FrameOptions frames;
};

struct Row {
  std::string method;
  std::string model;  ///< its folder's name; empty: it is none of --model
  double psnr;
  double ssim;
  std::optional<analysis::Whiteness> removed;  ///< none for the noisy frames themselves
};

/// The frames that were held out, and what is known of them.
struct HeldOut {
  std::vector<Index> indices;
  std::vector<Index> training;
  Tensor<float> noisy;  ///< [n, C, H, W]
  Tensor<float> truth;
  bool clean = true;  ///< the truth is known; else it is the mean of neighbouring frames

  Row row(const std::string& method, const Tensor<float>& images) const {
    return {method, "", analysis::psnr(images, truth), analysis::ssim(images, truth),
            analysis::whiteness(noisy, images)};
  }
};

HeldOut load_held_out(const std::filesystem::path& folder, const data::Frames& frames,
                      const std::optional<data::Frames>& clean) {
  HeldOut out{.indices = support::held_out_indices(folder), .training = {}, .noisy = {}, .truth = {}};
  for (Index i = 0; i < frames.size(); ++i) {
    if (!std::ranges::binary_search(out.indices, i)) {
      out.training.push_back(i);
    }
  }
  out.noisy = frames.batch<float>(out.indices);
  out.clean = clean.has_value();
  if (clean) {
    out.truth = clean->batch<float>(out.indices);
  } else {
    const auto means = analysis::temporal_mean(frames.batch<float>(support::all_frames(frames.size())),
                                               {.radius = 1, .include_centre = false});
    out.truth = train::take_rows(means, out.indices);
  }
  return out;
}

/// The blur that comes closest to the truth; its width is chosen with the truth in hand, so it flatters the blur.
Row best_blur(const HeldOut& held_out) {
  double best_sigma = 0;
  double best = -1e300;
  for (int step = 1; step <= 40; ++step) {
    const double value = analysis::psnr(analysis::gaussian_blur(held_out.noisy, 0.05 * step), held_out.truth);
    if (value > best) {
      best = value;
      best_sigma = 0.05 * step;
    }
  }
  char name[64];
  std::snprintf(name, sizeof name, "best Gaussian blur (sigma %.2f)", best_sigma);
  return held_out.row(name, analysis::gaussian_blur(held_out.noisy, best_sigma));
}

/// PCA to `count` components, found on the training frames.
Row pca(const data::Frames& frames, const HeldOut& held_out, Index count) {
  const Index rows = held_out.noisy.dim(0);
  const auto training = support::pixel_rows(frames, held_out.training);
  count = std::min({count, training.dim(0), training.dim(1)});
  const embed::Pca<float> reduction(training, {.n_components = count});
  auto rebuilt = reduction.inverse_transform(reduction.transform(held_out.noisy.reshaped({rows, -1})));
  return held_out.row("PCA to " + std::to_string(count) + " components",
                      support::clipped(std::move(rebuilt).reshaped(held_out.noisy.shape())));
}

std::string model_words(const support::TrainedModel& model, const std::filesystem::path& folder) {
  const auto epochs = io::read_csv(folder / "history.csv").values.dim(0);
  if (model.kind() == "blind_spot_unet") {
    return text("blind-spot network (", epochs, " epochs)");
  }
  const std::string code = model.kind() == "conv_autoencoder"         ? "autoencoder"
                           : model.settings.get("reduction") == "pca" ? "decoder of PCA"
                                                                      : "decoder of UMAP";
  return text(code, " to ", model.network.latent_dim, " numbers (", epochs, " epochs)");
}

/// How long the study's own recipe takes at the pace of this training.
void print_full_run(const std::filesystem::path& folder, Index training_frames) {
  const auto seconds = io::read_csv(folder / "history.csv").column("seconds");
  const double epoch =
      std::accumulate(seconds.elements().begin(), seconds.elements().end(), 0.0) / static_cast<double>(seconds.size());
  std::printf(
      "The study's full run (train_autoencoder --preset study: 150 epochs of %td frames) takes about\n"
      "%.1f hours at the pace of this one (%.0f s an epoch).\n",
      training_frames, 150 * epoch / 3600, epoch);
}

void print_rows(const std::vector<Row>& rows, const HeldOut& held_out, double input) {
  std::printf(
      "%td held-out frames beside %s: PSNR and SSIM, more is better.\n"
      "What was taken away: largest correlation between its pixels (0: white noise), and with the image's detail\n"
      "(above 0: some of the image was taken away).\n",
      held_out.noisy.dim(0),
      held_out.clean ? "the clean ones" : "the mean of the frames before and after, for want of clean ones");
  for (const Row& row : rows) {
    std::printf("  %5.1f dB  %+5.1f dB  %5.3f  ", row.psnr, row.psnr - input, row.ssim);
    if (row.removed) {
      std::printf("%5.2f  %5.2f  ", row.removed->largest, row.removed->structure_correlation);
    } else {
      std::printf("%5s  %5s  ", "-", "-");
    }
    std::printf("%s\n", row.method.c_str());
  }
}

void write_rows(const std::filesystem::path& path, const std::vector<Row>& rows) {
  std::string out = "model,method,psnr,ssim,residual_correlation,structure_correlation\n";
  for (const Row& row : rows) {
    out += text(io::csv_cell(row.model), ",", io::csv_cell(row.method), ",", row.psnr, ",", row.ssim, ",");
    out += row.removed ? text(row.removed->largest, ",", row.removed->structure_correlation, "\n") : std::string(",\n");
  }
  io::write_atomically(path, out);
}

int compare(const Options& o) {
  std::vector<support::TrainedModel> models;
  for (const auto& folder : o.models) {
    models.push_back(support::load_model_folder(folder));
    ensure<ArgumentError>(models.back().denoise != nullptr, models.back().file.string(),
                          ": need a model that makes images, got a ", models.back().kind());
  }
  const data::Frames frames = support::load_frames_for(models.front().network, models.front().maximum(),
                                                       models.front().file, o.images, o.frames);
  const HeldOut held_out = load_held_out(o.models.front(), frames, support::load_clean(o.images, frames));
  Index code_size = 0;
  for (const support::TrainedModel& model : models) {
    code_size = code_size == 0 ? model.network.latent_dim : code_size;
  }
  code_size = code_size == 0 ? models::NetworkOptions().latent_dim : code_size;
  const std::string frames_crc32 = text(support::checksum(frames));
  std::vector<Row> rows{held_out.row("noisy frames", held_out.noisy), best_blur(held_out),
                        held_out.row("median of 3 x 3 pixels", analysis::median_filter(held_out.noisy)),
                        pca(frames, held_out, code_size)};
  rows.front().removed.reset();
  const double input = rows.front().psnr;
  for (std::size_t i = 0; i < models.size(); ++i) {
    ensure<ArgumentError>(models[i].settings.get("frames_crc32") == frames_crc32, o.images.string(),
                          ": need the recording that ", models[i].file.string(), " was trained on, got other frames");
    ensure<ArgumentError>(support::held_out_indices(o.models[i]) == held_out.indices, models[i].file.string(),
                          ": need models that were trained with the same frames held out, got others than those of ",
                          models.front().file.string());
    rows.push_back(held_out.row(model_words(models[i], o.models[i]), models[i].denoise(frames, held_out.indices)));
    rows.back().model = support::folder_name(o.models[i]);
  }
  const double first_model = rows[rows.size() - models.size()].psnr;
  std::ranges::sort(rows, [](const Row& a, const Row& b) { return a.psnr > b.psnr; });
  print_rows(rows, held_out, input);
  if (first_model < rows.front().psnr && models.front().kind() != "blind_spot_unet") {
    std::printf(
        "So this comes closest to %s: %s.\n"
        "A code of %td numbers cannot carry every pixel; it is there to be studied.\n",
        held_out.clean ? "the truth" : "the neighbouring frames", rows.front().method.c_str(), code_size);
  }
  if (!o.out.empty()) {
    write_rows(o.out, rows);
  }
  if (models.front().kind() == "conv_autoencoder") {
    print_full_run(o.models.front(), std::ssize(held_out.training));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  support::Program app("Compares trained models with a Gaussian blur, a median filter and PCA on the held-out frames.",
                       "compare_denoisers");
  app.add_option("--model", o.models, "Folders that train_autoencoder, train_decoder or train_denoiser wrote")
      ->required();
  app.add_option("--images", o.images, "The recording that they were trained on; .npz with the array clean, or any")
      ->required();
  support::add_frame_options(app, o.frames);
  app.add_option("--out", o.out, "The table, .csv");
  return support::run(app, argc, argv, [&] { return compare(o); });
}
