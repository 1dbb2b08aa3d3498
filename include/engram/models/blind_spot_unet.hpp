#pragma once

#include <cmath>
#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/nn/activation.hpp>
#include <engram/nn/conv2d.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/ops/activation.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/concat.hpp>
#include <engram/ops/max_pool2d.hpp>
#include <engram/ops/pad.hpp>
#include <engram/ops/slice.hpp>
#include <engram/ops/upsample2d.hpp>

namespace engram::models {

struct BlindSpotUnetOptions {
  Index channels = 1;    ///< of the images
  Index width = 24;      ///< filters at full size; twice as many after each halving
  Index depth = 2;       ///< halvings
  double mean = 0;       ///< of the images' pixels: the network sees (x - mean) / deviation,
  double deviation = 1;  ///< their standard deviation, and its result is put back
};

/// Whether the network can be built.
/// @throws ArgumentError unless channels, width >= 1, 1 <= depth <= 6, mean is finite and deviation > 0
inline void check_options(const BlindSpotUnetOptions& o) {
  ensure<ArgumentError>(o.channels >= 1 && o.width >= 1 && o.depth >= 1 && o.depth <= 6,
                        "BlindSpotUnet: need channels >= 1, width >= 1 and 1 <= depth <= 6, got ", o.channels, ", ",
                        o.width, " and ", o.depth);
  ensure<ArgumentError>(std::isfinite(o.mean) && std::isfinite(o.deviation) && o.deviation > 0,
                        "BlindSpotUnet: need a finite mean and a deviation > 0, got ", o.mean, " and ", o.deviation);
}

/// Parameters that the network has at least: the first and the last convolution, and the second at the bottom.
inline double least_parameter_count(const BlindSpotUnetOptions& o) {
  check_options(o);
  const auto width = static_cast<double>(o.width);
  const double bottom = std::ldexp(width, static_cast<int>(o.depth));
  return 11 * width * static_cast<double>(o.channels) + 9 * bottom * bottom;
}

/// A small U-Net that tells for each pixel of an image a normal distribution, from those around it: to be trained on
/// noisy images alone, see train::blind_spots(), and asked by predict_blind_spots().
///
/// `depth` times two convolutions k3 with ReLU and max-pool 2; two more at the bottom; `depth` times back to twice the
/// size by repeating pixels, joined with what the way down had at that size, and two convolutions; at last one k1 to
/// means and to what softplus makes variances of.
/// Images of any size: they are mirrored at their edges to a multiple of 2^depth, and the result is cut out. Parameters
/// are named as PyTorch would ("down.0.0.weight", "bottom.2.bias", "up.0.0.weight", "last.weight").
/// Source: Ronneberger, Fischer, Brox, "U-Net", MICCAI 2015; without batch norm, whose statistics change with the
/// noise, as in Laine, Karras, Lehtinen, Aila, "High-quality self-supervised deep image denoising", NeurIPS 2019.
template <std::floating_point T>
class BlindSpotUnet {
 public:
  /// @throws as check_options()
  explicit BlindSpotUnet(const BlindSpotUnetOptions& options, Rng& rng)
      : options_(checked(options)),
        bottom_(block(filters(options.depth - 1), filters(options.depth), rng)),
        last_({.in_channels = options.width, .out_channels = 2 * options.channels, .kernel = 1}, rng) {
    for (Index i = 0; i < options.depth; ++i) {
      down_.push_back(block(i == 0 ? options.channels : filters(i - 1), filters(i), rng));
    }
    for (Index i = options.depth - 1; i >= 0; --i) {
      up_.push_back(block(filters(i + 1) + filters(i), filters(i), rng));
    }
  }

  const BlindSpotUnetOptions& options() const { return options_; }

  /// Least standard deviation that is told, as a share of the images': where pixels never change, the likelihood would
  /// grow without bound.
  static constexpr double least_deviation = 0.005;

  /// What the sides of images are mirrored to a multiple of.
  Index multiple() const { return Index{1} << options_.depth; }
  /// Pixels on every side of a pixel, at most, that the network looks at for it.
  Index reach() const { return 8 * multiple() - 6; }

  /// Images [N, C, H, W] to [N, 2 C, H, W]: the means of the pixels, in the images' units, and their variances.
  /// @throws ShapeError for other channels, or images with a side below 2^depth
  Variable<T> operator()(const Variable<T>& x) const {
    const Shape shape = x.shape();
    const Index multiple = this->multiple();
    ensure<ShapeError>(
        shape.rank() == 4 && shape[1] == options_.channels && shape[2] >= multiple && shape[3] >= multiple,
        "BlindSpotUnet: need images [N, ", options_.channels, ", H >= ", multiple, ", W >= ", multiple, "], got ",
        shape);
    const Padding2d border = Padding2d::to_multiple(shape[2], shape[3], multiple);
    const bool whole = shape[2] % multiple == 0 && shape[3] % multiple == 0;
    const auto mean = static_cast<T>(options_.mean);
    const auto deviation = static_cast<T>(options_.deviation);
    const Variable<T> seen = (x - mean) / deviation;
    const Variable<T> padded = network(whole ? seen : pad(seen, border, PadMode::reflect));
    const Variable<T> y =
        whole ? padded
              : slice(slice(padded, 2, {border.top, border.top + shape[2]}), 3, {border.left, border.left + shape[3]});
    const Variable<T> variance =
        (softplus(slice(y, 1, {shape[1], 2 * shape[1]})) + static_cast<T>(least_deviation * least_deviation)) *
        (deviation * deviation);
    return concat({slice(y, 1, {0, shape[1]}) * deviation + mean, variance}, 1);
  }

  nn::Parameters<T> parameters() const {
    nn::Parameters<T> all;
    for (std::size_t i = 0; i < down_.size(); ++i) {
      nn::append(all, "down." + std::to_string(i), down_[i].parameters());
    }
    nn::append(all, "bottom", bottom_.parameters());
    for (std::size_t i = 0; i < up_.size(); ++i) {
      nn::append(all, "up." + std::to_string(i), up_[i].parameters());
    }
    nn::append(all, "last", last_.parameters());
    return all;
  }

 private:
  static const BlindSpotUnetOptions& checked(const BlindSpotUnetOptions& o) {
    check_options(o);
    return o;
  }

  /// After `level` halvings.
  Index filters(Index level) const { return options_.width << level; }

  static nn::Sequential<T> block(Index in, Index out, Rng& rng) {
    return nn::Sequential<T>{
        nn::Conv2d<T>({.in_channels = in, .out_channels = out, .kernel = 3, .padding = 1}, rng), nn::ReLU(),
        nn::Conv2d<T>({.in_channels = out, .out_channels = out, .kernel = 3, .padding = 1}, rng), nn::ReLU()};
  }

  Variable<T> network(Variable<T> x) const {
    std::vector<Variable<T>> skipped;
    for (const auto& down : down_) {
      skipped.push_back(down(x));
      x = max_pool2d(skipped.back());
    }
    x = bottom_(x);
    for (const auto& up : up_) {
      x = up(concat({upsample2d(x, {.scale = 2}), skipped.back()}, 1));
      skipped.pop_back();
    }
    return last_(x);
  }

  BlindSpotUnetOptions options_;
  std::vector<nn::Sequential<T>> down_;
  nn::Sequential<T> bottom_;
  std::vector<nn::Sequential<T>> up_;
  nn::Conv2d<T> last_;
};

}  // namespace engram::models
