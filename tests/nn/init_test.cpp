#include <engram/nn/init.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "support/numbers.hpp"

using namespace engram;

TEST_CASE("kaiming_uniform: fills the interval of PyTorch's default, a = sqrt(5)") {
  Rng rng(1);
  const auto t = nn::kaiming_uniform<double>({100, 16}, 16, rng);
  const double bound = std::sqrt(6.0 / ((1 + 5.0) * 16));
  CHECK(bound == 0.25);
  const auto [least, most] = std::ranges::minmax(t.elements());
  CHECK((least >= -bound && least < -0.99 * bound));
  CHECK((most <= bound && most > 0.99 * bound));
  double mean = 0;
  double square = 0;
  for (const double v : t.elements()) {
    mean += v / 1600;
    square += v * v / 1600;
  }
  CHECK(std::abs(mean) < 5 * bound / std::sqrt(3.0 * 1600));
  CHECK(square == doctest::Approx(bound * bound / 3).epsilon(0.12));
}

TEST_CASE("kaiming_uniform: follows from the generator, which it moves on") {
  Rng a(1);
  Rng b(1);
  const auto first = nn::kaiming_uniform<float>({3, 4}, 4, a);
  CHECK(list(first) == list(nn::kaiming_uniform<float>({3, 4}, 4, b)));
  CHECK(list(first) != list(nn::kaiming_uniform<float>({3, 4}, 4, b)));
}

TEST_CASE("kaiming_uniform: needs an input") {
  Rng rng(1);
  CHECK_THROWS_WITH_AS(nn::kaiming_uniform<float>({3}, 0, rng), "kaiming_uniform: need fan_in >= 1, got 0",
                       ArgumentError);
}
