// Puts trained models beside a Gaussian blur, a median filter and PCA on the frames that were held out: how near each
// comes to the truth, and whether what it took away looks like noise.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
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
#include <engram/io/atomic_file.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/npz.hpp>
#include <engram/plot/image_rows.hpp>

#include "support/evaluation.hpp"
#include "support/model_codes.hpp"
#include "support/picture.hpp"
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
  std::optional<double> tail;                  ///< PSNR of the tail's own pixels; none where nobody knows them
  std::optional<analysis::Whiteness> removed;  ///< none for the noisy frames themselves
  Tensor<float> shown;                         ///< some of the images [m, 1, H, W]
};

/// The frames that were held out, and what is known of them.
struct HeldOut {
  std::vector<Index> indices;
  std::vector<Index> training;
  Tensor<float> noisy;  ///< [n, C, H, W]
  Tensor<float> truth;
  bool clean = true;                              ///< the truth is known; else it is the mean of neighbouring frames
  std::optional<Tensor<std::uint8_t>> tail = {};  ///< [n, C, H, W], 1 where the tail is seen

  Row row(const std::string& method, const Tensor<float>& images) const {
    return {method,
            "",
            analysis::psnr(images, truth),
            analysis::ssim(images, truth),
            tail ? std::optional(analysis::psnr_within(images, truth, *tail)) : std::nullopt,
            analysis::whiteness(noisy, images),
            some_of(images)};
  }
  /// A few of images [n, C, H, W], equally far apart, in grey.
  static Tensor<float> some_of(const Tensor<float>& images) {
    const auto some = train::take_rows(images, support::few_of(support::all_frames(images.dim(0))));
    const data::Frames levels(support::grey(data::Frames::to_levels(some)));
    return levels.batch<float>(support::all_frames(levels.size()));
  }
};

HeldOut load_held_out(const std::filesystem::path& folder, const std::filesystem::path& images,
                      const data::Frames& frames, const std::optional<data::Frames>& clean) {
  HeldOut out{.indices = support::held_out_indices(folder), .training = {}, .noisy = {}, .truth = {}};
  ensure<ArgumentError>(out.indices.empty() || out.indices.back() < frames.size(), images.string(),
                        ": need the recording that ", folder.string(), " was trained on, which has frame ",
                        out.indices.empty() ? 0 : out.indices.back(), ", got ", frames.size(), " frames");
  for (Index i = 0; i < frames.size(); ++i) {
    if (!std::ranges::binary_search(out.indices, i)) {
      out.training.push_back(i);
    }
  }
  out.noisy = frames.batch<float>(out.indices);
  out.clean = clean.has_value();
  if (clean) {
    out.truth = clean->batch<float>(out.indices);
    const io::NpzReader file(images);
    const auto tail = file.contains("tail") ? file.read("tail") : io::Array{};
    if (tail.shape.rank() == 3 && tail.shape[0] == frames.size() && out.truth.dim(1) == 1) {
      const auto mask = train::take_rows(tail.as<std::uint8_t>(), out.indices).reshaped(out.truth.shape());
      if (std::ranges::any_of(mask.elements(), [](std::uint8_t m) { return m != 0; })) {
        out.tail = mask;
      }
    }
  } else {
    const auto means = analysis::temporal_mean(frames.batch<float>(support::all_frames(frames.size())),
                                               {.radius = 1, .include_centre = false});
    out.truth = train::take_rows(means, out.indices);
  }
  return out;
}

/// What comes closest to the truth of the images that `make(setting)` gives for some settings, which flatters it, as it
/// is chosen with the truth in hand.
template <class Setting, class Make>
std::pair<Setting, Tensor<float>> closest(const HeldOut& held_out, const std::vector<Setting>& settings, Make make) {
  std::pair<Setting, Tensor<float>> best{settings.front(), {}};
  double most = -1e300;
  for (const Setting& setting : settings) {
    Tensor<float> images = make(setting);
    const double nearness = analysis::psnr(images, held_out.truth);
    if (nearness > most) {
      most = nearness;
      best = {setting, std::move(images)};
    }
  }
  return best;
}

