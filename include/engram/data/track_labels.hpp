#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/direction_degrees.hpp>
#include <engram/data/labels.hpp>
#include <engram/data/tracks.hpp>

namespace engram::data {

/// Makes known what is missing or unlikely: between two frames in which a point is known, it is taken to have moved in
/// a line.
/// @param min_likelihood  a point of less is taken for missing, as DeepLabCut's pcutoff
/// @param max_gap         most frames in a row that are made up; longer gaps stay NaN, all of them
/// @throws ArgumentError unless min_likelihood is in 0..1 and max_gap >= 0
inline Tracks fill_gaps(Tracks tracks, double min_likelihood = 0.6, Index max_gap = 5) {
  ensure<ArgumentError>(min_likelihood >= 0 && min_likelihood <= 1 && max_gap >= 0,
                        "fill_gaps: need a min_likelihood in 0..1 and a max_gap >= 0, got ", min_likelihood, " and ",
                        max_gap);
  const Index count = std::ssize(tracks.points);
  for (Index point = 0; point < count; ++point) {
    Index known = -1;  // the last frame that is
    for (Index frame = 0; frame < tracks.size(); ++frame) {
      const Index at = frame * count + point;
      if (!(tracks.likelihood[at] >= min_likelihood) || !std::isfinite(tracks.x[at]) || !std::isfinite(tracks.y[at])) {
        tracks.x[at] = tracks.y[at] = std::numeric_limits<double>::quiet_NaN();
        continue;
      }
      const Index gap = frame - known - 1;
      for (Index missing = 1; known >= 0 && gap <= max_gap && missing <= gap; ++missing) {
        const Index from = known * count + point;
        const double share = static_cast<double>(missing) / static_cast<double>(gap + 1);
        const Index to = from + missing * count;
        tracks.x[to] = (1 - share) * tracks.x[from] + share * tracks.x[at];
        tracks.y[to] = (1 - share) * tracks.y[from] + share * tracks.y[at];
      }
      known = frame;
    }
  }
  return tracks;
}

struct TrackLabelOptions {
  std::vector<std::string> position{};  ///< points of which the animal's position is the mean; empty: all
  std::string body_from{};              ///< the body's direction goes from this point, as the tail's base, ...
  std::string body_to{};                ///< ... to this one, as the neck; both empty: no direction
  double centre_x = 0;                  ///< of the arena, in pixels of the movie
  double centre_y = 0;
  double unit = 1;  ///< what a pixel of the movie measures, in the unit that labels shall have
};

/// Labels of each frame of tracks, named as the synthetic arena's: x, y: the animal's position; distance and
/// location_angle: where that lies from the arena's centre; body_angle, if it is asked for; and NAME_x, NAME_y of each
/// point. Lengths in the unit; angles in degrees in [0, 360), 0 to the right, growing clockwise on screen. NaN where a
/// point that is needed is not known, and for the direction from a place to itself.
/// @throws ArgumentError for an unknown point, one of body_from and body_to alone or both the same, or a unit that is
/// not positive
inline Labels track_labels(const Tracks& tracks, const TrackLabelOptions& options) {
  ensure<ArgumentError>(options.body_from.empty() == options.body_to.empty(),
                        "track_labels: need both points of the body's direction or none, got ",
                        options.body_from.empty() ? options.body_to : options.body_from);
  ensure<ArgumentError>(options.body_from.empty() || options.body_from != options.body_to,
                        "track_labels: need two points for the body's direction, got ", options.body_from, " twice");
  ensure<ArgumentError>(options.unit > 0 && std::isfinite(options.unit), "track_labels: need a unit > 0, got ",
                        options.unit);
  const auto degrees = [](double x, double y) {
    if (std::isnan(x + y) || (x == 0 && y == 0)) {
      return std::numeric_limits<double>::quiet_NaN();  // no direction
    }
    return direction_degrees(x, y);
  };
  const Index points = std::ssize(tracks.points);
  std::vector<Index> position;
  for (const std::string& name : options.position.empty() ? tracks.points : options.position) {
    position.push_back(tracks.find(name));
  }
  const bool directed = !options.body_from.empty();
  const Index from = directed ? tracks.find(options.body_from) : 0;
  const Index to = directed ? tracks.find(options.body_to) : 0;

  Labels labels{.values = {}, .columns = {"x", "y", "distance", "location_angle"}, .source = tracks.source};
  if (directed) {
    labels.columns.push_back("body_angle");
  }
  for (const std::string& point : tracks.points) {
    labels.columns.push_back(point + "_x");
    labels.columns.push_back(point + "_y");
  }
  const Index columns = std::ssize(labels.columns);
  labels.values = Tensor<double>::uninitialized({tracks.size(), columns});
  for (Index i = 0; i < tracks.size(); ++i) {
    const double* xs = tracks.x.data() + i * points;
    const double* ys = tracks.y.data() + i * points;
    double x = 0;
    double y = 0;
    for (const Index point : position) {
      x += xs[point] / static_cast<double>(position.size());
      y += ys[point] / static_cast<double>(position.size());
    }
    const double right = x - options.centre_x;
    const double down = y - options.centre_y;
    const double unit = options.unit;
    double* row = labels.values.data() + i * columns;
    *row++ = x * unit;
    *row++ = y * unit;
    *row++ = std::hypot(right, down) * unit;
    *row++ = degrees(right, down);
    if (directed) {
      *row++ = degrees(xs[to] - xs[from], ys[to] - ys[from]);
    }
    for (Index point = 0; point < points; ++point) {
      *row++ = xs[point] * unit;
      *row++ = ys[point] * unit;
    }
  }
  return labels;
}

}  // namespace engram::data
