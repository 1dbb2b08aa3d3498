// Labels of a recording, chosen by the options --labels, --angles, --numbers and --classes.
#pragma once

#include <algorithm>
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

  bool empty() const { return angles.empty() && numbers.empty() && classes.empty(); }
  bool all_in(const engram::data::Labels& labels) const {
    const auto there = [&](const std::string& column) { return std::ranges::count(labels.columns, column) > 0; };
    return std::ranges::all_of(angles, there) && std::ranges::all_of(numbers, there) &&
           std::ranges::all_of(classes, there);
  }
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

/// The file of the frames if it is an .npz that holds their labels too; empty if it is not.
std::filesystem::path labels_beside(const std::filesystem::path& images);

/// Where the choice names no columns, guesses what each is: an angle by its name (angle, direction, heading,
/// orientation, deg), a class if it has up to 20 different whole numbers, else a number; distances come first among
/// them. Says so. A column without a name is none.
/// @throws ArgumentError for a column that is named but not there; FormatError for angles that were guessed and span
/// less than 6.4
void complete_columns(LabelChoice& choice, const engram::data::Labels& labels);

/// The chosen columns, angles first; where none is named, those that tell the arena's story, or of other labels all.
/// @throws ShapeError unless there is a row of labels for each of the frames; ArgumentError for an unknown column, or
/// if there is no file
std::vector<ChosenLabel> load_labels(LabelChoice choice, engram::Index frames, const std::string& frames_source);

}  // namespace support
