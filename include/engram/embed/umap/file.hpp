#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/model.hpp>
#include <engram/io/npz.hpp>

namespace engram::embed {

namespace detail {

inline constexpr int umap_file_version = 1;
inline constexpr std::array<std::string_view, 4> umap_init_names = {"spectral", "pca", "random", "given"};

/// Calls f(name, value) for each option; the names are those of the file.
template <class Options, class F>
void for_each_option(Options& options, F f) {
  f("n_neighbors", options.n_neighbors);
  f("n_components", options.n_components);
  f("min_dist", options.min_dist);
  f("spread", options.spread);
  f("a", options.a);
  f("b", options.b);
  f("n_epochs", options.n_epochs);
  f("learning_rate", options.learning_rate);
  f("negative_sample_rate", options.negative_sample_rate);
  f("repulsion_strength", options.repulsion_strength);
  f("local_connectivity", options.local_connectivity);
  f("set_op_mix_ratio", options.set_op_mix_ratio);
  f("metric", options.metric);
  f("init", options.init);
  f("random_state", options.random_state);
  f("densmap", options.densmap);
  f("dens_lambda", options.dens_lambda);
  f("dens_frac", options.dens_frac);
  f("dens_var_shift", options.dens_var_shift);
}

template <class Enum, std::size_t n>
Enum from_name(const std::array<std::string_view, n>& names, const char* setting, std::string_view name) {
  const auto at = std::ranges::find(names, name);
  ensure<FormatError>(at != names.end(), "need a known ", setting, ", got ", name);
  return static_cast<Enum>(at - names.begin());
}

/// Writes options as settings.
struct OptionsWriter {
  Settings& settings;

  template <class V>
  void operator()(const char* name, const V& value) const {
    if constexpr (std::same_as<V, Metric>) {
      settings.set(name, metric_names[static_cast<std::size_t>(value)]);
    } else if constexpr (std::same_as<V, UmapInit>) {
      settings.set(name, umap_init_names[static_cast<std::size_t>(value)]);
    } else {
      settings.set(name, value);
    }
  }
  template <class V>
  void operator()(const char* name, const std::optional<V>& value) const {
    if (value) {
      settings.set(name, *value);
    }
  }
};

/// Reads them back.
struct OptionsReader {
  const Settings& settings;

  template <class V>
  void operator()(const char* name, V& value) const {
    if constexpr (std::same_as<V, Metric>) {
      value = from_name<Metric>(metric_names, name, settings.get(name));
    } else if constexpr (std::same_as<V, UmapInit>) {
      value = from_name<UmapInit>(umap_init_names, name, settings.get(name));
    } else if constexpr (std::same_as<V, bool>) {
      value = from_name<bool>(std::array<std::string_view, 2>{"false", "true"}, name, settings.get(name));
    } else {
      value = settings.number<V>(name);
    }
  }
  template <class V>
  void operator()(const char* name, std::optional<V>& value) const {
    if (settings.find(name) != nullptr) {
      value = settings.number<V>(name);
    }
  }
};

/// @throws FormatError unless what the arrays say of each other's sizes and places holds
inline void check_model(const UmapModel& model) {
  const Index rows = model.embedding.rank() == 2 ? model.embedding.dim(0) : -1;
  ensure<FormatError>(rows >= 1 && model.embedding.dim(1) == model.options.n_components, "need an embedding [N, ",
                      model.options.n_components, "], got ", model.embedding.shape());
  ensure<FormatError>(model.data.rank() == 2 && model.data.dim(0) == rows && model.data.dim(1) >= 1, "need data [",
                      rows, ", D], got ", model.data.shape());
  const Shape& lists = model.neighbors.indices.shape();
  ensure<FormatError>(lists.rank() == 2 && lists[0] == rows && lists[1] >= 1 && lists[1] <= rows &&
                          model.neighbors.distances.shape() == lists,
                      "need neighbours [", rows, ", K], got ", lists, " and ", model.neighbors.distances.shape());
  ensure<FormatError>(model.widths.sigmas.shape() == Shape{rows} && model.widths.rhos.shape() == Shape{rows},
                      "need sigmas and rhos [", rows, "], got ", model.widths.sigmas.shape(), " and ",
                      model.widths.rhos.shape());
  const auto in_range = [rows](std::int32_t row) { return row >= 0 && row < rows; };
  const auto finite = [](float value) { return std::isfinite(value); };
  ensure<FormatError>(std::ranges::all_of(model.neighbors.indices.elements(), in_range) &&
                          std::ranges::all_of(model.graph.columns, in_range),
                      "need neighbours and columns from 0 to ", rows - 1, ", got others");
  ensure<FormatError>(std::ranges::all_of(model.data.elements(), finite) &&
                          std::ranges::all_of(model.embedding.elements(), finite) &&
                          std::ranges::all_of(model.graph.weights, finite),
                      "need finite data, embedding and weights, got others");
  ensure<FormatError>(model.graph.rows() == rows && model.graph.offsets.front() == 0 &&
                          model.graph.offsets.back() == model.graph.edges() &&
                          std::ranges::is_sorted(model.graph.offsets) &&
                          model.graph.weights.size() == model.graph.columns.size(),
                      "need a graph of ", rows, " rows, got offsets, columns and weights that do not fit together");
}

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
  const auto read = [&file]<class T>(const char* name, Tensor<T>& target) {
    target = naming(text(file.path().string(), ": array ", name), [&] { return file.read(name).as<T>(); });
  };
  UmapModel model;
  naming(path.string(), [&] {
    const Settings settings = Settings::from_lines(lines);
    ensure<FormatError>(settings.find("format") != nullptr && settings.get("format") == "engram-umap",
                        "need a UMAP's file, got one of another kind");
    ensure<FormatError>(settings.number<int>("version") == detail::umap_file_version, "need version ",
                        detail::umap_file_version, ", got ", settings.get("version"));
    model.curve = {settings.number<double>("fitted_a"), settings.number<double>("fitted_b")};
    model.widths.mean_distance = settings.number<double>("mean_distance");
    detail::for_each_option(model.options, detail::OptionsReader{settings});
    model.options.check();
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
