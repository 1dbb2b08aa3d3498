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

std::string folder_name(const std::filesystem::path& folder);

/// @throws ArgumentError for folders of one name
void check_folder_names(const std::vector<std::filesystem::path>& folders);

ModelCode load_code(const std::filesystem::path& folder, const std::filesystem::path& images,
                    const engram::data::FrameOptions& options);

/// The map [N, 2] that visualize_latent_space wrote to FOLDER/map.npz, called FOLDER_map.
/// @throws ShapeError unless it is of so many frames
ModelCode load_map_code(const std::filesystem::path& file, engram::Index frames);

/// The codes of all models.
/// @throws ArgumentError for folders of one name
std::vector<ModelCode> load_codes(const std::vector<std::filesystem::path>& folders,
                                  const std::filesystem::path& images, const engram::data::FrameOptions& options);

}  // namespace support
