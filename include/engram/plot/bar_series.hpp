#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/axis.hpp>

namespace engram::plot {

/// A score of each of I items, such as of the labels decoded from one code.
struct BarSeries {
  std::string name = {};  ///< in the legend
  Tensor<double> values;  ///< [I], NaN where there is none
  Tensor<double> controls =
      Tensor<double>::zeros({0});                    ///< [I], what a score has to be better than; NaN or empty: none
  Tensor<double> low = Tensor<double>::zeros({0});   ///< [I], the lower end of the scores' spread; NaN or empty: none
  Tensor<double> high = Tensor<double>::zeros({0});  ///< [I], its upper end
};

struct BarsOptions {
  std::string title = {};
  std::string x_label = {};                       ///< the score's name and unit
  std::string control_name = "95 % of the null";  ///< what the marks are, for the legend
  bool lower_is_better = false;                   ///< for errors
  Index decimals = 2;                             ///< of the scores at the ends of the bars
  std::vector<double> x_includes = {};            ///< numbers that the axis has to reach, such as 1 for shares
  Index width = 1200;                             ///< of the figure in pixels, 150 of them to the inch
  Index height = 0;                               ///< 0: as many as the bars need
};

namespace detail {

inline bool has(const Tensor<double>& numbers, Index i) {
  return numbers.size() > 0 && !std::isnan(numbers[i]);
}

/// Whether the score is better than its control, or has none.
inline bool beats_control(const BarSeries& s, Index item, bool lower_is_better) {
  return !has(s.controls, item) ||
         (lower_is_better ? s.values[item] < s.controls[item] : s.values[item] > s.controls[item]);
}

/// The least and the largest of 0 and all numbers.
inline std::pair<double, double> bar_range(const std::vector<std::string>& items, const std::vector<BarSeries>& series,
                                           const BarsOptions& options) {
  ensure<ArgumentError>(!items.empty() && !series.empty(), "bars: need at least one item and one series, got ",
                        items.size(), " and ", series.size());
  ensure<ArgumentError>(options.decimals >= 0 && options.decimals <= 9, "bars: need decimals from 0 to 9, got ",
                        options.decimals);
  double low = 0;
  double high = 0;
  const auto add = [&](double value, const std::string& of) {
    ensure<ArgumentError>(std::isnan(value) || std::abs(value) <= 1e300, "bars: need |numbers| <= 1e300, got ", value,
                          " in ", of);
    low = std::min(low, std::isnan(value) ? 0 : value);
    high = std::max(high, std::isnan(value) ? 0 : value);
  };
  for (const BarSeries& s : series) {
    const std::string name = engram::text("series '", s.name, "'");
    ensure<ShapeError>(s.values.shape() == Shape{std::ssize(items)}, "bars: need values [", items.size(), "], got ",
                       s.values.shape(), " in ", name);
    for (const Tensor<double>* numbers : {&s.values, &s.controls, &s.low, &s.high}) {
      ensure<ShapeError>(numbers->size() == 0 || numbers->shape() == s.values.shape(),
                         "bars: need controls, low and high like values ", s.values.shape(), " or empty, got ",
                         numbers->shape(), " in ", name);
      std::ranges::for_each(numbers->elements(), [&](double value) { add(value, name); });
    }
  }
  std::ranges::for_each(options.x_includes, [&](double value) { add(value, "x_includes"); });
  return {low, high};
}

/// A score as it is written where `largest` is the largest of all.
inline std::string score_words(double value, double largest, Index decimals) {
  char out[64];
  if (largest >= 1e6 || (largest > 0 && largest < std::pow(10, -static_cast<double>(decimals)))) {
    const int power = value == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::abs(value) / 0.995)));
    std::snprintf(out, sizeof out, "%.1f", value / std::pow(10, power));
    return value == 0 ? "0" : std::string(out) + "\xC2\xB7" + power_of_ten(power);
  }
  std::snprintf(out, sizeof out, "%.*f", static_cast<int>(decimals), value);
  const std::string words = out;
  return words.starts_with('-') && words.find_first_not_of("-0.") == std::string::npos ? words.substr(1) : words;
}

}  // namespace detail

}  // namespace engram::plot
