#include <engram/kernels/conv2d.hpp>

#include <doctest/doctest.h>

#include "support/naive_conv2d.hpp"
#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

/// Whole numbers, so every path must give the naive loop's result to the bit; arrays of exactly the size needed, so a
/// sanitizer sees a tile that reads beyond the end of an image.
template <class T>
void check_against_naive(const Conv2dGeometry& g) {
  const Window2d& w = g.window;
  INFO(engram::text("batch ", g.batch, " groups ", g.groups, " filters ", g.filters, " channels ", w.channels,
                    " image ", w.height, "x", w.width, " kernel ", w.kernel.y, "x", w.kernel.x, " stride ", w.stride.y,
                    "x", w.stride.x, " padding ", w.padding.y, "x", w.padding.x, " dilation ", w.dilation.y, "x",
                    w.dilation.x, " result ", w.out_height(), "x", w.out_width()));
  const auto x = whole_numbers<T>(g.batch * g.image_size(), 1);
  const auto weight = whole_numbers<T>(g.weight_size(), 2);
  const auto dy = whole_numbers<T>(g.batch * g.result_size(), 3);
  const auto bias = whole_numbers<T>(g.groups * g.filters, 4);
  const auto input_bias = whole_numbers<T>(g.groups * w.channels, 5);
  std::vector<double> y(dy.size());
  std::vector<double> dx(x.size());
  std::vector<double> dw(weight.size());
  for_each_product(g, [&](Index pixel, Index tap, Index result) {
    y.data()[result] += static_cast<double>(x.data()[pixel] * weight.data()[tap]);
    dx.data()[pixel] += static_cast<double>(dy.data()[result] * weight.data()[tap]);
    dw.data()[tap] += static_cast<double>(dy.data()[result] * x.data()[pixel]);
  });

  auto out = unwritten<T>(std::ssize(y));
  conv2d<T>(g, x.data(), weight.data(), nullptr, out.data());
  CHECK(largest_difference(out, y) == 0);
  out = unwritten<T>(std::ssize(dx));
  conv2d_grad_input<T>(g, dy.data(), weight.data(), nullptr, out.data());
  CHECK(largest_difference(out, dx) == 0);
  out = unwritten<T>(std::ssize(dw));
  conv2d_grad_weight(g, dy.data(), x.data(), out.data());
  CHECK(largest_difference(out, dw) == 0);

  for (Index i = 0; i < std::ssize(y); ++i) {
    y.data()[i] += static_cast<double>(bias.data()[i / w.positions() % (g.groups * g.filters)]);
  }
  for (Index i = 0; i < std::ssize(dx); ++i) {
    dx.data()[i] += static_cast<double>(input_bias.data()[i / (w.height * w.width) % (g.groups * w.channels)]);
  }
  out = unwritten<T>(std::ssize(y));
  conv2d(g, x.data(), weight.data(), bias.data(), out.data());
  CHECK(largest_difference(out, y) == 0);
  out = unwritten<T>(std::ssize(dx));
  conv2d_grad_input(g, dy.data(), weight.data(), input_bias.data(), out.data());
  CHECK(largest_difference(out, dx) == 0);
}

Conv2dGeometry random_geometry(Rng& rng, bool unit_stride) {
  const auto pair = [&rng](Index least, Index choices) {
    const Index y = least + rng.below(choices);
    return Pair{y, least + rng.below(choices)};
  };
  return {.window = {.channels = 1 + rng.below(4),
                     .height = 1 + rng.below(9),
                     .width = 1 + rng.below(9),
                     .kernel = pair(1, 4),
                     .stride = unit_stride ? Pair(1) : pair(1, 3),
                     .padding = pair(0, 4),
                     .dilation = pair(1, 3)},
          .batch = 1 + rng.below(3),
          .groups = 1 + rng.below(3),
          .filters = 1 + rng.below(14)};
}

}  // namespace

TEST_CASE("conv2d kernels: the naive sums for random geometries") {
  Rng rng(1);
  int checked = 0;
  for (int i = 0; i < 400; ++i) {
    Conv2dGeometry g = random_geometry(rng, i % 2 == 0);
    Window2d& w = g.window;
    if (w.positions() == 0) {
      continue;
    }
    if (i % 5 < 2) {
      w.positions_used = {1 + rng.below(w.out_height()), 1 + rng.below(w.out_width())};
    }
    i % 3 == 0 ? check_against_naive<double>(g) : check_against_naive<float>(g);
    ++checked;
  }
  CHECK(checked > 200);
}

