#include <engram/analysis/circular.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace engram;
using namespace engram::analysis;

namespace {

Tensor<double> row(std::initializer_list<double> values) {
  return Tensor<double>::from({static_cast<Index>(values.size())}, values);
}

using std::numbers::pi;

}  // namespace

TEST_CASE("circular_difference: the short way round, from -half a turn on and less than half a turn") {
  CHECK(circular_difference(10, 350, 360) == 20);
  CHECK(circular_difference(350, 10, 360) == -20);
  CHECK(circular_difference(90, 90, 360) == 0);
  CHECK(circular_difference(-725, 5, 360) == -10);
  CHECK(circular_difference(180, 0, 360) == -180);
  CHECK(circular_difference(0, 180, 360) == -180);
  CHECK(circular_difference(540, 0, 360) == -180);
  CHECK(circular_difference(0.25 * pi, 1.75 * pi) == doctest::Approx(0.5 * pi).epsilon(1e-15));
  CHECK(circular_difference(11, 1, 12) == -2);  // hours
}

TEST_CASE("circular_difference: NaN for a period or an angle that is none") {
  CHECK(std::isnan(circular_difference(1, 2, 0)));
  CHECK(std::isnan(circular_difference(1, 2, -360)));
  CHECK(std::isnan(circular_difference(NAN, 2)));
  CHECK(std::isnan(circular_difference(1, INFINITY)));
}

TEST_CASE("circular_mean: over the jump at a full turn, in [0, period)") {
  CHECK(circular_mean(row({350, 20}), 360) == doctest::Approx(5).epsilon(1e-13));
  CHECK(circular_mean(row({350, 0}), 360) == doctest::Approx(355).epsilon(1e-14));
  CHECK(circular_mean(row({23, 3}), 24) == doctest::Approx(1).epsilon(1e-13));
  CHECK(circular_mean(row({-90, 270, 630}), 360) == doctest::Approx(270).epsilon(1e-14));
  CHECK(circular_mean(Tensor<float>::from({2, 1}, {3.0f, 3.5f})) == doctest::Approx(3.25).epsilon(1e-14));
  CHECK(circular_mean(row({-1e-300}), 360) == 0);  // not the period itself
}

TEST_CASE("circular_mean and circular_resultant: as SciPy") {
  // SciPy 1.10.1: stats.circmean(a, high=360), stats.circvar(a, high=360), stats.circmean([0.1, 6.2, 3.0])
  const auto angles = row({350, 20, 5, 341, 711.5, -30});
  CHECK(circular_mean(angles, 360) == doctest::Approx(352.8484309955465).epsilon(1e-13));
  CHECK(1 - circular_resultant(angles, 360) == doctest::Approx(0.03898106424461123).epsilon(1e-13));
  CHECK(circular_mean(row({0.1, 6.2, 3.0})) == doctest::Approx(0.15633295166142377).epsilon(1e-13));
}

TEST_CASE("circular_mean: angles that cancel have no direction: 0, not NaN") {
  CHECK(circular_mean(row({90, 270}), 360) == 0);
  CHECK(circular_mean(row({10, 130, 250}), 360) == 0);
  CHECK(circular_mean(row({0.5 * pi, 1.5 * pi})) == 0);
  CHECK(circular_resultant(row({10, 130, 250}), 360) < 1e-15);
}

TEST_CASE("circular_resultant: 1 for one direction, the cosine of half the angle between two") {
  CHECK(circular_resultant(row({77, 437, -283}), 360) == doctest::Approx(1).epsilon(1e-15));
  CHECK(circular_resultant(row({77}), 360) <= 1);
  CHECK(circular_resultant(row({10, 130}), 360) == doctest::Approx(0.5).epsilon(1e-14));
}

TEST_CASE("absolute circular errors: mean and median by hand") {
  const auto truth = row({0, 10, 350, 90});
  const auto predicted = row({355, 370, 20, 270});
  CHECK(mean_absolute_circular_error(truth, predicted, 360) == (5 + 0 + 30 + 180) / 4.0);
  CHECK(median_absolute_circular_error(truth, predicted, 360) == 17.5);
  CHECK(median_absolute_circular_error(row({0, 0, 0}), row({1, 359, 100}), 360) == 1);
  CHECK(mean_absolute_circular_error(row({0.1}), row({two_pi - 0.1})) == doctest::Approx(0.2).epsilon(1e-14));
  CHECK(mean_absolute_circular_error(row({0.1}), row({0.1 + 3 * two_pi})) < 1e-14);
}

TEST_CASE("circular statistics: errors say what was needed and what was got") {
  CHECK_THROWS_WITH_AS(circular_mean(Tensor<double>(), 360), "circular_mean: need at least one angle, got [0]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(circular_mean(row({1}), 0), "circular_mean: need a finite period > 0, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(circular_resultant(row({1}), INFINITY), "circular_resultant: need a finite period > 0, got inf",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(circular_resultant(row({1, NAN}), 360),
                       "circular_resultant: need finite angles, got nan at position 1", ArgumentError);
  CHECK_THROWS_WITH_AS(mean_absolute_circular_error(row({1, 2}), row({1})),
                       "mean_absolute_circular_error: need two tensors of one shape, got [2] and [1]", ShapeError);
  CHECK_THROWS_WITH_AS(median_absolute_circular_error(row({1, 2}), row({1, INFINITY})),
                       "median_absolute_circular_error: need finite angles, got inf at position 1", ArgumentError);
}
