#include "support/training_figures.hpp"

namespace support {

void write_loss_figure(const std::filesystem::path& path, const engram::train::History& history) {
  using engram::Tensor;
  if (history.rows().empty()) {
    return;
  }
  const engram::io::Table table{.columns = history.columns(), .values = history.values()};
  const Tensor<double> epochs = table.column("epoch");
  std::vector<engram::plot::Curve> curves;
  bool positive = true;  // a likelihood's need not be
  for (const auto& [column, name] :
       {std::pair{"train_loss", "training frames"}, std::pair{"validation_loss", "held-out frames"}}) {
    const Tensor<double> loss = table.column(column);
    positive = positive && std::ranges::none_of(loss.elements(), [](double v) { return v <= 0; });
    if (std::ranges::any_of(loss.elements(), [](double v) { return !std::isnan(v); })) {
      curves.push_back({.name = name, .x = epochs, .y = loss});
    }
  }
  if (!curves.empty()) {
    engram::plot::write_curves(path, curves,
                               {.title = "Loss",
                                .x_label = "epoch",
                                .y_label = positive ? "loss, on a logarithmic scale" : "loss",
                                .log_y = positive});
  }
}

void write_variance_figure(const std::filesystem::path& path, const engram::Tensor<double>& components,
                           const engram::Tensor<double>& cumulative) {
  using Line = engram::plot::ReferenceLine;
  engram::plot::write_curves(path, {{.name = "", .x = components, .y = cumulative}},
                             {.title = "Variance explained by principal components",
                              .x_label = "components",
                              .y_label = "share of the variance",
                              .log_x = true,
                              .y_includes = {0, 1},
                              .references = {{.direction = Line::Direction::horizontal,
                                              .at = 0.95,
                                              .words = engram::text("95 % at ", cumulative.size(), " components")}}});
}

}  // namespace support
