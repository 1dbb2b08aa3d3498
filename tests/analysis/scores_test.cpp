#include <engram/analysis/scores.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include "support/waves.hpp"

using namespace engram;
using namespace engram::analysis;

TEST_CASE("r2_score: by hand") {
  const auto truth = Tensor<float>::from({4}, {1, 2, 3, 4});  // squares from the mean: 5
  CHECK(r2_score(truth, truth) == 1);
  CHECK(r2_score(truth, Tensor<float>::full({4}, 2.5f)) == 0);
  CHECK(r2_score(truth, Tensor<double>::from({4}, {1, 2, 3, 5})) == doctest::Approx(0.8).epsilon(1e-15));
  CHECK(r2_score(truth, Tensor<double>::from({4}, {4, 3, 2, 1})) == doctest::Approx(-3).epsilon(1e-15));
}

TEST_CASE("r2_score: as scikit-learn, the mean over the columns") {
  // scikit-learn 1.2.1: r2_score(wave(40, 2, 2.0), 0.8 * wave(40, 2, 2.1))
  auto predicted = wave(40, 2, 2.1);
  for (double& v : predicted.elements()) {
    v *= 0.8;
  }
  CHECK(r2_score(wave(40, 2, 2), predicted) == doctest::Approx(0.9506448910304341).epsilon(1e-14));
}

TEST_CASE("r2_score: a constant column counts 1 if predicted exactly, else 0, as scikit-learn has it") {
  const auto truth = Tensor<double>::from({3, 2}, {7, 1, 7, 2, 7, 3});
  CHECK(r2_score(truth, truth) == 1);
  CHECK(r2_score(truth, Tensor<double>::from({3, 2}, {7, 1, 7, 2, 8, 3})) == 0.5);
}

TEST_CASE("r2_score: a large mean does not hide a small variance") {
  const auto truth = Tensor<double>::from({4}, {1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4});
  CHECK(r2_score(truth, Tensor<double>::from({4}, {1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 5})) ==
        doctest::Approx(0.8).epsilon(1e-14));
}

TEST_CASE("accuracy_score: the share that is equal") {
  const auto truth = Tensor<std::int32_t>::from({4}, {3, -1, 2, 2});
  CHECK(accuracy_score(truth, truth) == 1);
  CHECK(accuracy_score(truth, Tensor<std::int32_t>::from({4}, {3, 1, 2, 0})) == 0.5);
}

TEST_CASE("scores: errors say what was needed and what was got") {
  const auto x = Tensor<double>::zeros({3});
  CHECK_THROWS_WITH_AS(r2_score(x, Tensor<double>::zeros({4})),
                       "r2_score: need two tensors [N] or [N, K] of one shape with N >= 2, got [3] and [4]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(r2_score(Tensor<double>::zeros({1}), Tensor<double>::zeros({1})),
                       "r2_score: need two tensors [N] or [N, K] of one shape with N >= 2, got [1] and [1]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(r2_score(x, Tensor<double>::from({3}, {0, NAN, 0})),
                       "r2_score: need finite predictions, got nan at position 1", ArgumentError);
  CHECK_THROWS_WITH_AS(r2_score(Tensor<double>::from({3}, {0, 0, INFINITY}), x),
                       "r2_score: need finite truth, got inf at position 2", ArgumentError);
  CHECK_THROWS_WITH_AS(accuracy_score(x, Tensor<double>::zeros({3, 1})),
                       "accuracy_score: need two tensors of one shape, got [3] and [3, 1]", ShapeError);
}
