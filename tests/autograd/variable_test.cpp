#include <engram/autograd/variable.hpp>

#include <doctest/doctest.h>

#include <memory>

#include <engram/autograd/backward.hpp>
#include <engram/ops/activation.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"

using namespace engram;

namespace {

Variable<double> vector(std::initializer_list<double> values) {
  return Variable<double>::parameter(Tensor<double>::from({std::ssize(values)}, values));
}

}  // namespace

TEST_CASE("Variable: handles share a value, tensors do not") {
  auto values = Tensor<double>::from({2}, {1, 2});
  Variable<double> a(values);
  const auto b = a;
  a.mutable_value()[0] = 5;
  CHECK(b.value()[0] == 5);
  CHECK(values[0] == 1);
  CHECK(a.node() == b.node());
  CHECK(Variable<double>(values).node() != a.node());
}

TEST_CASE("Variable: knows what it is") {
  const auto p = vector({1});
  CHECK(p.op() == "parameter");
  CHECK(p.requires_grad());
  CHECK(Variable<double>(p.value()).op() == "constant");
  CHECK_FALSE(Variable<double>(p.value()).requires_grad());
  CHECK((p + p).op() == "add");
}

TEST_CASE("set_requires_grad: a parameter that is off is a constant to later operations, for all its handles") {
  auto p = vector({3});
  const auto q = vector({5});
  const auto before = sum(p * q);
  const auto handle = p;
  p.set_requires_grad(false);
  CHECK_FALSE(handle.requires_grad());
  CHECK(handle.op() == "parameter");
  const auto after = sum(handle * q);
  CHECK(backward(after).find(p) == nullptr);
  CHECK(backward(after)[q][0] == 3);
  CHECK(backward(before)[p][0] == 5);
  CHECK_FALSE((p * p).requires_grad());
  p.set_requires_grad(true);
  CHECK(backward(sum(handle * q))[p][0] == 5);
}

TEST_CASE("set_requires_grad: refused for constants and results") {
  Variable<double> constant(Tensor<double>::zeros({2, 3}));
  CHECK_THROWS_WITH_AS(constant.set_requires_grad(true),
                       "set_requires_grad: need a parameter, got the constant of shape [2, 3]", ArgumentError);
  auto result = vector({1}) + vector({2});
  CHECK_THROWS_WITH_AS(result.set_requires_grad(false), "set_requires_grad: need a parameter, got the add of shape [1]",
                       ArgumentError);
  CHECK(result.requires_grad());
}

TEST_CASE("differentiable: an input that needs no gradient is dropped with all that its derivative captured") {
  const auto x = vector({1, 2});
  const Variable<double> c(Tensor<double>::zeros({2}));
  const auto wanted = std::make_shared<int>();
  const auto unwanted = std::make_shared<int>();
  const auto pass = [](const std::shared_ptr<int>& token) { return [token](const Tensor<double>& dy) { return dy; }; };
  {
    const auto y = differentiable("op", Tensor<double>::zeros({2}), wrt(c, pass(unwanted)), wrt(x, pass(wanted)));
    CHECK(y.requires_grad());
    CHECK(y.node()->inputs.size() == 1);
    CHECK(unwanted.use_count() == 1);
    CHECK(wanted.use_count() == 2);
    CHECK(list(backward(sum(y))[x]) == std::vector<double>{1, 1});
  }
  CHECK(wanted.use_count() == 1);
  const auto constant = differentiable("op", Tensor<double>::zeros({2}), wrt(c, pass(unwanted)));
  CHECK_FALSE(constant.requires_grad());
  CHECK(unwanted.use_count() == 1);
  CHECK(constant.op() == "op");
}

TEST_CASE("differentiable: each derivative sees the result's gradient as it came, though the last may reuse it") {
  const auto a = vector({1});
  const auto b = vector({1});
  const auto tripled = [](Tensor<double> dy) {
    dy[0] *= 3;
    return dy;
  };
  const auto y = differentiable("op", Tensor<double>::zeros({1}), wrt(a, tripled), wrt(b, tripled));
  const auto grads = backward(y);
  CHECK(grads[a][0] == 3);
  CHECK(grads[b][0] == 3);
}

