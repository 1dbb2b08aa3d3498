#include "support/study_parts.hpp"

#include <engram/io/file.hpp>

namespace support {

StudyPlan::StudyPlan(StudyOptions options, Index frames)
    : arena_(options.arena()),
      options_(std::move(options)),
      frames_(frames),
      shifts_(std::min<Index>(200, frames - 2 * (frames / 10))) {
  const auto held_out = std::ssize(options_.held_out_blocks);
  training_frames_ = std::max<Index>(1, frames - frames * held_out / options_.blocks);
  const auto epochs_of = [this](Index seen) {
    return std::max<Index>(1, (seen + training_frames_ / 2) / training_frames_);
  };
  epochs_ = options_.epochs > 0             ? options_.epochs
            : options_.preset == "quick"    ? epochs_of(32000)
            : options_.preset == "standard" ? epochs_of(160000)
                                            : 150;
  denoiser_epochs_ = options_.epochs > 0             ? options_.epochs
                     : options_.preset == "quick"    ? epochs_of(8000)
                     : options_.preset == "standard" ? epochs_of(64000)
                                                     : epochs_of(160000);
  snapshots_ = std::max<Index>(1, (options_.preset == "quick" ? 25 : 40) / epochs_);
  if (arena_) {
    options_.images = "arena.npz";
    options_.labels = "arena.npz";
    options_.angles = {"body_angle"};
    options_.numbers = {"distance", "x", "y"};
    options_.classes = {"in_port"};
    parts_.push_back(
        {.name = "arena",
         .what = "synthetic recording",
         .program = "make_arena",
         .arguments = {"--frames", std::to_string(options_.arena_frames), "--seed", "1", "--out", "arena.npz"},
         .out = "arena.npz",
         .cost = 4e-4 * static_cast<double>(options_.arena_frames)});
  }
  add_models();
  for (const std::uint64_t seed : options_.seeds) {
    add_trainings(seed);
    add_denoiser(seed);
  }
  add_maps();
  for (const std::uint64_t seed : options_.seeds) {
    add_comparisons(seed);
  }
  add_measures();
}

std::filesystem::path StudyPlan::folder(std::uint64_t seed) const {
  return seed == options_.seeds.front() ? std::filesystem::path()
                                        : std::filesystem::path("seed_" + std::to_string(seed));
}

void StudyPlan::add_models() {
  const auto decoder = [](const std::string& reduction, const std::string& method, int dimensions) {
    const std::string digits = std::to_string(dimensions);
    return StudyModel{.name = reduction + "_" + digits,
                      .what = engram::text("decoder of ", method, ", ", digits, "-D"),
                      .program = "train_decoder",
                      .arguments = {"--reduction", reduction, "--dimensions", digits},
                      .cost_per_frame = 1.4e-3,
                      .is_mapped = dimensions > 2};
  };
  models_ = {{.name = "autoencoder",
              .what = "autoencoder, 16-D",
              .program = "train_autoencoder",
              .arguments = {},
              .cost_per_frame = 2e-3,
              .has_snapshots = true},
             decoder("pca", "PCA", 16),
             decoder("pca", "PCA", 2),
             decoder("umap", "UMAP", 16),
             decoder("umap", "UMAP", 2)};
  if (options_.angles.empty()) {
    return;
  }
  std::vector<std::string> arguments{"--labels", options_.labels.string()};
  if (!arena_) {
    add(arguments, {"--target", "unit_vector", "--angle", options_.angles.front()});
  }
  if (!options_.place.empty()) {
    add(arguments, {"--place", joined(options_.place, ",")});
  }
  models_.push_back({.name = "direction_tagger",
                     .what = "direction tagger",
                     .program = "train_direction_tagger",
                     .arguments = std::move(arguments),
                     .cost_per_frame = 1.3e-3,
                     .makes_images = false,
                     .has_snapshots = true});
}

std::vector<std::string> StudyPlan::recording() const {
  std::vector<std::string> out{"--images", options_.images.string()};
  if (options_.frames.array != engram::data::FrameOptions().array) {
    add(out, {"--array", options_.frames.array});
  }
  if (options_.frames.maximum > 0) {
    add(out, {"--maximum", engram::text(options_.frames.maximum)});
  }
  return out;
}

std::filesystem::path StudyPlan::denoised() const {
  const std::string extension = engram::io::lower_extension(options_.images);
  const bool is_file = extension == ".npz" || extension == ".npy";
  return std::filesystem::path("denoised") += is_file ? extension : std::string();
}

std::vector<std::string> StudyPlan::looked_at() const {
  std::vector<std::string> labels;
  for (const auto* columns : {&options_.angles, &options_.numbers}) {
    if (!columns->empty()) {
      labels.push_back(columns->front());
    }
  }
  if (labels.empty() && !options_.classes.empty()) {
    labels.push_back(options_.classes.front());
  }
  return labels;
}

std::vector<std::string> StudyPlan::label_choice(const StudyOptions& chosen) {
  std::vector<std::string> out{"--labels", chosen.labels.string()};
  for (const auto& [name, columns] :
       {std::pair{"--angles", &chosen.angles}, {"--numbers", &chosen.numbers}, {"--classes", &chosen.classes}}) {
    if (!columns->empty()) {
      add(out, {name, joined(*columns, ",")});
    }
  }
  return out;
}

std::vector<std::string> StudyPlan::concatenated(std::initializer_list<std::vector<std::string>> lists) {
  std::vector<std::string> out;
  for (const auto& list : lists) {
    out.insert(out.end(), list.begin(), list.end());
  }
  return out;
}

std::vector<std::string> StudyPlan::split_choice(std::uint64_t seed) const {
  std::vector<std::string> held_out;
  for (const Index block : options_.held_out_blocks) {
    held_out.push_back(std::to_string(block));
  }
  return {"--seed",
          std::to_string(seed),
          "--blocks",
          std::to_string(options_.blocks),
          "--held-out-blocks",
          joined(held_out, ",")};
}

void StudyPlan::add_denoiser(std::uint64_t seed) {
  const std::filesystem::path in = folder(seed);
  const std::filesystem::path out = in / "denoiser";
  parts_.push_back(
      {.name = out.string(),
       .what = "denoiser, for frames to keep" + (in.empty() ? "" : engram::text(", seed ", seed)),
       .program = "train_denoiser",
       .arguments = concatenated(
           {recording(), {"--out", out.string(), "--epochs", std::to_string(denoiser_epochs_)}, split_choice(seed)}),
       .out = out,
       .seed = seed,
       .cost = 5 + 3.8e-3 * static_cast<double>(training_frames_ * denoiser_epochs_),
       .resumes = true});
}

void StudyPlan::add_trainings(std::uint64_t seed) {
  const std::filesystem::path in = folder(seed);
  const bool first = in.empty();
  const std::string of_seed = first ? "" : engram::text(", seed ", seed);
  std::vector<std::string> training = split_choice(seed);
  add(training, {"--preset", options_.preset == "full" ? "study" : "short", "--epochs", std::to_string(epochs_)});
  const auto frames_seen = static_cast<double>(training_frames_ * epochs_);
  for (const StudyModel& model : models_) {
    const std::filesystem::path out = in / model.name;
    StudyPart part{.name = out.string(),
                   .what = model.what + of_seed,
                   .program = model.program,
                   .arguments = concatenated({recording(), {"--out", out.string()}, training, model.arguments}),
                   .out = out,
                   .seed = seed,
                   .cost = 5 + model.cost_per_frame * frames_seen,
                   .resumes = true};
    if (model.has_snapshots && first) {
      add(part.arguments, {"--snapshots", std::to_string(snapshots_)});
      part.cost += 2e-4 * static_cast<double>(frames_ * snapshots_ * epochs_);
    }
    parts_.push_back(std::move(part));
  }
}

}  // namespace support
