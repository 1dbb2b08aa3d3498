#include <engram/plot/point_colors.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::plot;

namespace {

Tensor<double> values(std::initializer_list<double> list) {
  return Tensor<double>::from({static_cast<Index>(list.size())}, list);
}

}  // namespace

TEST_CASE("point_colors: categories are numbered by value and named by it") {
  const auto found =
      point_colors(CategoricalColors{.labels = values({7, -2, 7, not_a_number, 0.5}), .title = "kind"}, 5);
  const auto& entries = std::get<std::vector<LegendEntry>>(found.key);
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].name == "-2");
  CHECK(entries[1].name == "0.5");
  CHECK(entries[2].name == "7");
  CHECK(found.colors[0] == category_color(2, 3));
  CHECK(found.colors[2] == found.colors[0]);
  CHECK(found.colors[1] == entries[0].color);
  CHECK(found.colors[3] == unknown_color);
  CHECK(found.has_unknown);
  CHECK(found.title == "kind");
}

TEST_CASE("point_colors: named categories keep their names where some do not occur") {
  const auto found = point_colors(CategoricalColors{.labels = values({2, 0}), .names = {"cat", "dog", "owl"}}, 2);
  const auto& entries = std::get<std::vector<LegendEntry>>(found.key);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].name == "cat");
  CHECK(entries[1].name == "owl");
  CHECK_THROWS_WITH_AS(point_colors(CategoricalColors{.labels = values({2, 3}), .names = {"a", "b", "c"}}, 2),
                       "point_colors: need labels from 0 to 3 - 1, one for each name, got 3", ArgumentError);
}

TEST_CASE("point_colors: amounts go from end to end of the map") {
  const auto found = point_colors(ContinuousColors{.values = values({-1e308, 1e308, not_a_number, 0})}, 4);
  CHECK(found.colors[0] == sequential_color(0));
  CHECK(found.colors[1] == sequential_color(1));
  CHECK(found.colors[2] == unknown_color);
  CHECK(found.colors[3] == sequential_color(0.5));
  CHECK(std::get<ColorBar>(found.key).high == 1e308);
  CHECK(point_colors(ContinuousColors{.values = values({3, 3})}, 2).colors[0] == sequential_color(0.5));
}

TEST_CASE("point_colors: directions whole turns apart have one colour") {
  const auto found = point_colors(CircularColors{.values = values({90, 450, -270, 91}), .period = 360}, 4);
  CHECK(found.colors[0] == found.colors[1]);
  CHECK(found.colors[0] == found.colors[2]);
  CHECK(!(found.colors[0] == found.colors[3]));
}

TEST_CASE("point_colors: without a known value there is nothing to explain") {
  const auto found = point_colors(ContinuousColors{.values = values({not_a_number, not_a_number})}, 2);
  CHECK(std::holds_alternative<std::monostate>(found.key));
  CHECK(found.colors[1] == unknown_color);
  CHECK(std::holds_alternative<std::monostate>(point_colors({}, 3).key));
}

TEST_CASE("point_colors: what does not fit is refused") {
  CHECK_THROWS_WITH_AS(point_colors(ContinuousColors{.values = values({1, 2})}, 3),
                       "point_colors: need a value for each of the 3 points, got [2]", ShapeError);
  CHECK_THROWS_WITH_AS(point_colors(ContinuousColors{.values = values({1, INFINITY})}, 2),
                       "point_colors: need finite values, or NaN where unknown, got inf for point 1", ArgumentError);
  CHECK_THROWS_WITH_AS(point_colors(CircularColors{.values = values({1}), .period = 0}, 1),
                       "point_colors: need a period > 0, got 0", ArgumentError);
}
