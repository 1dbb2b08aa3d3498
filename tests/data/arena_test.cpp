#include <engram/data/arena.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

using namespace engram;
using namespace engram::data;

namespace {

enum Column { base_x, base_y, neck_x, neck_y, head_x, head_y, head_angle, body_angle, x, y, distance, location_angle };

/// 6000 frames, rendered once.
const ArenaRecording& recording() {
  static const ArenaRecording made = make_arena({.frames = 6000, .seed = 0});
  return made;
}

double label(Index frame, Index column) {
  return recording().labels[frame * 13 + column];
}

double angle_of(double dx, double dy) {
  const double angle = std::atan2(dy, dx) * 180 / std::numbers::pi;
  return angle < 0 ? angle + 360 : angle;
}

template <class T>
bool same(const Tensor<T>& a, const Tensor<T>& b) {
  return a.shape() == b.shape() && std::ranges::equal(a.elements(), b.elements());
}

template <class T>
bool starts_with(const Tensor<T>& longer, const Tensor<T>& shorter) {
  return std::equal(shorter.data(), shorter.data() + shorter.size(), longer.data());
}

}  // namespace

TEST_CASE("make_arena: shapes, and the columns in the study's order") {
  const auto made = make_arena({.frames = 3, .seed = 4});
  CHECK(made.images.shape() == Shape{3, 50, 50});
  CHECK(made.clean.shape() == Shape{3, 50, 50});
  CHECK(made.labels.shape() == Shape{3, 13});
  CHECK(made.columns == std::vector<std::string>{"base_x", "base_y", "neck_x", "neck_y", "head_x", "head_y",
                                                 "head_angle", "body_angle", "x", "y", "distance", "location_angle",
                                                 "in_port"});
}

TEST_CASE("make_arena: the tail is told, a thin line of its own level that begins at the body") {
  Index pixels = 0;
  double level = 0;
  double reach = 0;
  for (Index i = 0; i < recording().tail.size(); ++i) {
    if (recording().tail[i] == 1) {
      ++pixels;
      level += recording().clean[i];
      const Index frame = i / 2500;
      const double from_base_x = (label(frame, base_x) - label(frame, x)) / 2 + 24.5 - static_cast<double>(i % 50);
      const double from_base_y = (label(frame, base_y) - label(frame, y)) / 2 + 24.5 - static_cast<double>(i / 50 % 50);
      reach = std::max(reach, std::hypot(from_base_x, from_base_y));
    }
  }
  const double per_frame = static_cast<double>(pixels) / 6000;
  CHECK(per_frame > 15);  // 18 long and 2 wide, in part beyond the crop or below the body
  CHECK(per_frame < 50);
  CHECK(level / static_cast<double>(pixels) == doctest::Approx(60).epsilon(0.1));
  CHECK(reach < 22);
}

