#include <engram/kernels/avg_pool2d.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

using Pooling = AvgPoolGeometry<double>;
using Spans = std::vector<PoolSpan<double>>;

Index pooled_count(const Pooling& g) {
  return g.planes * std::ssize(g.rows) * std::ssize(g.columns);
}

std::vector<double> pooled(const Pooling& g, const std::vector<double>& x) {
  auto y = unwritten<double>(pooled_count(g));
  avg_pool2d(g, x.data(), y.data());
  return y;
}

std::vector<double> pooled_grad(const Pooling& g, const std::vector<double>& dy) {
  auto dx = unwritten<double>(g.planes * g.height * g.width);
  avg_pool2d_grad(g, dy.data(), dx.data());
  return dx;
}

/// Calls f(result, pixel, weight) for everything that counts.
template <class F>
void for_each_pixel(const Pooling& g, F f) {
  std::size_t result = 0;
  for (Index plane = 0; plane < g.planes; ++plane) {
    for (const auto& row : g.rows) {
      for (const auto& column : g.columns) {
        for (Index r = row.begin; r < row.end; ++r) {
          for (Index c = column.begin; c < column.end; ++c) {
            f(result, static_cast<std::size_t>((plane * g.height + r) * g.width + c), row.weight * column.weight);
          }
        }
        ++result;
      }
    }
  }
}

/// Windows of `kernel` at every `stride`-th pixel, with weights that are powers of two.
Spans windows(Index size, Index kernel, Index stride) {
  Spans spans;
  for (Index at = 0; at + kernel <= size; at += stride) {
    spans.push_back({at, at + kernel, at % 2 == 0 ? 0.5 : 0.25});
  }
  return spans;
}

std::vector<Pooling> geometries() {
  std::vector<Pooling> all;
  for (const Index planes : {1, 15, 16, 17}) {
    for (const Index width : {1, 15, 16, 17, 33}) {
      all.push_back({planes, 5, width, windows(5, 2, 1), windows(width, 1, 1)});
      all.push_back({planes, 5, width, windows(5, 3, 2), windows(width, std::min<Index>(width, 4), 3)});
    }
  }
  return all;
}

}  // namespace

TEST_CASE("avg_pool2d kernels: agree with a naive loop") {
  for (const Pooling& g : geometries()) {
    const auto x = whole_numbers<double>(g.planes * g.height * g.width, 1);
    const auto dy = whole_numbers<double>(pooled_count(g), 2);
    std::vector<double> y(dy.size());
    std::vector<double> dx(x.size());
    for_each_pixel(g, [&](std::size_t result, std::size_t pixel, double weight) {
      y[result] += weight * x[pixel];
      dx[pixel] += weight * dy[result];
    });
    CHECK(pooled(g, x) == y);
    CHECK(pooled_grad(g, dy) == dx);
  }
}

TEST_CASE("avg_pool2d kernels: are adjoint to each other") {
  const Pooling g{6, 9, 11, windows(9, 4, 2), windows(11, 3, 3)};
  const auto x = list(normal({6 * 9 * 11}, 1));
  const auto dy = list(normal({pooled_count(g)}, 2));
  CHECK(dot(pooled(g, x), dy) == doctest::Approx(dot(x, pooled_grad(g, dy))).epsilon(1e-12));
}

TEST_CASE("avg_pool2d kernels: overlapping, repeated and empty windows in any order") {
  const Pooling g{1, 1, 3, {{0, 1, 1}}, {{1, 3, 1}, {0, 3, 2}, {1, 3, 1}, {2, 2, 1}}};
  CHECK(pooled(g, {1, 2, 4}) == std::vector<double>{6, 14, 6, 0});
  CHECK(pooled_grad(g, {1, 10, 100, 1000}) == std::vector<double>{20, 121, 121});
}

TEST_CASE("avg_pool2d kernels: no planes") {
  const Pooling g{0, 2, 2, windows(2, 1, 1), windows(2, 1, 1)};
  CHECK(pooled(g, {}).empty());
  CHECK(pooled_grad(g, {}).empty());
}

TEST_CASE("avg_pool2d kernels: the same bits on any number of threads") {
  const Pooling g{131, 9, 11, windows(9, 4, 2), windows(11, 3, 1)};
  const auto x = list(normal({131 * 9 * 11}, 1));
  const auto dy = list(normal({pooled_count(g)}, 2));
  CHECK(same_bits_on_any_threads([&] { return pooled(g, x); }));
  CHECK(same_bits_on_any_threads([&] { return pooled_grad(g, dy); }));
}
