#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>

namespace engram::data {

/// Standard deviation of the camera's noise at a grey level 0 .. 255.
inline double camera_noise_deviation(double level) {
  return std::min(13.5, 3.6 + 1.13 * std::sqrt(level));
}

namespace arena {

/// Two independent standard normal numbers (Box-Muller) from 64 random bits: enough for grey levels.
inline std::pair<double, double> normal_pair(Rng& rng) {
  const double radius = std::sqrt(-2 * std::log((rng.bits() + 0.5) * 0x1p-32));
  const double angle = 2 * std::numbers::pi * (rng.bits() * 0x1p-32);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace arena

/// Adds what the camera adds: noise that is white in space and time, of standard deviation
/// min(13.5, 3.6 + 1.13 sqrt(level)), rounded and clipped to 0 .. 255.
/// @param clean  frames [N, ...]
/// @param rng    frame n uses rng.split(n), so that it does not depend on how many frames there are
/// @returns      the noisy frames, same shape
/// @throws ShapeError if `clean` is a scalar
inline Tensor<std::uint8_t> add_camera_noise(const Tensor<std::uint8_t>& clean, Rng rng) {
  ensure<ShapeError>(clean.rank() >= 1, "add_camera_noise: need frames [N, ...], got shape ", clean.shape());
  std::array<double, 256> deviation;
  for (std::size_t level = 0; level < deviation.size(); ++level) {
    deviation[level] = camera_noise_deviation(static_cast<double>(level));
  }
  auto noisy = Tensor<std::uint8_t>::uninitialized(clean.shape());
  const Index frames = clean.dim(0);
  const Index pixels = frames == 0 ? 0 : clean.size() / frames;
  parallel_for(frames, [&](Index frame) {
    Rng own = rng.split(static_cast<std::uint64_t>(frame));
    const auto disturbed = [&](std::uint8_t level, double z) {
      return static_cast<std::uint8_t>(std::clamp(level + deviation[level] * z + 0.5, 0.0, 255.0));
    };
    const std::uint8_t* from = clean.data() + frame * pixels;
    std::uint8_t* to = noisy.data() + frame * pixels;
    for (Index pixel = 0; pixel < pixels; pixel += 2) {
      const auto [first, second] = arena::normal_pair(own);
      to[pixel] = disturbed(from[pixel], first);
      if (pixel + 1 < pixels) {
        to[pixel + 1] = disturbed(from[pixel + 1], second);
      }
    }
  });
  return noisy;
}

}  // namespace engram::data
