#include <engram/train/checkpoint_folder.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <engram/io/file.hpp>

#include "support/disk_order.hpp"
#include "support/model_numbers.hpp"
#include "support/resource_limit.hpp"
#include "support/small_training.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

/// Trains with a checkpoint after each epoch.
bool fit_with(support::SmallTraining& run, train::CheckpointFolder& checkpoints) {
  run.options.validation = run.training;
  run.options.callbacks = {
      {.epoch_end = [&](const train::TrainingState& now, Index) { checkpoints.save(run.model, run.adam, now, {}); }}};
  return run.fit();
}

/// A training after its first epoch, and a folder without a checkpoint of it.
struct Begun {
  TemporaryFolder folder;
  train::CheckpointFolder checkpoints{folder / "checkpoints", {.watch = "train_loss"}};
  support::SmallTraining run;

  Begun() {
    run.options.epochs = 1;
    REQUIRE(run.fit());
  }
  void save() { checkpoints.save(run.model, run.adam, run.state, {}); }
};

std::vector<std::string> names(train::CheckpointFolder& checkpoints) {
  std::vector<std::string> all;
  for (const auto& file : checkpoints.files()) {
    all.push_back(file.filename().string());
  }
  return all;
}

}  // namespace

TEST_CASE("CheckpointFolder: the last ones and the best stay, and a training goes on from the newest") {
  const TemporaryFolder folder;
  support::SmallTraining whole;
  whole.options.epochs = 6;
  whole.options.validation = whole.training;
  whole.fit();

  train::CheckpointFolder checkpoints(folder / "run" / "checkpoints", {.keep_last = 2});
  CHECK(checkpoints.empty());
  support::SmallTraining run;
  run.options.epochs = 6;
  run.options.stop = [&] { return run.state.step == 18; };  // within the fifth epoch
  CHECK_FALSE(fit_with(run, checkpoints));
  CHECK(names(checkpoints) == std::vector<std::string>{"checkpoint_00000012.npz", "checkpoint_00000016.npz"});

  support::SmallTraining again;
  again.options.epochs = 6;
  again.state = checkpoints.load(again.model, again.adam, {});
  CHECK(again.state.step == 16);
  CHECK(fit_with(again, checkpoints));
  CHECK(numbers(again.model) == numbers(whole.model));
  CHECK(names(checkpoints) == std::vector<std::string>{"checkpoint_00000020.npz", "checkpoint_00000024.npz"});

  // Another training does not take the place of this one.
  support::SmallTraining another;
  CHECK_THROWS_WITH_AS(fit_with(another, checkpoints),
                       text("CheckpointFolder: need a folder without later steps to save checkpoint_00000004.npz, got ",
                            checkpoints.files().back().string(), "; another training saves here")
                           .c_str(),
                       ArgumentError);
  CHECK(names(checkpoints) == std::vector<std::string>{"checkpoint_00000020.npz", "checkpoint_00000024.npz"});

  support::SmallTraining best;
  const auto state = train::load_checkpoint(checkpoints.best(), best.model, best.adam, {});
  const auto losses = again.state.history.measured("validation_loss");
  CHECK(state.history.last("validation_loss") == *std::ranges::min_element(losses));
}

TEST_CASE("CheckpointFolder: the best by a value that should be high; equal ones later are not better") {
  const TemporaryFolder folder;
  train::CheckpointFolder checkpoints(folder / "checkpoints", {.watch = "score", .better = train::Better::higher});
  support::SmallTraining run;
  run.options.epochs = 4;
  std::vector<double> scores{2, 5, 5, 3};
  run.options.metrics = {{"score", [&] { return scores[static_cast<std::size_t>(run.state.epoch)]; }}};
  CHECK(fit_with(run, checkpoints));
  support::SmallTraining best;
  CHECK(train::load_checkpoint(checkpoints.best(), best.model, best.adam, {}).epoch == 2);
}

