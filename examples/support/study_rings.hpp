// What the search for rings found, one row for each code.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <engram/core/error.hpp>

#include "support/report.hpp"
#include "support/study_tables.hpp"

namespace support {

/// Of the tables of find_ring in `folder`. A code is a ring if its longest loop lives longer, beside the code's
/// diameter, than that of any control and more than three times as long as its second one; how often it goes around
/// with an angle is what goes together with it best, where that is not chance.
inline ReportTable ring_summary(const std::filesystem::path& folder) {
  constexpr double alone = 3;
  const StudyTable rings(folder / "rings.csv");
  std::vector<std::string> codes;
  for (const auto& row : rings.rows) {
    if (std::ranges::count(codes, row.front()) == 0) {
      codes.push_back(row.front());
    }
  }
  ReportTable out{.caption = "A ring: a loop that outlives all controls' and lives three times as long as the next",
                  .columns = {"Code", "A ring?", "Loop's life / diameter", "Best control's", "Times the second loop's",
                              "Goes around with", "Correlation"},
                  .rows = {}};
  for (const std::string& code : codes) {
    const double life = rings.number({code, "codes"}, "over_diameter");
    const double second = rings.number({code, "codes"}, "over_second");
    double control = std::numeric_limits<double>::quiet_NaN();
    for (const auto& row : rings.rows) {
      if (row[0] == code && row[1] != "codes") {
        control = std::fmax(control, rings.number({row[0], row[1], row[2]}, "over_diameter"));
      }
    }
    const bool ring = life > control && second > alone;
    std::string with = "no angle";
    double correlation = 0;
    if (std::filesystem::exists(folder / "angles.csv")) {
      const StudyTable angles(folder / "angles.csv");
      for (const auto& row : angles.rows) {
        const std::vector<std::string> key{row[0], row[1], row[2]};
        const double found = angles.number(key, "circular_correlation");
        if (row[0] == code && angles.number(key, "p_value") < 0.05 && std::abs(found) > std::abs(correlation)) {
          correlation = found;
          with = row[1] + (row[2] == "1" ? "" : ", twice a turn");
        }
      }
    }
    out.rows.push_back({code, ring ? "yes" : "no", spread({life}, 2), spread({control}, 2), spread({second}, 1), with,
                        correlation == 0 ? "" : spread({correlation}, 2)});
  }
  return out;
}

}  // namespace support
