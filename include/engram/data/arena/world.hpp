#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include <engram/core/shape.hpp>

/// The parts of the synthetic arena. Lengths are pixels of the crop and angles radians, clockwise on screen
/// (x to the right, y down), unless a name says otherwise; the arena's centre is the origin.
namespace engram::data::arena {

struct Vec2 {
  double x = 0;
  double y = 0;

  friend Vec2 operator+(Vec2 a, Vec2 b) { return {a.x + b.x, a.y + b.y}; }
  friend Vec2 operator-(Vec2 a, Vec2 b) { return {a.x - b.x, a.y - b.y}; }
  friend Vec2 operator*(double s, Vec2 a) { return {s * a.x, s * a.y}; }
};

inline double dot(Vec2 a, Vec2 b) {
  return a.x * b.x + a.y * b.y;
}
inline double cross(Vec2 a, Vec2 b) {
  return a.x * b.y - a.y * b.x;
}
inline double norm(Vec2 a) {
  return std::sqrt(dot(a, a));
}
inline Vec2 direction(double angle) {
  return {std::cos(angle), std::sin(angle)};
}
inline double radians(double degrees) {
  return degrees * (std::numbers::pi / 180);
}

inline constexpr Index crop_size = 50;
inline constexpr Vec2 animal_in_crop{24.5, 24.4};  ///< column and row of the animal's centre
inline constexpr double recording_scale = 2;       ///< recording's pixels per crop pixel
inline constexpr Vec2 centre_in_recording{256, 256};
inline constexpr double port_radius = 100;
inline constexpr double wall_radius = 107;
inline constexpr double reach = 95;  ///< how far the animal's centre goes
inline constexpr int port_count = 6;
inline constexpr double blob_distance = 22;

/// A port: the point between its two blobs, the direction away from the arena's centre and that along the
/// wall.
struct Port {
  Vec2 centre;
  Vec2 outward;
  Vec2 along;

  Vec2 blob(int side) const { return centre + (side == 0 ? -0.5 : 0.5) * blob_distance * along; }
};

inline Port port(int number) {
  const Vec2 outward = direction(std::numbers::pi * (2 * number + 1) / port_count);
  return {port_radius * outward, outward, {-outward.y, outward.x}};
}

/// A crop while it is drawn: grey levels and where its pixels lie in the arena.
struct Canvas {
  Vec2 origin;  ///< the arena's point under pixel (0, 0)
  std::vector<float> levels = std::vector<float>(crop_size * crop_size);

  explicit Canvas(Vec2 animal) : origin(animal - animal_in_crop) {}

  /// Calls visit(level, point) for each pixel whose centre is within `extent` of the box around `low` and
  /// `high`.
  template <class Visit>
  void near(Vec2 low, Vec2 high, double extent, Visit&& visit) {
    const auto bound = [](double position) {
      return static_cast<Index>(std::clamp(position, 0.0, static_cast<double>(crop_size)));
    };
    const Index left = bound(std::ceil(low.x - extent - origin.x));
    const Index right = bound(std::floor(high.x + extent - origin.x) + 1);
    const Index top = bound(std::ceil(low.y - extent - origin.y));
    const Index bottom = bound(std::floor(high.y + extent - origin.y) + 1);
    for (Index row = top; row < bottom; ++row) {
      for (Index column = left; column < right; ++column) {
        visit(levels[static_cast<std::size_t>(row * crop_size + column)],
              Vec2{origin.x + static_cast<double>(column), origin.y + static_cast<double>(row)});
      }
    }
  }

