#include <engram/kernels/upsample2d.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

using Resampling = ResampleGeometry<double>;
using Taps = std::vector<ResampleTap<double>>;

Index result_count(const Resampling& g) {
  return g.planes * std::ssize(g.rows) * std::ssize(g.columns);
}

std::vector<double> resampled(const Resampling& g, const std::vector<double>& x) {
  auto y = unwritten<double>(result_count(g));
  resample2d(g, x.data(), y.data());
  return y;
}

std::vector<double> resampled_grad(const Resampling& g, const std::vector<double>& dy) {
  auto dx = unwritten<double>(g.planes * g.height * g.width);
  resample2d_grad(g, dy.data(), dx.data());
  return dx;
}

/// Calls f(result, pixel, weight) for everything that counts.
template <class F>
void for_each_tap(const Resampling& g, F f) {
  std::size_t result = 0;
  for (Index plane = 0; plane < g.planes; ++plane) {
    for (const auto& row : g.rows) {
      for (const auto& column : g.columns) {
        const auto pixel = [&](Index r, Index c) {
          return static_cast<std::size_t>((plane * g.height + r) * g.width + c);
        };
        f(result, pixel(row.first, column.first), row.first_weight * column.first_weight);
        f(result, pixel(row.first, column.second), row.first_weight * column.second_weight);
        f(result, pixel(row.second, column.first), row.second_weight * column.first_weight);
        f(result, pixel(row.second, column.second), row.second_weight * column.second_weight);
        ++result;
      }
    }
  }
}

/// Any taps, with weights that are multiples of 1/4; some of 1 and 0.
Taps taps(Index in, Index out, std::uint64_t seed) {
  Rng rng(seed);
  Taps all;
  for (Index i = 0; i < out; ++i) {
    const double share = static_cast<double>(rng.below(4)) / 4;
    all.push_back({rng.below(in), rng.below(in), 1 - share, share});
  }
  return all;
}

}  // namespace

TEST_CASE("resample2d kernels: agree with a naive loop") {
  for (const Index planes : {1, 15, 16, 17}) {
    for (const Index width : {1, 15, 16, 17, 33}) {
      const Resampling g{planes, 4, width, taps(4, 7, 1), taps(width, 2 * width + 1, 2)};
      const auto x = whole_numbers<double>(planes * 4 * width, 1);
      const auto dy = whole_numbers<double>(result_count(g), 2);
      std::vector<double> y(dy.size());
      std::vector<double> dx(x.size());
      for_each_tap(g, [&](std::size_t result, std::size_t pixel, double weight) {
        y[result] += weight * x[pixel];
        dx[pixel] += weight * dy[result];
      });
      CHECK(resampled(g, x) == y);
      CHECK(resampled_grad(g, dy) == dx);
    }
  }
}

TEST_CASE("resample2d kernels: are adjoint to each other") {
  const Resampling g{6, 5, 7, taps(5, 9, 1), taps(7, 4, 2)};
  const auto x = list(normal({6 * 5 * 7}, 1));
  const auto dy = list(normal({result_count(g)}, 2));
  CHECK(dot(resampled(g, x), dy) == doctest::Approx(dot(x, resampled_grad(g, dy))).epsilon(1e-12));
}

TEST_CASE("resample2d kernel: a pixel of weight 0 is not read") {
  const Resampling g{1, 2, 2, {{0, 1, 1, 0}}, {{0, 1, 1, 0}}};
  CHECK(resampled(g, {5, NAN, NAN, NAN}) == std::vector<double>{5});
}

TEST_CASE("resample2d kernels: no planes") {
  const Resampling g{0, 2, 2, taps(2, 3, 1), taps(2, 3, 2)};
  CHECK(resampled(g, {}).empty());
  CHECK(resampled_grad(g, {}).empty());
}

TEST_CASE("resample2d kernels: the same bits on any number of threads") {
  const Resampling g{131, 9, 11, taps(9, 14, 1), taps(11, 8, 2)};
  const auto x = list(normal({131 * 9 * 11}, 1));
  const auto dy = list(normal({result_count(g)}, 2));
  CHECK(same_bits_on_any_threads([&] { return resampled(g, x); }));
  CHECK(same_bits_on_any_threads([&] { return resampled_grad(g, dy); }));
}