TEST_CASE("CheckpointFolder: a damaged checkpoint is passed over for the one before, and half-written ones go") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoints";
  train::CheckpointFolder checkpoints(path);
  support::SmallTraining run;
  CHECK(fit_with(run, checkpoints));
  const auto all = checkpoints.files();
  REQUIRE(all.size() == 3);
  std::string damaged = io::read_text(all[2]);
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 4);
  write_file(all[2], damaged);
  write_file(path / "checkpoint_00000099.npz.99999999.0.engram.tmp", "begun");
  train::CheckpointFolder found(path);
  CHECK(found.files().size() == 3);
  support::SmallTraining other;
  CHECK(found.load(other.model, other.adam, {}).step == 8);
  CHECK_FALSE(std::filesystem::exists(path / "checkpoint_00000099.npz.99999999.0.engram.tmp"));
  CHECK(names(found) == std::vector<std::string>{"checkpoint_00000004.npz", "checkpoint_00000008.npz"});

  CHECK(std::filesystem::exists(all[2].string() + ".damaged"));

  // One that is whole but does not fit is named; nothing is changed, nothing goes.
  Settings settings;
  settings.set("width", 3);
  const auto before = numbers(other.model);
  CHECK_THROWS_WITH_AS(found.load(other.model, other.adam, settings),
                       text(all[1].string(), ": need a checkpoint with width=3, got none").c_str(), FormatError);
  CHECK(numbers(other.model) == before);
  CHECK(found.files().size() == 2);
  train::CheckpointFolder none(folder / "none");
  CHECK_THROWS_WITH_AS(none.load(other.model, other.adam, {}),
                       text((folder / "none").string(), ": need a checkpoint_*.npz, got none").c_str(), IoError);
  CHECK_THROWS_WITH_AS(none.settings(), text((folder / "none").string(), ": need a checkpoint_*.npz, got none").c_str(),
                       IoError);
  CHECK_THROWS_WITH_AS(train::CheckpointFolder(path, {.keep_last = 0}), "CheckpointFolder: need keep_last >= 1, got 0",
                       ArgumentError);
}

TEST_CASE(
    "CheckpointFolder: the best is of those that were saved, and survives a kill between its file and the other") {
  const TemporaryFolder folder;
  support::SmallTraining run;
  run.options.epochs = 6;
  const std::vector<double> scores{4, 1, 5, 2, 3, 9};  // the second epoch is the best, but not saved
  run.options.metrics = {{"score", [&] { return scores[static_cast<std::size_t>(run.state.epoch)]; }}};
  run.options.validation = run.training;
  train::CheckpointFolder checkpoints(folder / "checkpoints", {.keep_last = 1, .watch = "score"});
  const auto best_epoch = [&] {
    support::SmallTraining best;
    return train::load_checkpoint(checkpoints.best(), best.model, best.adam, {}).epoch;
  };
  run.options.callbacks = {{.epoch_end = [&](const train::TrainingState& now, Index) {
    if (now.epoch % 2 == 0) {
      return;
    }
    checkpoints.save(run.model, run.adam, now, {});
    CHECK(best_epoch() == (now.epoch < 5 ? 1 : 5));
    if (now.epoch == 5) {  // as if killed before the other file, and gone on with from there
      checkpoints.save(run.model, run.adam, now, {});
      CHECK(best_epoch() == 5);
    }
  }}};
  CHECK(run.fit());
}

