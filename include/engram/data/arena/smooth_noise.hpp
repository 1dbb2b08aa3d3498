#pragma once

#include <cmath>

#include <engram/core/random.hpp>

namespace engram::data::arena {

/// Continuous noise of mean 0 and deviation 1: white noise through two equal low-pass filters.
class SmoothNoise {
 public:
  /// @param frames  how long it remembers, > 1
  explicit SmoothNoise(double frames)
      : keep_(std::exp(-1 / frames)),
        gain_(std::sqrt(std::pow(1 - keep_ * keep_, 3) / (1 + keep_ * keep_)) / ((1 - keep_) * (1 - keep_))) {}

  double value() const { return gain_ * second_; }

  void step(Rng& rng) {
    first_ += (1 - keep_) * (rng.normal() - first_);
    second_ += (1 - keep_) * (first_ - second_);
  }

 private:
  double keep_;
  double gain_;
  double first_ = 0;
  double second_ = 0;
};

}  // namespace engram::data::arena
