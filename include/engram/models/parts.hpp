#pragma once

#include <concepts>

#include <engram/nn/activation.hpp>
#include <engram/nn/batch_norm.hpp>
#include <engram/nn/conv2d.hpp>
#include <engram/nn/conv_transpose2d.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/pooling.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/ops/shape.hpp>

namespace engram::models {

/// What the study's networks share. The defaults are the study's own.
struct NetworkOptions {
  Index image_height = 50;  ///< 4 h + 14 with h >= 1, as the width: what two poolings take, the decoder gives back
  Index image_width = 50;
  Index channels = 1;     ///< of an image
  Index latent_dim = 16;  ///< numbers in a code
  Index width = 64;       ///< filters of the first layers; the last of the encoder has twice as many

  bool operator==(const NetworkOptions&) const = default;
};

/// Pixels along one axis of the encoder's result: 9 for 50.
inline Index feature_extent(Index pixels) {
  return (pixels - 14) / 4;
}

/// @throws ArgumentError unless the networks can be built
inline void check_options(const NetworkOptions& o) {
  const auto fits = [](Index pixels) { return pixels >= 18 && (pixels - 14) % 4 == 0; };
  ensure<ArgumentError>(fits(o.image_height) && fits(o.image_width),
                        "models: need images whose height and width are 4 n + 14 pixels (18, 22, 26, ..., 46, 50, "
                        "54, ...), got ",
                        o.image_height, " x ", o.image_width);
  ensure<ArgumentError>(o.channels > 0 && o.latent_dim > 0 && o.width > 0,
                        "models: need channels, latent_dim and width >= 1, got ", o.channels, ", ", o.latent_dim,
                        " and ", o.width);
}

/// Length of the flattened encoder result: 128 * 9 * 9 = 10368 by default.
inline Index feature_count(const NetworkOptions& o) {
  check_options(o);
  return 2 * o.width * feature_extent(o.image_height) * feature_extent(o.image_width);
}

/// Parameters that each network of these options has at least: the convolutions of an encoder or a decoder, and a
/// linear layer between features and code. A double, as no number is too large for it.
inline double least_parameter_count(const NetworkOptions& o) {
  check_options(o);
  const auto width = static_cast<double>(o.width);
  const double features = 2 * width * static_cast<double>(feature_extent(o.image_height)) *
                          static_cast<double>(feature_extent(o.image_width));
  return 18 * width * width + 9 * width * static_cast<double>(o.channels) +
         features * static_cast<double>(o.latent_dim);
}

/// @throws ShapeError unless `x` is a batch of the images that the network was built for
inline void check_images(const NetworkOptions& o, const Shape& x) {
  ensure<ShapeError>(x.rank() == 4 && x[1] == o.channels && x[2] == o.image_height && x[3] == o.image_width,
                     "model: need images [N, ", o.channels, ", ", o.image_height, ", ", o.image_width, "], got ", x);
}

/// @throws ShapeError unless `codes` are [N, latent_dim]
inline void check_codes(const NetworkOptions& o, const Shape& codes) {
  ensure<ShapeError>(codes.rank() == 2 && codes[1] == o.latent_dim, "model: need codes [N, ", o.latent_dim, "], got ",
                     codes);
}

/// [N, features] to [N, 2 width, h, w].
template <std::floating_point T>
Variable<T> feature_maps(const NetworkOptions& o, const Variable<T>& features) {
  ensure<ShapeError>(features.shape().rank() == 2 && features.shape()[1] == feature_count(o),
                     "model: need features [N, ", feature_count(o), "], got ", features.shape());
  return reshape(features, {-1, 2 * o.width, feature_extent(o.image_height), feature_extent(o.image_width)});
}

/// Tells a visitor of the step that feature_maps is.
template <std::floating_point T>
void describe_feature_maps(const NetworkOptions& o, nn::LayerVisitor<T>& visitor) {
  visitor.reshape(2 * o.width, feature_extent(o.image_height), feature_extent(o.image_width));
}

/// Images [N, C, H, W] to features [N, 2 width, h, w].
template <std::floating_point T>
nn::Sequential<T> make_encoder(const NetworkOptions& o, Rng& rng) {
  check_options(o);
  nn::Sequential<T> layers;
  const auto convolve = [&](Index in, Index out) {
    layers.add(nn::Conv2d<T>({.in_channels = in, .out_channels = out, .kernel = 3}, rng))
        .add(nn::BatchNorm2d<T>(out))
        .add(nn::ReLU());
  };
  convolve(o.channels, o.width);
  layers.add(nn::MaxPool2d{{.kernel = 2}});
  convolve(o.width, o.width);
  layers.add(nn::MaxPool2d{{.kernel = 2}});
  convolve(o.width, 2 * o.width);
  return layers;
}

/// Vectors [N, in] to [N, out] through linear, batch norm and ReLU.
template <std::floating_point T>
nn::Sequential<T> make_bottleneck(Index in, Index out, Rng& rng) {
  return nn::Sequential<T>{nn::Linear<T>({.in_features = in, .out_features = out}, rng), nn::BatchNorm1d<T>(out),
                           nn::ReLU()};
}

/// Features [N, 2 width, h, w] to images [N, C, H, W].
template <std::floating_point T>
nn::Sequential<T> make_decoder(const NetworkOptions& o, Rng& rng) {
  nn::Sequential<T> layers;
  const auto expand = [&](Index in, Index kernel, Index stride) {
    layers
        .add(nn::ConvTranspose2d<T>({.in_channels = in, .out_channels = o.width, .kernel = kernel, .stride = stride},
                                    rng))
        .add(nn::BatchNorm2d<T>(o.width))
        .add(nn::ReLU());
  };
  expand(2 * o.width, 3, 1);
  expand(o.width, 2, 2);
  expand(o.width, 3, 1);
  expand(o.width, 2, 2);
  layers.add(nn::ConvTranspose2d<T>({.in_channels = o.width, .out_channels = o.channels, .kernel = 3}, rng));
  return layers;
}

}  // namespace engram::models
