#include <engram/kernels/reduce.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include <engram/kernels/broadcast.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

using Mask = std::array<bool, 4>;

template <class T>
std::vector<T> sums(const Shape& shape, const Mask& reduced, const std::vector<T>& x, double factor = 1) {
  Index kept = 1;
  for (Index axis = 0; axis < shape.rank(); ++axis) {
    kept *= reduced[static_cast<std::size_t>(axis)] ? 1 : shape[axis];
  }
  auto y = unwritten<T>(kept);
  sum_axes(shape, std::span<const bool>(reduced.data(), static_cast<std::size_t>(shape.rank())), x.data(), factor,
           y.data());
  return y;
}

template <class T>
std::vector<T> naive(const Shape& shape, const Mask& reduced, const std::vector<T>& x, double factor = 1) {
  std::vector<double> y;
  for (Index i = 0; i < shape.size(); ++i) {
    Index rest = i;
    Index at = 0;
    Index step = 1;
    for (Index axis = shape.rank() - 1; axis >= 0; --axis) {
      if (!reduced[static_cast<std::size_t>(axis)]) {
        at += rest % shape[axis] * step;
        step *= shape[axis];
      }
      rest /= shape[axis];
    }
    y.resize(static_cast<std::size_t>(std::max<Index>(std::ssize(y), at + 1)));
    y[static_cast<std::size_t>(at)] += static_cast<double>(x[static_cast<std::size_t>(i)]);
  }
  std::vector<T> rounded;
  for (const double v : y) {
    rounded.push_back(static_cast<T>(factor * v));
  }
  return rounded;
}

}  // namespace

TEST_CASE("sum_axes: every set of axes agrees with a naive loop") {
  for (const Shape& shape : {Shape{3, 5, 2, 7}, Shape{1, 4, 1, 3}, Shape{2, 1, 17, 16}, Shape{2, 3, 4, 1}}) {
    const auto x = whole_numbers<double>(shape.size(), 1);
    for (unsigned bits = 0; bits < 16; ++bits) {
      CAPTURE(bits);
      const Mask reduced{(bits & 1u) != 0, (bits & 2u) != 0, (bits & 4u) != 0, (bits & 8u) != 0};
      CHECK(sums(shape, reduced, x) == naive(shape, reduced, x));
      CHECK(sums(shape, reduced, x, -0.5) == naive(shape, reduced, x, -0.5));
    }
  }
}

TEST_CASE("sum_axes: rows and columns around the limits of lanes and blocks") {
  for (const Index rows : {1, 2, 15, 16, 17}) {
    for (const Index columns : {1, 15, 16, 17, 255, 256, 257, 600}) {
      CAPTURE(rows);
      CAPTURE(columns);
      const auto x = whole_numbers<float>(rows * columns, 1);
      CHECK(sums({rows, columns}, {true, false}, x) == naive({rows, columns}, {true, false}, x));
      CHECK(sums({rows, columns}, {false, true}, x) == naive({rows, columns}, {false, true}, x));
    }
  }
}

TEST_CASE("sum_axes: one result of several pieces, and a few of them side by side") {
  for (const Index size : {32767, 32768, 32769, 100'001}) {
    CAPTURE(size);
    const auto x = whole_numbers<float>(size, 1);
    CHECK(sums({size}, {true}, x) == naive({size}, {true}, x));
    CHECK(sums({1, size}, {true, false}, x) == x);
    const auto wide = whole_numbers<float>(3 * size, 2);
    CHECK(sums({size, 3}, {true, false}, wide) == naive({size, 3}, {true, false}, wide));
    CHECK(sums({3, size}, {false, true}, wide) == naive({3, size}, {false, true}, wide));
  }
}

TEST_CASE("sum_axes: adds in double, so that floats do not swallow small ones") {
  std::vector<float> x(1001, 1.0f);
  x[0] = 1e9f;
  CHECK(sums({1001}, {true}, x, 1e-3)[0] == static_cast<float>(1e-3 * (1e9 + 1000)));
}

TEST_CASE("sum_axes: sums of nothing are 0, of no kept axes none are written") {
  CHECK(sums({0, 3}, {true, false}, std::vector<double>{}) == std::vector<double>(3));
  CHECK(sums({3, 0}, {false, true}, std::vector<double>{}) == std::vector<double>(3));
  CHECK(sums({0, 3}, {false, true}, std::vector<double>{}).empty());
  CHECK(sums({}, {}, std::vector<double>{5}) == std::vector<double>{5});
}

TEST_CASE("sum_axes: the same bits on any number of threads") {
  for (const auto& [shape, reduced] :
       {std::pair{Shape{200'003}, Mask{true}}, std::pair{Shape{517, 300}, Mask{true, false}},
        std::pair{Shape{300, 517}, Mask{false, true}},
        std::pair{Shape{9, 20, 31, 33}, Mask{true, false, true, true}}}) {
    const auto x = list(normal<float>(shape, 1));
    CHECK(same_bits_on_any_threads([&, s = shape, r = reduced] { return sums(s, r, x); }));
  }
}

TEST_CASE("sum_to_shape: the adjoint of broadcasting") {
  const Shape target{4, 3, 5};
  const auto plus = [](double p, double q) { return p + q; };
  for (const Shape& shape :
       {Shape{}, Shape{5}, Shape{3, 1}, Shape{1, 5}, Shape{4, 1, 1}, Shape{4, 1, 5}, Shape{4, 3, 5}}) {
    CAPTURE(shape.text());
    const auto x = normal(shape, 1);
    const auto dy = normal(target, 2);
    const auto y = map_broadcast(plus, x, Tensor<double>::zeros(target), target);
    const auto dx = sum_to_shape(dy, shape);
    CHECK(dx.shape() == shape);
    CHECK(dot(dx, x) == doctest::Approx(dot(dy, y)).epsilon(1e-12));
  }
}

TEST_CASE("sum_to_shape: the same shape keeps its memory") {
  auto x = normal({3, 4}, 1);
  const double* memory = x.data();
  CHECK(sum_to_shape(std::move(x), {3, 4}).data() == memory);
}
