#include <engram/kernels/simd/square_root.hpp>

#include <cmath>

#include <doctest/doctest.h>

using engram::kernels::simd::square_root;

namespace {

/// The largest error over the whole range, in units of the exact root's last place.
template <class T>
double worst_error(T ratio) {
  double worst = 0;
  for (T x = std::numeric_limits<T>::denorm_min(); x < std::numeric_limits<T>::max() / 2; x = x * ratio + x / 1000) {
    const T exact = std::sqrt(x);
    const T unit = std::nextafter(exact, std::numeric_limits<T>::max()) - exact;
    worst = std::max(worst, static_cast<double>(std::abs(square_root(x) - exact) / unit));
    x = std::nextafter(x, std::numeric_limits<T>::max());
  }
  return worst;
}

}  // namespace

TEST_CASE("square_root: to one unit in the last place over the whole range, denormals included") {
  CHECK(worst_error(1.0001F) <= 1);
  CHECK(worst_error(1.001) <= 1);
}

TEST_CASE("square_root: zero, infinity and NaN") {
  CHECK(square_root(0.0F) == 0);
  CHECK(square_root(0.0) == 0);
  CHECK(square_root(std::numeric_limits<float>::infinity()) == std::numeric_limits<float>::infinity());
  CHECK(square_root(std::numeric_limits<double>::infinity()) == std::numeric_limits<double>::infinity());
  CHECK(std::isfinite(square_root(std::numeric_limits<float>::max())));
  CHECK(std::isfinite(square_root(std::numeric_limits<double>::max())));
  CHECK(std::isnan(square_root(std::numeric_limits<float>::quiet_NaN())));
  CHECK(std::isnan(square_root(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("square_root: NaN below 0") {
  CHECK(std::isnan(square_root(-1.0F)));
  CHECK(std::isnan(square_root(-1e-300)));
  CHECK(square_root(-0.0F) == 0);
}
