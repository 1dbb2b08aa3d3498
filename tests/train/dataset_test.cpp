#include <engram/train/dataset.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <utility>

using namespace engram;

namespace {

/// Frame n is all n.
data::Frames numbered(Index count) {
  auto pixels = Tensor<std::uint8_t>::uninitialized({count, 2, 2});
  for (Index i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(i / 4);
  }
  return data::Frames(std::move(pixels), 1);
}

constexpr std::array<Index, 2> second_and_first{1, 0};

}  // namespace

TEST_CASE("reconstruction: positions are looked up among the items, targets are the inputs") {
  const auto frames = numbered(10);
  const auto data = train::reconstruction<float>(frames, {3, 7, 9});
  CHECK(data.size == 3);
  const auto batch = data.batch(second_and_first);
  CHECK(batch.inputs.shape() == Shape{2, 1, 2, 2});
  CHECK(batch.inputs.value()[0] == 7);
  CHECK(batch.inputs.value()[4] == 3);
  CHECK(batch.inputs.node() == batch.targets.node());
}

TEST_CASE("frames_to_frames: each frame goes with the one of its number") {
  const auto frames = numbered(4);
  auto tens = Tensor<std::uint8_t>::uninitialized({4, 2, 2});
  for (Index i = 0; i < tens.size(); ++i) {
    tens[i] = static_cast<std::uint8_t>(10 * (i / 4));
  }
  const data::Frames targets(std::move(tens), 1);
  const auto batch = train::frames_to_frames<float>(frames, targets, {1, 3}).batch(second_and_first);
  CHECK(batch.inputs.value()[0] == 3);
  CHECK(batch.targets.value()[0] == 30);
  CHECK(batch.targets.value()[4] == 10);
  const auto fewer = numbered(3);
  CHECK_THROWS_WITH_AS(train::frames_to_frames<float>(frames, fewer, {0}),
                       "frames_to_frames: need targets [4, 1, 2, 2] as the frames are, got [3, 1, 2, 2]", ShapeError);
}

TEST_CASE("frames_to_rows and rows_to_frames: each frame goes with its own row") {
  const auto frames = numbered(4);
  const auto rows = Tensor<float>::from({4, 2}, {0, 1, 10, 11, 20, 21, 30, 31});
  const auto to_rows = train::frames_to_rows<float>(frames, rows, {1, 3}).batch(second_and_first);
  CHECK(to_rows.inputs.value()[0] == 3);
  CHECK(to_rows.targets.value()[0] == 30);
  CHECK(to_rows.targets.value()[3] == 11);
  const auto to_frames = train::rows_to_frames<float>(rows, frames, {1, 3}).batch(second_and_first);
  CHECK(to_frames.inputs.value()[0] == 30);
  CHECK(to_frames.targets.value()[0] == 3);
}

TEST_CASE("frames_to_rows: a number of targets that is not the frames' is refused") {
  const auto frames = numbered(4);
  CHECK_THROWS_WITH_AS(train::frames_to_rows<float>(frames, Tensor<float>::zeros({3, 2}), {0}),
                       "frames_to_rows: need one target for each of 4 frames, got targets [3, 2]", ShapeError);
}

TEST_CASE("pairs: rows of both, refused if their numbers differ") {
  const auto data = train::pairs(Tensor<float>::from({2, 1}, {5, 6}), Tensor<float>::from({2}, {50, 60}));
  const auto batch = data.batch(second_and_first);
  CHECK(batch.inputs.value()[0] == 6);
  CHECK(batch.targets.value()[0] == 60);
  CHECK_THROWS_WITH_AS(train::pairs(Tensor<float>::zeros({2, 1}), Tensor<float>::zeros({3, 1})),
                       "pairs: need inputs [N, ...] and targets [N, ...], got inputs [2, 1] and targets [3, 1]",
                       ShapeError);
}
