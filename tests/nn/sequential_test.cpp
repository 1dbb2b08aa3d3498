#include <engram/nn/sequential.hpp>

#include <doctest/doctest.h>

#include <engram/nn/activation.hpp>
#include <engram/nn/batch_norm.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/pooling.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;
using nn::Linear;
using nn::Sequential;

namespace {

/// Linear, ReLU, (batch norm, Linear).
Sequential<double> nested(Rng& rng) {
  Sequential<double> inner;
  inner.add(nn::BatchNorm1d<double>(3)).add(Linear<double>({.in_features = 3, .out_features = 1, .bias = false}, rng));
  return Sequential<double>(Linear<double>({.in_features = 2, .out_features = 3}, rng), nn::ReLU{}, std::move(inner));
}

}  // namespace

TEST_CASE("Sequential: names parts by position, as in PyTorch, however deep") {
  Rng rng(1);
  auto net = nested(rng);
  CHECK(net.size() == 3);
  std::vector<std::string> names;
  for (const auto& p : net.parameters()) {
    names.push_back(p.name);
  }
  for (const auto& b : net.buffers()) {
    names.push_back(b.name);
  }
  CHECK(names == std::vector<std::string>{"0.weight", "0.bias", "2.0.weight", "2.0.bias", "2.1.weight",
                                          "2.0.running_mean", "2.0.running_var", "2.0.num_batches_tracked"});
}

TEST_CASE("Sequential: is made of Sequentials as of any other modules") {
  Rng rng(1);
  const Sequential<double> encoder(Linear<double>({.in_features = 3, .out_features = 1, .bias = false}, rng));
  const Sequential<double> decoder(Linear<double>({.in_features = 1, .out_features = 3, .bias = false}, rng));
  const Sequential<double> both(encoder, decoder);
  CHECK(both.size() == 2);
  const auto all = both.parameters();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "0.0.weight");
  CHECK(all[1].name == "1.0.weight");
  CHECK(Sequential<double>(encoder).parameters()[0].name == "0.weight");  // a copy, not a part
}

TEST_CASE("Sequential: applies its parts in order") {
  const auto plus = [](double c) {
    return [c](const Variable<double>& x) { return Variable<double>(Tensor<double>::full({1}, x.value()[0] + c)); };
  };
  const auto times = [](double c) {
    return [c](const Variable<double>& x) { return Variable<double>(Tensor<double>::full({1}, x.value()[0] * c)); };
  };
  Sequential<double> net(plus(1), times(10));
  net.add(plus(5));
  const Variable<double> x(Tensor<double>::full({1}, 2));
  CHECK(net(x).value().item() == 35);
  CHECK(net(x, Mode::train).value().item() == 35);
  CHECK(Sequential<double>()(x).value().item() == 2);
}

TEST_CASE("Sequential: hands the mode down to nested parts") {
  Rng rng(1);
  auto net = nested(rng);
  const Variable<double> x(normal({8, 2}, 1));
  const auto counter = net.buffers()[2].counter;
  const auto before = list(std::as_const(net)(x).value());
  CHECK(list(net(x, Mode::eval).value()) == before);
  CHECK(*counter == 0);
  CHECK(list(net(x, Mode::train).value()) != before);
  CHECK(*counter == 1);
  CHECK(list(net(x).value()) != before);
}

TEST_CASE("Sequential: copies are deep, moves keep the parameters") {
  Rng rng(1);
  auto net = nested(rng);
  const Variable<double> x(normal({8, 2}, 1));
  const auto before = list(net(x).value());
  auto copy = net;
  Sequential<double> assigned;
  assigned = net;
  CHECK(list(copy(x).value()) == before);
  CHECK(list(assigned(x).value()) == before);
  copy.parameters()[0].variable.mutable_value()[0] += 1;
  copy(x, Mode::train);
  CHECK(list(net(x).value()) == before);
  CHECK(list(assigned(x).value()) == before);
  CHECK(*net.buffers()[2].counter == 0);
  const auto node = net.parameters()[0].variable.node();
  const auto moved = std::move(net);
  CHECK(moved.parameters()[0].variable.node() == node);
  CHECK(list(moved(x).value()) == before);
}

