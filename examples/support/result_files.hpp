// What a training leaves in its folder.
#pragma once

#include <filesystem>
#include <string>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/data/frames.hpp>
#include <engram/train/checkpoint_folder.hpp>

#include "support/split.hpp"
#include "support/training_options.hpp"

namespace support {

/// The files of a training's folder.
struct ResultFiles {
  std::filesystem::path folder;

  std::filesystem::path checkpoints() const { return folder / "checkpoints"; }
  std::filesystem::path model() const { return folder / "model.npz"; }
  std::filesystem::path reduction() const { return folder / "reduction.npz"; }
  std::filesystem::path explained_variance() const { return folder / "explained_variance.csv"; }
  std::filesystem::path noise_curve() const { return folder / "noise_curve.csv"; }
  std::filesystem::path noise_correlation() const { return folder / "noise_correlation.csv"; }
  std::filesystem::path snapshots() const { return folder / "snapshots"; }
  std::filesystem::path validation() const { return folder / "validation"; }
  std::filesystem::path held_out() const { return folder / "held_out.npz"; }
  std::filesystem::path csv() const { return folder / "history.csv"; }
  std::filesystem::path json() const { return folder / "history.json"; }

  /// Whether there is a checkpoint to go on from.
  bool begun() const {
    return std::filesystem::exists(checkpoints()) && !engram::train::CheckpointFolder(checkpoints()).empty();
  }

  /// @throws ArgumentError if there is something to lose, or nothing to go on with
  void check(bool resume) const {
    if (resume) {
      engram::ensure<engram::ArgumentError>(begun(), checkpoints().string(),
                                            ": holds no checkpoint; --resume needs one to go on from");
      return;
    }
    engram::ensure<engram::ArgumentError>(
        !begun(), checkpoints().string(),
        ": a training has been here; use --resume to go on with it, or another --out");
    for (const auto& file :
         {model(), reduction(), explained_variance(), noise_curve(), held_out(), csv(), json(), snapshots()}) {
      engram::ensure<engram::ArgumentError>(
          !std::filesystem::exists(file), file.string(),
          ": of a training without checkpoints; remove what is not needed, or use another --out");
    }
  }

  /// @throws ArgumentError unless the checkpoints are of a training on these frames
  void check_frames(const TrainingOptions& o, const engram::data::Frames& frames) const {
    const engram::Settings found = engram::train::CheckpointFolder(checkpoints()).settings();
    const std::string* trained_on = found.find("frames_crc32");
    engram::ensure<engram::ArgumentError>(trained_on != nullptr && *trained_on == engram::text(checksum(frames)),
                                          checkpoints().string(), ": of a training on other frames than ",
                                          o.images.string(), "; use another --out");
  }
};

}  // namespace support
