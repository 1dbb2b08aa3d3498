#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <zlib.h>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/data/frames.hpp>
#include <engram/data/split.hpp>
#include <engram/io/npz.hpp>
#include <engram/train/dataset.hpp>

namespace support {

using engram::Index;

/// How frames are held out; the options --split, --held-out, --blocks, --held-out-blocks and --seed.
struct SplitOptions {
  std::string kind = "blocks";  ///< random or blocks
  double fraction = 0.2;        ///< of the frames, for random
  Index blocks = 10;
  std::vector<Index> held_out_blocks{2, 7};
  std::uint64_t seed = 0;
};

inline engram::data::Split make_split(const SplitOptions& o, Index frames) {
  return o.kind == "random" ? engram::data::random_split(frames, o.fraction, engram::Rng(o.seed).split(7))
                            : engram::data::block_split(frames, o.blocks, o.held_out_blocks);
}

/// One line per setting that decides which frames are held out.
inline void write_settings(engram::Settings& settings, const SplitOptions& o) {
  settings.set("split", o.kind);
  if (o.kind == "random") {
    settings.set("held_out", o.fraction);
  } else {
    settings.set("blocks", o.blocks);
    std::string list;
    for (const Index block : o.held_out_blocks) {
      list += (list.empty() ? "" : " ") + std::to_string(block);
    }
    settings.set("held_out_blocks", list);
  }
}

/// CRC-32 of the elements.
template <class T>
std::uint64_t checksum(const engram::Tensor<T>& x) {
  const auto bytes = std::as_bytes(x.elements());
  return crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

/// CRC-32 of the pixels: tells recordings apart.
inline std::uint64_t checksum(const engram::data::Frames& frames) {
  return std::visit([](const auto& pixels) { return checksum(pixels); }, frames.pixels());
}

/// Writes the frames kept apart, as they were recorded: images, clean (where it is known) and indices, their
/// positions in the recording.
inline void write_held_out(const std::filesystem::path& path, const engram::data::Frames& frames,
                           const engram::data::Frames* clean, const std::vector<Index>& indices) {
  engram::io::NpzWriter file(path);
  const auto add = [&](const char* name, const engram::data::Frames& all) {
    std::visit([&](const auto& pixels) { file.add(name, engram::train::take_rows(pixels, std::span(indices))); },
               all.pixels());
  };
  add("images", frames);
  if (clean != nullptr) {
    add("clean", *clean);
  }
  std::vector<std::int64_t> positions(indices.begin(), indices.end());
  file.add("indices", engram::Tensor<std::int64_t>::from({std::ssize(positions)}, positions));
  file.commit();
}

/// write_held_out, unless there is such a file or nothing is held out.
inline void write_held_out_once(const std::filesystem::path& path, const engram::data::Frames& frames,
                                const engram::data::Frames* clean, const std::vector<Index>& indices) {
  if (!indices.empty() && !std::filesystem::exists(path)) {
    write_held_out(path, frames, clean, indices);
  }
}

/// The positions that write_held_out wrote to a training's folder.
inline std::vector<Index> held_out_indices(const std::filesystem::path& folder) {
  const auto indices = engram::io::NpzReader(folder / "held_out.npz").read("indices").as<std::int64_t>();
  return {indices.elements().begin(), indices.elements().end()};
}

/// 0, 1, ..., count - 1.
inline std::vector<Index> all_frames(Index count) {
  std::vector<Index> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), Index{0});
  return all;
}

}  // namespace support
