#include <engram/kernels/window.hpp>

#include <doctest/doctest.h>

using namespace engram::kernels;

TEST_CASE("Window2d: positions of a window that is strided, padded and dilated") {
  const Window2d w{.channels = 3,
                   .height = 10,
                   .width = 7,
                   .kernel = {3, 2},
                   .stride = {2, 3},
                   .padding = {1, 0},
                   .dilation = {2, 4}};
  CHECK(w.out_height() == 4);  // rows -1, 1, 3, 5; the window covers 5 of 12
  CHECK(w.out_width() == 1);   // the window covers 5 of 7
  CHECK(w.positions() == 4);
  CHECK(w.taps() == 18);
  CHECK(w.pixels() == 210);
}

TEST_CASE("Window2d: a window larger than the padded image has no position") {
  CHECK(Window2d::extent(2, 0, 1, 3, 1) == 0);
  CHECK(Window2d::extent(1, 0, 1, 3, 2) == 0);
  CHECK(Window2d::extent(1, 1, 1, 3, 2) == 1);
  CHECK(Window2d::extent(3, 0, 1, 3, 5) == 1);
}

TEST_CASE("Window2d: fewer positions than fit may be asked for") {
  const Window2d w{.height = 5, .width = 5, .kernel = 2, .positions_used = {3, 2}};
  CHECK(w.out_height() == 3);
  CHECK(w.out_width() == 2);
}

TEST_CASE("Pair: one number means both directions") {
  CHECK(Pair(3) == Pair(3, 3));
  CHECK(Pair(3, 4).y == 3);
  CHECK(Pair(3, 4).x == 4);
}
