#include "support/decoding_report.hpp"

namespace support {

std::string decoding_table(const std::vector<DecodedLabel>& rows) {
  constexpr std::array kinds{"linear", "circular", "categorical"};
  std::string csv = "code,label,kind,method,score,mean_error,median_error,chance,null_5_percent,p_value\n";
  for (const DecodedLabel& row : rows) {
    const engram::analysis::Decoding& d = row.decoding;
    csv += engram::text(engram::io::csv_cell(row.code), ",", engram::io::csv_cell(row.label), ",",
                        kinds[static_cast<std::size_t>(row.kind)], ",", row.method_name());
    for (const double value : {d.score, d.error.mean, d.error.median, d.chance, row.null_twentieth(), d.p_value}) {
      csv += "," + (std::isnan(value) ? std::string() : engram::text(value));
    }
    csv += "\n";
  }
  return csv;
}

void print_decodings(const std::vector<DecodedLabel>& rows) {
  constexpr std::array measures{"R2, the more the better", "degrees off, the less the better",
                                "share of frames that are right, the more the better"};
  const std::string* label = nullptr;
  for (const DecodedLabel& row : rows) {
    const engram::analysis::Decoding& d = row.decoding;
    if (label == nullptr || *label != row.label) {
      label = &row.label;
      std::printf("%s: %s; by chance %.3g\n", row.label.c_str(), measures[static_cast<std::size_t>(row.kind)],
                  d.chance);
    }
    std::printf("  %-20s %-10s %8.3g", row.code.c_str(), row.method_name(), d.score);
    if (row.kind == engram::analysis::LabelKind::circular) {
      std::printf("  (half within %.3g)", d.error.median);
    }
    if (std::isnan(row.null_twentieth())) {
      std::printf("  too few shifts to tell it from chance\n");
    } else {
      std::printf("  one in 20 shifts: %.3g, p = %.3f\n", row.null_twentieth(), d.p_value);
    }
  }
}

void write_decoding_figure(const std::filesystem::path& path, const std::vector<DecodedLabel>& rows,
                           const std::string& frames) {
  constexpr std::array scores{"R2", "mean absolute error in degrees", "share of frames that are right"};
  const DecodedLabel& first = rows.front();
  const auto methods = static_cast<std::size_t>(std::ranges::count(rows, first.code, &DecodedLabel::code));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < rows.size(); i += methods) {
    names.push_back(rows[i].code);
  }
  std::vector<engram::plot::BarSeries> series;
  for (std::size_t method = 0; method < methods; ++method) {
    engram::plot::BarSeries bars{.name = rows[method].method_name(),
                                 .values = engram::Tensor<double>::uninitialized({std::ssize(names)}),
                                 .controls = engram::Tensor<double>::uninitialized({std::ssize(names)})};
    for (engram::Index i = 0; i < std::ssize(names); ++i) {
      const DecodedLabel& row = rows[static_cast<std::size_t>(i) * methods + method];
      const double chance = row.decoding.chance;
      bars.values[i] = row.decoding.score;
      bars.controls[i] =
          row.lower_is_better() ? std::fmin(row.null_twentieth(), chance) : std::fmax(row.null_twentieth(), chance);
    }
    series.push_back(std::move(bars));
  }
  engram::plot::write_bars(path, names, series,
                           {.title = first.label + " decoded from codes, " + frames,
                            .x_label = scores[static_cast<std::size_t>(first.kind)],
                            .control_name = "the better of chance and one in 20 shifts",
                            .lower_is_better = first.lower_is_better(),
                            .decimals = first.lower_is_better() ? 1 : 2});
}

}  // namespace support
