// The parts of a study that come after its trainings.
#include <algorithm>
#include <string>
#include <utility>

#include "support/study_parts.hpp"

namespace support {

namespace {

bool any(const StudyModel& /*model*/) {
  return true;
}
bool makes_images(const StudyModel& model) {
  return model.makes_images;
}
bool has_snapshots(const StudyModel& model) {
  return model.has_snapshots;
}

}  // namespace

void StudyPlan::add_maps() {
  const auto n = static_cast<double>(frames_);
  parts_.push_back({.name = "denoised",
                    .what = "denoised frames and their movie",
                    .program = "denoise",
                    .arguments = concatenated({recording(),
                                               {"--model", "autoencoder", "--out", denoised().string(), "--movie",
                                                "denoising.mp4", "--movie-frames", "300"}}),
                    .out = denoised(),
                    .seed = options_.seeds.front(),
                    .cost = 8e-4 * n});
  StudyOptions chosen = options_;
  for (auto* columns : {&chosen.angles, &chosen.numbers, &chosen.classes}) {
    std::erase_if(*columns, [this](const std::string& c) { return std::ranges::count(looked_at(), c) == 0; });
  }
  for (const StudyModel& model : models_) {
    const std::string out = "maps/" + model.name;
    const Index snapshots = model.has_snapshots ? snapshots_ * epochs_ : 0;
    const Index every = std::max<Index>(1, snapshots / 60);
    parts_.push_back(
        {.name = out,
         .what = "map of " + model.what,
         .program = "visualize_latent_space",
         .arguments = concatenated({recording(),
                                    has_labels() ? label_choice(chosen) : std::vector<std::string>(),
                                    {"--model", model.name, "--every", std::to_string(every), "--out", out}}),
         .out = out,
         .seed = options_.seeds.front(),
         .cost = 2e-4 * n + 8e-5 * n * static_cast<double>(snapshots / every)});
    if (model.is_mapped) {
      const std::string map = out + "/map.npz";
      parts_.push_back({.name = out + "_truth",
                        .what = "truth of the map of " + model.what,
                        .program = "measure_map",
                        .arguments = {"--data", map, "--array", "codes", "--map", map, "--out", out + "_truth.csv"},
                        .out = out + "_truth.csv",
                        .seed = options_.seeds.front(),
                        .cost = 1e-4 * n});
    }
  }
}

void StudyPlan::add_comparisons(std::uint64_t seed) {
  const auto n = static_cast<double>(frames_);
  const std::filesystem::path in = folder(seed);
  const std::string of_seed = in.empty() ? "" : engram::text(", seed ", seed);
  parts_.push_back({.name = (in / "denoising").string(),
                    .what = "comparison of denoisers" + of_seed,
                    .program = "compare_denoisers",
                    .arguments = concatenated({recording(),
                                               model_folders(seed, makes_images),
                                               {(in / "denoiser").string(), "--out", (in / "denoising.csv").string()}}),
                    .out = in / "denoising.csv",
                    .seed = seed,
                    .cost = 1.8e-3 * n});
  if (!has_labels()) {
    return;
  }
  const std::vector<std::string> map =
      in.empty() ? std::vector<std::string>{"--map", "maps/autoencoder/map.npz"} : std::vector<std::string>();
  for (const auto& [name, folds] :
       {std::pair<std::string, std::string>{"decoding", "blocks"}, {"decoding_held_out", "held_out"}}) {
    const std::string out = (in / name).string();
    parts_.push_back(
        {.name = out,
         .what = (folds == "blocks" ? "labels decoded from codes" : "labels of held-out frames decoded") + of_seed,
         .program = "decode_labels",
         .arguments = concatenated({recording(),
                                    label_choice(options_),
                                    model_folders(seed, any),
                                    map,
                                    {"--folds", folds, "--shifts", std::to_string(shifts_), "--out", out}}),
         .out = out,
         .seed = seed,
         .cost = 8e-4 * n});
  }
}

void StudyPlan::add_measures() {
  const std::uint64_t seed = options_.seeds.front();
  if (has_labels()) {
    parts_.push_back({.name = "training_measures",
                      .what = "measures over the trainings",
                      .program = "measure_training",
                      .arguments = concatenated(
                          {label_choice(options_), model_folders(seed, has_snapshots), {"--out", "training_measures"}}),
                      .out = "training_measures",
                      .seed = seed,
                      .cost = 1.5e-5 * static_cast<double>(frames_ * snapshots_ * epochs_)});
  }
  if (!options_.angles.empty()) {
    parts_.push_back(
        {.name = "rings",
         .what = "search for rings",
         .program = "find_ring",
         .arguments = concatenated({recording(),
                                    {"--labels", options_.labels.string(), "--angles", options_.angles.front()},
                                    model_folders(seed, any),
                                    {"--shifts", std::to_string(shifts_), "--out", "rings"}}),
         .out = "rings",
         .seed = seed,
         .cost = 25,
         .optional = true});
  }
}

}  // namespace support
