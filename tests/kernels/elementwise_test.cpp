#include <engram/kernels/elementwise.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;

namespace {

constexpr Index several_pieces = 3 * kernels::elementwise_grain + 5;

}  // namespace

TEST_CASE("map: applies a function to elements at the same position") {
  const auto a = Tensor<double>::from({3}, {1, 2, 3});
  const auto b = Tensor<double>::from({3}, {10, 20, 30});
  const auto c = Tensor<double>::from({3}, {0.5, 0.25, 0});
  CHECK(list(kernels::map([](double p, double q, double r) { return q - p + r; }, a, b, c)) ==
        std::vector<double>{9.5, 18.25, 27});
  CHECK(kernels::map([](double p) { return p; }, Tensor<double>::zeros({0, 3})).shape() == Shape{0, 3});
}

TEST_CASE("map: reaches every element of a tensor of several pieces") {
  const auto ones = Tensor<float>::full({several_pieces}, 1);
  const auto y = kernels::map([](float v) { return v + 1; }, ones);
  CHECK(std::ranges::count(y.elements(), 2.0f) == several_pieces);
}

TEST_CASE("map_in_place: works in the memory of its argument") {
  auto x = Tensor<double>::from({2}, {1, 2});
  const double* memory = x.data();
  const auto y =
      kernels::map_in_place([](double p, double q) { return p - q; }, std::move(x), Tensor<double>::from({2}, {5, 7}));
  CHECK(y.data() == memory);
  CHECK(list(y) == std::vector<double>{-4, -5});
}

TEST_CASE("map_sum: the sum over one and over several pieces") {
  CHECK(kernels::map_sum([](float p, float q) { return p * q; }, Tensor<float>::from({3}, {1, 2, 3}),
                         Tensor<float>::from({3}, {4, 5, 6})) == 32);
  CHECK(kernels::map_sum([](float p) { return p; }, Tensor<float>::zeros({0})) == 0);
  CHECK(kernels::map_sum([](float p) { return p; }, Tensor<float>::full({several_pieces}, 1)) == several_pieces);
}

TEST_CASE("map_sum: adds in double, so that floats do not swallow small ones") {
  auto x = Tensor<float>::full({1001}, 1);
  x[0] = 1e9f;
  CHECK(kernels::map_sum([](float p) { return p; }, x) == 1e9 + 1000);
}

TEST_CASE("map_sum: the same bits on any number of threads") {
  const auto x = normal<float>({several_pieces}, 1);
  CHECK(same_bits_on_any_threads(
      [&] { return std::vector<double>{kernels::map_sum([](float v) { return v * v; }, x)}; }));
}
