// Figures of what was found of rings in codes.
#pragma once

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/circular.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/bars.hpp>
#include <engram/plot/curves.hpp>

#include "support/ring_report.hpp"

namespace support {

/// Points for a figure of curves, which marks points between gaps.
inline engram::plot::Curve points_curve(std::string name, const std::vector<std::pair<double, double>>& points) {
  const Index count = 2 * std::ssize(points);
  engram::plot::Curve curve{.name = std::move(name),
                            .x = Tensor<double>::uninitialized({count}),
                            .y = Tensor<double>::uninitialized({count})};
  for (Index i = 0; i < count; ++i) {
    const auto& [x, y] = points[static_cast<std::size_t>(i / 2)];
    curve.x[i] = x;
    curve.y[i] = i % 2 == 0 ? y : std::numeric_limits<double>::quiet_NaN();
  }
  return curve;
}

/// Where loops are born and die, of one code and of the first of each kind of control.
inline void write_persistence_figure(const std::filesystem::path& path, const std::vector<RingSearch>& searches) {
  std::vector<engram::plot::Curve> curves;
  double last = 0;
  for (const RingSearch& search : searches) {
    std::vector<std::pair<double, double>> points;
    for (const auto& loop : search.persistence.loops) {
      points.emplace_back(loop.birth / search.persistence.diameter, loop.death / search.persistence.diameter);
      last = std::max(last, points.back().second);
    }
    if (search.repeat == 1 && !points.empty()) {
      curves.push_back(points_curve(search.data, points));
    }
  }
  if (curves.empty()) {
    return;
  }
  curves.push_back({.name = "no lifetime",
                    .x = Tensor<double>::from({2}, {0, last}),
                    .y = Tensor<double>::from({2}, {0, last}),
                    .dashed = true});
  engram::plot::write_curves(
      path, curves,
      {.title = "Loops of " + searches.front().code, .x_label = "birth / diameter", .y_label = "death / diameter"});
}

/// The place on the ring against the measured angle, of up to 1,500 frames.
inline void write_angle_figure(const std::filesystem::path& path, const RingAngle& a) {
  std::vector<std::pair<double, double>> points;
  const Index count = a.place.size();
  const Index step = (count + 1499) / 1500;
  const auto turn = [](double degrees) { return engram::analysis::circular_difference(degrees, 180, 360) + 180; };
  for (Index i = 0; i < count; i += step) {
    points.emplace_back(turn(a.measured[i]), turn(a.place[i]));
  }
  engram::plot::write_curves(path, {points_curve("", points)},
                             {.title = text("Place on the ring of ", a.code, " and ", a.angle),
                              .x_label = a.angle + " in degrees",
                              .y_label = "place on the ring in degrees",
                              .y_includes = {0, 360}});
}

/// The longest lifetime of each code beside the longest of its controls.
inline void write_ring_figure(const std::filesystem::path& path, const std::vector<RingSearch>& searches) {
  std::vector<std::string> names;
  std::vector<double> values;
  std::vector<double> controls;
  for (const RingSearch& search : searches) {
    if (!search.is_control()) {
      names.push_back(search.code);
      values.push_back(search.score().over_diameter);
      controls.push_back(best_control(searches, search.code));
    }
  }
  engram::plot::write_bars(path, names,
                           {{.name = "",
                             .values = Tensor<double>::from({std::ssize(names)}, values),
                             .controls = Tensor<double>::from({std::ssize(names)}, controls)}},
                           {.title = "The longest-lived loop of codes",
                            .x_label = "lifetime / diameter",
                            .control_name = "the longest of the controls"});
}

}  // namespace support