TEST_CASE("CheckpointFolder: other files are left alone, and steps are numbers") {
  const TemporaryFolder folder;
  train::CheckpointFolder checkpoints(folder / "checkpoints", {.keep_last = 1});
  write_file(folder / "checkpoints" / "checkpoint_00000010_keep.npz", "mine");
  support::SmallTraining run;
  CHECK(fit_with(run, checkpoints));
  CHECK(std::filesystem::exists(folder / "checkpoints" / "checkpoint_00000010_keep.npz"));
  for (const Index step : {99'999'999, 100'000'000, 100'000'001}) {
    auto state = run.state;
    state.step = step;
    checkpoints.save(run.model, run.adam, state, {});
    CHECK(names(checkpoints) == std::vector<std::string>{text("checkpoint_", step, ".npz")});
  }
  // What cannot be read, here a folder, may be read later: it is neither passed over nor set aside.
  std::filesystem::create_directory(folder / "checkpoints" / "checkpoint_100000002.npz");
  CHECK_THROWS_AS(checkpoints.load(run.model, run.adam, {}), IoError);
  std::filesystem::create_symlink("nowhere", folder / "checkpoints" / "checkpoint_100000003.npz");
  CHECK_THROWS_AS(checkpoints.load(run.model, run.adam, {}), IoError);
  CHECK(checkpoints.files().size() == 3);
}

TEST_CASE("CheckpointFolder: on a full disk all that was there stays, and the training goes on when there is room") {
  const TemporaryFolder folder;
  train::CheckpointFolder checkpoints(folder / "checkpoints", {.keep_last = 1});
  support::SmallTraining run;
  run.options.epochs = 2;
  CHECK(fit_with(run, checkpoints));
  {
    const auto full = support::limit_file_size(1000);
    run.options.epochs = 3;
    CHECK_THROWS_AS(fit_with(run, checkpoints), IoError);
  }
  CHECK(names(checkpoints) == std::vector<std::string>{"checkpoint_00000008.npz"});
  support::SmallTraining again;
  again.state = checkpoints.load(again.model, again.adam, {});
  CHECK(fit_with(again, checkpoints));
  support::SmallTraining whole;
  whole.options.epochs = 4;
  whole.options.validation = whole.training;
  whole.fit();
  again.options.epochs = run.options.epochs = 4;
  CHECK(fit_with(again, checkpoints));
  CHECK(numbers(again.model) == numbers(whole.model));
  train::CheckpointFolder elsewhere(folder / "elsewhere");
  elsewhere.save(run.model, run.adam, run.state, {});
  CHECK(fit_with(run, elsewhere));
  CHECK(numbers(run.model) == numbers(whole.model));
}

TEST_CASE("CheckpointFolder: the checkpoints of another training stay as they are, and so does the best alone") {
  const TemporaryFolder folder;
  support::SmallTraining first;
  {
    train::CheckpointFolder checkpoints(folder / "checkpoints", {.keep_last = 1});
    CHECK(fit_with(first, checkpoints));
  }
  train::CheckpointFolder checkpoints(folder / "checkpoints", {.keep_last = 1});
  const std::filesystem::path last = folder / "checkpoints" / "checkpoint_00000012.npz";
  const std::string best = io::read_text(checkpoints.best());
  support::SmallTraining second;
  second.options.batch_size = 1;  // more steps than the first
  const auto words = [](const std::filesystem::path& file) {
    return text("CheckpointFolder: need a folder without another training to save checkpoint_00000016.npz, got ",
                file.string(), "; load it first, or give each training a folder of its own");
  };
  CHECK_THROWS_WITH_AS(fit_with(second, checkpoints), words(last).c_str(), ArgumentError);
  std::filesystem::remove(last);
  CHECK_FALSE(checkpoints.empty());
  support::SmallTraining third;
  third.options.batch_size = 1;
  CHECK_THROWS_WITH_AS(fit_with(third, checkpoints), words(checkpoints.best()).c_str(), ArgumentError);
  CHECK(io::read_text(checkpoints.best()) == best);

  support::SmallTraining again;
  again.options.epochs = 4;
  again.state = checkpoints.load(again.model, again.adam, {});  // the best is what is left
  CHECK(again.state.step == 12);
  CHECK(fit_with(again, checkpoints));
  CHECK(names(checkpoints) == std::vector<std::string>{"checkpoint_00000016.npz"});
}

