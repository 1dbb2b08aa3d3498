#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/incremental_pca.hpp>
#include <engram/embed/pca.hpp>
#include <engram/io/npz.hpp>

// What an .npz of a PCA holds, version 1; K components of D columns:
//   format                    text ["engram pca"]
//   version                   integer, []
//   components                [K, D]
//   explained_variance        [K]
//   explained_variance_ratio  [K]
//   singular_values           [K]
//   mean                      double, [D]
//   noise_variance            double, []
//   n_samples                 integer, []
//   whiten                    0 or 1, []
// and that of an IncrementalPca besides, so that it can go on:
//   squares                   double, [D]: sums of squared deviations from the mean
// Numbers without a type are of the model's, those of an IncrementalPca double.

namespace engram::embed {

namespace detail {

inline constexpr std::int64_t pca_file_version = 1;

template <class T>
void write_pca(io::NpzWriter& file, const PcaResult<T>& r) {
  const std::string format[] = {"engram pca"};
  file.add("format", std::span<const std::string>(format));
  file.add("version", Tensor<std::int64_t>::full({}, pca_file_version));
  file.add("components", r.components);
  file.add("explained_variance", r.explained_variance);
  file.add("explained_variance_ratio", r.explained_variance_ratio);
  file.add("singular_values", r.singular_values);
  file.add("mean", r.mean);
  file.add("noise_variance", Tensor<double>::full({}, r.noise_variance));
  file.add("n_samples", Tensor<std::int64_t>::full({}, r.n_samples));
  file.add("whiten", Tensor<std::uint8_t>::full({}, r.whiten ? 1 : 0));
}

/// The arrays of one file, with errors that name it and them.
class PcaFile {
 public:
  explicit PcaFile(const std::filesystem::path& path) : file_(path) {
    ensure<FormatError>(file_.contains("format") && file_.read("format").strings.size() == 1 &&
                            file_.read("format").strings[0] == "engram pca",
                        path.string(), ": need a PCA file, whose array format is \"engram pca\"");
    const auto version = number<std::int64_t>("version");
    ensure<FormatError>(version == pca_file_version, path.string(), ": array version: need ", pca_file_version,
                        ", got ", version);
  }

  std::string source() const { return file_.path().string(); }
  bool contains(const char* name) const { return file_.contains(name); }

  template <class T>
  Tensor<T> read(const char* name) const {
    return file_.read<T>(name);
  }

  template <class T>
  T number(const char* name) const {
    const auto values = read<T>(name);
    ensure<FormatError>(values.size() == 1, source(), ": array ", name, ": need one number, got shape ",
                        values.shape());
    return values[0];
  }

 private:
  io::NpzReader file_;
};

}  // namespace detail

/// Writes what a Pca has found as an .npz, which load_pca and numpy.load read.
/// @throws ArgumentError if nothing has been fitted; IoError if the file cannot be written: one that was there before
/// is then still whole
template <std::floating_point T>
void save_pca(const std::filesystem::path& path, const PcaModel<T>& model) {
  ensure<ArgumentError>(model.result().n_samples > 0, "save_pca: need data to be fitted first");
  io::NpzWriter file(path);
  detail::write_pca(file, model.result());
  file.commit();
}

/// Writes all that an IncrementalPca needs to go on; load_pca reads such a file as well.
/// @throws as for a Pca
template <std::floating_point T>
void save_pca(const std::filesystem::path& path, const IncrementalPca<T>& model) {
  ensure<ArgumentError>(model.n_samples_seen() > 0, "save_pca: need data to be fitted first");
  io::NpzWriter file(path);
  detail::write_pca(file, model.template result_as<double>());
  file.add("squares", model.state().squares);
  file.commit();
}

/// Reads what save_pca wrote.
/// @throws IoError, FormatError naming the file, the array and what is wrong with it
template <std::floating_point T>
Pca<T> load_pca(const std::filesystem::path& path) {
  const detail::PcaFile file(path);
  PcaResult<T> r;
  r.components = file.read<T>("components");
  r.explained_variance = file.read<T>("explained_variance");
  r.explained_variance_ratio = file.read<T>("explained_variance_ratio");
  r.singular_values = file.read<T>("singular_values");
  r.mean = file.read<double>("mean");
  r.noise_variance = file.number<double>("noise_variance");
  r.n_samples = static_cast<Index>(file.number<std::int64_t>("n_samples"));
  r.whiten = file.number<std::uint8_t>("whiten") != 0;
  return naming(file.source(), [&] { return Pca<T>::from(std::move(r)); });
}

/// Reads what save_pca wrote of an IncrementalPca, which then goes on as the one that was saved would.
/// @throws IoError, FormatError naming the file, the array and what is wrong with it
template <std::floating_point T>
IncrementalPca<T> load_incremental_pca(const std::filesystem::path& path) {
  const detail::PcaFile file(path);
  ensure<FormatError>(file.contains("squares"), file.source(),
                      ": need the file of an IncrementalPca, which has an array squares");
  IncrementalPcaState state{file.read<double>("components"), file.read<double>("singular_values"),
                            file.read<double>("mean"), file.read<double>("squares"),
                            static_cast<Index>(file.number<std::int64_t>("n_samples"))};
  const bool whiten = file.number<std::uint8_t>("whiten") != 0;
  return naming(file.source(), [&] {
    const Index count = state.lengths.size();
    return IncrementalPca<T>({.n_components = count, .whiten = whiten}, std::move(state));
  });
}

}  // namespace engram::embed
