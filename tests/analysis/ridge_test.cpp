#include <engram/analysis/ridge.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"
#include "support/waves.hpp"

using namespace engram;
using namespace engram::analysis;

namespace {

/// wave(40, 2, 2.0) + [10, -3]
Tensor<double> targets() {
  auto y = wave(40, 2, 2);
  for (Index i = 0; i < y.size(); ++i) {
    y[i] += i % 2 == 0 ? 10 : -3;
  }
  return y;
}

}  // namespace

TEST_CASE("fit_ridge: worked out by hand") {
  // Centred, x is -1, 0, 1 and y is -2, 0, 2: the coefficient is 4 / (2 + alpha).
  const auto x = Tensor<double>::from({3, 1}, {4, 5, 6});
  const auto y = Tensor<double>::from({3, 1}, {1, 3, 5});
  const RidgeModel exact = fit_ridge(x, y, 0);
  CHECK(exact.coefficients.item() == doctest::Approx(2).epsilon(1e-15));
  CHECK(exact.intercept.item() == doctest::Approx(-7).epsilon(1e-15));
  const RidgeModel half = fit_ridge(x, y, 2);
  CHECK(half.coefficients.item() == doctest::Approx(1).epsilon(1e-15));
  CHECK(half.predict(Tensor<float>::from({1, 1}, {7})).item() == doctest::Approx(5).epsilon(1e-15));
}

TEST_CASE("fit_ridge: as scikit-learn") {
  // scikit-learn 1.2.1: m = Ridge(alpha=alpha).fit(wave(40, 3, 1.0), wave(40, 2, 2.0) + [10, -3]);
  // m.coef_, m.intercept_, m.predict(wave(4, 3, 0.5))[-1]
  const RidgeModel one = fit_ridge(wave(40, 3, 1), targets());
  CHECK(largest_difference(one.coefficients,
                           std::vector<double>{0.48806764043957807, 0.08411193047257474, 0.05093231175475803,
                                               -0.06046591269849861, 0.5288734188748151, 0.07513414178484026}) < 1e-13);
  CHECK(largest_difference(one.intercept, std::vector<double>{9.96810182513817, -3.0374652578427894}) < 1e-13);
  const auto predicted = one.predict(wave(4, 3, 0.5));
  CHECK(predicted.shape() == Shape{4, 2});
  CHECK(predicted[6] == doctest::Approx(10.457856537444666).epsilon(1e-14));
  CHECK(predicted[7] == doctest::Approx(-2.929195538582096).epsilon(1e-14));
  const RidgeModel strong = fit_ridge(wave(40, 3, 1), targets(), 25);
  CHECK(largest_difference(strong.coefficients,
                           std::vector<double>{0.23070464670821447, 0.04874389048999547, 0.02671154164878631,
                                               -0.01961974275461944, 0.2504376709269134, 0.04609049245795206}) < 1e-13);
  const RidgeModel none = fit_ridge(wave(40, 3, 1), targets(), 0);
  CHECK(largest_difference(none.coefficients,
                           std::vector<double>{0.5119311902747938, 0.08638782538557405, 0.05295596682694307,
                                               -0.06525507384431789, 0.5547412052203666, 0.0765952913130472}) < 1e-13);
}

TEST_CASE("RidgeSolver: one factorisation fits each target as if it were alone") {
  const auto x = normal<float>({50, 7}, 1);
  const auto y = normal<float>({50, 3}, 2);
  const RidgeSolver solver(x, 3);
  const RidgeModel all = solver.fit(y);
  for (Index k = 0; k < 3; ++k) {
    auto column = Tensor<float>::uninitialized({50, 1});
    for (Index i = 0; i < 50; ++i) {
      column[i] = y[i * 3 + k];
    }
    const RidgeModel alone = solver.fit(column);
    CHECK(alone.intercept[0] == doctest::Approx(all.intercept[k]).epsilon(1e-12));
    CHECK(alone.coefficients[6] == doctest::Approx(all.coefficients[k * 7 + 6]).epsilon(1e-12));
  }
}

