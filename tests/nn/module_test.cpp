#include <engram/nn/module.hpp>

#include <doctest/doctest.h>

#include <engram/nn/activation.hpp>
#include <engram/nn/batch_norm.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>

#include "support/numbers.hpp"
#include "support/tied.hpp"

using namespace engram;

namespace {

struct Doubling {
  Variable<float> operator()(const Variable<float>& x) const {
    auto y = x.value();
    for (float& v : y.elements()) {
      v *= 2;
    }
    return Variable<float>(std::move(y));
  }
};

struct Ones {
  Variable<float> operator()(const Variable<float>& x) const { return x; }
  Variable<float> operator()(const Variable<float>& x, Mode mode) {
    return Variable<float>(Tensor<float>::full(x.shape(), mode == Mode::train ? 1 : 0));
  }
};

}  // namespace

TEST_CASE("concepts: what layers have") {
  using nn::BatchNorm1d, nn::HasBuffers, nn::HasModes, nn::HasParameters, nn::Linear, nn::Module, nn::ReLU,
      nn::Sequential;
  CHECK((Module<Linear<float>, float> && HasParameters<Linear<float>, float>));
  CHECK_FALSE((HasModes<Linear<float>, float> || HasBuffers<Linear<float>, float> || Module<Linear<float>, double>));
  CHECK((Module<ReLU, float> && Module<ReLU, double> && !HasParameters<ReLU, float>));
  CHECK((HasModes<BatchNorm1d<float>, float> && HasBuffers<BatchNorm1d<float>, float>));
  CHECK((Module<Sequential<float>, float> && HasModes<Sequential<float>, float>));
  CHECK((Module<Doubling, float> && !Module<int, float>));
}

TEST_CASE("run: hands the mode to modules that have modes alone") {
  const Variable<float> x(Tensor<float>::full({2}, 3));
  Doubling doubling;
  Ones ones;
  CHECK(list(nn::run(doubling, x, Mode::train).value()) == std::vector<float>{6, 6});
  CHECK(list(nn::run(ones, x, Mode::train).value()) == std::vector<float>{1, 1});
  CHECK(list(nn::run(ones, x, Mode::eval).value()) == std::vector<float>{0, 0});
}

TEST_CASE("Parameter: copies are deep, moves keep the handle") {
  nn::Parameter<float> a(Tensor<float>::full({2}, 1));
  nn::Parameter<float> b = a;
  CHECK(a.variable().requires_grad());
  CHECK(b.variable().requires_grad());
  Variable<float> handle = b.variable();
  handle.mutable_value()[0] = 5;
  CHECK(list(a.variable().value()) == std::vector<float>{1, 1});
  CHECK(list(b.variable().value()) == std::vector<float>{5, 1});
  a = b;
  handle.mutable_value()[0] = 6;
  CHECK(list(a.variable().value()) == std::vector<float>{5, 1});
  const nn::Parameter<float> c = std::move(b);
  CHECK(c.variable().node() == handle.node());
}

TEST_CASE("Parameter: the copy of a frozen one is frozen, and freezing it leaves the original alone") {
  nn::Parameter<float> a(Tensor<float>::full({2}, 1));
  Variable<float> handle = a.variable();
  handle.set_requires_grad(false);
  const nn::Parameter<float> b = a;
  CHECK_FALSE(b.variable().requires_grad());
  handle.set_requires_grad(true);
  CHECK(a.variable().requires_grad());
  CHECK_FALSE(b.variable().requires_grad());
  a = b;
  CHECK_FALSE(a.variable().requires_grad());
}

TEST_CASE("variables: the handles of all parameters, in order") {
  Rng rng(1);
  const nn::Linear<float> layer({.in_features = 2, .out_features = 3}, rng);
  const std::vector<Variable<float>> all = nn::variables(layer);
  REQUIRE(all.size() == 2);
  CHECK(all[0].node() == layer.parameters()[0].variable.node());
  CHECK(all[1].node() == layer.parameters()[1].variable.node());
}

TEST_CASE("variables: a parameter with two names comes once") {
  const support::Tied model;
  const auto all = nn::variables(model);
  REQUIRE(all.size() == 1);
  CHECK(all[0].node() == model.weight.variable().node());
}

TEST_CASE("append: puts a prefix before each name") {
  nn::Parameters<float> all;
  const auto weight = Variable<float>::parameter(Tensor<float>::zeros({1}));
  nn::append(all, "encoder.0", {{"weight", weight}});
  CHECK(all[0].name == "encoder.0.weight");
  CHECK(all[0].variable.node() == weight.node());
  auto mean = Tensor<float>::zeros({1});
  std::int64_t count = 0;
  nn::Buffers<float> buffers;
  nn::append(buffers, "1", {{"mean", &mean, nullptr}, {"count", nullptr, &count}, {"passes", nullptr, &count, false}});
  CHECK(buffers[0].name == "1.mean");
  CHECK(buffers[0].values == &mean);
  CHECK(buffers[1].name == "1.count");
  CHECK(buffers[1].counter == &count);
  CHECK((buffers[0].persistent && buffers[1].persistent && !buffers[2].persistent));
}
