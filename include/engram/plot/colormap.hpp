#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::plot {

/// A colour of a screen (sRGB), each part from 0 to 1.
struct Color {
  double red = 0;
  double green = 0;
  double blue = 0;

  bool operator==(const Color&) const = default;
};

/// 0xRRGGBB.
constexpr Color color(std::uint32_t code) {
  return {(code >> 16 & 255) / 255.0, (code >> 8 & 255) / 255.0, (code & 255) / 255.0};
}

inline constexpr Color black = color(0x000000);
inline constexpr Color white = color(0xFFFFFF);
inline constexpr Color unknown_color = color(0xD0D0D0);  ///< of points of which nothing is known

/// A colour as it looks: equal distances look about equally far.
/// Source: Ottosson, "A perceptual color space for image processing", bottosson.github.io/posts/oklab, 2020 (public
/// domain).
struct Oklab {
  double lightness = 0;  ///< 0: black, 1: white
  double a = 0;          ///< from green to red
  double b = 0;          ///< from blue to yellow
};

inline Oklab to_oklab(const Color& c) {
  const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
  const double red = linear(c.red);
  const double green = linear(c.green);
  const double blue = linear(c.blue);
  const double l = std::cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const double m = std::cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const double s = std::cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

/// The nearest colour of a screen, part by part.
inline Color to_color(const Oklab& c) {
  const auto cube = [](double v) { return v * v * v; };
  const double l = cube(c.lightness + 0.3963377774 * c.a + 0.2158037573 * c.b);
  const double m = cube(c.lightness - 0.1055613458 * c.a - 0.0638541728 * c.b);
  const double s = cube(c.lightness - 0.0894841775 * c.a - 1.2914855480 * c.b);
  const auto screen = [](double v) {
    return std::clamp(v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055, 0.0, 1.0);
  };
  return {screen(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          screen(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          screen(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

/// Lightness, chroma and hue (in turns: 0 pink, 0.25 yellow-green, 0.5 green-blue, 0.75 blue).
inline Color from_hue(double lightness, double chroma, double hue) {
  const double angle = 2 * std::numbers::pi * hue;
  return to_color({lightness, chroma * std::cos(angle), chroma * std::sin(angle)});
}

/// From dark violet at 0 over green to yellow at 1, lightness rising all the way: for amounts. Values outside are taken
/// to the nearer end.
/// Source: ten colours of viridis (van der Walt, Smith, 2015, CC0), joined by straight lines in Oklab.
inline Color sequential_color(double t) {
  static const auto stops = [] {
    std::array<Oklab, 10> out;
    std::ranges::transform(std::to_array<std::uint32_t>({0x440154, 0x482878, 0x3E4A89, 0x31688E, 0x26828E, 0x1F9E89,
                                                         0x35B779, 0x6DCD59, 0xB4DE2C, 0xFDE725}),
                           out.begin(), [](std::uint32_t code) { return to_oklab(color(code)); });
    return out;
  }();
  const double place = (t > 0 ? std::min(t, 1.0) : 0.0) * (stops.size() - 1);
  const std::size_t from = std::min(static_cast<std::size_t>(place), stops.size() - 2);
  const double share = place - static_cast<double>(from);
  const auto between = [share](double x, double y) { return x + share * (y - x); };
  const Oklab& x = stops[from];
  const Oklab& y = stops[from + 1];
  return to_color({between(x.lightness, y.lightness), between(x.a, y.a), between(x.b, y.b)});
}

/// A closed circle of hues of one lightness and chroma, for directions: red at 0, then yellow, green, blue; only the
/// fraction of `turn` counts.
inline Color cyclic_color(double turn) {
  constexpr double lightness = 0.74;  // where the circle within what screens can show is the widest
  constexpr double chroma = 0.125;
  constexpr double red = 0.06;
  return from_hue(lightness, chroma, red + turn - std::floor(turn));
}

/// The colour of category `index`, 0 .. count - 1. Up to 20 categories have fixed colours; more have evenly spaced
/// hues, in turn light and dark, which only neighbours in the hue are then easy to take for each other.
///
/// The first six and the last are those of Okabe and Ito, "Color universal design", 2008, which people with any colour
/// vision can tell apart, the yellow last as it is weak on white. The others are of like weight, lightness 0.4 .. 0.8
/// and chroma up to 0.19 in Oklab, so that none stands out. They were searched for so that all are as far as possible
/// from each other, white and grey, for normal, protanopic and deuteranopic vision (simulated as Machado, Oliveira,
/// Fernandes do, "A physiologically-based model for simulation of color vision deficiency", 2009), and the farthest
/// come first.
/// @throws ArgumentError unless 0 <= index < count
inline Color category_color(Index index, Index count) {
  static constexpr std::uint32_t codes[] = {0x0072B2, 0xE69F00, 0x009E73, 0xCC79A7, 0x56B4E9, 0xD55E00, 0x773311,
                                            0x771177, 0x2244AA, 0x005544, 0x995522, 0x884477, 0x6677DD, 0x667788,
                                            0x2299FF, 0x44BB77, 0x447755, 0x99CC77, 0xFF77CC, 0xF0E442};
  ensure<ArgumentError>(index >= 0 && index < count, "category_color: need 0 <= index < ", count, ", got ", index);
  if (count <= std::ssize(codes)) {
    return color(codes[index]);
  }
  constexpr double lightness[] = {0.75, 0.5, 0.63};
  constexpr double chroma[] = {0.125, 0.17, 0.15};
  return from_hue(lightness[index % 3], chroma[index % 3], static_cast<double>(index) / static_cast<double>(count));
}

}  // namespace engram::plot
