#include <engram/infer/tiles.hpp>

#include <doctest/doctest.h>

#include <engram/models/blind_spot_unet.hpp>
#include <engram/ops/avg_pool2d.hpp>

#include "support/largest_difference.hpp"
#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("in_tiles: what a network makes of whole images, of any size") {
  Rng rng(1);
  for (const Index depth : {1, 2}) {
    const models::BlindSpotUnet<double> net({.width = 3, .depth = depth}, rng);
    const infer::TileOptions options{.reach = depth == 1 ? 10 : 28, .multiple = net.multiple(), .largest = 72};
    REQUIRE(options.reach >= net.reach());
    for (const Shape& shape : {Shape{2, 1, 50, 160}, Shape{1, 1, 171, 73}, Shape{2, 1, 40, 50}}) {
      CAPTURE(shape.text());
      const auto images = normal<double>(shape, 1);
      const NoGrad no_grad;
      CHECK(largest_difference(infer::in_tiles(net, images, options), net(Variable<double>(images)).value()) < 1e-12);
    }
  }
}

TEST_CASE("in_tiles: a network never gets a larger tile, and tiles are of one size") {
  Index calls = 0;
  const auto net = [&](const Variable<float>& x) {
    ++calls;
    REQUIRE(x.shape() == Shape({1, 1, 28, 32}));
    return x;
  };
  const auto images = normal<float>({3, 1, 57, 99}, 1);
  CHECK(list(infer::in_tiles(net, images, {.reach = 2, .multiple = 4, .largest = 32})) == list(images));
  CHECK(calls == 3 * 3 * 4);
}

TEST_CASE("in_tiles: what does not fit is refused") {
  const auto same = [](const Variable<float>& x) { return x; };
  const auto images = Tensor<float>::zeros({1, 1, 64, 64});
  CHECK_THROWS_WITH_AS(infer::in_tiles(same, Tensor<float>::zeros({64, 64}), {}),
                       "in_tiles: need images [N >= 1, C, H >= 1, W >= 1], got [64, 64]", ShapeError);
  CHECK_THROWS_WITH_AS(infer::in_tiles(same, Tensor<float>::zeros({1, 1, 3, 300}), {.multiple = 4}),
                       "in_tiles: need images [N >= 1, C, H >= 4, W >= 4], got [1, 1, 3, 300]", ShapeError);
  CHECK_THROWS_WITH_AS(infer::in_tiles([](const Variable<float>& x) { return avg_pool2d(x); }, images, {}),
                       "in_tiles: need a network to [N, K, H, W] of the same H and W, got [1, 1, 32, 32] from [1, 1, "
                       "64, 64]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(infer::in_tiles(same, images, {.reach = 12, .multiple = 4, .largest = 32}),
                       "in_tiles: need reach >= 0, multiple >= 1 and a largest that is a multiple of it and above 2 "
                       "(reach + multiple), got 12, 4 and 32",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(
      infer::in_tiles([](const Variable<float>& x) { return avg_pool2d(x); }, images, {.largest = 32}),
      "in_tiles: need a network to [N, K, H, W] of the same H and W, got [1, 1, 16, 16] from [1, 1, 32, 32]",
      ShapeError);
}
