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
  std::filesystem::path folder;  ///< of the training
  engram::Tensor<float> values;  ///< [N, D], of all frames
  bool saw_labels;               ///< those of its training frames, in training
};

inline ModelCode load_code(const std::filesystem::path& folder, const std::filesystem::path& images,
                           const engram::data::FrameOptions& options) {
  const TrainedModel trained = load_model_folder(folder);
  const auto frames = load_frames_for(trained.network, trained.maximum(), trained.file, images, options);
  const auto name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  return {name.string(), folder, trained.encode(frames, all_frames(frames.size())),
          trained.kind() == "direction_tagger"};
}

/// The codes of all models.
/// @throws ArgumentError for folders of one name
inline std::vector<ModelCode> load_codes(const std::vector<std::filesystem::path>& folders,
                                         const std::filesystem::path& images,
                                         const engram::data::FrameOptions& options) {
  std::vector<ModelCode> codes;
  for (const auto& folder : folders) {
    codes.push_back(load_code(folder, images, options));
    engram::ensure<engram::ArgumentError>(std::ranges::count(codes, codes.back().name, &ModelCode::name) == 1,
                                          "--model: need folders of different names, got two called ",
                                          codes.back().name);
  }
  return codes;
}

/// The frames that none of the models has learned from.
/// @throws ArgumentError unless these are the same for all
inline std::vector<Index> common_held_out(const std::vector<ModelCode>& codes) {
  const std::vector<Index> held_out = held_out_indices(codes.front().folder);
  for (const ModelCode& code : codes) {
    engram::ensure<engram::ArgumentError>(held_out_indices(code.folder) == held_out, code.folder.string(),
                                          ": need models with the same frames held out, got others than those of ",
                                          codes.front().folder.string());
  }
  return held_out;
}

}  // namespace support
