#include <engram/analysis/decoding/label_code.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::analysis;
using engram::analysis::detail::LabelCode;

TEST_CASE("LabelCode: each kind reads what it has written") {
  const auto numbers = Tensor<double>::from({4}, {3, -1.5, 3, 7});
  const LabelCode linear(numbers, LabelKind::linear, two_pi);
  CHECK(linear.width() == 1);
  CHECK(list(linear.write(numbers)) == list(numbers));
  CHECK(list(linear.read(linear.write(numbers))) == list(numbers));

  const auto angles = Tensor<double>::from({4}, {0, 90, -90, 540});
  const LabelCode circular(angles, LabelKind::circular, 360);
  CHECK(largest_difference(circular.write(angles), std::vector<double>{1, 0, 0, 1, 0, -1, -1, 0}) < 1e-15);
  CHECK(largest_difference(circular.read(circular.write(angles)), std::vector<double>{0, 90, 270, 180}) < 1e-12);

  const auto classes = Tensor<double>::from({4}, {9, -2, 9, 4});
  const LabelCode categorical(classes, LabelKind::categorical, two_pi);
  CHECK(list(categorical.write(classes)) == std::vector<double>{0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0});
  CHECK(list(categorical.read(categorical.write(classes))) == list(classes));
}

TEST_CASE("LabelCode: the largest number names the class, of equal ones the first; no direction is angle 0") {
  const auto classes = Tensor<double>::from({3}, {5, 6, 8});
  const LabelCode categorical(classes, LabelKind::categorical, two_pi);
  const auto rows = Tensor<double>::from({2, 4}, {-1, 0.3, 0.4, 0.4, 9, -0.2, -0.1, -0.3});
  CHECK(list(categorical.read(rows, 1)) == std::vector<double>{6, 6});
  const LabelCode circular(classes, LabelKind::circular, 360);
  CHECK(list(circular.read(Tensor<double>::from({1, 2}, {0, -1e-17}))) == std::vector<double>{0});
}

TEST_CASE("LabelCode: scores and errors by hand") {
  const auto truth = Tensor<double>::from({3}, {10, 350, 100});
  const auto predicted = Tensor<double>::from({3}, {350, 340, 101});
  const LabelCode circular(truth, LabelKind::circular, 360);
  CHECK_FALSE(circular.larger_is_better());
  CHECK(circular.score(truth, predicted) == doctest::Approx(31.0 / 3).epsilon(1e-15));
  CHECK(circular.error(truth, predicted).median == 10);
  const LabelCode linear(truth, LabelKind::linear, 360);
  CHECK(linear.error(truth, predicted).mean == doctest::Approx(351.0 / 3).epsilon(1e-15));
  CHECK(linear.error(truth, predicted).median == 10);
  CHECK(linear.score(truth, truth) == 1);
  const LabelCode categorical(truth, LabelKind::categorical, 360);
  CHECK(categorical.score(truth, Tensor<double>::from({3}, {10, 350, 350})) == doctest::Approx(2.0 / 3).epsilon(1e-15));
  CHECK(std::isnan(categorical.error(truth, predicted).mean));
}
