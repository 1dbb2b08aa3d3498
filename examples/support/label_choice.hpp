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
#include <engram/plot/point_colors.hpp>

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

/// How points are coloured by a label; circular ones without a seam.
engram::plot::PointColors colors_of(const ChosenLabel& label);

void add_label_options(CLI::App& app, LabelChoice& choice);

/// The chosen columns, angles first; where none is named, those of the arena.
/// @throws ShapeError unless there is a row of labels for each of the frames; ArgumentError for an unknown column
std::vector<ChosenLabel> load_labels(LabelChoice choice, engram::Index frames, const std::string& frames_source);

}  // namespace support
