#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include <engram/core/random.hpp>
#include <engram/data/arena/trajectory.hpp>
#include <engram/data/arena/world.hpp>

namespace engram::data::arena {

/// The body's axis as equally spaced points from the tail's base to the snout, and the tail's from its base.
struct Skeleton {
  static constexpr std::size_t points = 25;
  static constexpr std::size_t neck_point = 16;
  static constexpr std::size_t head_point = 22;
  static constexpr std::size_t tail_points = 19;

  std::array<Vec2, points> spine;
  std::array<Vec2, points> tangents;
  std::array<Vec2, tail_points> tail;
  double spacing = 0;

  Vec2 base() const { return spine.front(); }
  Vec2 neck() const { return spine[neck_point]; }
  Vec2 head() const { return spine[head_point]; }
};

/// Half the width of a body of width 1 at a share 0 .. 1 of its length: a spindle, a little fuller behind.
inline double spindle(double share) {
  const double s = std::clamp(2 * share - 1, -1.0, 1.0);
  return 0.5 * std::pow(1 - s * s, 0.6) * (1 - 0.14 * s) / 1.01;
}

/// Lays out a pose; the middle of the body's area lies at its centre.
inline Skeleton skeleton(const Pose& pose) {
  Skeleton result;
  constexpr double last = Skeleton::points - 1;
  result.spacing = pose.length / last;
  Vec2 at, weighted;
  double weight = 0;
  for (std::size_t i = 0; i < Skeleton::points; ++i) {
    const double share = static_cast<double>(i) / last;
    const double head = std::clamp((share - 0.6) / 0.35, 0.0, 1.0);
    const double angle = pose.heading + pose.bend * (share - 0.5) + pose.head_turn * head * head * (3 - 2 * head);
    result.tangents[i] = direction(angle);
    at = i == 0 ? at : at + 0.5 * result.spacing * (result.tangents[i - 1] + result.tangents[i]);
    result.spine[i] = at;
    weighted = weighted + spindle(share) * at;
    weight += spindle(share);
  }
  const Vec2 shift = pose.centre - (1 / weight) * weighted;
  for (Vec2& point : result.spine) {
    point = point + shift;
  }
  constexpr double tail_step = 1;
  at = result.base();
  const double start = pose.heading - 0.5 * pose.bend + std::numbers::pi + pose.tail_turn;
  for (std::size_t i = 0; i < Skeleton::tail_points; ++i) {
    result.tail[i] = at;
    at = at + tail_step * direction(start + pose.tail_bend * static_cast<double>(i) / (Skeleton::tail_points - 1));
  }
  return result;
}

/// An animal's fur: plane waves in the body's own coordinates; some stand still, some drift slowly.
class Fur {
 public:
  explicit Fur(Rng rng) {
    for (std::size_t k = 0; k < waves_.size(); ++k) {
      const double number = rng.uniform(0.5, 1.3);
      const Vec2 wave = number * direction(rng.uniform(0, 2 * std::numbers::pi));
      const double drift = k < 8 ? 0 : rng.uniform(-0.03, 0.03);
      waves_[k] = {wave, rng.uniform(0, 2 * std::numbers::pi), drift};
    }
  }

  /// Grey levels that the fur adds `along` and `across` the body in a frame.
  double operator()(double along, double across, Index frame) const {
    double sum = 0;
    for (const Wave& wave : waves_) {
      sum += std::cos(dot(wave.vector, {along, across}) + wave.phase + wave.drift * static_cast<double>(frame));
    }
    return amplitude * sum;
  }

 private:
  struct Wave {
    Vec2 vector;
    double phase = 0;
    double drift = 0;  // radians per frame
  };

  static constexpr double amplitude = 5.0;
  std::array<Wave, 12> waves_;
};

/// @returns how much of each pixel it covers, 0..1
inline std::array<float, static_cast<std::size_t>(crop_size* crop_size)> draw_tail(Canvas& canvas,
                                                                                   const Skeleton& skeleton) {
  std::array<float, static_cast<std::size_t>(crop_size * crop_size)> cover{};
  const float* first = canvas.levels.data();
  for (std::size_t i = 0; i + 1 < skeleton.tail.size(); ++i) {
    const Vec2 from = skeleton.tail[i];
    const Vec2 step = skeleton.tail[i + 1] - from;
    const Vec2 low{std::min(from.x, from.x + step.x), std::min(from.y, from.y + step.y)};
    const Vec2 high{std::max(from.x, from.x + step.x), std::max(from.y, from.y + step.y)};
    canvas.near(low, high, 2.2, [&](float& level, Vec2 point) {
      const double along = std::clamp(dot(point - from, step) / dot(step, step), 0.0, 1.0);
      float& most = cover[static_cast<std::size_t>(&level - first)];
      most = std::max(most, static_cast<float>(line_cover(norm(point - from - along * step), 1.25)));
    });
  }
  for (std::size_t i = 0; i < cover.size(); ++i) {
    blend(canvas.levels[i], 64, cover[i]);
  }
  return cover;
}

/// Draws the body over the canvas: level 132 in the mean, soft edges at half maximum.
inline void draw_body(Canvas& canvas, const Pose& pose, const Skeleton& skeleton, const Fur& fur, Index frame) {
  constexpr double edge = 2.4;  // how far the edge's blur reaches
  Vec2 low = skeleton.base(), high = skeleton.base();
  for (const Vec2& point : skeleton.spine) {
    low = {std::min(low.x, point.x), std::min(low.y, point.y)};
    high = {std::max(high.x, point.x), std::max(high.y, point.y)};
  }
  canvas.near(low, high, 0.55 * pose.width + edge, [&](float& level, Vec2 point) {
    std::size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < Skeleton::points; ++i) {
      const Vec2 away = point - skeleton.spine[i];
      const double square = dot(away, away);
      nearest = square < least ? i : nearest;
      least = std::min(square, least);
    }
    const Vec2 away = point - skeleton.spine[nearest];
    const double along = static_cast<double>(nearest) * skeleton.spacing + dot(away, skeleton.tangents[nearest]);
    const bool beyond = along < 0 || along > pose.length;
    const double across = cross(skeleton.tangents[nearest], away);
    const double distance = beyond ? std::sqrt(least) : std::abs(across);
    const double half = pose.width * spindle(along / pose.length);
    const double inside = std::clamp(0.5 + (half - distance) / edge, 0.0, 1.0);
    if (inside > 0) {
      const double round = std::min(1.0, distance / (0.5 * pose.width));
      const double fill = 136.5 + pose.light - 14 * round * round + fur(along, across, frame);
      blend(level, fill, inside * inside * (3 - 2 * inside));
    }
  });
}

}  // namespace engram::data::arena
