#include <engram/data/augment.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::data;

namespace {

struct Point {
  double x = 0;
  double y = 0;
};

double angle_to(double x, double y) {
  const double degrees = std::atan2(y, x) * 180 / std::numbers::pi;
  return degrees < 0 ? degrees + 360 : degrees;
}

/// The smaller way around between two angles.
double apart(double a, double b) {
  return std::abs(std::remainder(a - b, 360));
}

/// A comet about `at` that points to `degrees`: short in front, with a long tail behind.
void draw_comet(double* plane, Index height, Index width, Point at, double degrees) {
  const double c = std::cos(degrees * std::numbers::pi / 180);
  const double s = std::sin(degrees * std::numbers::pi / 180);
  for (Index i = 0; i < height * width; ++i) {
    const double x = static_cast<double>(i % width) - at.x;
    const double y = static_cast<double>(i / width) - at.y;
    const double along = (c * x + s * y) / (c * x + s * y > 0 ? 1.5 : 4);
    const double across = (c * y - s * x) / 1.5;
    plane[i] = std::exp(-(along * along + across * across) / 2);
  }
}

struct Measured {
  Point middle;
  double degrees;
  double skewness;  ///< along the axis; far from 0: the sense is certain
};

/// Where a comet lies and points, from the moments of its brightness: the first, the axis of the second, and the sense
/// along it from the third, which the tail makes negative.
Measured measure(const double* plane, Index height, Index width) {
  Point mean;
  const auto sum = [&](auto term) {
    double total = 0;
    for (Index i = 0; i < height * width; ++i) {
      total += plane[i] * term(static_cast<double>(i % width) - mean.x, static_cast<double>(i / width) - mean.y);
    }
    return total;
  };
  const double mass = sum([](double, double) { return 1.0; });
  mean = {sum([](double x, double) { return x; }) / mass, sum([](double, double y) { return y; }) / mass};
  const double xx = sum([](double x, double) { return x * x; });
  const double yy = sum([](double, double y) { return y * y; });
  const double xy = sum([](double x, double y) { return x * y; });
  const double axis = std::atan2(2 * xy, xx - yy) / 2;
  const double c = std::cos(axis);
  const double s = std::sin(axis);
  const double variance = sum([&](double x, double y) { return std::pow(c * x + s * y, 2); }) / mass;
  const double skewness =
      sum([&](double x, double y) { return std::pow(c * x + s * y, 3); }) / mass / std::pow(variance, 1.5);
  return {mean, skewness < 0 ? angle_to(c, s) : angle_to(-c, -s), std::abs(skewness)};
}

/// Comets in random places and directions: two channels, one in each; and what is known about them: angle, vector from
/// the first to the second, the first's middle, something that stays, the first's direction as a unit vector.
struct Comets {
  Tensor<double> images;
  Tensor<double> targets;
  LabelRoles roles{.angles = {0}, .vectors = {{1, 2}, {6, 7}}, .points = {{3, 4}}};
};

Comets make_comets(Index count, Index height, Index width) {
  Comets comets{Tensor<double>::uninitialized({count, 2, height, width}), Tensor<double>::uninitialized({count, 8})};
  Rng rng(17);
  const double cx = static_cast<double>(width - 1) / 2;
  const double cy = static_cast<double>(height - 1) / 2;
  for (Index i = 0; i < count; ++i) {
    const Point first{cx + rng.uniform(-4, 4), cy + rng.uniform(-4, 4)};
    const Point second{cx + rng.uniform(-4, 4), cy + rng.uniform(-4, 4)};
    const double degrees = rng.uniform(0, 360);
    double* image = comets.images.data() + i * 2 * height * width;
    draw_comet(image, height, width, first, degrees);
    draw_comet(image + height * width, height, width, second, rng.uniform(0, 360));
    // The tail draws the middle of the brightness away from `first`.
    const Measured one = measure(image, height, width);
    const Measured two = measure(image + height * width, height, width);
    const double radians = degrees * std::numbers::pi / 180;
    const double row[] = {degrees,      two.middle.x - one.middle.x, two.middle.y - one.middle.y, one.middle.x,
                          one.middle.y, 42 + static_cast<double>(i), std::cos(radians),           std::sin(radians)};
    std::ranges::copy(row, comets.targets.data() + i * 8);
  }
  return comets;
}

/// Largest errors of the labels against what is measured in the images.
struct Errors {
  double degrees = 0;
  double vector = 0;
  double point = 0;
  double unit = 0;
  double skewness = INFINITY;  ///< the smallest that a sense was read from
  bool rest_stays = true;
};

Errors label_errors(const Augmented<double>& moved, Index height, Index width) {
  Errors e;
  for (Index i = 0; i < moved.images.dim(0); ++i) {
    const double* image = moved.images.data() + i * 2 * height * width;
    const double* row = moved.targets.data() + i * 8;
    const Measured one = measure(image, height, width);
    const Measured two = measure(image + height * width, height, width);
    e.degrees = std::max(e.degrees, apart(one.degrees, row[0]));
    e.unit = std::max(e.unit, apart(one.degrees, angle_to(row[6], row[7])));
    e.vector =
        std::max(e.vector, std::hypot(two.middle.x - one.middle.x - row[1], two.middle.y - one.middle.y - row[2]));
    e.point = std::max(e.point, std::hypot(one.middle.x - row[3], one.middle.y - row[4]));
    e.skewness = std::min({e.skewness, one.skewness, two.skewness});
    e.rest_stays = e.rest_stays && row[5] == 42 + static_cast<double>(i) && row[0] >= 0 && row[0] < 360;
  }
  return e;
}

void check_together(const AugmentOptions& options, Index height, Index width) {
  const Comets comets = make_comets(200, height, width);
  const Errors before = label_errors({comets.images, comets.targets}, height, width);
  const Errors after =
      label_errors(augment(comets.images, comets.targets, comets.roles, options, Rng(2)), height, width);
  CHECK(before.degrees < 0.2);
  CHECK(after.degrees < 1);
  CHECK(after.unit < 1);
  CHECK(after.vector < 0.05);
  CHECK(after.point < 0.05);
  CHECK(after.skewness > 0.3);
  CHECK(after.rest_stays);
  // And they would not agree if the labels stayed behind.
  const auto images = augment(comets.images, options, Rng(2));
  CHECK(label_errors({images, comets.targets}, height, width).degrees > 90);
}

const AugmentOptions everything{.flip_horizontal = 0.5,
                                .flip_vertical = 0.5,
                                .quarter_turns = true,
                                .degrees = 180,
                                .shift = 3,
                                .contrast = 0.3,
                                .brightness = 0.1,
                                .noise = 0.05,
                                .cut_out = 3,
                                .cut_out_probability = 0.5};

}  // namespace

