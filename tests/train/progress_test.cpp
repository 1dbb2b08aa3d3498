#include <engram/train/progress.hpp>

#include <doctest/doctest.h>

#include <csignal>

#include <engram/train/interrupt.hpp>

using namespace engram;

TEST_CASE("progress: a bar that fits the terminal, with loss, pace and time left") {
  train::TrainingState state;
  state.epoch = 2;
  state.batch = 5;
  state.images = 320;
  state.loss_sum = 3.2;
  const train::BatchReport report{.state = state,
                                  .epochs = 12,
                                  .batches = 10,
                                  .loss = 0.01,
                                  .lr = 1e-3,
                                  .images_per_second = 812.4,
                                  .seconds_left = 83};
  CHECK(train::detail::progress_line(report, 80) ==
        "epoch  3/12 [===========>            ]  50%  loss 0.01  812 images/s  1:23 left");
  CHECK(train::detail::progress_line(report, 40) == "epoch  3/12   50%  loss 0.01  1:23 left");
  CHECK(train::detail::progress_line(report, 30).size() == 29);
}

TEST_CASE("progress: elsewhere than on a terminal, one line per epoch and nothing that moves the cursor") {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  const auto callback = train::progress(train::ProgressStyle::automatic, file);
  CHECK_FALSE(callback.batch_end);
  train::TrainingState state;
  state.epoch = 3;
  state.history = train::History({"psnr"});
  state.history.add({3, 30, 1e-3, 0.0123, 0.0119, 9, 812, 24.1});
  callback.epoch_end(state, 12);
  std::rewind(file);
  char line[200] = {};
  REQUIRE(std::fgets(line, sizeof line, file) != nullptr);
  CHECK(std::string(line) == "epoch  3/12  loss 0.0123  validation 0.0119  psnr 24.1  812 images/s  0:09\n");
  std::fclose(file);
}

TEST_CASE("progress: says where a training was stopped") {
  train::TrainingState state;
  state.epoch = 2;
  state.batch = 12;
  CHECK(train::detail::stopped_line(state) == "stopped in epoch 3 after batch 12");
  state.batch = 0;
  CHECK(train::detail::stopped_line(state) == "stopped after epoch 2");
}

TEST_CASE("progress: quiet means no callback") {
  const auto callback = train::progress(train::ProgressStyle::quiet);
  CHECK_FALSE(callback.batch_end);
  CHECK_FALSE(callback.epoch_end);
  CHECK_FALSE(callback.stopped);
}

TEST_CASE("Interrupt: a signal raises the flag, and the handler of before comes back") {
  void (*before)(int) = std::signal(SIGINT, SIG_IGN);
  {
    const train::Interrupt interrupt;
    CHECK_FALSE(interrupt.requested());
    std::raise(SIGINT);
    CHECK(interrupt.requested());
  }
  const bool restored = std::signal(SIGINT, before) == SIG_IGN;
  CHECK(restored);
}
