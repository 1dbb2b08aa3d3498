#include <engram/nn/dropout.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <engram/nn/sequential.hpp>
#include <engram/nn/state.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

const auto thousand_ones = [] { return Variable<double>(Tensor<double>::full({1000}, 1)); };

std::vector<double> trained(nn::Dropout<double>& layer) {
  return list(layer(thousand_ones(), Mode::train).value());
}

}  // namespace

TEST_CASE("nn::Dropout: drops and scales in training, passes all on in evaluation") {
  Rng rng(1);
  nn::Dropout<double> layer(0.5, rng);
  const auto x = thousand_ones();
  CHECK(layer(x).node() == x.node());
  CHECK(layer(x, Mode::eval).node() == x.node());
  const auto y = trained(layer);
  const auto zeros = std::ranges::count(y, 0.0);
  CHECK(zeros > 400);
  CHECK(zeros < 600);
  CHECK(std::ranges::count(y, 2.0) + zeros == 1000);
}

TEST_CASE("nn::Dropout: each pass in training has a mask of its own, and counts") {
  Rng rng(1);
  nn::Dropout<double> layer(0.5, rng);
  const auto first = trained(layer);
  CHECK(trained(layer) != first);
  (void)layer(thousand_ones());
  (void)layer(thousand_ones(), Mode::eval);
  CHECK(*layer.buffers()[0].counter == 2);
}

TEST_CASE("nn::Dropout: layers made of one generator have masks of their own, those of equal ones the same") {
  Rng rng(1);
  nn::Dropout<double> first(0.5, rng);
  nn::Dropout<double> second(0.5, rng);
  Rng again(1);
  nn::Dropout<double> repeated(0.5, again);
  const auto mask = trained(first);
  CHECK(trained(second) != mask);
  CHECK(trained(repeated) == mask);
}

TEST_CASE("nn::Dropout: a copy draws the same masks and counts on its own") {
  Rng rng(1);
  nn::Dropout<double> layer(0.5, rng);
  (void)trained(layer);
  auto copy = layer;
  const auto next = trained(layer);
  CHECK(trained(copy) == next);
  (void)trained(copy);
  CHECK(*layer.buffers()[0].counter == 2);
  CHECK(*copy.buffers()[0].counter == 3);
}

TEST_CASE("nn::Dropout: its count of passes is a buffer for checkpoints only; set again, it gives the same mask") {
  Rng rng(1);
  nn::Dropout<double> layer(0.5, rng);
  const auto buffers = layer.buffers();
  REQUIRE(buffers.size() == 1);
  CHECK(buffers[0].name == "passes");
  CHECK(buffers[0].values == nullptr);
  CHECK_FALSE(buffers[0].persistent);
  for (int pass = 0; pass < 3; ++pass) {
    (void)trained(layer);
  }
  const auto fourth = trained(layer);
  Rng again(1);
  nn::Dropout<double> resumed(0.5, again);
  *resumed.buffers()[0].counter = 3;
  CHECK(trained(resumed) == fourth);
}

TEST_CASE("nn::Dropout: in a Sequential it sees the mode and gives its buffer") {
  Rng rng(1);
  nn::Sequential<double> layers(nn::Dropout<double>(0.5, rng));
  CHECK(list(layers(thousand_ones()).value()) == list(thousand_ones().value()));
  CHECK(list(layers(thousand_ones(), Mode::train).value()) != list(thousand_ones().value()));
  REQUIRE(layers.buffers().size() == 1);
  CHECK(layers.buffers()[0].name == "0.passes");
  CHECK_FALSE(layers.buffers()[0].persistent);
  CHECK(*layers.buffers()[0].counter == 1);
}

TEST_CASE("nn::Dropout: of 0 and of 1") {
  Rng rng(1);
  nn::Dropout<double> none(0, rng);
  nn::Dropout<double> all(1, rng);
  CHECK(trained(none) == std::vector<double>(1000, 1));
  CHECK(trained(all) == std::vector<double>(1000));
}

TEST_CASE("nn::Dropout: a probability that is none is named, and no numbers are drawn for it") {
  Rng rng(1);
  CHECK_THROWS_WITH_AS((nn::Dropout<float>(1.5, rng)), "Dropout: need p in [0, 1], got 1.5", ArgumentError);
  CHECK(rng.state() == Rng(1).state());
}
