#include <engram/kernels/broadcast.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

Tensor<double> whole(const Shape& shape, std::uint64_t seed) {
  return Tensor<double>::from(shape, whole_numbers<double>(shape.size(), seed));
}

}  // namespace

TEST_CASE("broadcast_shape: aligned at the last axis, extents of 1 repeat") {
  CHECK(broadcast_shape({2, 3}, {2, 3}) == Shape{2, 3});
  CHECK(broadcast_shape({2, 3}, {3}) == Shape{2, 3});
  CHECK(broadcast_shape({2, 1}, {1, 3}) == Shape{2, 3});
  CHECK(broadcast_shape({}, {4}) == Shape{4});
  CHECK(broadcast_shape({}, {}) == Shape{});
  CHECK(broadcast_shape({5, 1, 7}, {6, 1}) == Shape{5, 6, 7});
  CHECK(broadcast_shape({0, 3}, {1, 1}) == Shape{0, 3});
  CHECK_FALSE(broadcast_shape({2, 3}, {2}).has_value());
  CHECK_FALSE(broadcast_shape({2, 3}, {3, 3}).has_value());
  CHECK_FALSE(broadcast_shape({0}, {2}).has_value());
}

TEST_CASE("broadcast_strides: 0 along repeated axes") {
  const Strides s = broadcast_strides({3, 1, 4}, {2, 3, 5, 4});
  CHECK(s[0] == 0);
  CHECK(s[1] == 4);
  CHECK(s[2] == 0);
  CHECK(s[3] == 1);
}

TEST_CASE("map_broadcast: agrees with a naive loop at sizes around lanes, for each kind of inner loop") {
  for (const Index n : {1, 2, 15, 16, 17, 33}) {
    CAPTURE(n);
    const Index rows = 3;
    const auto full = whole({rows, n}, 1);
    for (const Shape& other : {Shape{n}, Shape{1, n}, Shape{rows, 1}, Shape{}, Shape{1, 1}}) {
      CAPTURE(other.text());
      const auto part = whole(other, 2);
      std::vector<double> first;
      std::vector<double> second;
      for (Index i = 0; i < rows * n; ++i) {
        const Index at = other.size() == 1 ? 0 : other == Shape{rows, 1} ? i / n : i % n;
        first.push_back(full[i] - 2 * part[at]);
        second.push_back(part[at] - 2 * full[i]);
      }
      const auto f = [](double p, double q) { return p - 2 * q; };
      CHECK(list(map_broadcast(f, full, part, {rows, n})) == first);
      CHECK(list(map_broadcast(f, part, full, {rows, n})) == second);
    }
  }
}

TEST_CASE("map_broadcast: a row meets a column, a channel's number its pixels") {
  const auto row = Tensor<float>::from({1, 3}, {1, 2, 3});
  const auto column = Tensor<float>::from({2, 1}, {10, 20});
  const auto plus = [](float p, float q) { return p + q; };
  CHECK(list(map_broadcast(plus, row, column, {2, 3})) == std::vector<float>{11, 12, 13, 21, 22, 23});
  const auto images = Tensor<float>::zeros({2, 2, 2, 2});
  const auto channels = Tensor<float>::from({2, 1, 1}, {1, 2});
  CHECK(list(map_broadcast(plus, images, channels, {2, 2, 2, 2})) ==
        std::vector<float>{1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2});
}

TEST_CASE("map_broadcast: around the size of a piece") {
  for (const Index n : {32767, 32768, 32769}) {
    const auto x = Tensor<float>::full({n}, 2);
    const auto y = map_broadcast([](float p, float q) { return p * q; }, x, Tensor<float>::full({1}, 3), {n});
    CHECK(list(y) == std::vector<float>(static_cast<std::size_t>(n), 6));
  }
}

TEST_CASE("map_broadcast: nothing with a number is nothing") {
  const auto plus = [](double p, double q) { return p + q; };
  CHECK(map_broadcast(plus, Tensor<double>::zeros({0, 3}), Tensor<double>::zeros({1}), {0, 3}).shape() == Shape{0, 3});
  CHECK(map_broadcast(plus, Tensor<double>::zeros({1, 3}), Tensor<double>::zeros({0, 1}), {0, 3}).size() == 0);
}

TEST_CASE("map_broadcast: the same bits on any number of threads") {
  const auto a = normal<float>({50, 1, 37}, 1);
  const auto b = normal<float>({41, 1}, 2);
  CHECK(same_bits_on_any_threads([&] {
    return map_broadcast([](float p, float q) { return p * q + p; }, a, b, {50, 41, 37});
  }));
}
