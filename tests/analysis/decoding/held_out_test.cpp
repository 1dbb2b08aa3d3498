#include <engram/analysis/decoding/held_out.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "support/numbers.hpp"
#include "support/waves.hpp"

using namespace engram;
using namespace engram::analysis;

TEST_CASE("held_out_means: the mean of the other blocks") {
  const auto folds = block_folds(6, 3);
  const auto targets = Tensor<double>::from({6, 1}, {1, 2, 3, 4, 5, 6});
  CHECK(largest_difference(analysis::detail::held_out_means(folds, targets),
                           std::vector<double>{4.5, 4.5, 3.5, 3.5, 2.5, 2.5}) < 1e-15);
}

TEST_CASE("held_out_neighbors: the nearest rows of other blocks") {
  const auto folds = block_folds(4, 2);
  const auto codes = Tensor<float>::from({4, 1}, {0, 10, 9, 1});
  const auto targets = Tensor<double>::from({4, 2}, {1, 5, 2, 6, 3, 7, 4, 8});
  CHECK(list(analysis::detail::held_out_neighbors(codes, folds, 1)(targets)) ==
        std::vector<double>{4, 8, 3, 7, 2, 6, 1, 5});
}

TEST_CASE("held_out_neighbors: predictions come fold by fold, of the rows that are held out alone") {
  const std::vector<Fold> folds{{{0, 1}, {3}}, {{0, 3}, {2}}};
  CHECK(analysis::detail::held_out_rows(folds) == std::vector<Index>{3, 2});
  const auto codes = Tensor<float>::from({4, 1}, {0, 10, 9, 1});
  const auto targets = Tensor<double>::from({4, 1}, {1, 2, 3, 4});
  CHECK(list(analysis::detail::held_out_neighbors(codes, folds, 1)(targets)) == std::vector<double>{1, 4});
}

TEST_CASE("held_out_ridge: fits on the other blocks, standardised as they are") {
  const auto folds = block_folds(30, 3);
  const auto codes = wave(30, 2, 1);
  const auto targets = wave(30, 3, 2);
  const auto predicted = analysis::detail::held_out_ridge(codes, folds, 0.5)(targets);
  for (const Fold& fold : folds) {
    const auto training = take_rows(codes, fold.training);
    const RidgeModel model =
        fit_ridge(analysis::detail::standardized(training, training), take_rows(targets, fold.training), 0.5);
    const auto expected = model.predict(analysis::detail::standardized(take_rows(codes, fold.held_out), training));
    CHECK(largest_difference(expected, take_rows(predicted, fold.held_out)) < 1e-14);
  }
}

TEST_CASE("standardized: by the training rows' mean and deviation; a constant column is centred only") {
  const auto training = Tensor<float>::from({2, 2}, {1, 7, 5, 7});
  const auto x = Tensor<float>::from({2, 2}, {3, 7, 9, 8});
  CHECK(list(analysis::detail::standardized(x, training)) == std::vector<double>{0, 0, 3, 1});
}
