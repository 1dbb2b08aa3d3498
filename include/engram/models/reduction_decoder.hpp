#pragma once

#include <concepts>

#include <engram/models/parts.hpp>

namespace engram::models {

/// The autoencoder's second half on its own: any codes, as of PCA or UMAP, to images.
template <std::floating_point T>
class ReductionDecoder {
 public:
  /// @throws ArgumentError for an image size that the network cannot hold; the text says which ones it can
  ReductionDecoder(const NetworkOptions& options, Rng& rng)
      : options_(options),
        fc_2_(make_bottleneck<T>(options.latent_dim, feature_count(options), rng)),
        decoder_(make_decoder<T>(options, rng)) {}

  const NetworkOptions& options() const { return options_; }

  /// Codes [N, latent_dim] to images [N, C, H, W], with the running statistics.
  Variable<T> operator()(const Variable<T>& code) const {
    check_codes(options_, code.shape());
    return decoder_(feature_maps(options_, fc_2_(code)));
  }
  /// In the given mode.
  Variable<T> operator()(const Variable<T>& code, Mode mode) {
    check_codes(options_, code.shape());
    return decoder_(feature_maps(options_, fc_2_(code, mode)), mode);
  }

  void describe(nn::LayerVisitor<T>& visitor) const {
    fc_2_.describe(visitor);
    describe_feature_maps(options_, visitor);
    decoder_.describe(visitor);
  }

  nn::Parameters<T> parameters() const {
    nn::Parameters<T> all;
    nn::append(all, "fc_2", fc_2_.parameters());
    nn::append(all, "decoder", decoder_.parameters());
    return all;
  }
  nn::Buffers<T> buffers() {
    nn::Buffers<T> all;
    nn::append(all, "fc_2", fc_2_.buffers());
    nn::append(all, "decoder", decoder_.buffers());
    return all;
  }

 private:
  NetworkOptions options_;
  nn::Sequential<T> fc_2_;
  nn::Sequential<T> decoder_;
};

}  // namespace engram::models
