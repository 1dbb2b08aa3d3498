#pragma once

#include <cstdint>
#include <map>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <engram/analysis/block_folds.hpp>
#include <engram/analysis/circular_coordinate.hpp>
#include <engram/analysis/label_decoder.hpp>
#include <engram/analysis/trustworthiness.hpp>
#include <engram/data/arena.hpp>
#include <engram/embed/aligned_umap.hpp>
#include <engram/embed/incremental_pca.hpp>
#include <engram/embed/neighbors/neighbors.hpp>
#include <engram/embed/pca.hpp>
#include <engram/embed/umap.hpp>
#include <engram/infer/runner.hpp>
#include <engram/io/crc32c.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/nn/activation.hpp>
#include <engram/nn/batch_norm.hpp>
#include <engram/nn/dropout.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/nn/shape.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/augment.hpp>
#include <engram/train/blind_spots.hpp>
#include <engram/train/fit.hpp>

#include "support/model_numbers.hpp"
#include "support/random_tensor.hpp"

// Small runs of all that must give the same bits on any number of threads, each as a checksum of its result. They are
// just large enough for their loops to be shared out: elementwise ones from 2^15 elements on, those of UMAP's graph
// from 4,096 rows on.

namespace reliability {

using engram::Index;
using engram::Tensor;

class Checksum {
 public:
  template <class T>
  Checksum& add(std::span<const T> values) {
    crc_ = engram::io::crc32c(std::as_bytes(values), crc_);
    return *this;
  }
  template <class T>
  Checksum& add(const Tensor<T>& values) {
    return add(std::span<const T>(values.elements()));
  }
  std::uint32_t value() const { return crc_; }

