// What is seen of a study's models: the map of its report, and the grid of images above maps.
#pragma once

#include <filesystem>
#include <vector>

#include <engram/data/frames.hpp>

#include "support/label_choice.hpp"
#include "support/report/map.hpp"
#include "support/study_parts.hpp"

namespace support {

/// The recording of a study, its frames as the autoencoder denoises them, and what is known of each.
struct StudyRecording {
  engram::data::Frames frames;
  engram::data::Frames denoised;
  std::vector<ChosenLabel> labels;

  /// Reads the files in the study's folder, which is the current one.
  explicit StudyRecording(const StudyPlan& plan);
};

/// All codes' maps, over training where there are snapshots.
CodeMap study_map(const StudyPlan& plan, const StudyRecording& recording);

/// Draws models side by side: what each makes of three held-out frames, beside the frames, above the map of its codes.
void draw_study_grid(const std::filesystem::path& file, const StudyPlan& plan, const StudyRecording& recording,
                     const std::vector<StudyModel>& models);

}  // namespace support
