#include <engram/train/evaluate.hpp>

#include <doctest/doctest.h>

#include "support/small_training.hpp"

using namespace engram;

TEST_CASE("evaluate: needs an example") {
  const support::SmallTraining run;
  CHECK_THROWS_WITH_AS(train::evaluate(run.model, train::Dataset<double>()), "evaluate: need at least 1 example, got 0",
                       ArgumentError);
}

TEST_CASE("evaluate: the mean over examples, whatever the sizes of the batches") {
  support::SmallTraining run;
  run.options.batch_size = 16;
  const double expected = train::evaluate(run.model, run.training, run.options);
  std::vector<std::size_t> sizes;
  const auto inner = run.training.batch;
  run.training.batch = [&](std::span<const Index> items) {
    sizes.push_back(items.size());
    return inner(items);
  };
  run.options.batch_size = 7;
  CHECK(train::evaluate(run.model, run.training, run.options) == doctest::Approx(expected).epsilon(1e-12));
  run.options.micro_batch_size = 9;
  CHECK(train::evaluate(run.model, run.training, run.options) == doctest::Approx(expected).epsilon(1e-12));
  run.options.micro_batch_size = 6;
  CHECK(train::evaluate(run.model, run.training, run.options) == doctest::Approx(expected).epsilon(1e-12));
  CHECK(sizes == std::vector<std::size_t>{7, 7, 2, 7, 7, 2, 6, 6, 4});
}