TEST_CASE("augment: image and labels move together, with every geometric option, in 200 draws") {
  check_together({.flip_horizontal = 0.5, .flip_vertical = 0.5, .quarter_turns = true, .degrees = 180, .shift = 3}, 51,
                 51);
}

TEST_CASE("augment: image and labels move together, each option alone") {
  check_together({.flip_horizontal = 0.5}, 51, 51);
  check_together({.flip_vertical = 0.5}, 51, 51);
  check_together({.quarter_turns = true}, 50, 50);
  check_together({.degrees = 180}, 51, 51);
  check_together({.flip_horizontal = 0.5, .degrees = 20}, 51, 51);
}

TEST_CASE("augment: image and labels move together in frames that are not square") {
  check_together({.flip_horizontal = 0.5, .flip_vertical = 0.5, .degrees = 180, .shift = 3}, 48, 61);
}

TEST_CASE("augment: a shift moves points alone") {
  const Comets comets = make_comets(20, 51, 51);
  const auto moved = augment(comets.images, comets.targets, comets.roles, {.shift = 4}, Rng(2));
  const Errors e = label_errors(moved, 51, 51);
  CHECK(e.degrees < 1);
  CHECK(e.point < 0.05);
  for (Index i = 0; i < 20; ++i) {
    for (const Index column : {0, 1, 2, 5, 6, 7}) {
      CHECK(moved.targets[i * 8 + column] == comets.targets[i * 8 + column]);
    }
    CHECK(moved.targets[i * 8 + 3] != comets.targets[i * 8 + 3]);
  }
}

