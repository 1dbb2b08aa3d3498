#include <engram/kernels/im2col.hpp>

#include <doctest/doctest.h>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::kernels;

TEST_CASE("im2col: a 2x2 window over 2x3 pixels, padded by one column") {
  const Window2d w{.height = 2, .width = 3, .kernel = 2, .padding = {0, 1}};
  const std::vector<double> image{1, 2, 3, 4, 5, 6};
  auto columns = unwritten<double>(w.taps() * w.positions());
  im2col(w, image.data(), columns.data());
  CHECK(columns == std::vector<double>{0, 1, 2, 3,  //
                                       1, 2, 3, 0,  //
                                       0, 4, 5, 6,  //
                                       4, 5, 6, 0});
}

TEST_CASE("im2col: a stride of 2 with dilation 2 over 2 channels of 1x5 pixels") {
  const Window2d w{
      .channels = 2, .height = 1, .width = 5, .kernel = {1, 2}, .stride = 2, .padding = {0, 1}, .dilation = 2};
  const std::vector<double> image{1, 2, 3, 4, 5, 10, 20, 30, 40, 50};
  auto columns = unwritten<double>(w.taps() * w.positions());
  im2col(w, image.data(), columns.data());
  CHECK(columns == std::vector<double>{0, 2, 4, 2, 4, 0, 0, 20, 40, 20, 40, 0});
}

TEST_CASE("col2im_add: adds each column to the pixels it came from, and to what is there") {
  const Window2d w{.height = 1, .width = 3, .kernel = {1, 2}};
  const std::vector<double> columns{1, 2, 10, 20};
  std::vector<double> image{100, 100, 100};
  col2im_add(w, columns.data(), image.data());
  CHECK(image == std::vector<double>{101, 112, 120});
}

TEST_CASE("col2im_add: is the adjoint of im2col for any window") {
  Rng rng(1);
  int checked = 0;
  for (int i = 0; i < 400; ++i) {
    const auto pair = [&rng](Index least, Index choices) {
      const Index y = least + rng.below(choices);
      return Pair{y, least + rng.below(choices)};
    };
    Window2d w{.channels = 1 + rng.below(3),
               .height = 1 + rng.below(6),
               .width = 1 + rng.below(6),
               .kernel = pair(1, 4),
               .stride = pair(1, 3),
               .padding = pair(0, 5),
               .dilation = pair(1, 3)};
    if (w.positions() == 0) {
      continue;
    }
    if (i % 3 == 0) {
      w.positions_used = {1 + rng.below(w.out_height()), 1 + rng.below(w.out_width())};
    }
    const auto x = whole_numbers<double>(w.pixels(), 2);
    const auto y = whole_numbers<double>(w.taps() * w.positions(), 3);
    auto columns = unwritten<double>(w.taps() * w.positions());
    im2col(w, x.data(), columns.data());
    std::vector<double> image(x.size());
    col2im_add(w, y.data(), image.data());
    CHECK(dot(columns, y) == dot(x, image));
    ++checked;
  }
  CHECK(checked > 200);
}
