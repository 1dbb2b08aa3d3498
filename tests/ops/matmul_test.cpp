#include <engram/ops/matmul.hpp>

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>

#include "support/numbers.hpp"
#include "support/same_bits.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

Variable<double> whole(const Shape& shape, std::uint64_t seed) {
  return Variable<double>::parameter(Tensor<double>::from(shape, whole_numbers<double>(shape.size(), seed)));
}

/// The product of a [m, k] and b [k, n].
std::vector<double> naive(const double* a, const double* b, Index m, Index n, Index k) {
  std::vector<double> y;
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      double total = 0;
      for (Index p = 0; p < k; ++p) {
        total += a[i * k + p] * b[p * n + j];
      }
      y.push_back(total);
    }
  }
  return y;
}

const std::vector<std::pair<Shape, Shape>> pairs{{{3, 4}, {4, 5}},
                                                 {{1, 1}, {1, 1}},
                                                 {{17, 16}, {16, 15}},
                                                 {{2, 3, 4}, {2, 4, 5}},
                                                 {{2, 3, 4}, {4, 5}},
                                                 {{3, 4}, {2, 4, 5}},
                                                 {{2, 1, 3, 4}, {5, 4, 2}},
                                                 {{1, 3, 4}, {2, 4, 1}},
                                                 {{4}, {4}},
                                                 {{4}, {4, 3}},
                                                 {{3, 4}, {4}},
                                                 {{4}, {2, 4, 3}},
                                                 {{2, 3, 4}, {4}},
                                                 {{2, 1, 2, 3}, {1, 3, 3, 2}}};

}  // namespace

