#include <engram/autograd/backward.hpp>

#include <doctest/doctest.h>

#include <engram/ops/activation.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("backward: squaring a shared input adds both contributions") {
  const auto a = Variable<double>::parameter(Tensor<double>::from({1}, {3.0}));
  CHECK(backward(sum(a * a))[a][0] == 6.0);
}

TEST_CASE("backward: 25 shared squarings take linear time") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({1}, {1.0}));
  auto y = x;
  for (int i = 0; i < 25; ++i) {
    y = y * y;
  }
  CHECK(backward(sum(y))[x][0] == 33554432.0);
}

TEST_CASE("backward: a chain of 100'000 operations is built, differentiated and freed") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({1}, {0.5}));
  for (const bool consume : {false, true}) {
    auto y = x;
    for (int i = 0; i < 100'000; ++i) {
      y = relu(y);
    }
    auto loss = sum(y);
    y = x;
    const auto grads = consume ? backward(std::move(loss)) : backward(loss);
    CHECK(grads[x][0] == 1.0);
  }
}

TEST_CASE("backward: a kept loss can be differentiated twice with the same result") {
  const auto x = Variable<double>::parameter(normal({5}, 1));
  const auto loss = sum(x * x * x);
  const auto first = backward(loss);
  const auto second = backward(loss);
  for (Index i = 0; i < 5; ++i) {
    CHECK(first[x][i] == second[x][i]);
  }
}

TEST_CASE("backward: a constant has no gradient, and asking for it names the shape") {
  const Variable<double> c(Tensor<double>::zeros({2, 3}));
  const auto x = Variable<double>::parameter(Tensor<double>::full({2, 3}, 2));
  const auto grads = backward(sum(c * x));
  CHECK(grads.find(c) == nullptr);
  CHECK_THROWS_WITH_AS(grads[c], "Gradients: the differentiated value does not depend on the constant of shape [2, 3]",
                       ArgumentError);
}

TEST_CASE("backward: needs one element") {
  const auto x = Variable<double>::parameter(Tensor<double>::zeros({2, 3}));
  CHECK_THROWS_WITH_AS(backward(x), "backward: need a root of one element, got shape [2, 3]", ShapeError);
}

TEST_CASE("NoGrad: nothing is recorded inside its scope, everything after it") {
  const auto x = Variable<double>::parameter(Tensor<double>::full({2}, 2));
  {
    const NoGrad no_grad;
    CHECK_FALSE((x * x).requires_grad());
  }
  CHECK((x * x).requires_grad());
}

TEST_CASE("Gradients: add up, weighted, as the scalars do; what only one depends on counts as 0 in the other") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({2}, {1, 2}));
  const auto y = Variable<double>::parameter(Tensor<double>::from({1}, {5}));
  Gradients<double> total;
  CHECK(total.find(x) == nullptr);
  total.add(backward(sum(x * x)));
  total.add(backward(sum(x) + sum(y)), 0.5);
  CHECK(list(total[x]) == std::vector<double>{2.5, 4.5});
  CHECK(list(total[y]) == std::vector<double>{0.5});
  total.scale(2);
  CHECK(list(total[x]) == std::vector<double>{5, 9});
  CHECK(list(total[y]) == std::vector<double>{1});
}

TEST_CASE("Gradients: adding leaves what was added as it was") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({1}, {3}));
  const auto one = backward(sum(x * x));
  Gradients<double> total;
  total.add(one, 3);
  total.add(one);
  CHECK(total[x][0] == 24);
  CHECK(one[x][0] == 6);
}