TEST_CASE("make_arena: needs a frame") {
  CHECK_THROWS_WITH_AS(make_arena({.frames = 0}), "make_arena: need frames >= 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(make_arena({.frames = -2}), "make_arena: need frames >= 1, got -2", ArgumentError);
}

TEST_CASE("make_arena: the same bits for the same seed on 1, 2 and 3 threads, others for another seed") {
  const auto made = [](int threads, std::uint64_t seed) {
    const ThreadScope scope(threads);
    return make_arena({.frames = 40, .seed = seed});
  };
  const auto one = made(1, 7);
  for (const int threads : {2, 3}) {
    const auto more = made(threads, 7);
    CHECK(same(one.images, more.images));
    CHECK(same(one.clean, more.clean));
    CHECK(same(one.labels, more.labels));
  }
  const auto other = made(1, 8);
  CHECK_FALSE(same(one.images, other.images));
  CHECK_FALSE(same(one.labels, other.labels));
}

TEST_CASE("make_arena: a longer recording starts with the shorter one") {
  const auto shorter = make_arena({.frames = 60, .seed = 0});
  CHECK(starts_with(recording().images, shorter.images));
  CHECK(starts_with(recording().clean, shorter.clean));
  CHECK(starts_with(recording().labels, shorter.labels));
}

TEST_CASE("make_arena: the corner marker is in every frame, clean and noisy") {
  const auto& made = recording();
  for (Index frame = 0; frame < made.clean.dim(0); frame += 97) {
    for (const Index pixel : {0, 1, 2, 50, 100}) {
      CHECK(made.clean[frame * 2500 + pixel] == 251);
      CHECK(made.images[frame * 2500 + pixel] == 251);
    }
  }
}

TEST_CASE("make_arena: body and head angles are those of base, neck and head") {
  double worst = 0;
  for (Index frame = 0; frame < recording().labels.dim(0); ++frame) {
    const double body =
        angle_of(label(frame, neck_x) - label(frame, base_x), label(frame, neck_y) - label(frame, base_y));
    const double head =
        angle_of(label(frame, head_x) - label(frame, neck_x), label(frame, head_y) - label(frame, neck_y));
    worst = std::max({worst, std::abs(std::remainder(body - label(frame, body_angle), 360)),
                      std::abs(std::remainder(head - label(frame, head_angle), 360))});
  }
  CHECK(worst < 1e-9);
}

TEST_CASE("make_arena: distance and location angle are those of x, y from the centre (256, 256)") {
  double worst_distance = 0, worst_angle = 0;
  for (Index frame = 0; frame < recording().labels.dim(0); ++frame) {
    const double dx = label(frame, x) - 256, dy = label(frame, y) - 256;
    worst_distance = std::max(worst_distance, std::abs(std::hypot(dx, dy) - label(frame, distance)));
    worst_angle = std::max(worst_angle, std::abs(std::remainder(angle_of(dx, dy) - label(frame, location_angle), 360)));
  }
  CHECK(worst_distance < 1e-9);
  CHECK(worst_angle < 1e-9);
}

TEST_CASE("make_arena: angles lie in [0, 360), in_port is 0 or 1 and both occur") {
  bool inside = true;
  std::array<int, 2> seen{};
  for (Index frame = 0; frame < recording().labels.dim(0); ++frame) {
    for (const Index column : {head_angle, body_angle, location_angle}) {
      inside = inside && label(frame, column) >= 0 && label(frame, column) < 360;
    }
    inside = inside && (label(frame, 12) == 0 || label(frame, 12) == 1);
    ++seen[label(frame, 12) == 1 ? 1 : 0];
  }
  CHECK(inside);
  CHECK(seen[0] > 600);
  CHECK(seen[1] > 600);
}

TEST_CASE("make_arena: angles just below 0 do not round up to 360") {
  CHECK(arena::degrees({1, -1e-300}) == 0);
  CHECK(arena::degrees({1, 0}) == 0);
  CHECK(arena::degrees({0, 1}) == doctest::Approx(90));  // y grows downwards: clockwise
  CHECK(arena::degrees({0, -1}) == doctest::Approx(270));
}

TEST_CASE("make_arena: the animal moves continuously, also head and tail base") {
  // It walks at 4.4 pixels of the recording per frame at most (the head swings a little more) and turns its
  // body by less than 10 degrees.
  double step = 0, swing = 0, turn = 0;
  for (Index frame = 1; frame < recording().labels.dim(0); ++frame) {
    const auto moved = [frame](Index column) {
      return std::hypot(label(frame, column) - label(frame - 1, column),
                        label(frame, column + 1) - label(frame - 1, column + 1));
    };
    step = std::max(step, moved(x));
    swing = std::max({swing, moved(head_x), moved(base_x), moved(neck_x)});
    turn = std::max(turn, std::abs(std::remainder(label(frame, body_angle) - label(frame - 1, body_angle), 360)));
  }
  CHECK(step < 4.6);
  CHECK(step > 2);
  CHECK(swing < 7);
  CHECK(turn < 12);
}

TEST_CASE("add_camera_noise: deviation 3.6 + 1.13 sqrt(level), at most 13.5, and the level's mean") {
  for (const int level : {30, 60, 100, 180}) {
    const auto clean = Tensor<std::uint8_t>::full({20, 50, 50}, static_cast<std::uint8_t>(level));
    const auto noisy = add_camera_noise(clean, Rng(3));
    double sum = 0, squares = 0;
    for (const std::uint8_t value : noisy.elements()) {
      sum += value;
      squares += value * value;
    }
    const double mean = sum / 50000, deviation = std::sqrt(squares / 50000 - mean * mean);
    // 50,000 draws: the mean to 0.06, the deviation to 0.043 (one standard error); rounding adds 1/12 to the
    // variance.
    CHECK(mean == doctest::Approx(level).epsilon(0.3 / level));
    CHECK(std::abs(deviation - std::min(13.5, 3.6 + 1.13 * std::sqrt(level))) < 0.2);
  }
}

TEST_CASE("add_camera_noise: clipped at 0 and 255") {
  const auto dark = add_camera_noise(Tensor<std::uint8_t>::zeros({4, 2500}), Rng(1));
  const auto zeros = std::ranges::count(dark.elements(), std::uint8_t{0});
  CHECK(zeros > 5000);  // P(3.6 z < 0.5) = 0.555
  CHECK(zeros < 6100);
  const auto bright = add_camera_noise(Tensor<std::uint8_t>::full({4, 2500}, 255), Rng(1));
  CHECK(std::ranges::count(bright.elements(), std::uint8_t{255}) > 4700);
  CHECK(*std::ranges::min_element(bright.elements()) > 180);
}

TEST_CASE("add_camera_noise: white in space and time") {
  const auto noisy = add_camera_noise(Tensor<std::uint8_t>::full({40, 50, 50}, 100), Rng(5));
  for (const Index lag : {1, 2, 50, 2500}) {
    double sum = 0;
    for (Index i = 0; i + lag < noisy.size(); ++i) {
      sum += (noisy[i] - 100.0) * (noisy[i + lag] - 100.0);
    }
    CHECK(std::abs(sum / static_cast<double>(noisy.size() - lag)) < 5 * 13.5 * 13.5 / std::sqrt(100000));
  }
}

TEST_CASE(
    "add_camera_noise: frame n depends on its generator and n alone; any rank but 0, an odd size, no "
    "frames") {
  const auto long_one = add_camera_noise(Tensor<std::uint8_t>::full({5, 3, 3}, 90), Rng(2));
  const auto short_one = add_camera_noise(Tensor<std::uint8_t>::full({2, 9}, 90), Rng(2));
  CHECK(starts_with(long_one, short_one));
  CHECK(add_camera_noise(Tensor<std::uint8_t>::zeros({0, 50, 50}), Rng(2)).shape() == Shape{0, 50, 50});
  CHECK_THROWS_WITH_AS(add_camera_noise(Tensor<std::uint8_t>::zeros({}), Rng(2)),
                       "add_camera_noise: need frames [N, ...], got shape []", ShapeError);
}
