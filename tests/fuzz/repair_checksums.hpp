#pragma once

#include <zlib.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace fuzz {

/// Whether the files of a target are .npz, whose arrays have checksums.
inline bool is_npz(std::string_view target) {
  return target == "npz" || target == "checkpoint" || target == "model" || target == "umap" || target.ends_with("pca");
}

/// Gives each chunk of a PNG the checksum of its content, as far as lengths fit.
inline void repair_png(std::span<std::uint8_t> file) {
  for (std::size_t at = 8; at + 12 <= file.size();) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      size = size << 8 | file[at + i];
    }
    if (size > file.size() - at - 12) {
      return;
    }
    const auto crc = crc32_z(0, file.data() + at + 4, size + 4);
    for (std::size_t i = 0; i < 4; ++i) {
      file[at + 8 + size + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    }
    at += size + 12;
  }
}

/// Gives each stored member of a ZIP archive the checksum of its content, where the entries still point into the file.
inline void repair_npz(std::span<std::uint8_t> file) {
  const auto number = [&](std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value |= std::uint64_t{file[at + i]} << (8 * i);
    }
    return value;
  };
  constexpr std::string_view entry = "PK\x01\x02";  // of the directory
  constexpr std::size_t entry_size = 46;
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  for (std::size_t at = text.find(entry); at != text.npos && at + entry_size <= file.size();
       at = text.find(entry, at + 1)) {
    const std::uint64_t size = number(at + 20, 4);
    const std::uint64_t member = number(at + 42, 4);
    if (number(at + 10, 2) != 0 || member + 30 > file.size()) {
      continue;
    }
    const std::uint64_t begin = member + 30 + number(member + 26, 2) + number(member + 28, 2);
    if (begin > file.size() || size > file.size() - begin) {
      continue;
    }
    const auto crc = crc32_z(0, file.data() + begin, size);
    for (std::size_t i = 0; i < 4; ++i) {
      file[at + 16 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
    }
  }
}

}  // namespace fuzz
