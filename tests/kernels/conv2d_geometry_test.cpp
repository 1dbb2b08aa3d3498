#include <engram/kernels/conv2d_geometry.hpp>

#include <doctest/doctest.h>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::kernels;

TEST_CASE("write_padding: two channels of 1x2 pixels, padded by (1, 2)") {
  const Window2d w{.channels = 2, .height = 1, .width = 2, .padding = {1, 2}};
  const std::vector<double> image{1, 2, 3, 4};
  auto padded = unwritten<double>(with_padding_written(w).pixels());
  write_padding(w, image.data(), padded.data());
  CHECK(padded == std::vector<double>{0, 0, 0, 0, 0, 0,  //
                                      0, 0, 1, 2, 0, 0,  //
                                      0, 0, 0, 0, 0, 0,  //
                                      0, 0, 0, 0, 0, 0,  //
                                      0, 0, 3, 4, 0, 0,  //
                                      0, 0, 0, 0, 0, 0});
}

TEST_CASE("tap_offsets and position_offsets: distances in an image of 2 channels, 5x4 pixels") {
  const Window2d w{.channels = 2, .height = 5, .width = 4, .kernel = 2, .stride = {2, 1}, .dilation = {1, 2}};
  CHECK(tap_offsets(w) == PoolVector<Index>{0, 2, 4, 6, 20, 22, 24, 26});
  CHECK(position_offsets(w) == PoolVector<Index>{0, 1, 8, 9});
}

TEST_CASE("Conv2dGeometry: sizes count the groups") {
  const Conv2dGeometry g{.window = {.channels = 2, .height = 5, .width = 4, .kernel = 2}, .groups = 3, .filters = 7};
  CHECK(g.image_size() == 3 * 2 * 20);
  CHECK(g.result_size() == 3 * 7 * 12);
  CHECK(g.weight_size() == 3 * 7 * 8);
}
