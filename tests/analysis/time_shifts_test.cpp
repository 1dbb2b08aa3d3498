#include <engram/analysis/time_shifts.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::analysis;

TEST_CASE("time_shifts: distinct, and far enough from 0 both ways round") {
  auto shifts = time_shifts(100, 61, 20, Rng(1));
  std::ranges::sort(shifts);
  REQUIRE(shifts.size() == 61);
  CHECK(std::ranges::adjacent_find(shifts) == shifts.end());
  CHECK(shifts.front() == 20);  // all that there are
  CHECK(shifts.back() == 80);
}

TEST_CASE("time_shifts: the seed says which; each is as likely as the others") {
  CHECK(time_shifts(1000, 5, 10, Rng(1)) == time_shifts(1000, 5, 10, Rng(1)));
  CHECK(time_shifts(1000, 5, 10, Rng(1)) != time_shifts(1000, 5, 10, Rng(2)));
  std::vector<int> drawn(9);
  for (std::uint64_t seed = 0; seed < 7000; ++seed) {
    for (const Index shift : time_shifts(9, 2, 1, Rng(seed))) {
      ++drawn[static_cast<std::size_t>(shift)];
    }
  }
  CHECK(drawn[0] == 0);
  for (std::size_t shift = 1; shift < 9; ++shift) {  // 2 / 8 of 7000, standard deviation 36
    CHECK(std::abs(drawn[shift] - 1750) < 160);
  }
  CHECK(time_shifts(10, 0, 1, Rng(1)).empty());
  CHECK(most_time_shifts(100, 20) == 61);
  CHECK(most_time_shifts(190, default_min_shift(190)) == 153);
  CHECK(most_time_shifts(10, 6) == 0);
}

TEST_CASE("time_shifts: errors say what was needed and what was got") {
  CHECK_THROWS_WITH_AS(time_shifts(100, 62, 20, Rng(1)),
                       "time_shifts: need at most 61 shifts (100 frames, least lag 20), got 62", ArgumentError);
  CHECK_THROWS_WITH_AS(time_shifts(10, 1, 6, Rng(1)),
                       "time_shifts: need at most 0 shifts (10 frames, least lag 6), got 1", ArgumentError);
  CHECK_THROWS_WITH_AS(time_shifts(10, -1, 2, Rng(1)), "time_shifts: need shifts >= 0 and min_shift >= 1, got -1 and 2",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(time_shifts(10, 1, 0, Rng(1)), "time_shifts: need shifts >= 0 and min_shift >= 1, got 1 and 0",
                       ArgumentError);
}

TEST_CASE("shifted_in_time: row i is row i + shift, the first follow the last") {
  const auto x = Tensor<int>::from({3, 2}, {1, 2, 3, 4, 5, 6});
  CHECK(list(shifted_in_time(x, 1)) == std::vector<int>{3, 4, 5, 6, 1, 2});
  CHECK(shifted_in_time(x, 1).shape() == Shape{3, 2});
  CHECK(list(shifted_in_time(x, 0)) == list(x));
  CHECK(list(shifted_in_time(x, 3)) == list(x));
  CHECK(shifted_in_time(Tensor<int>(), 0).size() == 0);
  CHECK_THROWS_WITH_AS(shifted_in_time(x, 4), "shifted_in_time: need 0 <= shift <= 3 (the frames), got 4",
                       ArgumentError);
}

TEST_CASE("null_p_value: counts the score itself, and equal ones as good") {
  CHECK(null_p_value(3, {1, 2, 3, 4}) == 3.0 / 5);
  CHECK(null_p_value(3, {1, 2, 3, 4}, false) == 4.0 / 5);
  CHECK(null_p_value(9, {1, 2, 3, 4}) == 1.0 / 5);
  CHECK(null_p_value(9, {}) == 1);
}

TEST_CASE("null_twentieth: what surpasses it, and nothing else, has a p-value below 0.05") {
  std::vector<double> null(40);
  std::iota(null.begin(), null.end(), 1.0);
  CHECK(null_twentieth(null) == 39);
  CHECK(null_twentieth(null, false) == 2);
  for (const std::size_t n : std::vector<std::size_t>{20, 21, 39, 40, 99, 200, 999}) {
    CAPTURE(n);
    std::vector<double> more(n);
    std::iota(more.begin(), more.end(), 0.0);
    const double to_surpass = null_twentieth(more);
    CHECK(null_p_value(to_surpass + 0.5, more) < 0.05);
    CHECK(null_p_value(to_surpass, more) >= 0.05);
  }
  CHECK(std::isnan(null_twentieth(std::vector<double>(19))));
}
