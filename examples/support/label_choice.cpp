#include "support/label_choice.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <set>
#include <string_view>

#include "support/words.hpp"

namespace support {

namespace {

bool names_any(std::string name, std::initializer_list<std::string_view> words) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(words, [&](std::string_view word) { return name.find(word) != name.npos; });
}

bool is_class(const engram::Tensor<double>& values) {
  std::set<double> distinct;
  for (const double value : values.elements()) {
    if (value != std::round(value) || (distinct.insert(value), distinct.size() > 20)) {
      return false;
    }
  }
  return true;
}

void say(const char* option, const std::vector<std::string>& columns) {
  if (!columns.empty()) {
    std::fprintf(stderr, " %s %s", option, joined(columns, ",").c_str());
  }
}

}  // namespace

void add_label_options(CLI::App& app, LabelChoice& choice) {
  app.add_option("--labels", choice.file,
                 "Labels, one row per frame: .csv, .npy or .npz; those in the .npz of the frames if not given");
  app.add_option("--angles", choice.angles, "Columns in degrees")->delimiter(',');
  app.add_option("--numbers", choice.numbers, "Columns that are numbers, such as distances")->delimiter(',');
  app.add_option("--classes", choice.classes, "Columns that name classes by whole numbers")->delimiter(',');
}

std::filesystem::path labels_beside(const std::filesystem::path& images) {
  const bool there = engram::io::lower_extension(images) == ".npz" && engram::io::NpzReader(images).contains("labels");
  return there ? images : std::filesystem::path();
}

void complete_columns(LabelChoice& choice, const engram::data::Labels& labels) {
  for (const auto* columns : {&choice.angles, &choice.numbers, &choice.classes}) {
    for (const std::string& column : *columns) {
      labels.find(column);
    }
  }
  if (!choice.angles.empty() || !choice.numbers.empty() || !choice.classes.empty()) {
    return;
  }
  for (const std::string& column : labels.columns) {
    if (column.empty()) {  // the row numbers that pandas writes
      continue;
    }
    auto& kind = names_any(column, {"angle", "direction", "heading", "orientation", "deg"}) ? choice.angles
                 : is_class(labels.column(column))                                          ? choice.classes
                                                                                            : choice.numbers;
    kind.push_back(column);
  }
  for (const std::string& column : choice.angles) {
    const engram::Tensor<double> values = labels.column(column);
    const auto [least, largest] = std::ranges::minmax(values.elements());
    engram::ensure<engram::FormatError>(!(largest - least < 6.4), labels.source, ", column ", column,
                                        ": need an angle in degrees, got ", least, " to ", largest,
                                        ", which look like radians; if they are degrees, say --angles ", column);
  }
  std::stable_partition(choice.numbers.begin(), choice.numbers.end(),
                        [](const std::string& name) { return names_any(name, {"dist"}); });
  std::fprintf(stderr, "labels of %s taken as", labels.source.c_str());
  say("--angles", choice.angles);
  say("--numbers", choice.numbers);
  say("--classes", choice.classes);
  std::fprintf(stderr, "; if they are not, say so with these options\n");
}

std::vector<ChosenLabel> load_labels(LabelChoice choice, engram::Index frames, const std::string& frames_source) {
  if (choice.file.empty()) {
    choice.file = labels_beside(frames_source);
  }
  engram::ensure<engram::ArgumentError>(!choice.file.empty(), "--labels: need the file of the labels, as ",
                                        frames_source, " has none");
  const engram::data::Labels labels = engram::data::load_labels(choice.file);
  engram::data::check_labels(labels, frames, frames_source);
  const LabelChoice of_arena{choice.file, {"body_angle"}, {"distance", "x", "y"}, {"in_port"}};
  if (choice.empty() && of_arena.all_in(labels)) {
    choice = of_arena;
  }
  complete_columns(choice, labels);
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

engram::plot::PointColors colors_of(const ChosenLabel& label) {
  if (label.kind == engram::analysis::LabelKind::circular) {
    return engram::plot::CircularColors{
        .values = label.values, .period = label.period, .title = label.name, .clockwise = true};
  }
  if (label.kind == engram::analysis::LabelKind::categorical) {
    return engram::plot::CategoricalColors{.labels = label.values, .title = label.name};
  }
  return engram::plot::ContinuousColors{.values = label.values, .title = label.name};
}

}  // namespace support