Row best_blur(const HeldOut& held_out) {
  std::vector<double> sigmas;
  for (int step = 1; step <= 40; ++step) {
    sigmas.push_back(0.05 * step);
  }
  const auto [sigma, images] =
      closest(held_out, sigmas, [&](double s) { return analysis::gaussian_blur(held_out.noisy, s); });
  char name[64];
  std::snprintf(name, sizeof name, "best Gaussian blur (sigma %.2f)", sigma);
  return held_out.row(name, images);
}

Row best_median(const HeldOut& held_out) {
  const auto [size, images] = closest(held_out, std::vector<Index>{3, 5, 7},
                                      [&](Index side) { return analysis::median_filter(held_out.noisy, side); });
  return held_out.row(text("best median (of ", size, " x ", size, " pixels)"), images);
}

/// PCA found on the training frames, to `count` components and to the best number of them.
std::vector<Row> pca_rows(const data::Frames& frames, const HeldOut& held_out, Index count) {
  const Index rows = held_out.noisy.dim(0);
  const auto training = support::pixel_rows(frames, held_out.training);
  const Index most = std::min({Index{512}, training.dim(0), training.dim(1)});
  count = std::min(count, most);
  const embed::Pca<float> reduction(training, {.n_components = most});
  const Tensor<float> codes = reduction.transform(held_out.noisy.reshaped({rows, -1}));
  const auto rebuilt = [&](Index components) {
    Tensor<float> kept = codes;
    for (Index i = 0; i < kept.size(); ++i) {
      kept[i] = i % most < components ? kept[i] : 0.0F;
    }
    return support::clipped(reduction.inverse_transform(kept).reshaped(held_out.noisy.shape()));
  };
  std::vector<Index> sizes;
  for (Index size = 2; size <= most; size *= 2) {
    sizes.push_back(size);
  }
  std::vector<Row> out{held_out.row(text("PCA to ", count, " components"), rebuilt(count))};
  if (!sizes.empty()) {
    const auto [size, images] = closest(held_out, sizes, rebuilt);
    out.push_back(held_out.row(text("best PCA (to ", size, " components)"), images));
  }
  return out;
}

