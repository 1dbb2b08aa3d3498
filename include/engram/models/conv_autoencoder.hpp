#pragma once

#include <concepts>

#include <engram/models/parts.hpp>

namespace engram::models {

/// The study's convolutional autoencoder: images to a code of latent_dim numbers and back.
///
/// conv 1-64 k3, BN, ReLU, max-pool 2; conv 64-64 k3, BN, ReLU, max-pool 2; conv 64-128 k3, BN, ReLU; linear to
/// latent_dim, BN, ReLU (fc_1: the code); linear back, BN, ReLU (fc_2); transposed convolutions 128-64 k3,
/// 64-64 k2 s2, 64-64 k3, 64-64 k2 s2 (each BN, ReLU) and 64-1 k3. Parameters carry PyTorch's names
/// ("encoder.0.weight", "fc_1.1.running_mean", "decoder.12.bias").
template <std::floating_point T>
class ConvAutoencoder {
 public:
  /// @throws ArgumentError for an image size that the network cannot hold; the text says which ones it can
  explicit ConvAutoencoder(const NetworkOptions& options, Rng& rng)
      : options_(options),
        encoder_(make_encoder<T>(options, rng)),
        fc_1_(make_bottleneck<T>(feature_count(options), options.latent_dim, rng)),
        fc_2_(make_bottleneck<T>(options.latent_dim, feature_count(options), rng)),
        decoder_(make_decoder<T>(options, rng)) {}

  const NetworkOptions& options() const { return options_; }

  /// Images [N, C, H, W] to images of the same shape, with the running statistics.
  Variable<T> operator()(const Variable<T>& x) const { return decode(encode(x)); }
  /// In the given mode.
  Variable<T> operator()(const Variable<T>& x, Mode mode) {
    check_images(options_, x.shape());
    const auto code = fc_1_(flatten(encoder_(x, mode)), mode);
    return decoder_(feature_maps(options_, fc_2_(code, mode)), mode);
  }

  /// Images [N, C, H, W] to the maps [N, 2 width, h, w] that the convolutions make of them (128 x 9 x 9).
  Variable<T> features(const Variable<T>& x) const {
    check_images(options_, x.shape());
    return encoder_(x);
  }
  /// Images [N, C, H, W] to codes [N, latent_dim], taken after fc_1.
  Variable<T> encode(const Variable<T>& x) const { return fc_1_(flatten(features(x))); }
  /// Codes [N, latent_dim] to the longer codes [N, 2 width * h * w] (10368) that the decoder sees, taken after fc_2.
  Variable<T> expand(const Variable<T>& code) const {
    check_codes(options_, code.shape());
    return fc_2_(code);
  }
  /// Codes [N, latent_dim] to images [N, C, H, W].
  Variable<T> decode(const Variable<T>& code) const { return decode_expanded(expand(code)); }
  /// Longer codes, as `expand` gives them, to images [N, C, H, W].
  /// @throws ShapeError unless they are [N, 2 width * h * w]
  Variable<T> decode_expanded(const Variable<T>& expanded) const { return decoder_(feature_maps(options_, expanded)); }

  /// With the output "code".
  void describe(nn::LayerVisitor<T>& visitor) const {
    encoder_.describe(visitor);
    visitor.flatten();
    fc_1_.describe(visitor);
    visitor.output("code");
    fc_2_.describe(visitor);
    describe_feature_maps(options_, visitor);
    decoder_.describe(visitor);
  }

  nn::Parameters<T> parameters() const {
    nn::Parameters<T> all;
    nn::append(all, "encoder", encoder_.parameters());
    nn::append(all, "fc_1", fc_1_.parameters());
    nn::append(all, "fc_2", fc_2_.parameters());
    nn::append(all, "decoder", decoder_.parameters());
    return all;
  }
  nn::Buffers<T> buffers() {
    nn::Buffers<T> all;
    nn::append(all, "encoder", encoder_.buffers());
    nn::append(all, "fc_1", fc_1_.buffers());
    nn::append(all, "fc_2", fc_2_.buffers());
    nn::append(all, "decoder", decoder_.buffers());
    return all;
  }

 private:
  NetworkOptions options_;
  nn::Sequential<T> encoder_;
  nn::Sequential<T> fc_1_;
  nn::Sequential<T> fc_2_;
  nn::Sequential<T> decoder_;
};

}  // namespace engram::models