 private:
  std::uint32_t crc_ = 0;
};

/// Two epochs, augmented.
template <class Model>
std::uint32_t train(Model& model, engram::train::Dataset<float> data, Index batch_size) {
  engram::optim::Adam<float> adam(engram::nn::variables(model), {.lr = 1e-3});
  engram::train::TrainingState state;
  engram::train::FitOptions<float> options{.epochs = 2, .batch_size = batch_size, .clip_grad_norm = 0.1};
  const engram::data::AugmentOptions changes{
      .flip_horizontal = 0.5, .degrees = 20, .shift = 1, .contrast = 0.1, .noise = 0.05, .cut_out = 3};
  options.augment = engram::train::augment_labelled(changes);
  engram::train::fit(model, adam, data, options, state);
  const std::vector<double> all = numbers(model);
  return Checksum().add(std::span<const double>(all)).value();
}

inline Tensor<float> frames() {
  return normal<float>({24, 1, 18, 18}, 1);
}
inline Tensor<float> rows(Index count = 300, Index columns = 12) {
  return normal<float>({count, columns}, 2);
}
inline constexpr engram::models::NetworkOptions network{
    .image_height = 18, .image_width = 18, .latent_dim = 3, .width = 4};

template <class Model>
std::uint32_t train_network(const Tensor<float>& targets) {
  engram::Rng rng(3);
  Model model(network, rng);
  return train(model, engram::train::pairs(frames(), targets), 7);
}

/// Layers and a batch that are wide enough for all their loops to be shared out.
inline std::uint32_t train_dropout() {
  using namespace engram;
  Rng rng(4);
  constexpr Index batch = 80;
  constexpr Index width = 420;
  nn::Sequential<float> model{nn::Flatten(), nn::Linear<float>({.in_features = 256, .out_features = width}, rng),
                              nn::BatchNorm1d<float>(width), nn::ReLU(), nn::Dropout<float>(0.3, rng)};
  return train(model, train::pairs(normal<float>({batch, 1, 16, 16}, 13), normal<float>({batch, width}, 5)), batch);
}

inline std::uint32_t train_denoiser() {
  using namespace engram;
  Rng rng(6);
  models::BlindSpotUnet<float> model({.width = 4, .depth = 2}, rng);
  optim::Adam<float> adam(nn::variables(model), {.lr = 1e-3});
  train::TrainingState state;
  train::FitOptions<float> options{.epochs = 2, .batch_size = 9};
  options.augment = train::blind_spots<float>();
  options.loss = train::blind_spot_loss<float>;
  const Tensor<float> large = normal<float>({9, 1, 64, 64}, 14);
  train::fit(model, adam, train::pairs(large, large), options, state);
  const std::vector<double> all = numbers(model);
  return Checksum().add(std::span<const double>(all)).value();
}

inline std::uint32_t decode() {
  using namespace engram;
  const Tensor<float> codes = rows();
  auto angle = Tensor<double>::uninitialized({300});
  for (Index i = 0; i < 300; ++i) {
    angle[i] = static_cast<double>(codes[12 * i]) + 0.3 * static_cast<double>(codes[12 * i + 1]);
  }
  Checksum sum;
  for (const auto method : {analysis::Decoder::neighbors, analysis::Decoder::ridge}) {
    const analysis::LabelDecoder decoder(codes, analysis::block_folds(300, 5), {.method = method, .shifts = 20});
    const auto result = decoder.decode(angle, analysis::LabelKind::circular, 2 * std::numbers::pi);
    const std::vector<double> scores{result.score, result.p_value, result.error.mean, result.error.median};
    sum.add(std::span<const double>(scores)).add(std::span<const double>(result.null));
  }
  return sum.value();
}

using Compute = std::uint32_t (*)();

inline const std::map<std::string, Compute>& results() {
  using namespace engram;
  static const std::map<std::string, Compute> all{
      {"arena", [] { return Checksum().add(data::make_arena({.frames = 40}).images).value(); }},
      {"train autoencoder", [] { return train_network<models::ConvAutoencoder<float>>(frames()); }},
      {"train direction tagger",
       [] {
         return train_network<models::DirectionTagger<float>>(normal<float>({24, 2}, 7));
       }},
      {"train with dropout", train_dropout},
      {"train denoiser", train_denoiser},
      {"pca",
       [] {
         embed::Pca<float> tall({.n_components = 5});
         embed::Pca<float> wide({.n_components = 5});
         return Checksum().add(tall.fit_transform(rows(6000))).add(wide.fit_transform(rows(400, 300))).value();
       }},
      {"incremental pca",
       [] {
         embed::IncrementalPca<float> pca({.n_components = 5});
         pca.partial_fit(rows(6000)).partial_fit(normal<float>({200, 12}, 8));
         return Checksum().add(pca.transform(rows(6000))).value();
       }},
      {"neighbors",
       [] {
         const auto lists = embed::nearest_neighbors(normal<float>({2500, 12}, 9), 10);
         return Checksum().add(lists.indices).add(lists.distances).value();
       }},
      {"umap",  // neighbours by descent, which are asked for again by transform
       [] {
         embed::Umap umap({.n_neighbors = 6, .n_epochs = 4});
         const auto map = umap.fit_transform(rows(4400, 8));
         return Checksum().add(map).add(umap.transform(normal<float>({150, 8}, 10))).value();
       }},
      {"aligned umap",
       [] {
         const std::vector<Tensor<float>> slices{rows(1100), rows(1100), normal<float>({1100, 12}, 11)};
         Checksum sum;
         for (const auto& map : embed::AlignedUmap({.umap = {.n_neighbors = 6, .n_epochs = 6}}).fit_transform(slices)) {
           sum.add(map);
         }
         return sum.value();
       }},
      {"decoding", decode},
      {"circular coordinate", [] { return Checksum().add(analysis::circular_coordinate(rows()).angles).value(); }},
      {"trustworthiness",
       [] {
         const std::vector<double> score{analysis::trustworthiness(rows(), normal<float>({300, 2}, 12), 10)};
         return Checksum().add(std::span<const double>(score)).value();
       }},
  };
  return all;
}

}  // namespace reliability