TEST_CASE("differentiable: a derivative may ask for the result") {
  const auto x = vector({2});
  const auto y = differentiable("op", Tensor<double>::full({1}, 7),
                                wrt(x, [](const Tensor<double>& dy, const Tensor<double>& result) {
                                  return Tensor<double>::full({1}, dy[0] * result[0]);
                                }));
  CHECK(backward(y)[x][0] == 7);
}

TEST_CASE("differentiable: a derivative of the wrong shape is named") {
  const auto x = vector({2, 3});
  const auto y = differentiable("op", Tensor<double>::zeros({1}),
                                wrt(x, [](const Tensor<double>&) { return Tensor<double>::zeros({3}); }));
  CHECK_THROWS_WITH_AS(backward(y), "backward: the derivative of an operation on [2] has shape [3]", ShapeError);
}

TEST_CASE("differentiable_jointly: only the gradients that are needed are asked for and taken") {
  const auto a = vector({1});
  const Variable<double> c(Tensor<double>::zeros({1}));
  const auto b = vector({1});
  const auto y = differentiable_jointly(
      "op", Tensor<double>::zeros({1}), std::vector{a, c, b},
      [](const Tensor<double>&, const PoolVector<bool>& needed) {
        CHECK(needed == PoolVector<bool>{true, false, true});
        return PoolVector<Tensor<double>>{Tensor<double>::full({1}, 1), Tensor<double>(), Tensor<double>::full({1}, 3)};
      });
  const auto grads = backward(y);
  CHECK(grads[a][0] == 1);
  CHECK(grads[b][0] == 3);
  CHECK(grads.find(c) == nullptr);
}

TEST_CASE("NoGrad: nests, and frees what derivatives would have captured") {
  const auto x = vector({1});
  const NoGrad outer;
  { const NoGrad inner; }
  const auto token = std::make_shared<int>();
  const auto y =
      differentiable("op", Tensor<double>::zeros({1}), wrt(x, [token](const Tensor<double>& dy) { return dy; }));
  CHECK_FALSE(y.requires_grad());
  CHECK(token.use_count() == 1);
}

TEST_CASE("backward: a loss given away returns each value to the pool as soon as nothing needs it") {
  constexpr Index size = 1 << 16;
  constexpr std::size_t bytes = size * sizeof(double);
  const auto x = Variable<double>::parameter(Tensor<double>::full({size}, 1));
  for (const bool consume : {false, true}) {
    std::size_t kept_above = 0;  // what the pool holds when the derivative of the first operation runs
    Variable<double> y = differentiable("probe", x.value(), wrt(x, [&kept_above](const Tensor<double>& dy) {
                                          kept_above = BufferPool::shared().kept_bytes();
                                          return dy;
                                        }));
    for (int i = 0; i < 10; ++i) {
      y = relu(y);
    }
    auto loss = sum(y);
    y = x;
    BufferPool::shared().trim();
    const auto grads = consume ? backward(std::move(loss)) : backward(loss);
    CHECK(grads[x][0] == 1);
    if (consume) {
      CHECK(kept_above >= 10 * bytes);
    } else {
      CHECK(kept_above < 2 * bytes);
    }
  }
}

TEST_CASE("backward: gradients outlive the loss and the parameters' handles") {
  std::optional<Gradients<double>> grads;
  std::optional<Variable<double>> x = vector({3});
  grads = backward(sum(*x * *x));
  const auto handle = *x;
  x.reset();
  CHECK((*grads)[handle][0] == 6);
}

TEST_CASE("backward: a parameter is its own derivative 1, a constant has no gradients") {
  const auto x = vector({3});
  CHECK(backward(x)[x][0] == 1);
  CHECK(backward(Variable<double>(x.value())).find(x) == nullptr);
}
