// A model of any kind that a training program left: what it makes of frames.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/models/settings.hpp>
#include <engram/train/model_file.hpp>

#include "support/denoiser.hpp"
#include "support/denoising.hpp"
#include "support/evaluation.hpp"
#include "support/recording.hpp"
#include "support/reduction.hpp"

namespace support {

struct TrainedModel {
  using OfFrames = std::function<engram::Tensor<float>(const engram::data::Frames&, const std::vector<Index>&)>;

  std::filesystem::path file;
  engram::Settings settings;
  engram::models::NetworkOptions network;  ///< of a blind_spot_unet channels alone: it takes frames of any size
  OfFrames encode;   ///< codes [n, latent_dim] of the listed frames; empty for a blind_spot_unet, which makes none
  OfFrames denoise;  ///< images [n, C, H, W]; empty for a tagger
  std::shared_ptr<engram::denoising::BlindSpotDenoiser<float>> denoiser;  ///< what denoise uses; of a blind_spot_unet

  double maximum() const { return settings.number<double>("maximum"); }
  const std::string& kind() const { return settings.get("model"); }
};

/// The model of a training's folder.
/// @throws FormatError for a kind of model that is none of ours
TrainedModel load_model_folder(const std::filesystem::path& folder);

/// @throws ArgumentError naming the file if the model makes no codes
void need_codes(const TrainedModel& model);

}  // namespace support
