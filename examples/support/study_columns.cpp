#include "support/study_columns.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <set>
#include <string>
#include <string_view>

#include <engram/core/error.hpp>

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

void complete_columns(StudyOptions& options, const engram::data::Labels& labels) {
  for (const auto* columns : {&options.angles, &options.numbers, &options.classes, &options.place}) {
    for (const std::string& column : *columns) {
      labels.find(column);
    }
  }
  if (!options.angles.empty() || !options.numbers.empty() || !options.classes.empty()) {
    return;
  }
  for (const std::string& column : labels.columns) {
    if (column.empty()) {  // the row numbers that pandas writes
      continue;
    }
    auto& kind = names_any(column, {"angle", "direction", "heading", "orientation", "deg"}) ? options.angles
                 : is_class(labels.column(column))                                          ? options.classes
                                                                                            : options.numbers;
    kind.push_back(column);
  }
  for (const std::string& column : options.angles) {
    const engram::Tensor<double> values = labels.column(column);
    const auto [least, largest] = std::ranges::minmax(values.elements());
    engram::ensure<engram::FormatError>(!(largest - least < 6.4), labels.source, ", column ", column,
                                        ": need an angle in degrees, got ", least, " to ", largest,
                                        ", which look like radians; if they are degrees, say --angles ", column);
  }
  std::stable_partition(options.numbers.begin(), options.numbers.end(),
                        [](const std::string& name) { return names_any(name, {"dist"}); });
  std::fprintf(stderr, "labels of %s taken as", labels.source.c_str());
  say("--angles", options.angles);
  say("--numbers", options.numbers);
  say("--classes", options.classes);
  std::fprintf(stderr, "; if they are not, say so with these options\n");
}

}  // namespace support
