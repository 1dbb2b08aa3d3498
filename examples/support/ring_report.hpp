// What was found of rings in codes: in words and as tables.
#pragma once

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include <engram/analysis/circular_coordinate.hpp>
#include <engram/analysis/persistence.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/csv.hpp>

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
  int windings = 1;  ///< of the ring while the angle turns once
  double plane_share = 0;
  double radius_spread = 0;
  double correlation = 0;     ///< circular, -1 .. 1
  double null_twentieth = 0;  ///< |correlation| that one in twenty shifts in time reaches
  double p_value = 1;
  double mean_error = 0;    ///< in degrees, after the best rotation
  Tensor<double> measured;  ///< [N] in degrees
  Tensor<double> place;     ///< [N] in degrees, aligned with `windings` times the measured angle
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
  std::string csv =
      "code,angle,windings,plane_share,radius_spread,circular_correlation,null_5_percent,p_value,mean_error\n";
  for (const RingAngle& a : compared) {
    csv += text(engram::io::csv_cell(a.code), ",", engram::io::csv_cell(a.angle), ",", a.windings, ",", a.plane_share,
                ",", a.radius_spread, ",", a.correlation, ",",
                std::isnan(a.null_twentieth) ? std::string() : text(a.null_twentieth), ",", a.p_value, ",",
                a.mean_error, "\n");
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

inline void print_plane(const engram::analysis::CircularCoordinate& ring) {
  std::printf("  the plane of the ring holds %.2f of the variance; spread of the radius %.2f (0.52: no ring)\n",
              ring.plane_share, ring.radius_spread);
}

inline void print_angle(const RingAngle& a) {
  std::printf(
      "  place on the ring and %s%s: circular correlation %.2f, one in 20 shifts: %.2f, p = %.3f; %.3g degrees "
      "off\n",
      a.windings == 1 ? "" : "twice ", a.angle.c_str(), a.correlation, a.null_twentieth, a.p_value, a.mean_error);
}

}  // namespace support
