#pragma once

#include <cstddef>
#include <span>

#include <engram/core/error.hpp>

namespace engram::io::detail {

/// Checks how many codes the Huffman tables of a JPEG have: stb_image 2.27 writes those beyond 256 past its own tables.
/// @throws FormatError for a table with more
/// Source: ITU-T T.81 (1992), B.1.1.4, B.2.4.2 and figure B.7: a marker is a byte 0xFF, any more of them, and a byte
/// that is neither 0x00 nor 0xFF; two bytes of length follow most of them, their own included.
inline void check_jpeg_tables(std::span<const std::byte> bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? std::to_integer<std::size_t>(bytes[i]) : 0; };
  constexpr std::size_t huffman_tables = 0xC4;
  constexpr std::size_t end_of_image = 0xD9;
  const auto stands_alone = [](std::size_t marker) {  // a stuffed byte, TEM, RST, SOI
    return marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8);
  };
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (at(i) != 0xFF || at(i + 1) == 0xFF || stands_alone(at(i + 1))) {
      continue;
    }
    if (at(i + 1) == end_of_image) {  // what follows is of other programs
      return;
    }
    const std::size_t segment = i + 2;
    const std::size_t length = at(segment) << 8 | at(segment + 1);
    for (std::size_t table = segment + 2; at(i + 1) == huffman_tables && table < segment + length;) {
      std::size_t codes = 0;
      for (std::size_t bits = 1; bits <= 16; ++bits) {
        codes += at(table + bits);
      }
      ensure<FormatError>(codes <= 256, "need a Huffman table of 256 codes or fewer, got ", codes,
                          ": the JPEG is damaged");
      table += 17 + codes;
    }
    i = segment + (length < 2 ? 0 : length) - 1;
  }
}

}  // namespace engram::io::detail
