#pragma once

#include <filesystem>
#include <string>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/io/safetensors.hpp>
#include <engram/io/safetensors_writer.hpp>
#include <engram/nn/state.hpp>
#include <engram/train/staged_load.hpp>

namespace engram::train {

/// Writes a model's state dict under PyTorch's names as .safetensors, which `load_state_dict(..., strict=True)` takes
/// there; see docs/interchange.md. Buffers that are not persistent are left out.
/// @param settings  kept as metadata beside "format": "pt"
/// @throws IoError if the file cannot be written; a file that was there before is then still whole
template <class Model>
void save_safetensors(const std::filesystem::path& path, Model& model, const Settings& settings = {}) {
  io::SafetensorsWriter file;
  file.set_metadata("format", "pt");
  for (const auto& [name, value] : settings.entries()) {
    file.set_metadata(name, value);
  }
  detail::write_state(file, "", detail::persistent_state(model));
  file.commit(path);
}

/// The settings that save_safetensors wrote: all of the file's metadata.
/// @throws IoError, FormatError naming the file
inline Settings load_safetensors_settings(const std::filesystem::path& path) {
  const io::SafetensorsReader file(path);
  Settings settings;
  for (const auto& [name, value] : file.metadata()) {
    settings.set(name, value);
  }
  return settings;
}

/// Replaces the model's parameters and buffers by the file's, as PyTorch's `load_state_dict(strict=True)` does: a file
/// that does not fit, or holds more than the model, changes nothing. Numbers of other types are converted.
/// @throws IoError, FormatError naming the file, the tensor, its shape and the one needed
template <class Model>
void load_safetensors(const std::filesystem::path& path, Model& model) {
  const io::SafetensorsReader file(path);
  detail::StagedLoad<nn::ModelValue<Model>, io::SafetensorsReader> load(file, path.string());
  load.state("", detail::persistent_state(model));
  load.need_no_more();
  load.commit();
}

}  // namespace engram::train