TEST_CASE("augment: with everything off, the same bits") {
  const auto images = normal<float>({5, 2, 6, 7}, 1);
  const auto targets = normal({5, 3}, 2);
  CHECK(list(augment(images, {}, Rng(1))) == list(images));
  const auto both = augment(images, targets, {.angles = {0}, .points = {{1, 2}}}, {}, Rng(1));
  CHECK(list(both.images) == list(images));
  CHECK(list(both.targets) == list(targets));
  CHECK(augment(Tensor<float>::zeros({0, 1, 4, 4}), everything, Rng(1)).shape() == Shape{0, 1, 4, 4});
}

TEST_CASE("augment: flips and quarter turns rearrange pixels and make no new ones") {
  const auto images = normal<float>({40, 1, 6, 6}, 1);
  const auto moved = augment(images, {.flip_horizontal = 0.5, .flip_vertical = 0.5, .quarter_turns = true}, Rng(3));
  Index changed = 0;
  for (Index i = 0; i < 40; ++i) {
    std::vector<float> before(images.data() + i * 36, images.data() + (i + 1) * 36);
    std::vector<float> after(moved.data() + i * 36, moved.data() + (i + 1) * 36);
    changed += before != after;
    std::ranges::sort(before);
    std::ranges::sort(after);
    CHECK(before == after);
  }
  CHECK(changed > 25);  // 7 of 8 are not the identity
}

TEST_CASE("augment: image i is what apply makes of draw(options, rng.split(i)), whatever the batch") {
  const auto images = normal<float>({6, 2, 8, 8}, 1);
  const Rng rng(9, 4);
  const auto batch = augment(images, everything, rng);
  for (Index i = 0; i < 6; ++i) {
    const auto image = Tensor<float>::from({2, 8, 8}, std::span<const float>(images.data() + i * 128, 128));
    const auto alone = apply(image, draw(everything, rng.split(static_cast<std::uint64_t>(i))));
    CHECK(std::ranges::equal(alone.elements(), std::span<const float>(batch.data() + i * 128, 128)));
  }
}

TEST_CASE("augment: the seed decides, and a restored generator goes on alike") {
  const auto images = normal<float>({6, 1, 8, 8}, 1);
  const Rng rng(9);
  const auto first = augment(images, everything, rng);
  CHECK(list(augment(images, everything, rng)) == list(first));
  CHECK(list(augment(images, everything, Rng(rng.state()))) == list(first));
  CHECK(list(augment(images, everything, Rng(10))) != list(first));
  const auto labelled = augment(images, Tensor<double>::zeros({6, 0}), {}, everything, rng);
  CHECK(list(labelled.images) == list(first));
}

TEST_CASE("augment: the same bits on any number of threads") {
  const auto images = normal<float>({23, 1, 12, 12}, 1);
  const auto targets = normal<float>({23, 3}, 1);
  const LabelRoles roles{.angles = {0}, .points = {{1, 2}}};
  CHECK(same_bits_on_any_threads([&] { return augment(images, everything, Rng(1)); }));
  CHECK(same_bits_on_any_threads([&] { return augment(images, targets, roles, everything, Rng(1)).targets; }));
}

TEST_CASE("augment: the scene and then its damage are all at once") {
  const auto images = normal<float>({9, 2, 8, 8}, 1);
  const auto scene = augment(images, scene_of(everything), Rng(5));
  CHECK(list(augment(scene, damage_of(everything), Rng(5))) == list(augment(images, everything, Rng(5))));
}