TEST_CASE("matmul: two matrices by hand") {
  const auto a = constant({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto b = constant({3, 2}, {1, 10, 0, 1, -1, 0});
  const auto y = matmul(a, b);
  CHECK(y.shape() == Shape{2, 2});
  CHECK(list(y.value()) == std::vector<double>{-2, 12, -2, 45});
}

TEST_CASE("matmul: odd sizes agree with a naive loop") {
  for (const Index m : {1, 15, 17}) {
    for (const Index n : {1, 16, 33}) {
      for (const Index k : {1, 3, 40}) {
        const auto a = whole({m, k}, 1);
        const auto b = whole({k, n}, 2);
        CHECK(list(matmul(a, b).value()) == naive(a.value().data(), b.value().data(), m, n, k));
      }
    }
  }
}

TEST_CASE("matmul: a batch multiplies matrix by matrix") {
  const auto a = whole({3, 2, 4}, 1);
  const auto b = whole({3, 4, 5}, 2);
  const auto y = matmul(a, b);
  CHECK(y.shape() == Shape{3, 2, 5});
  std::vector<double> expected;
  for (Index i = 0; i < 3; ++i) {
    const auto one = naive(a.value().data() + i * 8, b.value().data() + i * 20, 2, 5, 4);
    expected.insert(expected.end(), one.begin(), one.end());
  }
  CHECK(list(y.value()) == expected);
}

TEST_CASE("matmul: leading axes broadcast") {
  const auto a = whole({2, 1, 3, 4}, 1);
  const auto b = whole({5, 4, 2}, 2);
  const auto y = matmul(a, b);
  CHECK(y.shape() == Shape{2, 5, 3, 2});
  std::vector<double> expected;
  for (Index i = 0; i < 10; ++i) {
    const auto one = naive(a.value().data() + i / 5 * 12, b.value().data() + i % 5 * 8, 3, 2, 4);
    expected.insert(expected.end(), one.begin(), one.end());
  }
  CHECK(list(y.value()) == expected);
}

TEST_CASE("matmul: a vector is a row on the left and a column on the right") {
  const auto v = constant({3}, {1, 2, 3});
  const auto m = constant({3, 2}, {1, 0, 0, 1, 1, 1});
  CHECK(matmul(v, v).shape() == Shape{});
  CHECK(matmul(v, v).value().item() == 14);
  CHECK(matmul(v, m).shape() == Shape{2});
  CHECK(list(matmul(v, m).value()) == std::vector<double>{4, 5});
  CHECK(matmul(transpose(m, 0, 1), v).shape() == Shape{2});
  CHECK(list(matmul(transpose(m, 0, 1), v).value()) == std::vector<double>{4, 5});
  CHECK(matmul(v, zeros({5, 4, 3, 2})).shape() == Shape{5, 4, 2});
  CHECK(matmul(zeros({5, 4, 2, 3}), v).shape() == Shape{5, 4, 2});
}

TEST_CASE("matmul: gradients match central differences, the derivatives are the adjoints") {
  for (const auto& shapes : pairs) {
    CAPTURE(shapes.first.text());
    CAPTURE(shapes.second.text());
    const auto a = random_parameter(shapes.first, 1);
    const auto b = random_parameter(shapes.second, 2);
    const auto y = matmul(a, b);
    const auto dy = random_constant(y.shape(), 3);
    const auto grads = backward(sum(y * dy));
    CHECK(dot(grads[a], a.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-10));
    CHECK(dot(grads[b], b.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-10));
    if (a.value().size() < 100) {
      const auto check = gradient_check(
          [](const auto& p, const auto& q) {
            const auto product = matmul(p, q);
            return product * product;
          },
          a, b);
      CHECK_MESSAGE(check.ok(1e-6), check.text());
    }
  }
}

TEST_CASE("matmul: a matrix with itself") {
  const auto a = random_constant({3, 3}, 1);
  const auto check = gradient_check([](const auto& m) { return matmul(m, m); }, a);
  CHECK_MESSAGE(check.ok(1e-7), check.text());
}

TEST_CASE("matmul: empty extents give empty results, no products give zeros") {
  CHECK(matmul(zeros({0, 3}), zeros({3, 2})).shape() == Shape{0, 2});
  CHECK(matmul(zeros({0, 2, 3}), zeros({3, 2})).shape() == Shape{0, 2, 2});
  const auto a = zero_parameter({2, 0});
  const auto y = matmul(a, zeros({0, 3}));
  CHECK(list(y.value()) == std::vector<double>(6));
  CHECK(backward(sum(y))[a].shape() == Shape{2, 0});
  const auto b = random_parameter({3, 2}, 1);
  CHECK(list(backward(sum(matmul(zeros({0, 4, 3}), b)))[b]) == std::vector<double>(6));
}

TEST_CASE("matmul: the same bits on any number of threads") {
  const auto a = random_parameter<float>({7, 33, 50}, 1);
  const auto b = random_parameter<float>({50, 41}, 2);
  CHECK(same_bits_on_any_threads([&] { return matmul(a, b).value(); }));
  CHECK(same_bits_on_any_threads([&] { return backward(sum(matmul(a, b)))[a]; }));
  CHECK(same_bits_on_any_threads([&] { return backward(sum(matmul(a, b)))[b]; }));
}

TEST_CASE("matmul: shapes that do not fit are named") {
  const char* const need = "matmul: need a [..., m, k] and b [..., k, n] whose leading extents fit, got a ";
  CHECK_THROWS_WITH_AS(matmul(zeros({2, 3}), zeros({2, 3})), text(need, "[2, 3] and b [2, 3]").c_str(), ShapeError);
  CHECK_THROWS_WITH_AS(matmul(zeros({2, 2, 3}), zeros({4, 3, 2})), text(need, "[2, 2, 3] and b [4, 3, 2]").c_str(),
                       ShapeError);
  CHECK_THROWS_WITH_AS(matmul(zeros({}), zeros({2, 2})), text(need, "[] and b [2, 2]").c_str(), ShapeError);
  CHECK_THROWS_WITH_AS(matmul(zeros({3}), zeros({2, 2})), text(need, "[3] and b [2, 2]").c_str(), ShapeError);
  CHECK_THROWS_WITH_AS(matmul(zeros({2, 2}), zeros({3})), text(need, "[2, 2] and b [3]").c_str(), ShapeError);
}
