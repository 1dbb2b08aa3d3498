#include <engram/train/latent_snapshots.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <engram/infer/runner.hpp>
#include <engram/models/conv_autoencoder.hpp>

#include "support/random_tensor.hpp"
#include "support/small_training.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using Codes = Tensor<double>;

namespace {

/// The codes of a small training: what its model makes of three examples.
std::function<Codes()> codes_of(const support::SmallTraining& small) {
  return [&small] { return small.model(Variable<double>(normal({3, 3}, 5))).value(); };
}

bool same_bits(std::span<const double> a, std::span<const double> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

std::vector<Index> steps(const std::filesystem::path& folder) {
  std::vector<Index> all;
  for (const auto& snapshot : train::list_snapshots(folder)) {
    all.push_back(snapshot.step);
  }
  return all;
}

}  // namespace

TEST_CASE("latent_snapshots: evenly spaced in each epoch, the last at its end") {
  const std::vector<std::pair<Index, std::vector<Index>>> expected{
      {1, {4, 8, 12}},
      {2, {2, 4, 6, 8, 10, 12}},
      {3, {2, 3, 4, 6, 7, 8, 10, 11, 12}},  // of 4 batches: after 4/3, 8/3 and 4, rounded up
      {9, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
  };
  for (const auto& [per_epoch, at] : expected) {
    const TemporaryFolder folder;
    support::SmallTraining small;
    small.options.callbacks = {train::latent_snapshots<double>(folder / "snapshots", codes_of(small), per_epoch)};
    REQUIRE(small.fit());
    CHECK(steps(folder / "snapshots") == at);
    const auto all = train::read_snapshots<double>(folder / "snapshots");
    CHECK(all.steps == at);
    CHECK(all.codes.shape() == Shape{std::ssize(at), 3, 2});
    const Codes now = codes_of(small)();
    CHECK(same_bits(all.codes.elements().last(6), now.elements()));
    CHECK_FALSE(same_bits(all.codes.elements().first(6), now.elements()));
  }
}

TEST_CASE("latent_snapshots: a training that was interrupted and goes on leaves the same files") {
  const TemporaryFolder folder;
  support::SmallTraining whole;
  whole.options.callbacks = {train::latent_snapshots<double>(folder / "whole", codes_of(whole), 2)};
  REQUIRE(whole.fit());
  support::SmallTraining parts;
  parts.options.callbacks = {train::latent_snapshots<double>(folder / "parts", codes_of(parts), 2)};
  parts.options.stop = [&] { return parts.state.step == 7; };
  REQUIRE_FALSE(parts.fit());
  CHECK(steps(folder / "parts") == std::vector<Index>{2, 4, 6});
  parts.options.stop = {};
  REQUIRE(parts.fit());
  const auto a = train::read_snapshots<double>(folder / "whole");
  const auto b = train::read_snapshots<double>(folder / "parts");
  CHECK(a.steps == b.steps);
  CHECK(same_bits(a.codes.elements(), b.codes.elements()));
}

TEST_CASE("latent_snapshots: codes by the fast path are those of the model as it is") {
  const TemporaryFolder folder;
  Rng rng(1);
  models::ConvAutoencoder<float> model({.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 4}, rng);
  const auto frames = cast<float>(normal({6, 1, 18, 18}, 2));
  optim::Adam<float> adam(nn::variables(model), {.lr = 0.01});
  const auto codes = [&] {
    infer::Runner<float> runner(infer::Plan<float>(model, {1, 18, 18}, {.until = "code"}), frames.dim(0));
    runner.run(frames.elements());
    return Tensor<float>::from({frames.dim(0), 3}, runner.output("code"));
  };
  train::TrainingState state;
  train::FitOptions<float> options{.epochs = 2, .batch_size = 3};
  options.callbacks = {train::latent_snapshots<float>(folder.path(), codes)};
  REQUIRE(train::fit(model, adam, train::pairs(frames, frames), options, state));
  const auto all = train::read_snapshots<float>(folder.path());
  CHECK(all.steps == std::vector<Index>{2, 4});
  const NoGrad no_grad;
  const auto expected = model.encode(Variable<float>(frames)).value();
  for (Index i = 0; i < 18; ++i) {
    CHECK(all.codes[18 + i] == doctest::Approx(expected[i]).epsilon(1e-4));
  }
}

TEST_CASE("write_snapshot: names that sort by step, replaced by a later one, and found by number") {
  const TemporaryFolder folder;
  train::write_snapshot(folder.path(), 1234, Codes::full({2, 2}, 1));
  train::write_snapshot(folder.path(), 0, Codes::full({2, 2}, 2));
  train::write_snapshot(folder.path(), 123456789, Codes::full({2, 2}, 3));
  train::write_snapshot(folder.path(), 1234, Codes::full({2, 2}, 4));
  CHECK(std::filesystem::exists(folder / "step_00001234.npy"));
  CHECK(folder.entries() == 3);
  for (const std::string other :
       {"step_.npy", "step_12x.npy", "step_-0000001.npy", "steps.txt", "step_00000007.npy.1.0.tmp"}) {
    write_file(folder / other, "");
  }
  CHECK(steps(folder.path()) == std::vector<Index>{0, 1234, 123456789});
  const auto all = train::read_snapshots<float>(folder.path());
  CHECK(all.codes[0] == 2);
  CHECK(all.codes[4] == 4);
  CHECK(all.codes[8] == 3);
}

TEST_CASE("list_snapshots: a folder that is not there has none") {
  const TemporaryFolder folder;
  CHECK(train::list_snapshots(folder / "none").empty());
  CHECK_THROWS_WITH_AS(
      (void)train::read_snapshots<float>(folder / "none"),
      ((folder / "none").string() + ": need a folder with snapshots step_NUMBER.npy, got none").c_str(), FormatError);
  write_file(folder / "file", "");
  CHECK_THROWS_AS((void)train::list_snapshots(folder / "file"), IoError);
}

TEST_CASE("latent snapshots: what cannot be one is refused") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS((void)train::latent_snapshots<double>(folder.path(), {}, 0),
                       "latent_snapshots: need per_epoch >= 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(train::write_snapshot(folder.path(), 1, Codes::zeros({4})),
                       "write_snapshot: need codes [N, D], got [4]", ShapeError);
  CHECK_THROWS_WITH_AS(train::write_snapshot(folder.path(), -1, Codes::zeros({1, 1})),
                       "write_snapshot: need step >= 0, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(train::write_snapshot(folder.path(), 1, Codes::from({2, 2}, {0, 0, 0, NAN})),
                       "write_snapshot: need finite codes, got nan in row 1", ArgumentError);
  CHECK(folder.entries() == 0);
  train::write_snapshot(folder.path(), 1, Codes::zeros({3, 2}));
  train::write_snapshot(folder.path(), 2, Codes::zeros({2, 3}));
  CHECK_THROWS_WITH_AS(
      (void)train::read_snapshots<double>(folder.path()),
      ((folder / "step_00000002.npy").string() + ": need codes [3, 2] as in the first snapshot, got [2, 3]").c_str(),
      FormatError);
}
