#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/embed/umap/options.hpp>

// A UMAP's options as the settings of its file.

namespace engram::embed::detail {

inline constexpr std::array<std::string_view, 3> umap_init_names = {"spectral", "pca", "random"};

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

}  // namespace engram::embed::detail
