// Codes that trained models give the frames of a recording.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/load.hpp>

#include "support/recording.hpp"
#include "support/split.hpp"
#include "support/trained_model.hpp"

namespace support {

struct ModelCode {
  std::string name;              ///< of the model's folder
  engram::Tensor<float> values;  ///< [N, D], of all frames
  bool saw_labels;               ///< those of its training frames, in training
};

inline std::string folder_name(const std::filesystem::path& folder) {
  return (folder.has_filename() ? folder : folder.parent_path()).filename().string();
}

/// @throws ArgumentError for folders of one name
inline void check_folder_names(const std::vector<std::filesystem::path>& folders) {
  std::vector<std::string> names;
  for (const auto& folder : folders) {
    names.push_back(folder_name(folder));
    engram::ensure<engram::ArgumentError>(std::ranges::count(names, names.back()) == 1,
                                          "--model: need folders of different names, got two called ", names.back());
  }
}

inline ModelCode load_code(const std::filesystem::path& folder, const std::filesystem::path& images,
                           const engram::data::FrameOptions& options) {
  const TrainedModel trained = load_model_folder(folder);
  const auto frames = load_frames_for(trained.network, trained.maximum(), trained.file, images, options);
  return {folder_name(folder), trained.encode(frames, all_frames(frames.size())), trained.kind() == "direction_tagger"};
}

/// The codes of all models.
/// @throws ArgumentError for folders of one name
inline std::vector<ModelCode> load_codes(const std::vector<std::filesystem::path>& folders,
                                         const std::filesystem::path& images,
                                         const engram::data::FrameOptions& options) {
  check_folder_names(folders);
  std::vector<ModelCode> codes;
  for (const auto& folder : folders) {
    codes.push_back(load_code(folder, images, options));
  }
  return codes;
}

}  // namespace support
