// The parts of the study, in the order in which they run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/data/load.hpp>

#include "support/split.hpp"
#include "support/words.hpp"

namespace support {

struct StudyOptions {
  std::filesystem::path out = "engram_run/study";
  std::string preset = "quick";
  Index epochs = 0;              ///< 0: what the preset says
  std::filesystem::path images;  ///< empty: the arena
  std::filesystem::path labels;  ///< empty: those of the arena, or none
  engram::data::FrameOptions frames;
  Index arena_frames = 10000;
  std::vector<std::string> angles;
  std::vector<std::string> numbers;
  std::vector<std::string> classes;
  std::vector<std::string> place;  ///< two columns, for the tagger's picture
  Index blocks = 10;
  std::vector<Index> held_out_blocks{2, 7};
  std::vector<std::uint64_t> seeds{0};
  int threads = 0;

  bool arena() const { return images.empty(); }
};

/// A program that runs as a part of the study, in the study's folder.
struct StudyPart {
  std::string name;
  std::string what;                    ///< for the user
  std::string program;                 ///< beside run_study
  std::vector<std::string> arguments;  ///< with paths from the study's folder
  std::filesystem::path out;           ///< what it writes
  std::uint64_t seed = 0;              ///< of the trainings that it is, or looks at
  double cost = 1;                     ///< seconds that it takes, roughly, on two cores
  bool resumes = false;                ///< it is a training: goes on with --resume
  bool optional = false;               ///< without its program the study goes on
};

/// A model that the study trains: where its folder is, and what it is called.
struct StudyModel {
  std::string name;
  std::string what;
  std::string program;
  std::vector<std::string> arguments;
  double cost_per_frame;  ///< seconds for each frame of each epoch
  bool makes_images = true;
  bool has_snapshots = false;
  bool is_mapped = true;  ///< its codes have more than two numbers, and become a map by UMAP
};

/// What the study of N frames consists of.
class StudyPlan {
 public:
  /// @param frames  of the recording
  StudyPlan(StudyOptions options, Index frames);

  const StudyOptions& options() const { return options_; }
  const std::vector<StudyPart>& parts() const { return parts_; }
  const std::vector<StudyModel>& models() const { return models_; }
  Index epochs() const { return epochs_; }
  bool arena() const { return arena_; }

  /// Where the results of a seed lie: the first one's in the study's folder itself.
  std::filesystem::path folder(std::uint64_t seed) const;
  /// The labels that maps are drawn by: the first angle and the first number.
  std::vector<std::string> looked_at() const;
  bool has_labels() const { return !options_.labels.empty(); }
  /// All frames as the autoencoder denoises them, of the recording's kind: .npz, .npy or a folder.
  std::filesystem::path denoised() const;

 private:
  static void add(std::vector<std::string>& to, std::initializer_list<std::string> more) { to.insert(to.end(), more); }

  void add_models();

  std::vector<std::string> recording() const;
  static std::vector<std::string> label_choice(const StudyOptions& chosen);

  static std::vector<std::string> concatenated(std::initializer_list<std::vector<std::string>> lists);

  /// --model and the folders of the models that `chosen` accepts.
  template <class Chosen>
  std::vector<std::string> model_folders(std::uint64_t seed, Chosen chosen) const {
    std::vector<std::string> out{"--model"};
    for (const StudyModel& model : models_) {
      if (chosen(model)) {
        out.push_back((folder(seed) / model.name).string());
      }
    }
    return out;
  }

  void add_trainings(std::uint64_t seed);
  void add_denoiser(std::uint64_t seed);
  /// --seed, --blocks and --held-out-blocks of a training.
  std::vector<std::string> split_choice(std::uint64_t seed) const;

  /// Denoised frames, and maps of the codes, of the first seed.
  void add_maps();
  /// What a seed's models do beside each other.
  void add_comparisons(std::uint64_t seed);
  /// How the codes of the first seed form, and whether they are rings.
  void add_measures();

  bool arena_;
  StudyOptions options_;
  Index frames_;
  Index shifts_;  ///< of labels in time, as many as there are
  Index training_frames_ = 1;
  Index epochs_ = 1;
  Index denoiser_epochs_ = 1;
  Index snapshots_ = 1;  ///< per epoch
  std::vector<StudyModel> models_;
  std::vector<StudyPart> parts_;
};

}  // namespace support
