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

/// @throws FormatError naming the options that do not fit so many frames
engram::data::Split make_split(const SplitOptions& o, Index frames);

/// One line per setting that decides which frames are held out.
void write_settings(engram::Settings& settings, const SplitOptions& o);

/// CRC-32 of the elements.
template <class T>
std::uint64_t checksum(const engram::Tensor<T>& x) {
  const auto bytes = std::as_bytes(x.elements());
  return crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

/// CRC-32 of the pixels: tells recordings apart.
std::uint64_t checksum(const engram::data::Frames& frames);

/// Writes the frames kept apart, as they were recorded: images, clean (where it is known) and indices, their
/// positions in the recording.
void write_held_out(const std::filesystem::path& path, const engram::data::Frames& frames,
                    const engram::data::Frames* clean, const std::vector<Index>& indices);

/// write_held_out, unless there is such a file or nothing is held out.
void write_held_out_once(const std::filesystem::path& path, const engram::data::Frames& frames,
                         const engram::data::Frames* clean, const std::vector<Index>& indices);

/// The positions that write_held_out wrote to a training's folder.
std::vector<Index> held_out_indices(const std::filesystem::path& folder);

/// 0, 1, ..., count - 1.
std::vector<Index> all_frames(Index count);

}  // namespace support
