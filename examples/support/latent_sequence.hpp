// The codes of all frames at each snapshot of a training, and their maps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/map_sequence.hpp>
#include <engram/io/npz.hpp>
#include <engram/train/latent_snapshots.hpp>

#include "support/split.hpp"
#include "support/trained_model.hpp"

namespace support {

/// Codes or maps of the same frames at several moments of a training.
struct LatentSequence {
  std::vector<Index> steps;                    ///< updates of the weights so far; empty: of the trained model alone
  std::vector<engram::Tensor<float>> moments;  ///< [N, D] each
};

/// Each `every`-th snapshot of the folder of a training, the last one among them; without snapshots, the codes of its
/// trained model.
/// @throws FormatError if the snapshots are of other frames
inline LatentSequence load_sequence(const TrainedModel& model, const engram::data::Frames& frames, Index every) {
  const std::filesystem::path folder = model.file.parent_path() / "snapshots";
  const auto files = engram::train::list_snapshots(folder);
  if (files.empty()) {
    need_codes(model);
    return {.steps = {}, .moments = {model.encode(frames, all_frames(frames.size()))}};
  }
  LatentSequence codes;
  for (Index s = (std::ssize(files) - 1) % every; s < std::ssize(files); s += every) {
    const auto& [step, file] = files[static_cast<std::size_t>(s)];
    auto snapshot = engram::naming(file.string(), [path = file] { return engram::io::read_npy(path).as<float>(); });
    engram::ensure<engram::FormatError>(snapshot.rank() == 2 && snapshot.dim(0) == frames.size() &&
                                            (codes.moments.empty() || snapshot.shape() == codes.moments[0].shape()),
                                        file.string(), ": need codes [", frames.size(), ", D] of all frames, got ",
                                        snapshot.shape());
    codes.steps.push_back(step);
    codes.moments.push_back(std::move(snapshot));
  }
  return codes;
}

/// Maps of codes as an .npz: embedding [N, 2], the last one, as the program embed writes it, and the codes [N, D] that
/// it shows; of several moments embeddings [S, N, 2] and steps [S].
inline void write_maps(const std::filesystem::path& path, const LatentSequence& maps,
                       const engram::Tensor<float>& codes) {
  engram::io::NpzWriter file(path);
  file.add("embedding", maps.moments.back());
  file.add("codes", codes);
  if (!maps.steps.empty()) {
    const engram::Shape& one = maps.moments.front().shape();
    auto all = engram::Tensor<float>::uninitialized({std::ssize(maps.moments), one[0], one[1]});
    float* to = all.data();
    for (const auto& map : maps.moments) {
      to = std::copy_n(map.data(), map.size(), to);
    }
    file.add("embeddings", all);
    const std::vector<std::int64_t> steps(maps.steps.begin(), maps.steps.end());
    file.add("steps", engram::Tensor<std::int64_t>::from({std::ssize(steps)}, steps));
  }
  file.commit();
}

}  // namespace support
