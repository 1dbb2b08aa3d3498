#include <engram/kernels/max_pool2d.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

struct Pooled {
  std::vector<double> y;
  std::vector<std::int32_t> argmax;
};

Pooled pool(const PoolGeometry& g, const std::vector<double>& x) {
  const Index size = g.planes * g.out_height * g.out_width;
  Pooled p{unwritten<double>(size), std::vector<std::int32_t>(static_cast<std::size_t>(size), -7)};
  max_pool2d(g, x.data(), p.y.data(), p.argmax.data());
  return p;
}

PoolGeometry fitting(Window2d w, Index planes) {
  return {.window = w, .planes = planes, .out_height = w.out_height(), .out_width = w.out_width()};
}

}  // namespace

TEST_CASE("max_pool2d kernel: 2x2 windows of two 2x4 planes") {
  const auto g = fitting({.height = 2, .width = 4, .kernel = 2, .stride = 2}, 2);
  const auto p = pool(g, {1, 2, 3, 8, 4, 0, 5, 6,  //
                          9, 9, 7, 7, 9, 9, 7, 8});
  CHECK(p.y == std::vector<double>{4, 8, 9, 8});
  CHECK(p.argmax == std::vector<std::int32_t>{4, 3, 0, 7});
}

TEST_CASE("max_pool2d kernel: the row path and the general one agree on every plane size") {
  for (const Index height : {2, 3, 6}) {
    for (Index width = 2; width < 70; width += 3) {
      // The same windows asked for as dilated ones: a 2x2 window on a plane that is stretched by 2.
      const Index planes = 3;
      const auto x = whole_numbers<double>(planes * height * width, 1);
      std::vector<double> stretched(static_cast<std::size_t>(4 * planes * height * width), 100);
      for (Index i = 0; i < planes * height * width; ++i) {
        stretched.data()[i / width * 4 * width + i % width * 2] = x.data()[i];
      }
      const auto fast = pool(fitting({.height = height, .width = width, .kernel = 2, .stride = 2}, planes), x);
      const auto general =
          pool({.window = {.height = 2 * height, .width = 2 * width, .kernel = 2, .stride = 4, .dilation = 2},
                .planes = planes,
                .out_height = height / 2,
                .out_width = width / 2},
               stretched);
      CHECK(fast.y == general.y);
      bool same = true;
      for (std::size_t i = 0; i < fast.argmax.size(); ++i) {
        const Index winner = fast.argmax[i];
        same = same && general.argmax[i] == winner / width * 4 * width + winner % width * 2;
      }
      CHECK(same);
    }
  }
}

TEST_CASE("max_pool2d kernel: padding never wins, not even against -infinity") {
  const auto g = fitting({.height = 1, .width = 2, .kernel = 3, .padding = 1}, 1);
  auto p = pool(g, {-5, -3});
  CHECK(p.y == std::vector<double>{-3, -3});
  p = pool(g, {-infinity, -infinity});
  CHECK(p.y == std::vector<double>{-infinity, -infinity});
  CHECK(p.argmax == std::vector<std::int32_t>{0, 0});
}

TEST_CASE("max_pool2d kernel: NaN wins on both paths, as in PyTorch") {
  for (const Index stride : {1, 2}) {
    const auto g = fitting({.height = 2, .width = 2, .kernel = 2, .stride = stride}, 4);
    std::vector<double> x{9, 1, 2, 3, 1, 9, 2, 3, 1, 2, 9, 3, 1, 2, 3, 9};
    std::ranges::replace(x, 9, not_a_number);
    const auto p = pool(g, x);
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(std::isnan(p.y[i]));
      CHECK(p.argmax[i] == static_cast<std::int32_t>(i));
    }
  }
}

TEST_CASE("max_pool2d kernel: of equal pixels the first wins on both paths") {
  for (const Index stride : {1, 2}) {
    const auto g = fitting({.height = 2, .width = 2, .kernel = 2, .stride = stride}, 2);
    CHECK(pool(g, {5, 5, 5, 5, 1, 5, 5, 5}).argmax == std::vector<std::int32_t>{0, 1});
  }
}

TEST_CASE("max_pool2d kernel: a window beyond all pixels gives -infinity and no gradient") {
  const PoolGeometry g{.window = {.height = 1, .width = 2, .kernel = {1, 2}, .padding = {0, 1}, .dilation = {1, 3}},
                       .out_height = 1,
                       .out_width = 1};
  const auto p = pool(g, {1, 2});
  CHECK(p.y[0] == -infinity);
  CHECK(p.argmax[0] == -1);
  const double dy[] = {3};
  auto dx = unwritten<double>(2);
  max_pool2d_grad(g, dy, p.argmax.data(), dx.data());
  CHECK(dx == std::vector<double>{0, 0});
}

TEST_CASE("max_pool2d_grad kernel: overlapping windows add to a shared winner, each in its own plane") {
  const auto g = fitting({.height = 1, .width = 3, .kernel = {1, 2}}, 2);
  const auto p = pool(g, {1, 9, 2, 8, 1, 7});
  const std::vector<double> dy{1, 10, 100, 1000};
  auto dx = unwritten<double>(6);
  max_pool2d_grad(g, dy.data(), p.argmax.data(), dx.data());
  CHECK(dx == std::vector<double>{0, 11, 0, 100, 0, 1000});
}
