// Tells how codes form while a network learns, by the snapshots that a training kept: how well labels can be read from
// them, how many directions they use, and how alike they are to the last.
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/cka.hpp>
#include <engram/analysis/code_state.hpp>
#include <engram/analysis/label_decoder.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/folder.hpp>
#include <engram/io/npy.hpp>
#include <engram/plot/curves.hpp>
#include <engram/train/latent_snapshots.hpp>

#include "support/fold_choice.hpp"
#include "support/label_choice.hpp"
#include "support/model_codes.hpp"
#include "support/program.hpp"
#include "support/run_record.hpp"
#include "support/words.hpp"

using namespace engram;

namespace {

struct Options {
  std::vector<std::filesystem::path> models;
  support::LabelChoice labels;
  std::filesystem::path out;
  support::FoldChoice folds;
};

/// What is measured of each snapshot.
struct Measure {
  std::string name;   ///< of the column, and of the figure
  std::string title;  ///< on the figure
  std::string axis;   ///< with the unit
  double chance = std::numeric_limits<double>::quiet_NaN();
};

struct Training {
  std::string name;
  std::vector<double> steps;                ///< [S]
  std::vector<std::vector<double>> values;  ///< [measures][S]
};

struct Study {
  std::vector<support::ChosenLabel> labels;
  std::vector<analysis::Fold> folds;
  std::vector<Measure> measures;
};

Tensor<float> read_codes(const std::filesystem::path& file) {
  return naming(file.string(), [&] {
    auto codes = io::read_npy(file).as<float>();
    ensure<ShapeError>(codes.rank() == 2, "need codes [N, D], got ", codes.shape());
    return codes;
  });
}

std::vector<train::SnapshotFile> snapshots_of(const std::filesystem::path& model) {
  auto files = train::list_snapshots(model / "snapshots");
  ensure<ArgumentError>(!files.empty(), (model / "snapshots").string(),
                        ": need snapshots step_NUMBER.npy, got none; trainings keep them if --snapshots says so");
  return files;
}

/// The measures of one snapshot, in the order of Study::measures; those of labels know their chance then.
std::vector<double> measure(const Tensor<float>& codes, const Tensor<float>& last, Study& study) {
  std::vector<double> values;
  const analysis::LabelDecoder decoder(codes, study.folds, {.shifts = 0});
  for (const support::ChosenLabel& label : study.labels) {
    const analysis::Decoding decoding =
        naming(label.source, [&] { return decoder.decode(label.values, label.kind, label.period); });
    study.measures[values.size()].chance = decoding.chance;
    values.push_back(decoding.score);
    if (label.kind == analysis::LabelKind::circular) {
      study.measures[values.size()].chance = decoding.chance_error.median;
      values.push_back(decoding.error.median);
    }
  }
  const analysis::CodeState state = analysis::code_state(codes);
  const bool vary = state.participation_ratio > 0 && analysis::code_state(last).participation_ratio > 0;
  values.push_back(state.participation_ratio);
  values.push_back(static_cast<double>(state.dead.size()));
  values.push_back(vary ? analysis::linear_cka(codes, last) : std::numeric_limits<double>::quiet_NaN());
  return values;
}

std::vector<Measure> make_measures(const std::vector<support::ChosenLabel>& labels) {
  std::vector<Measure> measures;
  for (const support::ChosenLabel& label : labels) {
    const std::string title = label.name + " decoded by the 5 nearest neighbours";
    if (label.kind == analysis::LabelKind::circular) {
      measures.push_back({label.name + "_mean_error", title, "mean error in degrees"});
      measures.push_back({label.name + "_median_error", title, "median error in degrees"});
    } else if (label.kind == analysis::LabelKind::linear) {
      measures.push_back({label.name + "_r2", title, "R2"});
    } else {
      measures.push_back({label.name + "_accuracy", title, "share of frames that are right"});
    }
  }
  measures.push_back({"participation_ratio", "Directions in use", "participation ratio"});
  measures.push_back({"dead_units", "Units with less than a hundredth of the largest variance", "dead units"});
  measures.push_back({"cka_with_last", "Similarity to the last codes", "linear CKA"});
  return measures;
}

Training measure_training(const std::filesystem::path& model, Study& study) {
  const auto files = snapshots_of(model);
  const Tensor<float> last = read_codes(files.back().file);
  Training training{support::folder_name(model), {}, std::vector<std::vector<double>>(study.measures.size())};
  for (const train::SnapshotFile& snapshot : files) {
    const std::vector<double> values = measure(read_codes(snapshot.file), last, study);
    training.steps.push_back(static_cast<double>(snapshot.step));
    std::printf("%s, step %td:", training.name.c_str(), snapshot.step);
    for (std::size_t m = 0; m < values.size(); ++m) {
      training.values[m].push_back(values[m]);
      std::printf(" %s %.3g", study.measures[m].name.c_str(), values[m]);
    }
    std::printf("\n");
  }
  return training;
}

std::string table(const std::vector<Training>& trainings, const std::vector<Measure>& measures) {
  std::string csv = "training,step";
  for (const Measure& measure : measures) {
    csv += "," + io::csv_cell(measure.name);
  }
  for (const Training& training : trainings) {
    for (std::size_t s = 0; s < training.steps.size(); ++s) {
      csv += text("\n", io::csv_cell(training.name), ",", training.steps[s]);
      for (const auto& values : training.values) {
        csv += "," + (std::isnan(values[s]) ? std::string() : text(values[s]));
      }
    }
  }
  return csv + "\n";
}

/// A curve for each training.
void write_figure(const std::filesystem::path& path, const std::vector<Training>& trainings, const Measure& measure,
                  std::size_t at) {
  std::vector<plot::Curve> curves;
  for (const Training& training : trainings) {
    const Index count = std::ssize(training.steps);
    curves.push_back({.name = trainings.size() > 1 ? training.name : "",
                      .x = Tensor<double>::from({count}, training.steps),
                      .y = Tensor<double>::from({count}, training.values[at])});
  }
  plot::CurvesOptions options{.title = measure.title, .x_label = "optimiser steps", .y_label = measure.axis};
  if (!std::isnan(measure.chance)) {
    options.references.push_back({.at = measure.chance, .words = "by chance"});
  }
  plot::write_curves(path, curves, options);
}

int measure_trainings(const Options& o, const CLI::App& app) {
  support::check_folder_names(o.models);
  const auto first = snapshots_of(o.models.front()).front().file;
  const Index frames = read_codes(first).dim(0);
  Study study{
      support::load_labels(o.labels, frames, first.string()), support::make_folds(o.folds, frames, o.models), {}};
  study.measures = make_measures(study.labels);
  support::print_folds(o.folds, frames, study.folds);
  std::vector<Training> trainings;
  for (const auto& model : o.models) {
    trainings.push_back(measure_training(model, study));
  }
  io::make_folder(o.out);
  support::write_run_record(o.out, app);
  io::write_atomically(o.out / "training.csv", table(trainings, study.measures));
  for (std::size_t m = 0; m < study.measures.size(); ++m) {
    write_figure(o.out / (support::file_name_of(study.measures[m].name) + ".png"), trainings, study.measures[m], m);
  }
  std::printf("%s: training.csv and a figure of each measure\n", o.out.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  support::Program app(
      "Tells how codes form while a network learns, by the snapshots that trainings kept (--snapshots): how well "
      "labels "
      "are read from them by the nearest neighbours, how many directions they use, how alike they are to the last.",
      "measure_training");
  app.add_option("--model", o.models, "Folders that the training programs wrote, with snapshots")->required();
  support::add_label_options(app, o.labels);
  app.add_option("--out", o.out, "Folder for the table and the figures")->required();
  support::add_fold_options(app, o.folds);
  return support::run(app, argc, argv, [&] { return measure_trainings(o, app); });
}
