#include <engram/ops/batch_norm.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

RunningStatistics<double> statistics(std::initializer_list<double> mean, std::initializer_list<double> variance) {
  return {Tensor<double>::from({std::ssize(mean)}, mean), Tensor<double>::from({std::ssize(variance)}, variance)};
}

}  // namespace

TEST_CASE("batch_norm: training uses the batch's statistics and moves the running ones") {
  auto running = statistics({10}, {20});
  const auto y = batch_norm(constant({4, 1}, {1, 3, 5, 7}), constant({1}, {2}), constant({1}, {0.5}), running,
                            Mode::train, {.eps = 4, .momentum = 0.25});
  // mean 4, variance 5, unbiased 20 / 3; (x - 4) / 3 * 2 + 0.5
  CHECK(largest_difference(y.value(), std::vector<double>{-1.5, 0.5 - 2.0 / 3, 0.5 + 2.0 / 3, 2.5}) < 1e-15);
  CHECK(running.mean[0] == 8.5);
  CHECK(running.variance[0] == doctest::Approx(15 + 5.0 / 3).epsilon(1e-15));
}

TEST_CASE("batch_norm: evaluation uses the running statistics and leaves them alone") {
  auto running = statistics({1, 2}, {3, 8});
  const auto y = batch_norm(constant({1, 2, 1, 2}, {1, 3, 2, 5}), constant({2}, {2, 3}), constant({2}, {0, 1}), running,
                            Mode::eval, {.eps = 1});
  CHECK(list(y.value()) == std::vector<double>{0, 2, 1, 4});
  CHECK(list(running.mean) == std::vector<double>{1, 2});
  CHECK(list(running.variance) == std::vector<double>{3, 8});
}

TEST_CASE("batch_norm: gradients match central differences in both modes, for vectors, sequences and images") {
  for (const Shape& shape : {Shape{5, 3}, Shape{2, 3, 4}, Shape{3, 3, 2, 5}}) {
    for (const Mode mode : {Mode::train, Mode::eval}) {
      CAPTURE(shape.text());
      const auto x = Variable<double>::parameter(normal(shape, 1));
      const auto w = Variable<double>::parameter(normal({3}, 2));
      const auto b = Variable<double>::parameter(normal({3}, 3));
      const Variable<double> target(normal(shape, 4));
      const auto check = gradient_check(
          [&] {
            auto running = statistics({0.1, -0.2, 0.3}, {1, 2, 0.5});
            const auto y = batch_norm(x, w, b, running, mode);
            return sum(y * y * target);
          },
          {x, w, b});
      CHECK_MESSAGE(check.error < 1e-7, check.text());
    }
  }
}

TEST_CASE("batch_norm: a constant image or scale asks for no gradient") {
  auto running = statistics({0}, {1});
  const auto w = Variable<double>::parameter(Tensor<double>::full({1}, 2));
  const auto x = constant({3, 1}, {1, 2, 6});
  const auto y = batch_norm(x, w, constant({1}, {0}), running, Mode::train);
  CHECK(y.node()->inputs.size() == 1);
  CHECK(backward(sum(y * x))[w][0] == doctest::Approx(14 / std::sqrt(14.0 / 3)).epsilon(1e-5));
}

TEST_CASE("batch_norm: needs more than one value per channel to learn from, none to evaluate") {
  auto running = statistics({0, 0}, {1, 1});
  const auto one = constant({2}, {1, 1});
  const Variable<double> x(Tensor<double>::zeros({1, 2, 1, 1}));
  CHECK_THROWS_WITH_AS(batch_norm(x, one, one, running, Mode::train),
                       "batch_norm: need more than 1 value per channel when training, got x [1, 2, 1, 1]", ShapeError);
  CHECK(batch_norm(x, one, one, running, Mode::eval).shape() == x.shape());
  const auto none = Variable<double>::parameter(Tensor<double>::zeros({0, 2, 3, 3}));
  CHECK(backward(sum(batch_norm(none, one, one, running, Mode::eval)))[none].shape() == none.shape());
}

TEST_CASE("batch_norm: a channel mismatch names all shapes") {
  auto running = statistics({0, 0}, {1, 1});
  const auto one = constant({2}, {1, 1});
  CHECK_THROWS_WITH_AS(batch_norm(Variable<double>(Tensor<double>::zeros({4, 3})), one, one, running, Mode::eval),
                       "batch_norm: need x [N, C, ...] and weight, bias, running mean and variance [C], got x [4, 3], "
                       "weight [2], bias [2], running mean [2] and variance [2]",
                       ShapeError);
}
