#include <engram/ops/dropout.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/same_bits.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

constexpr Index million = 1'000'000;

/// 1 where an element is kept, 0 elsewhere.
std::vector<double> mask(Index size, double p, const Rng& rng) {
  auto kept = list(dropout(Variable<double>(Tensor<double>::full({size}, 1)), p, rng).value());
  for (double& v : kept) {
    v = v != 0 ? 1 : 0;
  }
  return kept;
}

double total(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) {
    sum += x;
  }
  return sum;
}

/// Correlation of a[i] and b[i + shift] for masks that keep a share q, in standard deviations of independent ones.
double correlation(const std::vector<double>& a, const std::vector<double>& b, double q, std::size_t shift = 0) {
  double sum = 0;
  const std::size_t n = a.size() - shift;
  for (std::size_t i = 0; i < n; ++i) {
    sum += (a[i] - q) * (b[i + shift] - q);
  }
  return sum / (q * (1 - q) * std::sqrt(static_cast<double>(n)));
}

}  // namespace

TEST_CASE("dropout: with p = 0 all pass, with p = 1 none") {
  const auto x = random_parameter({37}, 1);
  const auto all = dropout(x, 0, Rng(1));
  CHECK(list(all.value()) == list(x.value()));
  CHECK(list(backward(sum(all))[x]) == std::vector<double>(37, 1));
  const auto none = dropout(x, 1, Rng(1));
  CHECK(list(none.value()) == std::vector<double>(37));
  CHECK(list(backward(sum(none))[x]) == std::vector<double>(37));
}

TEST_CASE("dropout: the share that is kept is 1 - p within 4.5 standard deviations") {
  for (const double p : {0.1, 0.5, 0.8}) {
    const double kept = total(mask(million, p, Rng(7)));
    const double deviation = std::sqrt(p * (1 - p) * static_cast<double>(million));
    CHECK(std::abs(kept - (1 - p) * static_cast<double>(million)) < 4.5 * deviation);
  }
}

TEST_CASE("dropout: kept elements are scaled so that the expectation is theirs") {
  for (const double p : {0.1, 0.25, 0.3, 0.5, 0.9}) {
    const auto y = dropout(Variable<double>(Tensor<double>::full({1000}, 1)), p, Rng(1));
    double scale = 0;
    bool same = true;
    for (const double v : y.value().elements()) {
      if (v != 0) {
        same = same && (scale == 0 || v == scale);
        scale = v;
      }
    }
    CHECK(same);
    const double keep_probability = 1 - std::nearbyint(p * 0x1p32) * 0x1p-32;
    CHECK(std::abs(scale * keep_probability - 1) <= 0x1p-52);
    CHECK(scale == doctest::Approx(1 / (1 - p)).epsilon(1e-8));
  }
}

TEST_CASE("dropout: the gradient passes through the same mask") {
  const auto x = random_parameter({101}, 1);
  const auto y = dropout(x, 0.4, Rng(3));
  const auto dy = random_constant({101}, 2);
  const auto gradient = backward(sum(y * dy))[x];
  const auto ones = dropout(Variable<double>(Tensor<double>::full({101}, 1)), 0.4, Rng(3));
  CHECK(list(y.value()) == list((x * ones).value()));
  CHECK(list(gradient) == list((dy * ones).value()));
  const auto check = gradient_check([](const auto& v) { return dropout(v, 0.4, Rng(3)); }, x);
  CHECK_MESSAGE(check.ok(1e-8), check.text());
}

TEST_CASE("dropout: the same bits on any number of threads") {
  const auto x = random_constant<float>({70'001}, 1);
  CHECK(same_bits_on_any_threads([&] { return dropout(x, 0.3, Rng(5)).value(); }));
}

TEST_CASE("dropout: the mask follows from the generator's state alone, which stays as it is") {
  const Rng rng(5);
  const RngState before = rng.state();
  CHECK(mask(1000, 0.5, rng) == mask(1000, 0.5, rng));
  CHECK(rng.state() == before);
  CHECK(mask(1000, 0.5, rng) == mask(1000, 0.5, Rng(before)));
  CHECK(mask(1000, 0.5, rng) != mask(1000, 0.5, Rng(6)));
}

TEST_CASE("dropout: masks of split generators, and after a draw, are uncorrelated") {
  const Rng rng(5);
  Rng drawn = rng;
  (void)drawn.bits();
  const double q = 0.7;
  const auto first = mask(million, 1 - q, rng.split(0));
  CHECK(std::abs(correlation(first, mask(million, 1 - q, rng.split(1)), q)) < 4.5);
  CHECK(std::abs(correlation(first, mask(million, 1 - q, rng), q)) < 4.5);
  const auto whole = mask(100'000, 1 - q, rng);
  const auto next = mask(100'000, 1 - q, drawn);
  for (const std::size_t shift : {0u, 1u, 4u}) {
    CAPTURE(shift);
    CHECK(std::abs(correlation(whole, next, q, shift)) < 4.5);
    CHECK(std::abs(correlation(next, whole, q, shift)) < 4.5);
  }
  CHECK(std::abs(correlation(whole, whole, q, 1)) < 4.5);
}

TEST_CASE("dropout: the mask is independent of what the generator draws next") {
  int agree = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Rng rng(seed);
    const bool kept = dropout(Variable<double>(Tensor<double>::full({1}, 1)), 0.5, rng).value()[0] != 0;
    agree += kept == (rng.bits() >= 0x80000000u) ? 1 : 0;
  }
  CHECK(agree > 900);
  CHECK(agree < 1100);  // 4.5 standard deviations
}

TEST_CASE("dropout: a probability that is none is named") {
  CHECK_THROWS_WITH_AS(dropout(zeros({1}), -0.5, Rng(1)), "dropout: need p in [0, 1], got -0.5", ArgumentError);
  CHECK_THROWS_WITH_AS(dropout(zeros({1}), 1.5, Rng(1)), "dropout: need p in [0, 1], got 1.5", ArgumentError);
  CHECK_THROWS_AS(dropout(zeros({1}), NAN, Rng(1)), ArgumentError);
}

TEST_CASE("dropout: of nothing is nothing") {
  CHECK(dropout(zeros({0, 3}), 0.5, Rng(1)).shape() == Shape{0, 3});
}
