#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::data {

/// Where key points of an animal are in each frame of a movie, in its pixels: x to the right, y down.
struct Tracks {
  std::vector<std::string> points;  ///< names, [K]
  Tensor<double> x;                 ///< [N, K]; NaN where the point was not found
  Tensor<double> y;                 ///< [N, K]
  Tensor<double> likelihood;        ///< [N, K], 0..1; 1 where the file tells none
  bool has_every_frame = true;      ///< the file has a row for each frame of the movie; else some may be missing, also
                                    ///< at the end
  std::string source = "tracks";    ///< what error texts call them: the file

  Index size() const { return x.dim(0); }

  /// Position of a point.
  /// @throws ArgumentError for an unknown name; the text lists the known ones
  Index find(std::string_view name) const {
    const auto found = std::ranges::find(points, name);
    if (found == points.end()) {
      std::string known;
      for (const std::string& point : points) {
        known += (known.empty() ? "" : ", ") + point;
      }
      fail<ArgumentError>(source, ": need one of the points ", known, ", got ", name);
    }
    return found - points.begin();
  }
};

}  // namespace engram::data
