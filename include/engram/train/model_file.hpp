#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/settings.hpp>
#include <engram/io/npz.hpp>
#include <engram/nn/state.hpp>
#include <engram/train/first_not_finite.hpp>
#include <engram/train/staged_load.hpp>

namespace engram::train {

namespace detail {

inline Settings read_settings(const io::NpzReader& file, const std::string& source) {
  ensure<FormatError>(file.contains("settings"), source, ": need a model file with the array settings, got ",
                      file.names().size(), " other arrays");
  const std::vector<std::string> lines = file.read("settings").strings;
  return naming(source, [&] { return Settings::from_lines(lines); });
}

/// A model that has gone wrong must not take the place of one that has not.
/// @throws ArgumentError naming the first parameter or buffer that is not finite
template <class Model>
void check_finite(const char* what, Model& model) {
  const std::string bad = name_bad_state<nn::ModelValue<Model>>(model);
  ensure<ArgumentError>(bad.empty(), what, ": need a model of finite numbers, got ", bad);
}

}  // namespace detail

/// Writes a model as an .npz: its state dict under PyTorch's names, and `settings` that say how to build it. Buffers
/// that are not persistent are left out.
/// @throws IoError if the file cannot be written; ArgumentError naming a parameter or buffer that is not finite. A file
/// that was there before is then still whole
template <class Model>
void save_model(const std::filesystem::path& path, Model& model, const Settings& settings = {}) {
  detail::check_finite("save_model", model);
  io::NpzWriter file(path);
  const auto lines = settings.lines();
  file.add("settings", std::span<const std::string>(lines));
  detail::write_state(file, "", detail::persistent_state(model));
  file.commit();
}

/// The settings that save_model wrote.
/// @throws IoError, FormatError naming the file
inline Settings load_settings(const std::filesystem::path& path) {
  return detail::read_settings(io::NpzReader(path), path.string());
}

/// Replaces the model's parameters and buffers by the file's. A file that does not fit, or holds more than the model,
/// changes nothing.
/// @throws IoError, FormatError naming the file, the array, its shape and the one needed
template <class Model>
void load_model(const std::filesystem::path& path, Model& model) {
  const io::NpzReader file(path);
  detail::StagedLoad<nn::ModelValue<Model>> load(file, path.string());
  load.state("", detail::persistent_state(model));
  load.need_no_more("settings");
  load.commit();
}

/// The model of a file, built from the options that its settings hold. Those of a network that the file's arrays cannot
/// fill, with two bytes or more for each parameter, are refused before it takes memory.
/// @tparam Model   built from options and an Rng, as those of models/
/// @param options  as models::read_options() or models::read_unet_options() find them in the settings
/// @throws IoError, FormatError naming the file: as for load_model, and for options out of range
template <class Model, class Options>
Model load_new_model(const std::filesystem::path& path, const Options& options) {
  const std::uint64_t bytes = io::NpzReader(path).size_bytes();
  Model model = naming(path.string(), [&] {
    const double count = least_parameter_count(options);
    ensure<FormatError>(2 * count <= static_cast<double>(bytes), "need arrays for a network of ", count,
                        " parameters or more, as the settings say, got ", bytes, " bytes");
    Rng rng(0);
    return Model(options, rng);
  });
  load_model(path, model);
  return model;
}

/// Replaces parts of the model by those of a file, which may be of another kind of model:
/// `load_model("autoencoder.npz", tagger, {"encoder", "fc_1"})`. Each persistent parameter and buffer under one of the
/// prefixes must be in the file; whatever else the file holds is left out. A file that does not fit changes nothing.
/// See nn::copy_state for a model in memory.
/// @throws ArgumentError, listing the model's parts, for a prefix that is none of them; IoError, FormatError naming the
/// file, the array, its shape and the one needed
template <class Model>
void load_model(const std::filesystem::path& path, Model& model, const std::vector<std::string>& prefixes) {
  const auto wanted = nn::detail::select("load_model", detail::persistent_state(model), prefixes);
  const io::NpzReader file(path);
  detail::StagedLoad<nn::ModelValue<Model>> load(file, path.string());
  load.state("", wanted);
  load.commit();
}

}  // namespace engram::train
