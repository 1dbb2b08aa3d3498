// Labels of a recording, chosen by the options --labels, --angles, --numbers and --classes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <engram/analysis/decoding/options.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/labels.hpp>
#include <engram/data/load.hpp>

namespace support {

/// Which columns of which file.
struct LabelChoice {
  std::filesystem::path file;
  std::vector<std::string> angles;
  std::vector<std::string> numbers;
  std::vector<std::string> classes;
};

/// One label of all frames.
struct ChosenLabel {
  std::string name;
  engram::analysis::LabelKind kind;
  double period;                  ///< of a circular one: 360 degrees
  engram::Tensor<double> values;  ///< [N]
  std::string source;             ///< file and column, for error texts
};

inline void add_label_options(CLI::App& app, LabelChoice& choice) {
  app.add_option("--labels", choice.file, "Labels, one row per frame: .csv, .npy or .npz")->required();
  app.add_option("--angles", choice.angles, "Columns in degrees")->delimiter(',');
  app.add_option("--numbers", choice.numbers, "Columns that are numbers, such as distances")->delimiter(',');
  app.add_option("--classes", choice.classes, "Columns that name classes by whole numbers")->delimiter(',');
}

/// The chosen columns, angles first; where none is named, those of the arena.
/// @throws ShapeError unless there is a row of labels for each of the frames; ArgumentError for an unknown column
inline std::vector<ChosenLabel> load_labels(LabelChoice choice, engram::Index frames,
                                            const std::string& frames_source) {
  if (choice.angles.empty() && choice.numbers.empty() && choice.classes.empty()) {
    choice.angles = {"body_angle"};
    choice.numbers = {"distance", "x", "y"};
    choice.classes = {"in_port"};
  }
  const engram::data::Labels labels = engram::data::load_labels(choice.file);
  engram::data::check_labels(labels, frames, frames_source);
  std::vector<ChosenLabel> chosen;
  const auto add = [&](const std::vector<std::string>& columns, engram::analysis::LabelKind kind, double period) {
    for (const std::string& column : columns) {
      chosen.push_back({column, kind, period, labels.column(column), engram::text(labels.source, ", column ", column)});
    }
  };
  add(choice.angles, engram::analysis::LabelKind::circular, 360);
  add(choice.numbers, engram::analysis::LabelKind::linear, 1);
  add(choice.classes, engram::analysis::LabelKind::categorical, 1);
  return chosen;
}

}  // namespace support