TEST_CASE(
    "Sequential: batch norm, ReLU and pooling as one operation give what "
    "they give one by one") {
  const auto x = Variable<double>(normal({2, 3, 6, 4}, 1));
  for (const Index count : {1, 2, 3}) {
    for (const Mode mode : {Mode::train, Mode::eval}) {
      nn::BatchNorm2d<double> norm(3);
      Sequential<double> together(norm);
      Variable<double> expected = norm(x, mode);
      if (count > 1) {
        together.add(nn::ReLU{});
        expected = relu(expected);
      }
      if (count > 2) {
        together.add(nn::MaxPool2d{{.kernel = 2}});
        expected = max_pool2d(expected, {.kernel = 2});
      }
      const auto y = together(x, mode);
      CHECK(y.op() == (count == 1 ? "batch_norm" : count == 2 ? "batch_norm_relu" : "batch_norm_relu_max_pool2d"));
      CHECK(largest_difference(y.value(), expected.value()) < 1e-14);
      CHECK(largest_difference(*together.buffers()[0].values, *norm.buffers()[0].values) == 0);
      CHECK(*together.buffers()[2].counter == (mode == Mode::train ? 1 : 0));
    }
  }
}

TEST_CASE("Sequential: in training a convolution of constant images joins them") {
  Rng rng(1);
  const nn::Conv2d<double> conv({.in_channels = 1, .out_channels = 9, .kernel = 3}, rng);
  const auto images = normal({2, 1, 8, 6}, 1);
  const auto operation = [&](const Variable<double>& x, Mode mode, bool frozen) {
    Sequential<double> net(conv, nn::BatchNorm2d<double>(9), nn::ReLU{}, nn::MaxPool2d{}, nn::ReLU{});
    nn::BatchNorm2d<double> norm(9);
    if (frozen) {
      for (auto& p : net.parameters()) {
        p.variable.set_requires_grad(false);
      }
    }
    const auto expected = max_pool2d(relu(norm(conv(x), frozen ? Mode::eval : mode)), {});
    const auto y = net(x, mode);
    CHECK(largest_difference(y.value(), expected.value()) < 1e-13);
    CHECK(largest_difference(*net.buffers()[1].values, *norm.buffers()[1].values) < 1e-13);
    CHECK(*net.buffers()[2].counter == *norm.buffers()[2].counter);
    Sequential<double> begin(conv, nn::BatchNorm2d<double>(9), nn::ReLU{}, nn::MaxPool2d{});
    return std::string(begin(x, mode).op());
  };
  CHECK(operation(Variable<double>(images), Mode::train, false) == "conv2d_batch_norm_relu_max_pool2d");
  CHECK(operation(Variable<double>(images), Mode::eval, false) == "batch_norm_relu_max_pool2d");
  CHECK(operation(Variable<double>::parameter(images), Mode::train, false) == "batch_norm_relu_max_pool2d");
  operation(Variable<double>(images), Mode::train, true);
}

TEST_CASE(
    "Sequential: other poolings after batch norm and ReLU stay "
    "operations of their own") {
  const auto x = Variable<double>(normal({2, 3, 6, 4}, 1));
  for (const Pool2dStep& step :
       {Pool2dStep{.kernel = 3}, Pool2dStep{.kernel = 2, .stride = 1}, Pool2dStep{.kernel = 2, .padding = 1}}) {
    Sequential<double> net(nn::BatchNorm2d<double>(3), nn::ReLU{}, nn::MaxPool2d{step});
    CHECK(net(x, Mode::train).op() == "max_pool2d");
  }
}
