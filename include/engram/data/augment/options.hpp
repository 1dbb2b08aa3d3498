#pragma once

#include <cmath>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/data/augment/motion.hpp>

namespace engram::data {

/// How images are varied at random; everything is off by default. Geometry, light and damage are applied in that
/// order. Interpolated pixels are means of their neighbours: degrees and shift weaken
/// white noise that the images have.
struct AugmentOptions {
  // Geometry: one bilinear resampling.
  double flip_horizontal = 0;  ///< probability
  double flip_vertical = 0;    ///< probability
  bool quarter_turns = false;  ///< 0 to 3 quarter turns, each as likely; for square images
  double degrees = 0;          ///< turned by up to that much either way; 180: any direction
  double shift = 0;            ///< pixels: by up to that much along each axis, either way
  Outside outside = {};        ///< what comes in from outside the image

  // Light.
  double contrast = 0;    ///< factor about the image's mean, from 1 - contrast to 1 + contrast; at most 1
  double brightness = 0;  ///< added: from -brightness to brightness

  // Damage.
  double noise = 0;                ///< standard deviation of white Gaussian noise
  Index cut_out = 0;               ///< edge of a square that is blotted out, pixels; its centre is any pixel
  double cut_out_probability = 1;  ///< that there is such a square
  double cut_out_fill = 0;         ///< value of the square
};

/// @throws ArgumentError naming the option that has an impossible value
inline void check_options(const AugmentOptions& o) {
  const auto need = [](bool ok, const char* rule, auto value) {
    ensure<ArgumentError>(ok, "augment: need ", rule, ", got ", value);
  };
  const auto share = [](double p) { return p >= 0 && p <= 1; };
  const auto size = [](double x) { return x >= 0 && std::isfinite(x); };
  need(share(o.flip_horizontal), "flip_horizontal from 0 to 1", o.flip_horizontal);
  need(share(o.flip_vertical), "flip_vertical from 0 to 1", o.flip_vertical);
  need(o.degrees >= 0 && o.degrees <= 180, "degrees from 0 to 180", o.degrees);
  need(size(o.shift), "shift >= 0 and finite", o.shift);
  need(std::isfinite(o.outside.fill), "a finite outside.fill", o.outside.fill);
  need(share(o.contrast), "contrast from 0 to 1", o.contrast);
  need(size(o.brightness), "brightness >= 0 and finite", o.brightness);
  need(size(o.noise), "noise >= 0 and finite", o.noise);
  need(o.cut_out >= 0, "cut_out >= 0", o.cut_out);
  need(share(o.cut_out_probability), "cut_out_probability from 0 to 1", o.cut_out_probability);
  need(std::isfinite(o.cut_out_fill), "a finite cut_out_fill", o.cut_out_fill);
}

/// The options' part that changes what is seen: geometry and light.
/// Images that get it and then `damage_of` with the same rng are those that get all at once.
inline AugmentOptions scene_of(AugmentOptions options) {
  options.noise = 0;
  options.cut_out = 0;
  return options;
}

/// The options' part that a denoiser is to undo: noise and cut-out.
inline AugmentOptions damage_of(const AugmentOptions& options) {
  return {.noise = options.noise,
          .cut_out = options.cut_out,
          .cut_out_probability = options.cut_out_probability,
          .cut_out_fill = options.cut_out_fill};
}

/// What was drawn for one image.
struct Drawn {
  Motion motion = {};
  Outside outside = {};
  double contrast = 1;  ///< factor
  double brightness = 0;
  double noise = 0;
  RngState noise_state = {};  ///< where the noise begins
  Index cut_out = 0;          ///< pixels; 0: no square
  double cut_out_x = 0;       ///< the square's centre, share of the image's width in [0, 1)
  double cut_out_y = 0;       ///< share of its height
  double cut_out_fill = 0;
};

/// Draws an augmentation of one image. Each option has random numbers of its own: switching one on or off leaves what
/// is drawn for the others.
/// @throws ArgumentError naming an option that has an impossible value
inline Drawn draw(const AugmentOptions& options, Rng rng) {
  check_options(options);
  const auto happens = [&](double probability) { return rng.uniform() < probability; };
  const auto either_way = [&](double most) { return most * (2 * rng.uniform() - 1); };
  Drawn drawn{.outside = options.outside, .noise = options.noise, .cut_out_fill = options.cut_out_fill};
  drawn.motion.flip_horizontal = happens(options.flip_horizontal);
  drawn.motion.flip_vertical = happens(options.flip_vertical);
  drawn.motion.quarter_turns = static_cast<Index>(4 * rng.uniform()) * (options.quarter_turns ? 1 : 0);
  drawn.motion.degrees = either_way(options.degrees);
  drawn.motion.shift_x = either_way(options.shift);
  drawn.motion.shift_y = either_way(options.shift);
  drawn.contrast = 1 + either_way(options.contrast);
  drawn.brightness = either_way(options.brightness);
  drawn.cut_out = happens(options.cut_out_probability) ? options.cut_out : 0;
  drawn.cut_out_x = rng.uniform();
  drawn.cut_out_y = rng.uniform();
  drawn.noise_state = rng.split(0).state();
  return drawn;
}

}  // namespace engram::data
