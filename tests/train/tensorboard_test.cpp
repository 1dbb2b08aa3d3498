#include <engram/train/tensorboard.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/event_file.hpp"
#include "support/small_training.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

/// The scalars with the tag, in order.
std::vector<support::ScalarEvent> curve(const io::TensorBoardWriter& board, const std::string& tag) {
  std::vector<support::ScalarEvent> points;
  for (const auto& scalar : support::read_scalars(board.file())) {
    if (scalar.tag == tag) {
      points.push_back(scalar);
    }
  }
  return points;
}

}  // namespace

TEST_CASE("tensorboard: the curves of a training, over its steps") {
  const TemporaryFolder folder;
  io::TensorBoardWriter board(folder.path());
  support::SmallTraining small;
  small.options.validation = support::SmallTraining::examples();
  small.options.validate_every = 2;
  small.options.schedule = [](double base, const optim::Moment& moment) {
    return base / static_cast<double>(1 + moment.step);
  };
  small.options.metrics.push_back({"answer", [] { return 42.0; }});
  std::vector<double> losses;
  small.options.callbacks = {train::tensorboard(board),
                             {.batch_end = [&](const train::BatchReport& r) { losses.push_back(r.loss); }}};
  REQUIRE(small.fit());

  const auto batches = curve(board, "loss/batch");
  const auto rates = curve(board, "learning_rate");
  REQUIRE(batches.size() == 12);
  REQUIRE(rates.size() == 12);
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(batches[i] == support::ScalarEvent{"loss/batch", i + 1, static_cast<float>(losses[i])});
    CHECK(rates[i].value == static_cast<float>(0.05 / static_cast<double>(1 + i)));
  }
  const auto training = curve(board, "loss/train");
  REQUIRE(training.size() == 3);
  CHECK(training[0].step == 4);
  CHECK(training[2].value == static_cast<float>(small.state.history.last("train_loss")));
  const auto validation = curve(board, "loss/validation");  // after epochs 2 and 3
  REQUIRE(validation.size() == 2);
  CHECK(validation[0].step == 8);
  CHECK(validation[1] ==
        support::ScalarEvent{"loss/validation", 12, static_cast<float>(small.state.history.last("validation_loss"))});
  CHECK(curve(board, "metric/answer") ==
        std::vector<support::ScalarEvent>{{"metric/answer", 8, 42}, {"metric/answer", 12, 42}});
  CHECK(curve(board, "images_per_second").size() == 3);
}

TEST_CASE("tensorboard: each n-th step if asked for; what was not measured leaves no curve") {
  const TemporaryFolder folder;
  io::TensorBoardWriter board(folder.path());
  support::SmallTraining small;
  small.options.callbacks = {train::tensorboard(board, 5)};
  REQUIRE(small.fit());
  const auto batches = curve(board, "loss/batch");
  REQUIRE(batches.size() == 2);
  CHECK(batches[0].step == 5);
  CHECK(batches[1].step == 10);
  CHECK(curve(board, "loss/validation").empty());
}

TEST_CASE("tensorboard: a training that stops has all its steps in the file") {
  const TemporaryFolder folder;
  io::TensorBoardWriter board(folder.path(), {.flush_seconds = 1e9});
  support::SmallTraining small;
  small.options.callbacks = {train::tensorboard(board)};
  small.options.stop = [&] { return small.state.step == 6; };
  CHECK_FALSE(small.fit());
  CHECK(curve(board, "loss/batch").size() == 6);
}

TEST_CASE("tensorboard: the step between is a whole number") {
  const TemporaryFolder folder;
  io::TensorBoardWriter board(folder.path());
  CHECK_THROWS_WITH_AS((void)train::tensorboard(board, 0), "tensorboard: need every >= 1, got 0", ArgumentError);
}