  Vec2 far_corner() const { return origin + Vec2{crop_size - 1, crop_size - 1}; }
};

inline void blend(float& level, double target, double cover) {
  level += static_cast<float>(cover * (target - level));
}

/// Share of a pixel at `distance` from the middle of a line of the given full width at half maximum.
inline double line_cover(double distance, double width) {
  const double z = distance / width;
  return z * z > 3 ? 0.0 : std::exp2(-4 * z * z);
}

/// Floor with slow shading, darker behind the wall; overwrites the canvas.
inline void draw_floor(Canvas& canvas) {
  std::array<std::array<double, 4>, static_cast<std::size_t>(crop_size)> across{};
  for (std::size_t i = 0; i < across.size(); ++i) {
    const double x = canvas.origin.x + static_cast<double>(i);
    const double y = canvas.origin.y + static_cast<double>(i);
    across[i] = {std::sin(0.031 * x + 0.4), std::sin(0.071 * x + 2), std::sin(0.037 * y + 1.1), std::sin(0.063 * y)};
  }
  for (std::size_t row = 0; row < across.size(); ++row) {
    for (std::size_t column = 0; column < across.size(); ++column) {
      const double slow = 2.2 * across[column][0] - 1.8 * across[row][2];
      const double patchy = 1.6 * across[column][1] * across[row][3];
      canvas.levels[row * across.size() + column] = static_cast<float>(17.4 + slow + patchy);
    }
  }
}

/// Thin straight lines where the floor's panels meet; they end at the wall.
inline void draw_floor_lines(Canvas& canvas) {
  struct Line {
    double angle, offset, level;  // direction of the normal in degrees, distance of the line from the centre
  };
  constexpr std::array<Line, 6> lines{
      {{12, -56, 58}, {12, 46, 54}, {104, -51, 62}, {104, 5, 56}, {104, 86, 60}, {57, 60, 52}}};
  for (const Line& line : lines) {
    const Vec2 normal = direction(radians(line.angle));
    const Vec2 middle = 0.5 * (canvas.origin + canvas.far_corner());
    if (std::abs(dot(normal, middle) - line.offset) > crop_size) {
      continue;
    }
    canvas.near(canvas.origin, canvas.far_corner(), 0, [&](float& level, Vec2 point) {
      const double distance = dot(normal, point) - line.offset;
      if (std::abs(distance) < 1.7 && dot(point, point) < wall_radius * wall_radius) {
        blend(level, line.level, line_cover(distance, 1));
      }
    });
  }
}

/// The wall: two thin circles, and less light behind them.
inline void draw_wall(Canvas& canvas) {
  const Vec2 middle = 0.5 * (canvas.origin + canvas.far_corner());
  if (norm(middle) + 0.75 * crop_size < wall_radius) {
    return;
  }
  canvas.near(canvas.origin, canvas.far_corner(), 0, [](float& level, Vec2 point) {
    const double beyond = norm(point) - wall_radius;
    if (beyond > -2) {
      blend(level, 13, 0.6 * std::clamp(beyond / 4, 0.0, 1.0));
      blend(level, 68, line_cover(beyond, 1));
      blend(level, 52, line_cover(beyond - 4, 1));
    }
  });
}

/// What a blob adds to the floor's 17.7 at a distance; cubic between its measured values.
inline double blob_glow(double distance) {
  constexpr std::array<double, 17> knots{110.5, 113.3, 110.5, 72,  39.8, 26.2, 18, 13.8, 11.2,
                                         8.6,   6.4,   4.3,   2.5, 1.2,  0.4,  0,  0};  // from r = -1
  if (distance >= 14) {
    return 0;
  }
  const auto cell = static_cast<std::size_t>(distance);
  const double t = distance - static_cast<double>(cell);
  const double a = knots[cell], b = knots[cell + 1], c = knots[cell + 2], d = knots[cell + 3];
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/// The two blobs of each port and the double bar between them.
inline void draw_ports(Canvas& canvas) {
  const Vec2 middle = 0.5 * (canvas.origin + canvas.far_corner());
  for (int number = 0; number < port_count; ++number) {
    const Port place = port(number);
    if (norm(place.centre - middle) > crop_size + blob_distance) {
      continue;
    }
    for (int side = 0; side < 2; ++side) {
      const Vec2 blob = place.blob(side);
      canvas.near(blob, blob, 14,
                  [&](float& level, Vec2 point) { level += static_cast<float>(blob_glow(norm(point - blob))); });
    }
    const double brightness = 215 + 10 * (number % 3);
    canvas.near(place.centre, place.centre, 5, [&](float& level, Vec2 point) {
      const Vec2 from_centre = point - place.centre;
      const double end = std::clamp(3 - std::abs(dot(from_centre, place.outward)), 0.0, 1.0);
      const double side = std::abs(dot(from_centre, place.along)) - 1.5;
      blend(level, brightness, end * line_cover(side, 1.3));
    });
  }
}

}  // namespace engram::data::arena
