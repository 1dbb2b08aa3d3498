// Trains a network that denoises frames to keep, from the noisy frames alone: it learns to tell pixels that it does not
// see from those around them. Writes to a folder what train_autoencoder does; denoise takes it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/psnr.hpp>
#include <engram/core/take_rows.hpp>
#include <engram/denoising/blind_spot_denoiser.hpp>
#include <engram/denoising/noise_curve.hpp>
#include <engram/denoising/settings.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/models/settings.hpp>
#include <engram/train/augment.hpp>
#include <engram/train/blind_spots.hpp>
#include <engram/train/crops.hpp>

#include "support/denoiser.hpp"
#include "support/picture.hpp"
#include "support/program.hpp"
#include "support/recording.hpp"
#include "support/training_run.hpp"

using namespace engram;

namespace {

struct Options {
  support::TrainingOptions training;
  models::BlindSpotUnetOptions network;
  data::BlindSpotOptions spots;
  std::string fill = "mean";
  Index crop = 0;  ///< 0: whole frames
  bool flips = false;
  bool turns = false;
};

/// Refuses before the training what would end it or spoil what it learns.
/// @param watched  frames, or parts of them as are learnt from, that the noise is estimated on
void check_frames(const Options& o, const Tensor<float>& watched) {
  ensure<ArgumentError>(!o.turns || (watched.dim(2) == watched.dim(3) && o.spots.along_rows == o.spots.along_columns),
                        "--turns: need square frames, and noise that goes as far along rows as along columns, got ",
                        watched.dim(2), " x ", watched.dim(3), " pixels, --along-rows ", o.spots.along_rows,
                        " and --along-columns ", o.spots.along_columns);
  const Index least = Index{1} << o.network.depth;
  ensure<ArgumentError>(watched.dim(2) >= least && watched.dim(3) >= least, "need ", least, " x ", least,
                        " pixels or more, as --depth ", o.network.depth, " halves them so often, got ", watched.dim(2),
                        " x ", watched.dim(3));
  ensure<ArgumentError>(o.spots.rows_apart() <= watched.dim(2) && o.spots.columns_apart() <= watched.dim(3),
                        "--spacing, --along-rows, --along-columns: need blind spots nearer to each other than ",
                        watched.dim(2), " rows and ", watched.dim(3), " columns, got ", o.spots.rows_apart(), " and ",
                        o.spots.columns_apart());
  const Index pixels = watched.size() / watched.dim(1);
  ensure<ArgumentError>(pixels >= denoising::needed_pixels(), "need ", denoising::needed_pixels(),
                        " pixels or more to estimate the noise on, got ", pixels, " of ", watched.dim(0), " frames");
}

/// Of the training frames' pixels, of which the network makes mean 0 and deviation 1.
void measure_pixels(const data::Frames& frames, const std::vector<Index>& training, models::BlindSpotUnetOptions& o) {
  support::PixelMoments moments;
  for (const Index frame : training) {
    moments.add(frames.batch<double>(std::span(&frame, 1)));
  }
  o.mean = moments.mean();
  o.deviation = moments.deviation();
  ensure<ArgumentError>(o.deviation > 0, "need frames whose pixels differ, got ", o.mean, " everywhere");
}

Settings make_settings(const Options& o, const data::Frames& frames) {
  Settings settings;
  settings.set("model", "blind_spot_unet");
  models::write_options(settings, o.network);
  denoising::write_options(settings, o.spots);
  settings.set("crop", o.crop);
  settings.set("flips", o.flips);
  settings.set("turns", o.turns);
  support::write_training(settings, o.training, frames);
  return settings;
}

/// Blind spots, in parts of frames and in frames flipped and turned by quarters, as often as not, where o says so.
decltype(support::Lesson::augment) make_augmentation(const Options& o) {
  decltype(support::Lesson::augment) augment = train::blind_spots<float>(o.spots);
  if (o.flips || o.turns) {
    const auto turn =
        train::augment_reconstruction({.flip_horizontal = 0.5, .flip_vertical = 0.5, .quarter_turns = o.turns});
    augment = [=, hide = std::move(augment)](const train::Batch<float>& batch, const Rng& rng) {
      return hide(turn(batch, rng.split(0)), rng.split(1));
    };
  }
  if (o.crop > 0) {
    augment = [crop = train::random_crops(o.crop), rest = std::move(augment)](
                  const train::Batch<float>& batch, const Rng& rng) { return rest(crop(batch, rng.split(2)), rng); };
  }
  return augment;
}

/// Some frames as the network makes them, seen once for all who ask between two updates.
class Watched {
 public:
  /// @param network  must outlive this
  Watched(const models::BlindSpotUnet<float>& network, const data::BlindSpotOptions& spots, support::Sample sample)
      : network_(network), spots_(spots), sample_(std::move(sample)) {}

  const support::Sample& sample() const { return sample_; }

  const support::Denoised& denoised() {
    std::vector<Tensor<float>> weights;
    for (const Variable<float>& parameter : nn::variables(network_)) {
      weights.push_back(parameter.value());
    }
    const auto same = [](const Tensor<float>& a, const Tensor<float>& b) {
      return std::ranges::equal(a.elements(), b.elements());
    };
    if (!std::ranges::equal(weights, weights_, same)) {
      denoised_ = support::denoise_by_themselves(denoising::BlindSpotDenoiser<float>(network_, spots_), sample_.frames);
      weights_ = std::move(weights);
    }
    return denoised_;
  }

