// Trains a network to tell an animal's direction from its image and writes to a folder: model.npz, checkpoints/,
// history.csv, history.json, held_out.npz, predictions.csv and, where places are known, predictions.png.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/circular.hpp>
#include <engram/data/arena.hpp>
#include <engram/data/labels.hpp>
#include <engram/data/load.hpp>
#include <engram/io/csv.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/plot/directions.hpp>

#include "support/evaluation.hpp"
#include "support/program.hpp"
#include "support/recording.hpp"
#include "support/training_run.hpp"

using namespace engram;

namespace {

constexpr support::NetworkParts parts{.encoder = true, .decoder = false};

struct Options {
  support::TrainingOptions training;
  std::string target = "neck_minus_base";
  std::vector<std::string> neck{"neck_x", "neck_y"};
  std::vector<std::string> base{"base_x", "base_y"};
  std::string angle = "body_angle";
  std::vector<std::string> place{"x", "y"};
};

/// What is to be predicted of each frame: [N, 2].
Tensor<float> make_targets(const Options& o, const data::Labels& labels) {
  auto targets = Tensor<float>::uninitialized({labels.size(), 2});
  if (o.target == "unit_vector") {
    const Tensor<double> angle = labels.finite_column(o.angle);
    for (Index i = 0; i < labels.size(); ++i) {
      targets[2 * i] = static_cast<float>(std::cos(angle[i] * std::numbers::pi / 180));
      targets[2 * i + 1] = static_cast<float>(std::sin(angle[i] * std::numbers::pi / 180));
    }
    return targets;
  }
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const Tensor<double> neck = labels.finite_column(o.neck[axis]);
    const Tensor<double> base = labels.finite_column(o.base[axis]);
    for (Index i = 0; i < labels.size(); ++i) {
      targets[2 * i + static_cast<Index>(axis)] = static_cast<float>(neck[i] - base[i]);
    }
  }
  return targets;
}

/// Directions of vectors [n, 2] in degrees, as the arena's labels.
Tensor<double> directions_of(const Tensor<float>& vectors) {
  auto out = Tensor<double>::uninitialized({vectors.dim(0)});
  for (Index i = 0; i < out.size(); ++i) {
    out[i] = data::arena::degrees({static_cast<double>(vectors[2 * i]), static_cast<double>(vectors[2 * i + 1])});
  }
  return out;
}

/// Tells how far off the held-out frames' directions are, and writes them all, as numbers and as a picture.
void report(const Options& o, const support::ResultFiles& files, const data::Labels& labels,
            const std::vector<Index>& held_out, const Tensor<double>& truth, const Tensor<double>& predicted) {
  const double mean = analysis::mean_absolute_circular_error(truth, predicted, 360.0);
  const double median = analysis::median_absolute_circular_error(truth, predicted, 360.0);
  auto table = Tensor<double>::uninitialized({truth.size(), 4});
  for (Index i = 0; i < truth.size(); ++i) {
    table[4 * i] = static_cast<double>(held_out[static_cast<std::size_t>(i)]);
    table[4 * i + 1] = truth[i];
    table[4 * i + 2] = predicted[i];
    table[4 * i + 3] = analysis::circular_difference(predicted[i], truth[i], 360.0);
  }
  io::write_csv(files.folder / "predictions.csv",
                {.columns = {"frame", "measured", "predicted", "difference"}, .values = table});
  std::printf("%td held-out frames: the direction is off by %.1f degrees on average, by %.1f for half of them\n",
              truth.size(), mean, median);
  const bool placed = std::ranges::all_of(o.place, [&](const std::string& name) {
    return std::ranges::find(labels.columns, name) != labels.columns.end();
  });
  if (!placed) {
    std::printf("No picture of them: %s has no columns %s and %s; name others with --place\n", labels.source.c_str(),
                o.place[0].c_str(), o.place[1].c_str());
    return;
  }
  auto places = Tensor<double>::uninitialized({labels.size(), 2});
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const Tensor<double> column = labels.column(o.place[axis]);
    for (Index i = 0; i < labels.size(); ++i) {
      places[2 * i + static_cast<Index>(axis)] = column[i];
    }
  }
  char title[96];
  std::snprintf(title, sizeof title, "Direction of held-out frames: %.1f degrees off on average", mean);
  plot::write_directions(files.folder / "predictions.png", train::take_rows(places, held_out), truth, predicted,
                         {.title = title, .visited = places});
  std::printf("%s: measured and predicted directions; numbers beside it\n", (files.folder / "predictions.png").c_str());
}

