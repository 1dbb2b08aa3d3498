#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <engram/c_api/frame_model.hpp>
#include <engram/core/error.hpp>
#include <engram/data/load.hpp>
#include <engram/data/load_tracks.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/embed/umap.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/image.hpp>
#include <engram/io/movie_reader.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>
#include <engram/io/safetensors.hpp>
#include <engram/train/checkpoint.hpp>

#ifdef ENGRAM_FUZZ_TIFF
#include <engram/io/tiff.hpp>
#endif
#ifdef ENGRAM_FUZZ_HDF5
#include <engram/io/hdf5.hpp>
#endif

#include "support/environment.hpp"
#include "support/small_training.hpp"
#include "support/temporary_folder.hpp"

// What reads files from elsewhere, each as a function of the file: any bytes must give a result or an engram::Error.

namespace fuzz {

using Read = void (*)(const std::filesystem::path& file);

inline void read_npz(const std::filesystem::path& file) {
  const engram::io::NpzReader reader(file);
  for (const std::string& name : reader.names()) {
    (void)reader.read(name);
  }
}

inline void read_safetensors(const std::filesystem::path& file) {
  const engram::io::SafetensorsReader reader(file);
  for (const std::string& name : reader.names()) {
    (void)reader.read(name);
  }
}

/// A training goes on from it for an epoch.
inline void read_checkpoint(const std::filesystem::path& file) {
  support::SmallTraining training;
  training.state = engram::train::load_checkpoint(file, training.model, training.adam, {});
  training.options.epochs = std::min<engram::Index>(training.state.epoch, 1'000'000) + 1;
  training.fit();
}

/// A file of labels or frames, whose name tells what it is: an .npz or an .npy by its first letter.
template <class Load>
void read_data(const std::filesystem::path& file, Load load) {
  const std::string content = engram::io::read_text(file);
  const auto named = std::filesystem::path(file).replace_extension(content.starts_with('P') ? ".npz" : ".npy");
  std::filesystem::rename(file, named);
  load(named);
}

/// What a model of each kind makes of a frame.
inline void read_model(const std::filesystem::path& file) {
  auto model = engram::c_api::FrameModel::load(file);
  const engram::Index height = model.height() > 0 ? model.height() : 8;
  const engram::Index width = model.width() > 0 ? model.width() : 8;
  const std::vector<float> frame(static_cast<std::size_t>(model.channels() * height * width), 0.5F);
  (void)model.run(frame, height, width, true);
}

inline void read_pca(const std::filesystem::path& file) {
  const auto pca = engram::embed::load_pca<double>(file);
  (void)pca.transform(engram::Tensor<double>::zeros({1, pca.mean().size()}));
}

inline void read_incremental_pca(const std::filesystem::path& file) {
  (void)engram::embed::load_incremental_pca<double>(file);
}

inline void read_umap(const std::filesystem::path& file) {
  const auto umap = engram::embed::Umap::load(file);
  if (umap.options().n_epochs.value_or(500) > 1000 || umap.options().negative_sample_rate > 100) {
    return;  // what it is told takes its time
  }
  (void)umap.transform(engram::Tensor<float>::zeros({1, umap.model().data.dim(1)}));
}

/// With a program in ffmpeg's place that hands on the file, the bytes are what ffmpeg says.
inline void read_movie(const std::filesystem::path& file) {
  static const TemporaryFolder folder;
  if (!std::filesystem::exists(folder / "ffmpeg")) {
    write_program(folder / "ffmpeg", "exec /bin/cat \"${7#file:}\"");
  }
  const support::EnvironmentVariable path("PATH", folder.path().string());
  engram::io::MovieReader movie(file);
  for (engram::Tensor<std::uint8_t> frame; movie.next(frame);) {
  }
}

inline const std::map<std::string, Read>& targets() {
  static const std::map<std::string, Read> all{
      {"npy", [](const auto& file) { (void)engram::io::read_npy(file); }},
      {"npz", read_npz},
      {"csv", [](const auto& file) { (void)engram::io::read_csv(file); }},
      {"tracks", [](const auto& file) { (void)engram::data::load_tracks(file); }},
      {"frames",
       [](const auto& file) {
         read_data(file, [](const auto& named) {
           const auto frames = engram::data::load_frames(named);
           (void)frames.template batch<float>(std::vector<engram::Index>{0});
         });
       }},
      {"labels",
       [](const auto& file) { read_data(file, [](const auto& named) { (void)engram::data::load_labels(named); }); }},
      {"image", [](const auto& file) { (void)engram::io::read_image(file); }},
      {"safetensors", read_safetensors},
      {"checkpoint", read_checkpoint},
      {"model", read_model},
      {"pca", read_pca},
      {"incremental_pca", read_incremental_pca},
      {"umap", read_umap},
      {"movie", read_movie},
#ifdef ENGRAM_FUZZ_TIFF
      {"tiff", [](const auto& file) { (void)engram::io::read_tiff(file); }},
#endif
#ifdef ENGRAM_FUZZ_HDF5
      {"hdf5", [](const auto& file) { (void)engram::io::read_hdf5(file, "frames"); }},
#endif
  };
  return all;
}

/// @returns whether the file could be read; what is thrown but an engram::Error is not caught
inline bool read(Read target, std::span<const std::uint8_t> bytes) {
  static const TemporaryFolder folder;
  write_file(folder / "file", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  try {
    target(folder / "file");
    return true;
  } catch (const engram::Error&) {
    return false;
  }
}

}  // namespace fuzz