 private:
  const models::BlindSpotUnet<float>& network_;
  data::BlindSpotOptions spots_;
  support::Sample sample_;
  std::vector<Tensor<float>> weights_;  ///< that denoised_ was made with
  support::Denoised denoised_;
};

int train_denoiser(Options o, const CLI::App& app) {
  o.spots.fill = denoising::fill_of_name(o.fill);
  const support::ResultFiles files{o.training.out};
  files.check(o.training.resume);
  const support::TrainingData recording = support::load_training_data(o.training, app, files);
  for (auto [option, every] : {std::pair{"--validate-every", &o.training.validate_every},
                               {"--checkpoint-every", &o.training.checkpoint_every}}) {
    if (app.count(option) == 0) {
      *every = std::max<Index>(1, o.training.epochs / 8);  // short epochs, of few frames, would be spent on it
    }
  }
  const data::Frames& frames = recording.frames;
  const data::Split& split = recording.split;
  if (app.count("--crop") == 0) {
    o.crop = support::usual_crop(frames);
  }
  o.network.channels = frames.shape()[1];
  const auto clean = support::load_clean(o.training.images, frames);
  support::Sample sample = support::sample_frames(frames, split.held_out.empty() ? split.training : split.held_out, 100,
                                                  o.crop, clean ? &*clean : nullptr);
  naming(o.training.images.string(), [&] {
    check_frames(o, sample.frames);
    measure_pixels(frames, split.training, o.network);
  });
  Rng rng = Rng(o.training.seed).split(0);
  models::BlindSpotUnet<float> model(o.network, rng);
  Watched watched(model, o.spots, std::move(sample));

  auto held_out = train::reconstruction<float>(frames, split.held_out);
  if (o.crop > 0) {
    held_out = train::crops(std::move(held_out), o.crop);
  }
  const Shape& shape = watched.sample().frames.shape();
  support::Lesson lesson{.announcement = support::announcement(o.training, frames, split),
                         .input = {1, shape[1], shape[2], shape[3]},
                         .training = train::reconstruction<float>(frames, split.training),
                         .held_out = train::blind_spot_validation(std::move(held_out), o.spots),
                         .settings = make_settings(o, frames),
                         .loss = train::blind_spot_loss<float>,
                         .augment = make_augmentation(o)};
  if (watched.sample().targets && !split.held_out.empty()) {
    lesson.metrics.push_back(
        {"psnr", [&] { return analysis::psnr(watched.denoised().images, *watched.sample().targets); }});
  }
  lesson.picture = [&] {
    const auto few = support::few_of(support::all_frames(watched.sample().frames.dim(0)));
    return support::inputs_above_outputs(data::Frames(data::Frames::to_levels(watched.sample().frames)), few,
                                         data::Frames::to_levels(take_rows(watched.denoised().images, few)));
  };
  lesson.save_model = [&](const std::filesystem::path& file) {
    denoising::BlindSpotDenoiser<float>(model, o.spots, watched.denoised().noise).save(file, lesson.settings);
  };
  lesson.save_beside = [&] {
    support::write_noise_curve(files.noise_curve(), files.folder / "noise_curve.png", watched.denoised().noise);
    support::write_noise_correlation(files.noise_correlation(), watched.denoised().correlation);
    support::write_held_out_once(files.held_out(), frames, clean ? &*clean : nullptr, split.held_out);
  };
  const int status = support::run_training(model, lesson, files, o.training, app);
  if (status == 0) {
    for (const auto& warning : support::correlation_warnings(watched.denoised().correlation, o.spots)) {
      std::fprintf(stderr, "warning: %s\n", warning.c_str());
    }
  }
  return status;
}

void add_options(CLI::App& app, Options& o) {
  support::add_recording_options(app, o.training);
  app.add_option("--epochs", o.training.epochs, "Passes over the frames; 0: as many as see 64,000 frames")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--batch-size", o.training.batch_size, "Frames per step")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--width", o.network.width, "Filters at full size")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--depth", o.network.depth, "Times that the network halves the frame")
      ->capture_default_str()
      ->check(CLI::Range(1, 6));
  app.add_option("--spacing", o.spots.spacing,
                 "Of the pixels that are hidden and to be told: one in so many squared; denoising takes as many passes")
      ->capture_default_str()
      ->check(CLI::Range(2, 16));
  app.add_option("--fill", o.fill,
                 "What stands in a hidden pixel's place: mean, median or a neighbor of those around it")
      ->capture_default_str()
      ->check(CLI::IsMember(std::vector<std::string>(denoising::fill_names.begin(), denoising::fill_names.end())));
  app.add_option("--radius", o.spots.radius, "Of what is around it, in pixels")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--along-rows", o.spots.along_rows, "Pixels on either side that are hidden too: for noise along rows")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--along-columns", o.spots.along_columns, "Likewise, for noise along columns")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option(
         "--crop", o.crop,
         "Learn from parts of so many pixels a side, a new one of each frame in each epoch; 0: whole frames; if "
         "not given, 64 of frames beyond 96 pixels")
      ->default_str("")
      ->check(support::whole_number(0));
  app.add_flag("--flips", o.flips, "Learn from the frames flipped too: where left and right, up and down are alike");
  app.add_flag("--turns", o.turns, "Learn from the frames flipped and turned by quarters: where no side is up");
  support::add_schedule_options(app, o.training);
  support::add_split_options(app, o.training);
  support::add_run_options(app, o.training);
  for (const char* option : {"--validate-every", "--checkpoint-every"}) {
    app.get_option(option)->description("Epochs; an eighth of all if not given")->default_str("");
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  o.training.preset = "denoiser";
  o.training.frames_seen = 64000;
  o.training.lr = 4e-3;
  o.training.batch_size = 32;
  o.training.schedule = "one_cycle";
  support::Program app("Trains a network on noisy frames alone to denoise them, for frames to keep.", "train_denoiser");
  add_options(app, o);
  return support::run(app, argc, argv, [&] { return train_denoiser(o, app); });
}
