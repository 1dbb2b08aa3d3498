#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/check_model.hpp>
#include <engram/embed/umap/model.hpp>
#include <engram/embed/umap/option_settings.hpp>
#include <engram/io/npz.hpp>

namespace engram::embed {

namespace detail {

inline constexpr int umap_file_version = 1;

}  // namespace detail

/// Writes a fitted UMAP as an .npz, which numpy.load reads:
///
///   settings             one "name=value" each: format=engram-umap, version=1, fitted_a, fitted_b, mean_distance, and
///                        the options under their names (those without a value left out)
///   data                 float [N, D], the rows
///   embedding            float [N, n_components]
///   neighbor_indices     int32 [N, K], neighbor_distances float [N, K]
///   sigmas, rhos         float [N]
///   graph_offsets        int64 [N + 1], graph_columns int32 [E], graph_weights float [E]: rows of a CSR matrix
///
/// @throws IoError if the file cannot be written; one that was there before is then still whole
inline void write_umap(const std::filesystem::path& path, const UmapModel& model) {
  Settings settings;
  settings.set("format", "engram-umap");
  settings.set("version", detail::umap_file_version);
  settings.set("fitted_a", model.curve.a);
  settings.set("fitted_b", model.curve.b);
  settings.set("mean_distance", model.widths.mean_distance);
  detail::for_each_option(model.options, detail::OptionsWriter{settings});
  io::NpzWriter file(path, io::Compression::stored);
  const auto lines = settings.lines();
  const auto add = [&file](const char* name, const auto& values) {
    using V = typename std::decay_t<decltype(values)>::value_type;
    file.add(name, Tensor<V>::from({static_cast<Index>(values.size())}, std::span<const V>(values)));
  };
  file.add("settings", std::span<const std::string>(lines));
  file.add("data", model.data);
  file.add("embedding", model.embedding);
  file.add("neighbor_indices", model.neighbors.indices);
  file.add("neighbor_distances", model.neighbors.distances);
  file.add("sigmas", model.widths.sigmas);
  file.add("rhos", model.widths.rhos);
  add("graph_offsets", std::vector<std::int64_t>(model.graph.offsets.begin(), model.graph.offsets.end()));
  add("graph_columns", model.graph.columns);
  add("graph_weights", model.graph.weights);
  file.commit();
}

/// What write_umap wrote.
/// @throws IoError, FormatError naming the file and the setting or array that is missing or does not fit
inline UmapModel read_umap(const std::filesystem::path& path) {
  const io::NpzReader file(path);
  ensure<FormatError>(file.contains("settings"), path.string(),
                      ": need a UMAP's file with the array settings, got one without it");
  const std::vector<std::string> lines = file.read("settings").strings;
  const auto read = [&file]<class T>(const char* name, Tensor<T>& target) { target = file.read<T>(name); };
  UmapModel model;
  naming(path.string(), [&] {
    const Settings settings = Settings::from_lines(lines);
    const std::string* format = settings.find("format");
    const std::string* kind = settings.find("model");
    ensure<FormatError>(format != nullptr && *format == "engram-umap", "need a UMAP's file, got a ",
                        kind != nullptr ? *kind : "model of another kind");
    ensure<FormatError>(settings.number<int>("version") == detail::umap_file_version, "need version ",
                        detail::umap_file_version, ", got ", settings.get("version"));
    model.curve = {settings.number<double>("fitted_a"), settings.number<double>("fitted_b")};
    model.widths.mean_distance = settings.number<double>("mean_distance");
    detail::for_each_option(model.options, detail::OptionsReader{settings});
  });
  Tensor<std::int64_t> offsets;
  Tensor<std::int32_t> columns;
  Tensor<float> weights;
  read("data", model.data);
  read("embedding", model.embedding);
  read("neighbor_indices", model.neighbors.indices);
  read("neighbor_distances", model.neighbors.distances);
  read("sigmas", model.widths.sigmas);
  read("rhos", model.widths.rhos);
  read("graph_offsets", offsets);
  read("graph_columns", columns);
  read("graph_weights", weights);
  model.graph = {.offsets = {offsets.elements().begin(), offsets.elements().end()},
                 .columns = {columns.elements().begin(), columns.elements().end()},
                 .weights = {weights.elements().begin(), weights.elements().end()},
                 .column_count = model.embedding.rank() == 2 ? model.embedding.dim(0) : 0};
  naming(path.string(), [&] { detail::check_model(model); });
  return model;
}

}  // namespace engram::embed
