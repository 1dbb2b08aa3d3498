#pragma once

#include <concepts>

#include <engram/models/parts.hpp>

namespace engram::models {

/// The autoencoder's encoder with a linear read-out: images to a few numbers, such as neck minus base.
template <std::floating_point T>
class DirectionTagger {
 public:
  /// @param outputs  numbers to predict per image
  /// @throws ArgumentError for an image size that the network cannot hold; the text says which ones it can
  DirectionTagger(const NetworkOptions& options, Rng& rng, Index outputs = 2)
      : options_(options),
        encoder_(make_encoder<T>(options, rng)),
        fc_1_(make_bottleneck<T>(feature_count(options), options.latent_dim, rng)),
        fc_2_(nn::Linear<T>({.in_features = options.latent_dim, .out_features = outputs}, rng)) {}

  const NetworkOptions& options() const { return options_; }

  /// Images [N, C, H, W] to [N, outputs], with the running statistics.
  Variable<T> operator()(const Variable<T>& x) const { return fc_2_(encode(x)); }
  /// In the given mode.
  Variable<T> operator()(const Variable<T>& x, Mode mode) {
    check_images(options_, x.shape());
    return fc_2_(fc_1_(flatten(encoder_(x, mode)), mode), mode);
  }

  /// Images [N, C, H, W] to codes [N, latent_dim], taken after fc_1.
  Variable<T> encode(const Variable<T>& x) const {
    check_images(options_, x.shape());
    return fc_1_(flatten(encoder_(x)));
  }

  /// With the output "code".
  void describe(nn::LayerVisitor<T>& visitor) const {
    encoder_.describe(visitor);
    visitor.flatten();
    fc_1_.describe(visitor);
    visitor.output("code");
    fc_2_.describe(visitor);
  }

  nn::Parameters<T> parameters() const {
    nn::Parameters<T> all;
    nn::append(all, "encoder", encoder_.parameters());
    nn::append(all, "fc_1", fc_1_.parameters());
    nn::append(all, "fc_2", fc_2_.parameters());
    return all;
  }
  nn::Buffers<T> buffers() {
    nn::Buffers<T> all;
    nn::append(all, "encoder", encoder_.buffers());
    nn::append(all, "fc_1", fc_1_.buffers());
    return all;
  }

 private:
  NetworkOptions options_;
  nn::Sequential<T> encoder_;
  nn::Sequential<T> fc_1_;
  nn::Sequential<T> fc_2_;
};

}  // namespace engram::models