TEST_CASE("CheckpointFolder: a newest checkpoint that is whole but does not fit is not passed over for one that does") {
  const TemporaryFolder folder;
  train::CheckpointFolder checkpoints(folder / "checkpoints");
  support::SmallTraining run;
  CHECK(run.fit());
  checkpoints.save(run.model, run.adam, run.state, {});
  Settings other;
  other.set("width", 3);
  ++run.state.step;
  checkpoints.save(run.model, run.adam, run.state, other);
  const auto all = checkpoints.files();
  CHECK(checkpoints.settings().number<int>("width") == 3);
  CHECK_THROWS_WITH_AS(checkpoints.load(run.model, run.adam, {}),
                       text(all.back().string(), ": need a checkpoint with width=none, got 3").c_str(), FormatError);
  CHECK(checkpoints.files() == all);
}

TEST_CASE("CheckpointFolder: a model that has gone wrong does not take the place of one that has not") {
  const TemporaryFolder folder;
  train::CheckpointFolder checkpoints(folder / "checkpoints", {.keep_last = 1});
  support::SmallTraining run;
  run.options.schedule = [](double base, const auto& m) { return m.step == 6 ? INFINITY : base; };
  run.options.callbacks = {
      {.batch_end = [&](const train::BatchReport& now) { checkpoints.save(run.model, run.adam, now.state, {}); }}};
  CHECK_THROWS_WITH_AS(run.fit(), "save_checkpoint: need a model of finite numbers, got -inf in 0.weight",
                       ArgumentError);
  support::SmallTraining again;
  again.state = checkpoints.load(again.model, again.adam, {});
  CHECK(again.state.step == 6);
  CHECK(again.fit());
}

TEST_CASE("CheckpointFolder: a column that the history has not is named at the first checkpoint") {
  const TemporaryFolder folder;
  train::CheckpointFolder checkpoints(folder / "checkpoints", {.watch = "acc"});
  support::SmallTraining run;
  run.options.callbacks = {
      {.batch_end = [&](const train::BatchReport& now) { checkpoints.save(run.model, run.adam, now.state, {}); }}};
  CHECK_THROWS_WITH_AS(run.fit(),
                       "CheckpointFolder: need one of the history's columns to watch (epoch, step, lr, train_loss, "
                       "validation_loss, seconds, images_per_second), got acc",
                       ArgumentError);
  CHECK(checkpoints.empty());
}

TEST_CASE("CheckpointFolder: what a killed training has left goes with the first checkpoint of the next") {
  const TemporaryFolder folder;
  train::CheckpointFolder checkpoints(folder / "checkpoints");
  write_file(folder / "checkpoints" / "checkpoint_00000001.npz.99999999.0.engram.tmp", "begun");
  write_file(folder / "checkpoints" / "notes.tmp", "mine");
  support::SmallTraining run;
  CHECK(fit_with(run, checkpoints));
  CHECK_FALSE(std::filesystem::exists(folder / "checkpoints" / "checkpoint_00000001.npz.99999999.0.engram.tmp"));
  CHECK(std::filesystem::exists(folder / "checkpoints" / "notes.tmp"));
}

TEST_CASE(
    "CheckpointFolder: settings are of the checkpoint that load goes on from, whatever is damaged in a newer one") {
  const TemporaryFolder folder;
  train::CheckpointFolder checkpoints(folder / "checkpoints");
  support::SmallTraining run;
  CHECK(run.fit());
  Settings settings;
  for (const int width : {1, 2}) {
    settings.set("width", width);
    ++run.state.step;
    checkpoints.save(run.model, run.adam, run.state, settings);
  }
  const auto newest = checkpoints.files().back();
  std::string content = io::read_text(newest);
  const auto weight = std::as_bytes(run.weight().first(1));
  const std::size_t at = content.rfind(std::string(reinterpret_cast<const char*>(weight.data()), weight.size()));
  REQUIRE(at != content.npos);
  content[at] = static_cast<char>(content[at] ^ 1);
  write_file(newest, content);
  CHECK(checkpoints.settings().number<int>("width") == 1);
}

