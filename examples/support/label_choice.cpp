#include "support/label_choice.hpp"

namespace support {

void add_label_options(CLI::App& app, LabelChoice& choice) {
  app.add_option("--labels", choice.file, "Labels, one row per frame: .csv, .npy or .npz")->required();
  app.add_option("--angles", choice.angles, "Columns in degrees")->delimiter(',');
  app.add_option("--numbers", choice.numbers, "Columns that are numbers, such as distances")->delimiter(',');
  app.add_option("--classes", choice.classes, "Columns that name classes by whole numbers")->delimiter(',');
}

std::vector<ChosenLabel> load_labels(LabelChoice choice, engram::Index frames, const std::string& frames_source) {
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

engram::plot::PointColors colors_of(const ChosenLabel& label) {
  if (label.kind == engram::analysis::LabelKind::circular) {
    return engram::plot::CircularColors{.values = label.values, .period = label.period, .title = label.name};
  }
  if (label.kind == engram::analysis::LabelKind::categorical) {
    return engram::plot::CategoricalColors{.labels = label.values, .title = label.name};
  }
  return engram::plot::ContinuousColors{.values = label.values, .title = label.name};
}

}  // namespace support
