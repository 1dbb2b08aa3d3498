#include <engram/models/blind_spot_unet.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include <engram/autograd/backward.hpp>
#include <engram/autograd/gradient_check.hpp>
#include <engram/nn/conv2d.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"
#include "support/variables.hpp"

using namespace engram;
using models::BlindSpotUnet;

static_assert(nn::Module<BlindSpotUnet<float>, float>);

TEST_CASE("BlindSpotUnet: layers draw their weights in order, whatever the compiler") {
  Rng rng(0);
  Rng same(0);
  const BlindSpotUnet<double> net({.width = 2, .depth = 1}, rng);
  const auto parameters = net.parameters();
  const auto bottom =
      std::find_if(parameters.begin(), parameters.end(), [](const auto& p) { return p.name == "bottom.0.weight"; });
  const nn::Conv2d<double> first({.in_channels = 2, .out_channels = 4, .kernel = 3, .padding = 1}, same);
  CHECK(std::ranges::equal(bottom->variable.value().elements(), first.parameters()[0].variable.value().elements()));
}

TEST_CASE("BlindSpotUnet: images of any size, and the parameters of the blocks that its options name") {
  Rng rng(0);
  const BlindSpotUnet<float> net({.channels = 3, .width = 4, .depth = 2}, rng);
  for (const Shape& shape : {Shape{2, 3, 8, 12}, Shape{1, 3, 4, 4}, Shape{1, 3, 11, 50}, Shape{0, 3, 9, 9}}) {
    CAPTURE(shape.text());
    CHECK(net(Variable<float>(normal<float>(shape, 1))).shape() == Shape{shape[0], 6, shape[2], shape[3]});
  }
  const auto parameters = net.parameters();
  CHECK(parameters.size() == 22);
  CHECK(parameters.front().name == "down.0.0.weight");
  CHECK(parameters.front().variable.shape() == Shape{4, 3, 3, 3});
  const auto shape_of = [&](const std::string& name) {
    for (const auto& p : parameters) {
      if (p.name == name) {
        return p.variable.shape();
      }
    }
    return Shape{};
  };
  CHECK(shape_of("bottom.2.weight") == Shape{16, 16, 3, 3});
  CHECK(shape_of("up.0.0.weight") == Shape{8, 24, 3, 3});
  CHECK(shape_of("up.1.0.weight") == Shape{4, 12, 3, 3});
  CHECK(shape_of("last.weight") == Shape{6, 4, 1, 1});
}

TEST_CASE("BlindSpotUnet: an image mirrored by hand to the next multiple gives the same pixels") {
  Rng rng(0);
  const BlindSpotUnet<double> net({.width = 3, .depth = 2}, rng);
  const auto x = random_constant({1, 1, 10, 7}, 2);
  const auto mirrored = pad(x, {0, 1, 1, 1}, PadMode::reflect);
  const auto cut = slice(slice(net(mirrored), 2, {1, 11}), 3, {0, 7});
  CHECK(largest_difference(net(x).value(), cut.value()) < 1e-14);
}

TEST_CASE("BlindSpotUnet: means and variances are told in the images' unit, variances with a least one") {
  Rng rng(0);
  Rng same(0);
  const BlindSpotUnet<double> plain({.width = 3, .depth = 1}, rng);
  const BlindSpotUnet<double> scaled({.width = 3, .depth = 1, .mean = 0.25, .deviation = 0.5}, same);
  const auto x = random_constant({2, 1, 6, 6}, 2);
  const auto told = scaled(x * 0.5 + 0.25);
  CHECK(largest_difference(slice(told, 1, {0, 1}).value(), (slice(plain(x), 1, {0, 1}) * 0.5 + 0.25).value()) < 1e-14);
  CHECK(largest_difference(slice(told, 1, {1, 2}).value(), (slice(plain(x), 1, {1, 2}) * 0.25).value()) < 1e-14);
  const auto certain = BlindSpotUnet<double>({.width = 3, .depth = 1}, rng);
  auto last = certain.parameters().back().variable;
  last.mutable_value()[1] = -1000;  // last.bias
  CHECK(slice(certain(x), 1, {1, 2}).value()[0] == doctest::Approx(0.005 * 0.005));
}

TEST_CASE("BlindSpotUnet: gradients match central differences") {
  Rng rng(0);
  const BlindSpotUnet<double> net({.width = 2, .depth = 1}, rng);
  const auto check = gradient_check([&](const auto& x) { return net(x); }, random_constant({2, 1, 5, 4}, 1));
  CHECK_MESSAGE(check.ok(1e-7), check.text());
  const auto gradients = backward(sum(net(random_constant({2, 1, 5, 4}, 1))));
  for (const auto& p : net.parameters()) {
    CAPTURE(p.name);
    CHECK(gradients[p.variable].shape() == p.variable.shape());
  }
}

TEST_CASE("BlindSpotUnet: the same bits on any number of threads") {
  Rng rng(0);
  const BlindSpotUnet<float> net({.width = 8, .depth = 2}, rng);
  const Variable<float> x(normal<float>({5, 1, 22, 18}, 3));
  CHECK(same_bits_on_any_threads([&] { return net(x).value(); }));
}

TEST_CASE("BlindSpotUnet: what does not fit is refused") {
  Rng rng(0);
  CHECK_THROWS_WITH_AS(BlindSpotUnet<float>({.depth = 7}, rng),
                       "BlindSpotUnet: need channels >= 1, width >= 1 and 1 <= depth <= 6, got 1, 24 and 7",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(BlindSpotUnet<float>({.deviation = 0}, rng),
                       "BlindSpotUnet: need a finite mean and a deviation > 0, got 0 and 0", ArgumentError);
  const BlindSpotUnet<float> net({.width = 2, .depth = 3}, rng);
  CHECK_THROWS_WITH_AS(net(Variable<float>(Tensor<float>::zeros({1, 1, 7, 8}))),
                       "BlindSpotUnet: need images [N, 1, H >= 8, W >= 8], got [1, 1, 7, 8]", ShapeError);
}