TEST_CASE("CheckpointFolder: the best is saved before the newest") {
  Begun begun;
  const support::DiskOrder order;
  begun.save();
  std::vector<std::string> renamed;
  for (const std::string& event : order.events()) {
    if (event.starts_with("rename ")) {
      renamed.push_back(std::filesystem::path(event).filename().string());
    }
  }
  CHECK(renamed == std::vector<std::string>{"best.npz", "checkpoint_00000004.npz"});
}

TEST_CASE("CheckpointFolder: a best that cannot be read stays; one that is damaged is set aside") {
  Begun begun;
  std::filesystem::create_directory(begun.checkpoints.best());
  CHECK_THROWS_AS(begun.save(), ArgumentError);  // of whom is it?
  std::filesystem::remove(begun.checkpoints.best());
  begun.save();
  const std::string best = io::read_text(begun.checkpoints.best());
  std::filesystem::remove(begun.checkpoints.best());
  std::filesystem::create_directory(begun.checkpoints.best());
  ++begun.run.state.step;
  CHECK_THROWS_WITH_AS(begun.save(), (begun.checkpoints.best().string() + ": cannot be read: Is a directory").c_str(),
                       IoError);
  CHECK(std::filesystem::is_directory(begun.checkpoints.best()));
  std::filesystem::remove(begun.checkpoints.best());
  write_file(begun.checkpoints.best(), best.substr(0, best.size() / 2));
  begun.save();
  CHECK(io::read_text(begun.checkpoints.best().string() + ".damaged") == best.substr(0, best.size() / 2));
  CHECK(std::filesystem::is_regular_file(begun.checkpoints.best()));
}

TEST_CASE("CheckpointFolder: two that go on from the same checkpoint do not both save") {
  const TemporaryFolder folder;
  support::SmallTraining first;
  first.options.epochs = 1;
  train::CheckpointFolder one(folder / "checkpoints");
  CHECK(fit_with(first, one));
  support::SmallTraining second;
  train::CheckpointFolder two(folder / "checkpoints");
  second.state = two.load(second.model, second.adam, {});
  second.options.epochs = first.options.epochs = 2;
  CHECK(fit_with(first, one));
  CHECK_THROWS_AS(fit_with(second, two), ArgumentError);  // of the same step
  second.options.epochs = 3;
  second.options.callbacks.clear();
  CHECK(second.fit());
  CHECK_THROWS_WITH_AS(two.save(second.model, second.adam, second.state, {}),
                       text("CheckpointFolder: need a folder without later steps to save checkpoint_00000012.npz, got ",
                            one.files().back().string(), "; another training saves here")
                           .c_str(),
                       ArgumentError);
  first.options.epochs = 3;
  CHECK(fit_with(first, one));
}

TEST_CASE("CheckpointFolder: others may look while a training saves, which loses nothing") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoints";
  std::atomic<bool> begun = false;
  std::atomic<bool> done = false;
  Index looked = 0;
  std::jthread viewer([&] {
    train::CheckpointFolder checkpoints(path);
    while (!begun) {
      std::this_thread::yield();
    }
    support::SmallTraining seen;
    for (Index before = 0; !done; ++looked) {
      const Index step = checkpoints.load(seen.model, seen.adam, {}).step;
      CHECK(step >= before);
      before = step;
    }
  });
  support::SmallTraining run;
  run.options.epochs = 50;
  train::CheckpointFolder checkpoints(path, {.keep_last = 1});
  run.options.callbacks = {{.batch_end = [&](const train::BatchReport& now) {
    checkpoints.save(run.model, run.adam, now.state, {});
    begun = true;
  }}};
  CHECK(run.fit());
  done = true;
  viewer.join();
  CHECK(looked > 0);
  CHECK(names(checkpoints) == std::vector<std::string>{"checkpoint_00000200.npz"});
  CHECK(folder.entries() == 1);
  CHECK(std::distance(std::filesystem::directory_iterator(path), {}) == 1);
}