TEST_CASE("apply: geometry, contrast, brightness, noise, cut-out, in that order") {
  const auto image = Tensor<double>::from({2, 2}, {0, 1, 2, 5});
  Drawn drawn{.motion = {.flip_horizontal = true}, .contrast = 2, .brightness = 0.5};
  CHECK(list(apply(image, drawn)) == std::vector<double>{0.5, -1.5, 8.5, 2.5});
  drawn.noise = 1;
  drawn.noise_state = Rng(7).state();
  drawn.cut_out = 1;
  drawn.cut_out_x = 0.9;
  drawn.cut_out_y = 0.4;
  drawn.cut_out_fill = -1;
  Rng noise(7);
  const double first = 0.5 + noise.normal();
  CHECK(list(apply(image, drawn))[0] == first);
  CHECK(list(apply(image, drawn))[1] == -1);
}

TEST_CASE("apply: the square's centre is a share of the width and one of the height") {
  const Drawn drawn{.cut_out = 1, .cut_out_x = 0.9, .cut_out_y = 0.4};
  CHECK(list(apply(Tensor<double>::full({2, 4}, 1), drawn)) == std::vector<double>{1, 1, 1, 0, 1, 1, 1, 1});
}

TEST_CASE("augment: cut-out takes a square from each image, and less where it sticks out") {
  const auto images = Tensor<float>::full({300, 1, 9, 9}, 1);
  const auto holed = augment(images, {.cut_out = 3}, Rng(1));
  std::vector<Index> sizes;
  std::vector<bool> hit(81);
  for (Index i = 0; i < 300; ++i) {
    const std::span<const float> image = holed.elements().subspan(static_cast<std::size_t>(i * 81), 81);
    sizes.push_back(std::ranges::count(image, 0.0F));
    for (std::size_t p = 0; p < 81; ++p) {
      hit[p] = hit[p] || image[p] == 0;
    }
  }
  CHECK(std::ranges::min(sizes) == 4);
  CHECK(std::ranges::max(sizes) == 9);
  CHECK(std::ranges::count(sizes, 9) > 150);  // 49 of 81 centres
  CHECK(std::ranges::all_of(hit, [](bool h) { return h; }));
}

TEST_CASE("augment: errors") {
  const auto wide = Tensor<float>::zeros({2, 1, 4, 6});
  CHECK_THROWS_WITH_AS(augment(wide, {.quarter_turns = true}, Rng(0)),
                       "augment: need square images for quarter_turns, got [2, 1, 4, 6]", ShapeError);
  CHECK_THROWS_WITH_AS(augment(wide.reshaped({2, 4, 6}), {}, Rng(0)),
                       "augment: need images [N, C, H, W], got [2, 4, 6]", ShapeError);
  CHECK_THROWS_WITH_AS(augment(Tensor<float>::zeros({0, 1, 4, 6}), {.noise = -1}, Rng(0)),
                       "augment: need noise >= 0 and finite, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(augment(wide, Tensor<float>::zeros({3, 1}), {}, {}, Rng(0)),
                       "augment: need targets [N, L] for images [2, 1, 4, 6], got targets [3, 1]", ShapeError);
  CHECK_THROWS_WITH_AS(augment(wide, Tensor<float>::zeros({2, 1}), {.angles = {1}}, {}, Rng(0)),
                       "LabelRoles: need columns in 0..0, got 1", ArgumentError);
  CHECK_THROWS_WITH_AS(apply(wide, {}), "apply: need an image [H, W] or [C, H, W], got [2, 1, 4, 6]", ShapeError);
  CHECK_THROWS_WITH_AS(apply(Tensor<float>::zeros({4, 6}), {.motion = {.quarter_turns = 1}}),
                       "apply: need a square image for quarter turns, got [4, 6]", ShapeError);
}