std::string model_words(const support::TrainedModel& model, const std::filesystem::path& folder) {
  const auto epochs = io::read_csv(folder / "history.csv").values.dim(0);
  if (!model.encode) {
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
  if (epoch < 1) {
    return;
  }
  std::printf(
      "The study's full run (train_autoencoder --preset study: 150 epochs of %td frames) takes about\n"
      "%.1f hours at the pace of this one (%.0f s an epoch).\n",
      training_frames, 150 * epoch / 3600, epoch);
}

void print_rows(const std::vector<Row>& rows, const HeldOut& held_out, double input) {
  std::printf(
      "%td held-out frames beside %s: PSNR, its gain%s and SSIM, more is better; the\n"
      "best of a method's settings is chosen by what it is compared with.\n"
      "What was taken away: largest correlation between its pixels (0: white noise), and with the image's detail\n"
      "(above 0: some of the image was taken away).\n",
      held_out.noisy.dim(0),
      held_out.clean ? "the clean ones" : "the mean of the frames before and after, for want of clean ones",
      held_out.tail ? ", that of the tail's pixels" : "");
  for (const Row& row : rows) {
    std::printf("  %5.1f dB  %+5.1f dB  ", row.psnr, row.psnr - input);
    if (row.tail) {
      std::printf("%5.1f dB  ", *row.tail);
    }
    std::printf("%5.3f  ", row.ssim);
    if (row.removed) {
      std::printf("%5.2f  %5.2f  ", row.removed->largest, row.removed->structure_correlation);
    } else {
      std::printf("%5s  %5s  ", "-", "-");
    }
    std::printf("%s\n", row.method.c_str());
  }
}

void write_rows(const std::filesystem::path& path, const std::vector<Row>& rows) {
  std::string out = "model,method,psnr,ssim,tail_psnr,residual_correlation,structure_correlation\n";
  for (const Row& row : rows) {
    out += text(io::csv_cell(row.model), ",", io::csv_cell(row.method), ",", row.psnr, ",", row.ssim, ",",
                row.tail ? text(*row.tail) : "", ",");
    out += row.removed ? text(row.removed->largest, ",", row.removed->structure_correlation, "\n") : std::string(",\n");
  }
  io::write_atomically(path, out);
}

/// Frames as recorded, as the best blur and the models make them, and as they are where that is known.
void write_picture(const std::filesystem::path& path, const std::vector<Row>& rows, const HeldOut& held_out) {
  std::vector<plot::ImageRow> images{{"as recorded", rows.front().shown}};
  for (const Row& row : rows) {
    if (!row.model.empty() || row.method.starts_with("best Gaussian")) {
      images.push_back({row.model.empty() ? row.method : row.model, row.shown});
    }
  }
  if (held_out.clean) {
    images.push_back({"clean", held_out.some_of(held_out.truth)});
  }
  plot::write_image_rows(path, images, {});
}

/// @throws ArgumentError unless all models were trained on these frames but the held-out ones
void check_training(const Options& o, const std::vector<support::TrainedModel>& models, const data::Frames& frames,
                    const HeldOut& held_out) {
  const std::string frames_crc32 = text(support::checksum(frames));
  for (std::size_t i = 0; i < models.size(); ++i) {
    ensure<ArgumentError>(models[i].settings.get("frames_crc32") == frames_crc32, o.images.string(),
                          ": need the recording that ", models[i].file.string(), " was trained on, got other frames");
    ensure<ArgumentError>(support::held_out_indices(o.models[i]) == held_out.indices, models[i].file.string(),
                          ": need models that were trained with the same frames held out, got others than those of ",
                          models.front().file.string());
  }
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
  const HeldOut held_out = load_held_out(o.models.front(), o.images, frames, support::load_clean(o.images, frames));
  Index code_size = 0;
  for (const support::TrainedModel& model : models) {
    code_size = code_size == 0 ? model.network.latent_dim : code_size;
  }
  code_size = code_size == 0 ? models::NetworkOptions().latent_dim : code_size;
  check_training(o, models, frames, held_out);
  std::vector<Row> rows{held_out.row("noisy frames", held_out.noisy), best_blur(held_out), best_median(held_out)};
  constexpr Index most_pixels = 128 * 128;
  if (held_out.noisy.size() / held_out.noisy.dim(0) <= most_pixels) {
    for (Row& row : pca_rows(frames, held_out, code_size)) {
      rows.push_back(std::move(row));
    }
  } else {
    std::printf("Without PCA, whose components would take too much memory for frames of more than %td pixels.\n",
                most_pixels);
  }
  rows.front().removed.reset();
  const double input = rows.front().psnr;
  for (std::size_t i = 0; i < models.size(); ++i) {
    rows.push_back(held_out.row(model_words(models[i], o.models[i]), models[i].denoise(frames, held_out.indices)));
    rows.back().model = support::folder_name(o.models[i]);
  }
  const auto picture = std::filesystem::path(o.out).replace_extension(".png");
  const double first_model = rows[rows.size() - models.size()].psnr;
  if (!o.out.empty()) {
    write_picture(picture, rows, held_out);
  }
  std::ranges::sort(rows, [](const Row& a, const Row& b) { return a.psnr > b.psnr; });
  print_rows(rows, held_out, input);
  if (first_model < rows.front().psnr && models.front().encode) {
    std::printf(
        "So this comes closest to %s: %s.\n"
        "A code of %td numbers cannot carry every pixel; it is there to be studied.\n",
        held_out.clean ? "the truth" : "the neighbouring frames", rows.front().method.c_str(), code_size);
  }
  if (!o.out.empty()) {
    write_rows(o.out, rows);
    std::printf("%s: the table; %s: some of the frames\n", o.out.c_str(), picture.c_str());
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
  app.add_option("--out", o.out, "The table, .csv; a picture of some frames, .png, is put beside it");
  return support::run(app, argc, argv, [&] { return compare(o); });
}
