#include <engram/analysis/code_state.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"
#include "support/waves.hpp"

using namespace engram;
using namespace engram::analysis;

TEST_CASE("code_state: by hand") {
  // A cross: variances 8/3 and 2/3, no covariance: (8 + 2)^2 / (64 + 4).
  const auto cross = Tensor<float>::from({4, 3}, {2, 0, 5, -2, 0, 5, 0, 1, 5, 0, -1, 5});
  const CodeState state = code_state(cross);
  CHECK(largest_difference(state.variance, std::vector<double>{8.0 / 3, 2.0 / 3, 0}) < 1e-15);
  CHECK(state.dead == std::vector<Index>{2});
  CHECK(state.participation_ratio == doctest::Approx(100.0 / 68).epsilon(1e-15));
  CHECK(code_state(cross, 0.26).dead == std::vector<Index>{1, 2});
  CHECK(code_state(cross, 0.25).dead == std::vector<Index>{2});  // a quarter is not below a quarter
  CHECK(code_state(cross, 0).dead == std::vector<Index>{2});
}

TEST_CASE("code_state: as NumPy") {
  // NumPy 1.24.2: x = wave(40, 3, 1.0); l = np.linalg.eigvalsh(np.cov(x.T)); l.sum()**2 / (l**2).sum(),
  // np.var(x, axis=0, ddof=1)
  const CodeState state = code_state(wave(40, 3, 1));
  CHECK(state.participation_ratio == doctest::Approx(2.973499360837369).epsilon(1e-14));
  CHECK(largest_difference(state.variance,
                           std::vector<double>{0.5204008878580978, 0.5282585938146475, 0.511273730355075}) < 1e-15);
  CHECK(state.dead.empty());
}

TEST_CASE("code_state: points on a line have a participation ratio of 1, however it lies and however far away") {
  auto x = Tensor<double>::uninitialized({50, 5});
  for (Index at = 0; at < x.size(); ++at) {
    x[at] = 1e6 + static_cast<double>(at / 5) * static_cast<double>(at % 5 - 2);
  }
  const CodeState state = code_state(x);
  CHECK(state.participation_ratio == doctest::Approx(1).epsilon(1e-12));
  CHECK(state.dead == std::vector<Index>{2});
}

TEST_CASE("code_state: no variance at all") {
  const CodeState state = code_state(Tensor<float>::full({9, 2}, 0.3f));
  CHECK(state.dead == std::vector<Index>{0, 1});
  CHECK(state.participation_ratio == 0);
}

TEST_CASE("code_state: the same bits on any number of threads") {
  const auto x = normal<float>({20000, 16}, 1);
  CHECK(same_bits_on_any_threads([&] { return std::vector<double>{code_state(x).participation_ratio}; }));
}

TEST_CASE("code_state: errors say what was needed and what was got") {
  auto x = normal({6, 2}, 1);
  CHECK_THROWS_WITH_AS(code_state(x, -0.5), "code_state: need 0 <= dead_threshold <= 1, got -0.5", ArgumentError);
  CHECK_THROWS_WITH_AS(code_state(normal({1, 2}, 1)), "code_state: need codes [N, D] with N >= 2, got [1, 2]",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(code_state(normal({4}, 1)), "code_state: need codes [N, D], got [4]", ShapeError);
  x[2] = NAN;
  CHECK_THROWS_WITH_AS(code_state(x), "code_state: need finite codes, got nan in row 1, column 0", ArgumentError);
}
