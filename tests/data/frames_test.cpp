#include <engram/data/frames.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <variant>
#include <vector>

using namespace engram;
using data::Frames;

namespace {

using Positions = std::vector<Index>;

/// Frame f, pixel p is 10 f + p.
Tensor<std::uint8_t> counting(const Shape& shape) {
  auto pixels = Tensor<std::uint8_t>::uninitialized(shape);
  const Index size = shape.size() / shape[0];
  for (Index i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(10 * (i / size) + i % size);
  }
  return pixels;
}

}  // namespace

TEST_CASE("Frames: denoised values go back to the type and unit of what was recorded") {
  const auto values = Tensor<float>::from({1, 1, 1, 4}, {-0.1F, 0.5F, 1, 20});
  const Frames camera(Tensor<std::uint16_t>::zeros({2, 1, 4}), 4095);
  const auto counts = std::get<Tensor<std::uint16_t>>(camera.as_recorded(values));
  CHECK(counts.shape() == Shape{1, 1, 4});
  CHECK(std::ranges::equal(counts.elements(), std::vector<std::uint16_t>{0, 2048, 4095, 65535}));
  const Frames photons(Tensor<float>::zeros({2, 1, 1, 4}), 200);
  const auto same_unit = std::get<Tensor<float>>(photons.as_recorded(values));
  CHECK(same_unit.shape() == values.shape());
  CHECK(std::ranges::equal(same_unit.elements(), std::vector<float>{-20, 100, 200, 4000}));
}

TEST_CASE("Frames: [N, H, W] and [N, C, H, W]") {
  CHECK(Frames(counting({4, 2, 3})).shape() == Shape{4, 1, 2, 3});
  CHECK(Frames(counting({4, 3, 2, 1})).shape() == Shape{4, 3, 2, 1});
  CHECK(Frames(counting({4, 3, 2, 1})).size() == 4);
}

TEST_CASE("Frames: a batch holds the frames that are listed, in that order, repeated ones too") {
  const Frames frames(counting({4, 2, 3}), 1);
  const auto batch = frames.batch<double>(Positions{3, 0, 3});
  CHECK(batch.shape() == Shape{3, 1, 2, 3});
  for (Index p = 0; p < 6; ++p) {
    CHECK(batch[p] == 30 + static_cast<double>(p));
    CHECK(batch[6 + p] == static_cast<double>(p));
    CHECK(batch[12 + p] == 30 + static_cast<double>(p));
  }
  CHECK(frames.batch<float>(Positions{}).shape() == Shape{0, 1, 2, 3});
}

TEST_CASE("Frames: a long batch, which is cut into pieces, on any number of threads") {
  const Frames frames(counting({20, 1, 2}), 1);
  Positions positions(300);
  for (Index i = 0; i < 300; ++i) {
    positions[static_cast<std::size_t>(i)] = 7 * i % 20;
  }
  for (const int threads : {1, 3}) {
    const ThreadScope scope(threads);
    const auto batch = frames.batch<float>(positions);
    bool same = true;
    for (Index i = 0; i < 300; ++i) {
      same = same && batch[2 * i] == static_cast<float>(10 * (7 * i % 20));
    }
    CHECK(same);
  }
}

TEST_CASE("Frames: scaled by the type's maximum, or by the one given") {
  const auto first = [](const Frames& frames) { return frames.batch<double>(Positions{0})[0]; };
  CHECK(first(Frames(Tensor<std::uint8_t>::full({1, 1, 1}, 255))) == 1);
  CHECK(first(Frames(Tensor<std::uint16_t>::full({1, 1, 1}, 65535))) == 1);
  CHECK(first(Frames(Tensor<float>::full({1, 1, 1}, 0.5f))) == 0.5);
  CHECK(first(Frames(Tensor<std::uint16_t>::full({1, 1, 1}, 2048), 4096)) == 0.5);
  CHECK(first(Frames(Tensor<float>::full({1, 1, 1}, 200.0f), 100)) == 2);
  CHECK(Frames(Tensor<std::uint16_t>::zeros({1, 1, 1})).maximum() == 65535);
}

TEST_CASE("Frames: a pixel that is not finite is named with its frame and file") {
  auto pixels = Tensor<float>::zeros({3, 2, 2});
  pixels[9] = NAN;
  CHECK_THROWS_WITH_AS(Frames(pixels, 0, "a.npy"), "a.npy: need finite pixels, got nan in frame 2", FormatError);
  pixels[4] = -INFINITY;
  CHECK_THROWS_WITH_AS(Frames(pixels, 0, "a.npy"), "a.npy: need finite pixels, got -inf in frame 1", FormatError);
}

TEST_CASE("Frames: other shapes and a negative maximum") {
  for (const Shape& shape : {Shape{4, 4}, Shape{1, 1, 1, 4, 4}, Shape{0, 4, 4}, Shape{4, 0, 4}}) {
    CHECK_THROWS_WITH_AS(Frames(Tensor<std::uint8_t>::zeros(shape), 0, "a.npy"),
                         ("a.npy: need frames [N, H, W] or [N, C, H, W], got " + shape.text()).c_str(), ShapeError);
  }
  CHECK_THROWS_WITH_AS(Frames(counting({1, 2, 2}), -1), "frames: need a finite maximum >= 1e-30, got -1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(Frames(counting({1, 2, 2}), NAN), "frames: need a finite maximum >= 1e-30, got nan",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(Frames(counting({1, 2, 2}), INFINITY), "frames: need a finite maximum >= 1e-30, got inf",
                       ArgumentError);
}

TEST_CASE("Frames: a frame that there is not") {
  const Frames frames(counting({4, 2, 3}), 0, "a.npy");
  CHECK_THROWS_WITH_AS(frames.batch<float>(Positions{1, 4}), "a.npy: need frames in 0..3, got 4", ArgumentError);
  CHECK_THROWS_WITH_AS(frames.levels(Positions{-1}), "a.npy: need frames in 0..3, got -1", ArgumentError);
}

TEST_CASE("Frames: 8-bit pixels are their own grey levels") {
  auto pixels = Tensor<std::uint8_t>::uninitialized({1, 16, 16});
  std::iota(pixels.elements().begin(), pixels.elements().end(), std::uint8_t{0});
  CHECK(std::ranges::equal(Frames(pixels).levels(Positions{0}).elements(), pixels.elements()));
}

TEST_CASE("Frames: levels are rounded and clipped, NaN becomes 0") {
  const auto levels =
      Frames::to_levels(Tensor<double>::from({8}, {-1, 0, 1.49 / 255, 1.51 / 255, 1, 1e30, NAN, -INFINITY}));
  CHECK(std::ranges::equal(levels.elements(), std::vector<int>{0, 0, 1, 2, 255, 255, 0, 0}));
}

TEST_CASE("Frames: floating-point pixels above 1 need a maximum") {
  const auto pixels = Tensor<float>::from({2, 1, 2}, {0, 1, 0.5F, 255});
  CHECK_THROWS_WITH_AS(Frames{pixels},
                       "frames: need a maximum for floating-point pixels above 1, such as 255, got 255 in frame 1",
                       ArgumentError);
  CHECK(Frames(pixels, 1).batch<double>(Positions{1})[1] == 255);
  CHECK(Frames(pixels, 255).batch<double>(Positions{1})[1] == 1);
}
