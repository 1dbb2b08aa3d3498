#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <engram/denoising/blind_spot_denoiser.hpp>
#include <engram/embed/incremental_pca.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/embed/umap.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/image.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/settings.hpp>
#include <engram/train/checkpoint.hpp>
#include <engram/train/model_file.hpp>
#include <engram/train/safetensors.hpp>

#include "support/random_tensor.hpp"
#include "support/small_training.hpp"

namespace support {

/// Writes small files of each format that engram writes and reads: what stands before the first dot of a name is the
/// format, as in "npz.deflated".
inline void write_sample_files(const std::filesystem::path& folder) {
  using namespace engram;
  const auto rows = normal<double>({12, 4}, 1);
  const auto singles = normal<float>({12, 4}, 1);
  const std::vector<std::string> words{"nose", "tail"};

  io::write_npy(folder / "npy.singles", normal<float>({2, 3}, 2));
  io::write_npy(folder / "npy.counts", Tensor<std::int16_t>::from({3}, {-1, 0, 300}));
  for (const auto compression : {io::Compression::stored, io::Compression::deflate}) {
    io::NpzWriter npz(folder / (compression == io::Compression::stored ? "npz.stored" : "npz.deflated"), compression);
    npz.add("frames", Tensor<std::uint8_t>::from({2, 2, 2}, {0, 1, 2, 3, 200, 201, 202, 255}));
    npz.add("angle", normal<double>({2}, 3));
    npz.add("words", std::span<const std::string>(words));
    npz.commit();
  }
  io::write_csv(folder / "csv.table", {{"time", "say \"angle\", in degrees"}, normal<double>({3, 2}, 4)});
  io::write_png(folder / "image.png", Tensor<std::uint8_t>::from({3, 1, 2}, {0, 50, 100, 150, 200, 250}));

  SmallTraining training;
  training.options.epochs = 1;
  training.fit();
  train::save_checkpoint(folder / "checkpoint.small", training.model, training.adam, training.state, {});
  train::save_safetensors(folder / "safetensors.linear", training.model);

  constexpr models::NetworkOptions network{.image_height = 18, .image_width = 18, .latent_dim = 2, .width = 1};
  Rng rng(5);
  Settings settings;
  settings.set("model", "conv_autoencoder");
  models::write_options(settings, network);
  models::ConvAutoencoder<float> autoencoder(network, rng);
  train::save_model(folder / "model.autoencoder", autoencoder, settings);
  settings.set("model", "direction_tagger");
  models::DirectionTagger<float> tagger(network, rng);
  train::save_model(folder / "model.tagger", tagger, settings);
  denoising::BlindSpotDenoiser<float> denoiser(models::BlindSpotUnet<float>({.width = 1, .depth = 1}, rng));
  denoiser.fit_noise(normal<float>({40, 1, 8, 8}, 6));
  denoiser.save(folder / "model.denoiser");

  embed::save_pca(folder / "pca.two", embed::Pca<double>({.n_components = 2}).fit(rows));
  embed::save_pca(folder / "incremental_pca.two", embed::IncrementalPca<double>({.n_components = 2}).partial_fit(rows));
  embed::Umap umap({.n_neighbors = 4, .n_epochs = 5});
  umap.fit_transform(singles);
  umap.save(folder / "umap.twelve");
}

}  // namespace support
