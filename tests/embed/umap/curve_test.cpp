#include <engram/embed/umap/curve.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <engram/io/npy.hpp>

using namespace engram;
using embed::fit_curve;

TEST_CASE("fit_curve: the usual curve") {
  const auto curve = fit_curve(1, 0.1);
  CHECK(curve.a == doctest::Approx(1.57694).epsilon(1e-5));
  CHECK(curve.b == doctest::Approx(0.89506).epsilon(1e-5));
  CHECK(fit_curve().a == curve.a);
}

TEST_CASE("fit_curve: 30 pairs of spread and min_dist as umap-learn 0.5.3 (Debian)") {
  const auto golden = io::read_npy(ENGRAM_TEST_DIR "/golden_manifold/ab_params.npy").as<double>();
  REQUIRE(golden.shape() == Shape{30, 4});
  for (Index i = 0; i < 30; ++i) {
    const double* row = golden.data() + i * 4;
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    const auto curve = fit_curve(row[0], row[1]);
    CHECK(curve.a == doctest::Approx(row[2]).epsilon(1e-5));
    CHECK(curve.b == doctest::Approx(row[3]).epsilon(1e-5));
  }
}

TEST_CASE("fit_curve: another unit of length changes a alone, by a power") {
  const auto curve = fit_curve(1, 0.25);
  for (const double unit : {1e-6, 0.3, 1e6}) {
    const auto scaled = fit_curve(unit, 0.25 * unit);
    CHECK(scaled.b == doctest::Approx(curve.b).epsilon(1e-9));
    CHECK(scaled.a == doctest::Approx(curve.a * std::pow(unit, -2 * curve.b)).epsilon(1e-6));
  }
}

TEST_CASE("fit_curve: min_dist may be spread") {
  const auto curve = fit_curve(1, 1);
  CHECK(1 / (1 + curve.a * std::pow(0.5, 2 * curve.b)) > 0.95);
  CHECK(1 / (1 + curve.a * std::pow(3.0, 2 * curve.b)) == doctest::Approx(std::exp(-2)).epsilon(0.3));
}

TEST_CASE("fit_curve: what cannot be is named") {
  CHECK_THROWS_WITH_AS(fit_curve(0, 0), "Umap: need spread > 0, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(fit_curve(INFINITY, 0), "Umap: need spread > 0, got inf", ArgumentError);
  CHECK_THROWS_WITH_AS(fit_curve(1, 1.5), "Umap: need min_dist from 0 to spread 1, got 1.5", ArgumentError);
  CHECK_THROWS_WITH_AS(fit_curve(1, -0.5), "Umap: need min_dist from 0 to spread 1, got -0.5", ArgumentError);
  CHECK_THROWS_AS(fit_curve(1, NAN), ArgumentError);
}