TEST_CASE("fit_ridge: the gradient of what it minimises is 0") {
  const auto x = normal({30, 4}, 3);
  const auto y = normal({30, 1}, 4);
  const RidgeModel model = fit_ridge(x, y, 0.7);
  const auto predicted = model.predict(x);
  std::vector<double> slope(5);
  for (Index i = 0; i < 30; ++i) {
    const double residual = predicted[i] - y[i];
    slope[4] += residual;
    for (Index j = 0; j < 4; ++j) {
      slope[static_cast<std::size_t>(j)] += residual * x[i * 4 + j];
    }
  }
  for (Index j = 0; j < 4; ++j) {
    slope[static_cast<std::size_t>(j)] += 0.7 * model.coefficients[j];
  }
  CHECK(largest_difference(slope, std::vector<double>(5)) < 1e-12);
}

TEST_CASE("fit_ridge: columns that are constant or equal do no harm, even without a penalty") {
  auto x = Tensor<double>::full({20, 3}, 5);
  auto y = Tensor<double>::uninitialized({20, 1});
  for (Index i = 0; i < 20; ++i) {
    x[i * 3] = x[i * 3 + 1] = static_cast<double>(i);
    y[i] = 1 + 4 * static_cast<double>(i);
  }
  const RidgeModel model = fit_ridge(x, y, 0);  // the shortest solution shares the slope
  CHECK(largest_difference(model.coefficients, std::vector<double>{2, 2, 0}) < 1e-12);
  CHECK(model.intercept[0] == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("fit_ridge: more columns than rows") {
  const auto x = normal({6, 20}, 5);
  const auto y = normal({6, 2}, 6);
  CHECK(largest_difference(fit_ridge(x, y, 0).predict(x), y) < 1e-12);
}

TEST_CASE("fit_ridge: large means do not hide small variances") {
  auto x = wave(40, 3, 1);
  auto y = targets();
  const RidgeModel expected = fit_ridge(x, y, 1e-3);
  for (double& v : x.elements()) {
    v += 1 << 20;
  }
  CHECK(largest_difference(fit_ridge(x, y, 1e-3).coefficients, expected.coefficients) < 1e-9);
}

TEST_CASE("fit_ridge: the same bits on any number of threads") {
  const auto x = normal<float>({5000, 16}, 7);
  const auto y = normal<float>({5000, 40}, 8);
  CHECK(same_bits_on_any_threads([&] { return fit_ridge(x, y).predict(x); }));
}

TEST_CASE("RidgeSolver: errors say what was needed and what was got") {
  const auto x = normal({6, 2}, 1);
  auto broken = x;
  broken[3] = NAN;
  CHECK_THROWS_WITH_AS(RidgeSolver(x, -1), "RidgeSolver: need a finite alpha >= 0, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(RidgeSolver(x, NAN), "RidgeSolver: need a finite alpha >= 0, got nan", ArgumentError);
  CHECK_THROWS_WITH_AS(RidgeSolver{broken}, "RidgeSolver: need finite x, got nan in row 1, column 1", ArgumentError);
  CHECK_THROWS_WITH_AS(RidgeSolver(Tensor<double>::zeros({3})), "RidgeSolver: need x [N, D], got [3]", ShapeError);
  CHECK_THROWS_WITH_AS(fit_ridge(x, normal({5, 1}, 2)), "RidgeSolver: need y [6, K], got [5, 1]", ShapeError);
  CHECK_THROWS_WITH_AS(fit_ridge(x, broken), "RidgeSolver: need finite y, got nan in row 1, column 1", ArgumentError);
  const RidgeModel model = fit_ridge(x, x);
  CHECK_THROWS_WITH_AS(model.predict(normal({4, 3}, 2)), "RidgeModel: need x [Q, 2], got [4, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(model.predict(broken), "RidgeModel: need finite x, got nan in row 1, column 1", ArgumentError);
  CHECK(model.predict(Tensor<double>::zeros({0, 2})).shape() == Shape{0, 2});
}
