#include <engram/kernels/simd/math.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

using namespace engram;
namespace simd = kernels::simd;

namespace {

const float far = std::numeric_limits<float>::infinity();
const float nan_value = std::numeric_limits<float>::quiet_NaN();

/// Units in the last place of float between a value and the true one; subnormals count in units of the smallest.
double units_off(float found, double truth) {
  if (static_cast<float>(truth) == found) {
    return 0;
  }
  int exponent = 0;
  std::frexp(truth, &exponent);
  return std::abs(static_cast<double>(found) - truth) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

/// The largest error over [low, high] on 200,000 points, computed as kernels do: in vectors.
template <class F, class G>
double worst_units(F f, G truth, double low, double high) {
  std::vector<float> x(200'000);
  std::vector<float> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(low + (high - low) * static_cast<double>(i) / static_cast<double>(x.size() - 1));
  }
  simd::with_widest([&] {
    kernels::for_each_lane(0, std::ssize(x), [in = x.data(), out = y.data(), f](Index i) { out[i] = f(in[i]); });
  });
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst = std::max(worst, units_off(y[i], truth(static_cast<double>(x[i]))));
  }
  return worst;
}

}  // namespace

#define ENGRAM_CHECK_UNITS(limit, ...)             \
  do {                                             \
    const double units = worst_units(__VA_ARGS__); \
    INFO(units);                                   \
    CHECK(units < (limit));                        \
  } while (false)

TEST_CASE("simd::exp: within 1.5 units in the last place, up to the ends of the range") {
  const auto f = [](float v) { return simd::exp(v); };
  const auto truth = [](double v) { return std::exp(v); };
  ENGRAM_CHECK_UNITS(1.5, f, truth, -87, 88.72);
  ENGRAM_CHECK_UNITS(1.5, f, truth, -1, 1);
  ENGRAM_CHECK_UNITS(1.5, f, truth, -110, -87);  // into the subnormal numbers and to 0
  CHECK(simd::exp(far) == far);
  CHECK(simd::exp(100.0F) == far);
  CHECK(simd::exp(-far) == 0);
  CHECK(simd::exp(0.0F) == 1);
  CHECK(std::isnan(simd::exp(nan_value)));
}

TEST_CASE("simd::log: within 2 units in the last place, subnormal numbers included") {
  const auto f = [](float v) { return simd::log(v); };
  const auto truth = [](double v) { return std::log(v); };
  ENGRAM_CHECK_UNITS(2, f, truth, 1e-3, 10);
  ENGRAM_CHECK_UNITS(2, f, truth, 0.99, 1.01);
  ENGRAM_CHECK_UNITS(2, f, truth, 1, 3e38);
  ENGRAM_CHECK_UNITS(2, f, truth, 1e-45, 1e-37);
  CHECK(simd::log(0.0F) == -far);
  CHECK(simd::log(1.0F) == 0);
  CHECK(simd::log(far) == far);
  CHECK(simd::log(-0.0F) == -far);
  CHECK(std::isnan(simd::log(-1.0F)));
  CHECK(std::isnan(simd::log(-1e-9F)));
  CHECK(std::isnan(simd::log(nan_value)));
}

TEST_CASE("simd::expm1, log1p_exp_minus: accurate where the result is small") {
  ENGRAM_CHECK_UNITS(
      4, [](float v) { return simd::expm1(v); }, [](double v) { return std::expm1(v); }, -3, 3);
  ENGRAM_CHECK_UNITS(
      2, [](float v) { return simd::expm1(v); }, [](double v) { return std::expm1(v); }, -1e-3, 1e-3);
  ENGRAM_CHECK_UNITS(
      4, [](float v) { return simd::log1p_exp_minus(v); }, [](double v) { return std::log1p(std::exp(-v)); }, 0, 80);
  CHECK(std::isnan(simd::expm1(nan_value)));
  CHECK(simd::expm1(-far) == -1);
}

TEST_CASE("simd::sigmoid, tanh: within 4 units in the last place, and saturated far out") {
  ENGRAM_CHECK_UNITS(
      4, [](float v) { return simd::sigmoid(v); }, [](double v) { return 1 / (1 + std::exp(-v)); }, -80, 80);
  ENGRAM_CHECK_UNITS(
      4, [](float v) { return simd::tanh(v); }, [](double v) { return std::tanh(v); }, -12, 12);
  ENGRAM_CHECK_UNITS(
      2, [](float v) { return simd::tanh(v); }, [](double v) { return std::tanh(v); }, -0.1, 0.1);
  CHECK(simd::tanh(far) == 1);
  CHECK(simd::tanh(-far) == -1);
  CHECK(simd::sigmoid(-far) == 0);
  CHECK(std::isnan(simd::tanh(nan_value)));
  CHECK(std::isnan(simd::sigmoid(nan_value)));
}

TEST_CASE("simd::erf: within 4 units in the last place, and saturated far out") {
  ENGRAM_CHECK_UNITS(
      4, [](float v) { return simd::erf(v); }, [](double v) { return std::erf(v); }, -6, 6);
  CHECK(simd::erf(far) == 1);
  CHECK(simd::erf(-far) == -1);
  CHECK(std::isnan(simd::erf(nan_value)));
}

TEST_CASE("simd: double is the standard library's") {
  CHECK(simd::exp(0.3) == std::exp(0.3));
  CHECK(simd::log(0.3) == std::log(0.3));
  CHECK(simd::tanh(0.3) == std::tanh(0.3));
  CHECK(simd::erf(0.3) == std::erf(0.3));
  CHECK(simd::expm1(0.3) == std::expm1(0.3));
}
