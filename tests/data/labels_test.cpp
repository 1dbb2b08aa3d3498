#include <engram/data/labels.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace engram;
using data::Labels;

namespace {

Labels example() {
  return {
      .values = Tensor<double>::from({2, 3}, {1, 2, 3, 4, 5, 6}), .columns = {"x", "y", "angle"}, .source = "a.csv"};
}

}  // namespace

TEST_CASE("Labels: a column by name") {
  const Labels labels = example();
  CHECK(labels.size() == 2);
  CHECK(labels.find("angle") == 2);
  const auto y = labels.column("y");
  CHECK(y.shape() == Shape{2});
  CHECK(y[0] == 2);
  CHECK(y[1] == 5);
}

TEST_CASE("Labels: an unknown column lists the known ones") {
  CHECK_THROWS_WITH_AS(example().column("z"), "a.csv: need one of the label columns x, y, angle, got z", ArgumentError);
  CHECK_THROWS_WITH_AS(example().find("X"), "a.csv: need one of the label columns x, y, angle, got X", ArgumentError);
}

TEST_CASE("Labels: a column that has to be known names the first row that is not, and how many are not") {
  Labels labels = example();
  CHECK(labels.finite_column("y")[1] == 5);
  labels.values[4] = std::nan("");
  CHECK_THROWS_WITH_AS(labels.finite_column("y"),
                       "a.csv, column y: need finite numbers, got nan in row 1, the first of 1 of 2 rows", FormatError);
}

TEST_CASE("check_labels: one row per frame, one name per column") {
  Labels labels = example();
  CHECK_NOTHROW(check_labels(labels, 2));
  CHECK_THROWS_WITH_AS(check_labels(labels, 3, "a.npy"),
                       "a.csv: need one row of labels for each of the 3 frames of a.npy, got 2", ShapeError);
  labels.columns.pop_back();
  CHECK_THROWS_WITH_AS(check_labels(labels, 2), "a.csv: need labels [N, 2] for the columns named, got [2, 3]",
                       ShapeError);
  labels.values = Tensor<double>::zeros({2});
  CHECK_THROWS_WITH_AS(check_labels(labels, 2), "a.csv: need labels [N, 2] for the columns named, got [2]", ShapeError);
}
