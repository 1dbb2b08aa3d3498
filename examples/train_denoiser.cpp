// Trains a network that denoises frames to keep, from the noisy frames alone: it learns to tell pixels that it does not
// see from those around them. Writes to a folder what train_autoencoder does; denoise takes it.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/noise_curve.hpp>
#include <engram/analysis/psnr.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/models/settings.hpp>
#include <engram/train/augment.hpp>
#include <engram/train/blind_spots.hpp>

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
  bool turns = false;
};

/// Refuses before the training what would end it or spoil what it learns.
void check_frames(const Options& o, const data::Frames& frames, Index watched) {
  const Shape& s = frames.shape();
  ensure<ArgumentError>(!o.turns || (s[2] == s[3] && o.spots.along_rows == o.spots.along_columns),
                        "--turns: need square frames, and noise that goes as far along rows as along columns, got ",
                        s[2], " x ", s[3], " pixels, --along-rows ", o.spots.along_rows, " and --along-columns ",
                        o.spots.along_columns);
  const Index pixels = watched * s[2] * s[3];
  ensure<ArgumentError>(pixels >= analysis::needed_pixels(), "need ", analysis::needed_pixels(),
                        " pixels or more to estimate the noise on, got ", pixels, " of ", watched, " frames");
}

/// Mean and standard deviation of the training frames' pixels, of which the network makes 0 and 1; by Welford, whose
/// sums are 0 to the bit for pixels that are all alike.
void measure_pixels(const data::Frames& frames, const std::vector<Index>& training, models::BlindSpotUnetOptions& o) {
  double mean = 0;
  double squares = 0;  // of the distances from it
  double count = 0;
  for (std::size_t begin = 0; begin < training.size(); begin += 256) {
    const auto some = std::span(training).subspan(begin, std::min<std::size_t>(256, training.size() - begin));
    const Tensor<double> pixels = frames.batch<double>(some);
    for (const double pixel : pixels.elements()) {
      const double distance = pixel - mean;
      mean += distance / ++count;
      squares += distance * (pixel - mean);
    }
  }
  ensure<ArgumentError>(squares > 0, "need frames whose pixels differ, got ", mean, " everywhere");
  o.mean = mean;
  o.deviation = std::sqrt(squares / count);
}

Settings make_settings(const Options& o, const data::Frames& frames) {
  Settings settings;
  settings.set("model", "blind_spot_unet");
  settings.set("image_height", frames.shape()[2]);
  settings.set("image_width", frames.shape()[3]);
  models::write_options(settings, o.network);
  support::write_options(settings, o.spots);
  settings.set("turns", o.turns);
  support::write_training(settings, o.training, frames);
  return settings;
}

/// Blind spots, in frames that are flipped and turned by quarters before, as often as not, where o.turns says so.
decltype(support::Lesson::augment) make_augmentation(const Options& o) {
  const auto hide = train::blind_spots<float>(o.spots);
  if (!o.turns) {
    return hide;
  }
  const auto turn =
      train::augment_reconstruction({.flip_horizontal = 0.5, .flip_vertical = 0.5, .quarter_turns = true});
  return [=](train::Batch<float> batch, const Rng& rng) {
    return hide(turn(std::move(batch), rng.split(0)), rng.split(1));
  };
}

int train_denoiser(Options o, const CLI::App& app) {
  o.spots.fill = support::blind_spot_fill(o.fill);
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
  const std::string images = o.training.images.string();
  const auto watched = support::few_of(split.held_out.empty() ? split.training : split.held_out, 100);
  naming(images, [&] {
    check_frames(o, frames, std::ssize(watched));
    measure_pixels(frames, split.training, o.network);
  });
  o.network.channels = frames.shape()[1];
  const auto clean = support::load_clean(o.training.images, frames);
  Rng rng = Rng(o.training.seed).split(0);
  models::BlindSpotUnet<float> model(o.network, rng);

  support::Lesson lesson{
      .announcement = support::announcement(o.training, frames, split),
      .input = {1, frames.shape()[1], frames.shape()[2], frames.shape()[3]},
      .training = train::reconstruction<float>(frames, split.training),
      .held_out = train::blind_spot_validation(train::reconstruction<float>(frames, split.held_out), o.spots),
      .settings = make_settings(o, frames),
      .loss = train::blind_spot_loss<float>,
      .augment = make_augmentation(o)};
  const auto estimate = [&] { return support::estimate_noise(model, o.spots, frames, watched); };
  if (clean && !split.held_out.empty()) {
    lesson.metrics.push_back(
        {"psnr", [&, truth = clean->batch<float>(watched)] { return analysis::psnr(estimate().images, truth); }});
  }
  if (!split.held_out.empty()) {
    lesson.picture = [&, shown = support::few_of(split.held_out)] {
      const auto denoised = support::without_noise(model, o.spots, estimate().noise.curves, frames, shown);
      return support::inputs_above_outputs(frames, shown, data::Frames::to_levels(denoised));
    };
  }
  lesson.save_beside = [&] {
    support::write_noise_curve(files.noise_curve(), files.folder / "noise_curve.png", estimate().noise.curves);
    support::write_held_out_once(files.held_out(), frames, clean ? &*clean : nullptr, split.held_out);
  };
  const int status = support::run_training(model, lesson, files, o.training, app);
  if (status == 0) {
    support::warn_of_correlation(estimate().noise.correlation, o.spots);
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
  app.add_option("--spacing", o.spots.spacing, "Of the pixels that are hidden and to be told: one in so many squared")
      ->capture_default_str()
      ->check(support::whole_number(2));
  app.add_option("--fill", o.fill,
                 "What stands in a hidden pixel's place: mean, median or a neighbor of those around it")
      ->capture_default_str()
      ->check(
          CLI::IsMember(std::vector<std::string>(support::blind_spot_fills.begin(), support::blind_spot_fills.end())));
  app.add_option("--radius", o.spots.radius, "Of what is around it, in pixels")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--along-rows", o.spots.along_rows, "Pixels on either side that are hidden too: for noise along rows")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--along-columns", o.spots.along_columns, "Likewise, for noise along columns")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_flag("--turns", o.turns, "Learn from the frames flipped and turned by quarters too: where no side is up");
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
