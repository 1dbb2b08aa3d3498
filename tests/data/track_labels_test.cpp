#include <engram/data/track_labels.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace engram;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// Tracks of one point.
data::Tracks one_point(std::vector<double> x, std::vector<double> likelihood = {}) {
  const Index count = std::ssize(x);
  likelihood.resize(x.size(), 1);
  return {.points = {"nose"},
          .x = Tensor<double>::from({count, 1}, x),
          .y = Tensor<double>::from({count, 1}, x),
          .likelihood = Tensor<double>::from({count, 1}, likelihood)};
}

std::vector<double> filled(const data::Tracks& tracks, Index max_gap) {
  const auto out = data::fill_gaps(tracks, 0.6, max_gap);
  return {out.x.elements().begin(), out.x.elements().end()};
}

/// NaN equals NaN.
bool alike(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && !(std::isnan(a[i]) && std::isnan(b[i]))) {
      return false;
    }
  }
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("fill_gaps: short gaps are bridged in a line, long ones and those at the ends stay") {
  const auto tracks = one_point({unknown, 1, unknown, unknown, 4, unknown, unknown, unknown, 8, unknown});
  CHECK(alike(filled(tracks, 2), {unknown, 1, 2, 3, 4, unknown, unknown, unknown, 8, unknown}));
  CHECK(alike(filled(tracks, 3), {unknown, 1, 2, 3, 4, 5, 6, 7, 8, unknown}));
  CHECK(alike(filled(tracks, 0), {unknown, 1, unknown, unknown, 4, unknown, unknown, unknown, 8, unknown}));
}

TEST_CASE("fill_gaps: an unlikely point is a missing one") {
  CHECK(alike(filled(one_point({1, 50, 3}, {1, 0.5, 1}), 5), {1, 2, 3}));
  CHECK(alike(filled(one_point({1, 50, 3}, {1, 0.6, 1}), 5), {1, 50, 3}));
  CHECK_THROWS_WITH_AS(data::fill_gaps(one_point({1}), 1.5),
                       "fill_gaps: need a min_likelihood in 0..1 and a max_gap >= 0, got 1.5 and 5", ArgumentError);
}

TEST_CASE("track_labels: position, place about the centre and direction, as the arena's labels") {
  // The tail's base at (10, 10), the neck above it, to its right, and unknown.
  const data::Tracks tracks{.points = {"base", "neck"},
                            .x = Tensor<double>::from({3, 2}, {10, 10, 10, 14, 10, unknown}),
                            .y = Tensor<double>::from({3, 2}, {10, 4, 10, 10, 10, unknown}),
                            .likelihood = Tensor<double>::full({3, 2}, 1)};
  const auto labels =
      data::track_labels(tracks, {.body_from = "base", .body_to = "neck", .centre_x = 10, .centre_y = 10, .unit = 0.5});
  CHECK(labels.columns == std::vector<std::string>{"x", "y", "distance", "location_angle", "body_angle", "base_x",
                                                   "base_y", "neck_x", "neck_y"});
  const auto row = [&](Index i) {
    const auto all = labels.values.elements();
    return std::vector<double>(all.begin() + 9 * i, all.begin() + 9 * (i + 1));
  };
  CHECK(alike(row(0), {5, 3.5, 1.5, 270, 270, 5, 5, 5, 2}));
  CHECK(alike(row(1), {6, 5, 1, 0, 0, 5, 5, 7, 5}));
  CHECK(alike(row(2), {unknown, unknown, unknown, unknown, unknown, 5, 5, unknown, unknown}));
  // By one point alone, the third frame is known.
  const auto by_base = data::track_labels(tracks, {.position = {"base"}, .centre_x = 7, .centre_y = 14});
  CHECK(by_base.column("distance")[2] == 5);
  CHECK(by_base.columns[4] == "base_x");
}

TEST_CASE("track_labels: says what it needs") {
  const auto tracks = one_point({1, 2});
  CHECK_THROWS_WITH_AS(data::track_labels(tracks, {.position = {"ear"}}),
                       "tracks: need one of the points nose, got ear", ArgumentError);
  CHECK_THROWS_WITH_AS(data::track_labels(tracks, {.body_from = "nose"}),
                       "track_labels: need both points of the body's direction or none, got nose", ArgumentError);
  CHECK_THROWS_WITH_AS(data::track_labels(tracks, {.body_from = "nose", .body_to = "nose"}),
                       "track_labels: need two points for the body's direction, got nose twice", ArgumentError);
  CHECK(std::isnan(data::track_labels(tracks, {.centre_x = 2, .centre_y = 2}).column("location_angle")[1]));
  CHECK_THROWS_WITH_AS(data::track_labels(tracks, {.unit = 0}), "track_labels: need a unit > 0, got 0", ArgumentError);
}
