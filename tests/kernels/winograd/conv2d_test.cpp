#include <engram/kernels/winograd/conv2d.hpp>
#include <engram/kernels/winograd/grad_weight.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/naive_conv2d.hpp"
#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double v : values) {
    most = std::max(most, std::abs(v));
  }
  return most;
}

/// Compares with plain loops in double; `tolerance` is a share of the largest result.
template <class T>
void check_against_naive(const Conv2dGeometry& g, double tolerance) {
  const Window2d& w = g.window;
  INFO(engram::text("batch ", g.batch, " filters ", g.filters, " channels ", w.channels, " image ", w.height, "x",
                    w.width, " padding ", w.padding.y, "x", w.padding.x, " result ", w.out_height(), "x",
                    w.out_width()));
  const auto x = normal<T>({g.batch * g.image_size()}, 1);
  const auto weight = normal<T>({g.weight_size()}, 2);
  const auto dy = normal<T>({g.batch * g.result_size()}, 3);
  const auto bias = normal<T>({g.filters}, 4);
  std::vector<double> y(static_cast<std::size_t>(dy.size()));
  std::vector<double> dw(static_cast<std::size_t>(weight.size()));
  for_each_product(g, [&](Index pixel, Index tap, Index result) {
    y.data()[result] += static_cast<double>(x[pixel]) * static_cast<double>(weight[tap]);
    dw.data()[tap] += static_cast<double>(dy[result]) * static_cast<double>(x[pixel]);
  });
  auto out = unwritten<T>(std::ssize(y));
  winograd::conv2d<T>(g, x.data(), weight.data(), nullptr, out.data());
  CHECK(largest_difference(out, y) <= tolerance * largest(y));
  out = unwritten<T>(std::ssize(dw));
  winograd::conv2d_grad_weight(g, dy.data(), x.data(), out.data());
  CHECK(largest_difference(out, dw) <= tolerance * largest(dw));
  for (Index i = 0; i < std::ssize(y); ++i) {
    y.data()[i] += static_cast<double>(bias[i / w.positions() % g.filters]);
  }
  out = unwritten<T>(std::ssize(y));
  winograd::conv2d(g, x.data(), weight.data(), bias.data(), out.data());
  CHECK(largest_difference(out, y) <= tolerance * largest(y));
}

}  // namespace

TEST_CASE("winograd: plain sums for random geometries") {
  Rng rng(1);
  for (int i = 0; i < 150; ++i) {
    Conv2dGeometry g{.window = {.channels = 1 + rng.below(40),
                                .height = 3 + rng.below(12),
                                .width = 3 + rng.below(12),
                                .kernel = 3,
                                .padding = {rng.below(4), rng.below(4)}},
                     .batch = 1 + rng.below(4),
                     .filters = 1 + rng.below(40)};
    if (i % 4 == 0) {
      g.window.positions_used = {1 + rng.below(g.window.out_height()), 1 + rng.below(g.window.out_width())};
    }
    i % 3 == 0 ? check_against_naive<double>(g, 1e-14) : check_against_naive<float>(g, 5e-6);
  }
}

TEST_CASE("winograd: the study's layers") {
  const auto layer = [](Index channels, Index extent, Index filters, Index padding) {
    return Conv2dGeometry{
        .window = {.channels = channels, .height = extent, .width = extent, .kernel = 3, .padding = padding},
        .batch = 3,
        .filters = filters};
  };
  for (const Conv2dGeometry& g :
       {layer(64, 24, 64, 0), layer(64, 11, 128, 0), layer(128, 9, 64, 2), layer(64, 22, 64, 2)}) {
    CHECK(winograd::pays(g));
    check_against_naive<float>(g, 3e-6);
  }
}

TEST_CASE("winograd: only where it saves time, and not if the direct sums are asked for") {
  Conv2dGeometry g{.window = {.channels = 16, .height = 18, .width = 18, .kernel = 3}, .batch = 1, .filters = 16};
  CHECK(winograd::pays(g));
  const auto with = [&g](auto change) {
    Conv2dGeometry changed = g;
    change(changed);
    return winograd::pays(changed);
  };
  CHECK_FALSE(with([](Conv2dGeometry& c) { c.algorithm = ConvAlgorithm::direct; }));
  CHECK_FALSE(with([](Conv2dGeometry& c) { c.window.kernel = {3, 2}; }));
  CHECK_FALSE(with([](Conv2dGeometry& c) { c.window.stride = {1, 2}; }));
  CHECK_FALSE(with([](Conv2dGeometry& c) { c.window.dilation = 2; }));
  CHECK_FALSE(with([](Conv2dGeometry& c) { c.groups = 2; }));
  CHECK_FALSE(with([](Conv2dGeometry& c) { c.window.channels = 8; }));
  CHECK_FALSE(with([](Conv2dGeometry& c) { c.filters = 1; }));
  CHECK_FALSE(with([](Conv2dGeometry& c) { c.batch = 0; }));
  CHECK_FALSE(with([](Conv2dGeometry& c) { c.window.height = c.window.width = 7; }));  // squares of 8 x 8 for 5 x 5
}

TEST_CASE("winograd: an image's result does not depend on the batch it is in") {
  const Conv2dGeometry one{
      .window = {.channels = 20, .height = 11, .width = 13, .kernel = 3, .padding = 1}, .batch = 1, .filters = 24};
  Conv2dGeometry many = one;
  many.batch = 7;
  const auto x = normal<float>({7 * one.image_size()}, 1);
  const auto weight = normal<float>({one.weight_size()}, 2);
  auto together = unwritten<float>(7 * one.result_size());
  winograd::conv2d<float>(many, x.data(), weight.data(), nullptr, together.data());
  for (Index n = 0; n < 7; ++n) {
    auto alone = unwritten<float>(one.result_size());
    winograd::conv2d<float>(one, x.data() + n * one.image_size(), weight.data(), nullptr, alone.data());
    CHECK(std::equal(alone.begin(), alone.end(), together.begin() + n * one.result_size()));
  }
}

TEST_CASE("winograd: the same bits on any number of threads") {
  for (const Index batch : {1, 19}) {
    const Conv2dGeometry g{.window = {.channels = 17, .height = 17, .width = 14, .kernel = 3, .padding = 1},
                           .batch = batch,
                           .filters = 70};
    const auto x = normal<float>({batch * g.image_size()}, 1);
    const auto weight = normal<float>({g.weight_size()}, 2);
    const auto dy = normal<float>({batch * g.result_size()}, 3);
    CHECK(same_bits_on_any_threads([&] {
      auto y = Tensor<float>::uninitialized(dy.shape());
      winograd::conv2d<float>(g, x.data(), weight.data(), nullptr, y.data());
      return y;
    }));
    CHECK(same_bits_on_any_threads([&] {
      auto dw = Tensor<float>::uninitialized(weight.shape());
      winograd::conv2d_grad_weight(g, dy.data(), x.data(), dw.data());
      return dw;
    }));
  }
}
