// What was found of rings in codes: in words, as tables and as figures.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/circular.hpp>
#include <engram/analysis/persistence.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/csv.hpp>
#include <engram/plot/bars.hpp>
#include <engram/plot/curves.hpp>

namespace support {

using engram::Index;
using engram::Tensor;
using engram::text;

/// Components and loops of a code's landmarks, or of a control's.
struct RingSearch {
  std::string code;
  std::string data;  ///< codes, or the kind of control
  Index repeat = 1;  ///< of the control, from 1 on
  engram::analysis::Persistence persistence;

  bool is_control() const { return data != "codes"; }
  engram::analysis::RingScore score() const { return engram::analysis::ring_score(persistence); }
  /// The longest-lived of the components that die, relative to the diameter: large where the points fall apart.
  double component_gap() const {
    return persistence.components.size() < 2 ? 0 : persistence.components[1].lifetime() / persistence.diameter;
  }
};

/// How the place on the ring goes with a measured angle.
struct RingAngle {
  std::string code;
  std::string angle;
  double plane_share = 0;
  double radius_spread = 0;
  double correlation = 0;     ///< circular, -1 .. 1
  double null_twentieth = 0;  ///< |correlation| that one in twenty shifts in time reaches
  double p_value = 1;
  double mean_error = 0;    ///< in degrees, after the best rotation
  Tensor<double> measured;  ///< [N] in degrees
  Tensor<double> place;     ///< [N] in degrees, aligned with the measured angle
};

inline std::string ring_table(const std::vector<RingSearch>& searches) {
  std::string csv = "code,data,repeat,birth,death,lifetime,over_second,over_diameter,component_gap,diameter\n";
  for (const RingSearch& search : searches) {
    const engram::analysis::RingScore score = search.score();
    csv += text(engram::io::csv_cell(search.code), ",", search.data, ",", search.repeat);
    for (const double value : {score.longest.birth, score.longest.death, score.longest.lifetime(), score.over_second,
                               score.over_diameter, search.component_gap(), search.persistence.diameter}) {
      csv += text(",", value);
    }
    csv += "\n";
  }
  return csv;
}

/// All components (degree 0) and loops (degree 1).
inline std::string persistence_table(const std::vector<RingSearch>& searches) {
  std::string csv = "code,data,repeat,degree,birth,death\n";
  for (const RingSearch& search : searches) {
    for (const int degree : {0, 1}) {
      for (const auto& pair : degree == 0 ? search.persistence.components : search.persistence.loops) {
        csv += text(engram::io::csv_cell(search.code), ",", search.data, ",", search.repeat, ",", degree, ",",
                    pair.birth, ",", pair.death, "\n");
      }
    }
  }
  return csv;
}

inline std::string angle_table(const std::vector<RingAngle>& compared) {
  std::string csv = "code,angle,plane_share,radius_spread,circular_correlation,null_5_percent,p_value,mean_error\n";
  for (const RingAngle& a : compared) {
    csv +=
        text(engram::io::csv_cell(a.code), ",", engram::io::csv_cell(a.angle), ",", a.plane_share, ",", a.radius_spread,
             ",", a.correlation, ",", std::isnan(a.null_twentieth) ? std::string() : text(a.null_twentieth), ",",
             a.p_value, ",", a.mean_error, "\n");
  }
  return csv;
}

/// The largest lifetime over the diameter of the controls; NaN without any.
inline double best_control(const std::vector<RingSearch>& searches, const std::string& code) {
  double best = std::numeric_limits<double>::quiet_NaN();
  for (const RingSearch& search : searches) {
    if (search.is_control() && search.code == code) {
      best = std::fmax(best, search.score().over_diameter);
    }
  }
  return best;
}

/// @param searches  of one code
inline void print_rings(const std::vector<RingSearch>& searches) {
  const RingSearch& codes = searches.front();
  const engram::analysis::RingScore score = codes.score();
  std::printf("%s: longest loop %.3f of the diameter, %.2f times the second; controls reach %.3f of theirs\n",
              codes.code.c_str(), score.over_diameter, score.over_second, best_control(searches, codes.code));
}

inline void print_angle(const RingAngle& a) {
  std::printf(
      "  place on the ring and %s: circular correlation %.2f, one in 20 shifts: %.2f, p = %.3f; %.3g degrees "
      "off\n  the plane of the ring holds %.2f of the variance; spread of the radius %.2f (0.52: no ring)\n",
      a.angle.c_str(), a.correlation, a.null_twentieth, a.p_value, a.mean_error, a.plane_share, a.radius_spread);
}

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
