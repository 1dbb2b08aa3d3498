#include <engram/core/tensor.hpp>

#include <doctest/doctest.h>

#include "support/numbers.hpp"

using namespace engram;

TEST_CASE("Tensor: factories") {
  CHECK(list(Tensor<float>::zeros({2, 2})) == std::vector<float>{0, 0, 0, 0});
  CHECK(list(Tensor<int>::full({3}, 7)) == std::vector<int>{7, 7, 7});
  CHECK(list(Tensor<int>::from({1, 2}, {3, 4})) == std::vector<int>{3, 4});
  CHECK(Tensor<float>::uninitialized({4, 5}).size() == 20);
  CHECK(Tensor<float>().shape() == Shape{0});
  CHECK(Tensor<float>::full({}, 2).item() == 2);
  CHECK(Tensor<int>::from({0, 3}, {}).elements().empty());
}

TEST_CASE("Tensor: copies are deep, moves keep the memory") {
  auto a = Tensor<int>::full({2}, 1);
  auto b = a;
  b[0] = 5;
  CHECK(a[0] == 1);
  const int* memory = b.data();
  const auto c = std::move(b);
  CHECK(c.data() == memory);
  CHECK(c[0] == 5);
}

TEST_CASE("Tensor: reshaping keeps the order and, for an rvalue, the memory") {
  auto a = Tensor<int>::from({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto b = a.reshaped({3, 2});
  CHECK(b.shape() == Shape{3, 2});
  CHECK(list(b) == list(a));
  CHECK(b.data() != a.data());
  CHECK(a.shape() == Shape{2, 3});
  CHECK(a.reshaped({-1}).shape() == Shape{6});
  CHECK(a.reshaped({2, -1, 3}).shape() == Shape{2, 1, 3});
  const int* memory = a.data();
  const auto c = std::move(a).reshaped({1, -1});
  CHECK(c.data() == memory);
  CHECK(c.shape() == Shape{1, 6});
  CHECK(Tensor<int>::full({1, 1}, 4).reshaped(Shape{}).item() == 4);
}

TEST_CASE("Tensor: errors name what was given") {
  const auto a = Tensor<int>::zeros({2, 3});
  CHECK_THROWS_WITH_AS(Tensor<int>::from({2, 2}, {1, 2, 3}), "Tensor: shape [2, 2] needs 4 elements, got 3",
                       ShapeError);
  CHECK_THROWS_WITH_AS(a.item(), "item: need one element, got shape [2, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(a.reshaped({4, 2}), "reshape: need 6 elements as in [2, 3], got [4, 2]", ShapeError);
  CHECK_THROWS_WITH_AS(a.reshaped({4, -1}), "reshape: [2, 3] cannot be divided by 4", ShapeError);
  CHECK_THROWS_WITH_AS(a.reshaped({0, -1}), "reshape: [2, 3] cannot be divided by 0", ShapeError);
  CHECK_THROWS_WITH_AS(a.reshaped({-1, -1}), "reshape: need at most one extent -1", ShapeError);
  CHECK_THROWS_WITH_AS(a.reshaped({-2, -3}), "Shape: need extents >= 0, got -2", ShapeError);
  CHECK_THROWS_WITH_AS(a.reshaped({1, 1, 1, 1, 1, 1, 1, 1, 6}), "reshape: need at most 8 extents, got 9", ShapeError);
}

TEST_CASE("Tensor: extents whose product overflows are an error, not a size that happens to fit") {
  const Index large = Index{1} << 32;  // large * large is 0 modulo 2^64
  CHECK_THROWS_AS(Tensor<int>::zeros({0}).reshaped({large, large}), ShapeError);
  CHECK_THROWS_AS(Tensor<int>::zeros({6}).reshaped({large, large, -1}), ShapeError);
}

TEST_CASE("cast: element by element, as static_cast") {
  const auto a = Tensor<double>::from({2, 2}, {1.9, -1.9, 0, 1e-3});
  CHECK(list(cast<int>(a)) == std::vector<int>{1, -1, 0, 0});
  CHECK(cast<float>(a).shape() == a.shape());
  CHECK(cast<float>(a)[3] == 1e-3f);
}

TEST_CASE("Tensor: what was moved from is empty, and says so") {
  auto a = Tensor<float>::full({2, 3}, 1);
  const Tensor<float> b = std::move(a);
  CHECK(b.shape() == Shape{2, 3});
  CHECK(a.shape() == Shape{0});  // NOLINT
  CHECK(a.elements().empty());
  auto c = Tensor<float>::full({4}, 2);
  auto d = Tensor<float>::full({5}, 3);
  c = std::move(d);
  CHECK(c.shape() == Shape{5});
  CHECK(c[4] == 3);
  CHECK(d.shape() == Shape{0});  // NOLINT
  CHECK(d.elements().empty());
}