TEST_CASE("conv2d kernels: the naive sums where tiles end with the image") {
  // Without padding the tiles read the caller's image itself: rows longer and shorter than a tile, its exact width,
  // one result, one pixel, one filter, and more filters than a tile has rows.
  const auto check = [](Index height, Index width, Pair kernel, Index filters) {
    const Conv2dGeometry g{
        .window = {.channels = 2, .height = height, .width = width, .kernel = kernel}, .batch = 2, .filters = filters};
    check_against_naive<float>(g);
    check_against_naive<double>(g);
  };
  for (const Index filters : {1, 2, 8, 12, 13, 64}) {
    check(1, 1, 1, filters);
    check(3, 3, 3, filters);
    check(1, 128, 1, filters);
    check(1, 129, {1, 2}, filters);
    check(3, 131, {3, 4}, filters);
    check(130, 1, {2, 1}, filters);
    check(40, 3, 3, filters);
    check(9, 50, {3, 5}, filters);
  }
}

TEST_CASE("conv2d kernels: more padding than the filter reaches") {
  for (const Index dilation : {1, 3}) {
    check_against_naive<double>(
        {.window = {.channels = 2, .height = 1, .width = 1, .kernel = {1, 2}, .padding = 7, .dilation = dilation},
         .filters = 3});
  }
}

TEST_CASE("conv2d kernels: windows side by side, which cover the image or leave a row or a column of it") {
  for (const Pair kernel : {Pair{2}, Pair{3, 2}, Pair{2, 3}}) {
    for (const Pair rest : {Pair{0}, Pair{1, 0}, Pair{0, 1}}) {
      check_against_naive<float>({.window = {.channels = 9,
                                             .height = 3 * kernel.y + rest.y,
                                             .width = 5 * kernel.x + rest.x,
                                             .kernel = kernel,
                                             .stride = kernel},
                                  .batch = 2,
                                  .groups = 2,
                                  .filters = 5});
    }
  }
}

TEST_CASE("conv2d kernels: few large images of several groups, done in bands of rows") {
  for (const Index padding : {0, 1}) {
    check_against_naive<float>({.window = {.channels = 2, .height = 33, .width = 40, .kernel = 3, .padding = padding},
                                .batch = 2,
                                .groups = 3,
                                .filters = 5});
  }
}

TEST_CASE("conv2d kernels: more images than pieces of the weight's gradient") {
  check_against_naive<float>({.window = {.height = 3, .width = 4, .kernel = 2}, .batch = 37, .filters = 2});
}

TEST_CASE("conv2d kernels: no image at all leaves results empty and the weight's gradient 0") {
  for (const Index stride : {1, 2}) {
    check_against_naive<float>(
        {.window = {.channels = 2, .height = 4, .width = 4, .kernel = 3, .stride = stride}, .batch = 0, .filters = 3});
  }
}

TEST_CASE("conv2d kernels: the same bits on any number of threads") {
  for (const Index stride : {1, 2}) {
    for (const Index batch : {1, 19}) {
      const Conv2dGeometry g{
          .window = {.channels = 3, .height = 17, .width = 14, .kernel = 3, .stride = stride, .padding = 1},
          .batch = batch,
          .groups = 2,
          .filters = 70};
      const auto x = normal<float>({batch * g.image_size()}, 1);
      const auto weight = normal<float>({g.weight_size()}, 2);
      const auto dy = normal<float>({batch * g.result_size()}, 3);
      CHECK(same_bits_on_any_threads([&] {
        auto y = Tensor<float>::uninitialized(dy.shape());
        conv2d<float>(g, x.data(), weight.data(), nullptr, y.data());
        return y;
      }));
      CHECK(same_bits_on_any_threads([&] {
        auto dx = Tensor<float>::uninitialized(x.shape());
        conv2d_grad_input<float>(g, dy.data(), weight.data(), nullptr, dx.data());
        return dx;
      }));
      CHECK(same_bits_on_any_threads([&] {
        auto dw = Tensor<float>::uninitialized(weight.shape());
        conv2d_grad_weight(g, dy.data(), x.data(), dw.data());
        return dw;
      }));
    }
  }
}

TEST_CASE("sum_channels: over batch and area, for each channel") {
  const std::vector<double> y{1, 2, 10, 20, 100, 200, 1000, 2000};
  auto sums = unwritten<double>(2);
  sum_channels(2, 2, 2, y.data(), sums.data());
  CHECK(sums == std::vector<double>{303, 3030});
  sum_channels(0, 2, 2, y.data(), sums.data());
  CHECK(sums == std::vector<double>{0, 0});
}