Settings tagger_settings(const Options& o, const models::NetworkOptions& network, const data::Frames& frames,
                         const Tensor<float>& targets) {
  Settings settings = support::make_settings("direction_tagger", o.training, parts, network, frames);
  settings.set("target", o.target);
  settings.set("targets_crc32", support::checksum(targets));
  return settings;
}

int train_direction_tagger(Options o, const CLI::App& app) {
  support::TrainingOptions& t = o.training;
  if (app.count("--angle") > 0 && app.count("--target") == 0) {
    o.target = "unit_vector";
  }
  for (const auto* columns : {&o.neck, &o.base, &o.place}) {
    ensure<ArgumentError>(columns->size() == 2, "--neck, --base, --place: need two columns each, such as x,y, got ",
                          columns->size());
  }
  const support::ResultFiles files{t.out};
  files.check(t.resume);
  const support::TrainingData recording = support::load_training_data(t, app, files);
  const data::Frames& frames = recording.frames;
  const data::Split& split = recording.split;
  const models::NetworkOptions& network = recording.network;
  const data::Labels labels = data::load_labels(t.labels);
  data::check_labels(labels, frames.size(), t.images.string());
  auto model = support::make_model<models::DirectionTagger<float>>(t, network);
  const Tensor<float> targets = make_targets(o, labels);
  const auto truth = directions_of(train::take_rows(targets, split.held_out));
  const auto predict = [&] {
    return directions_of(
        support::outputs_of_frames(infer::Plan<float>(model, support::frame_shape(frames)), frames, split.held_out));
  };

  support::Lesson lesson{.announcement = support::announcement(t, frames, split),
                         .input = {1, network.channels, network.image_height, network.image_width},
                         .training = train::frames_to_rows<float>(frames, targets, split.training),
                         .held_out = train::frames_to_rows<float>(frames, targets, split.held_out),
                         .settings = tagger_settings(o, network, frames, targets)};
  if (!split.held_out.empty()) {
    lesson.metrics.push_back(
        {"degrees_off", [&] { return analysis::mean_absolute_circular_error(truth, predict(), 360.0); }});
  }
  lesson.codes = [&] { return support::all_codes(model, frames); };
  lesson.save_beside = [&] { support::write_held_out_once(files.held_out(), frames, nullptr, split.held_out); };
  const int status = support::run_training(model, lesson, files, t, app);
  if (status == 0 && !split.held_out.empty()) {
    report(o, files, labels, split.held_out, truth, predict());
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  support::Program app("Trains a network to tell an animal's direction from its image.", "train_direction_tagger");
  support::add_training_options(app, options.training, parts);
  app.add_option("--labels", options.training.labels, "Labels, one row per frame: .csv, .npy or .npz")->required();
  app.add_option(
         "--target", options.target,
         "What is learnt: neck_minus_base, of the columns --neck and --base, or unit_vector, cosine and sine of "
         "the column --angle, as where that is given")
      ->capture_default_str()
      ->check(CLI::IsMember({"neck_minus_base", "unit_vector"}));
  app.add_option("--neck", options.neck, "Columns of the labels")->capture_default_str()->delimiter(',');
  app.add_option("--base", options.base, "Columns of the labels")->capture_default_str()->delimiter(',');
  app.add_option("--angle", options.angle, "Column of the labels, degrees")->capture_default_str();
  app.add_option("--place", options.place, "Columns of the labels where the animal is, for the picture")
      ->capture_default_str()
      ->delimiter(',');
  return support::run(app, argc, argv, [&] { return train_direction_tagger(options, app); });
}
