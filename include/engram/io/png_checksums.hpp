#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <engram/core/error.hpp>
#include <engram/io/crc32c.hpp>

namespace engram::io::detail {

inline bool is_png(std::span<const std::byte> bytes) {
  constexpr std::string_view signature("\x89PNG\r\n\x1A\n", 8);
  return bytes.size() >= signature.size() &&
         std::string_view(reinterpret_cast<const char*>(bytes.data()), signature.size()) == signature;
}

/// Compares the checksums of a PNG's chunks, which stb_image passes over.
/// @throws FormatError for a chunk that is damaged or cut short
/// Source: "Portable Network Graphics (PNG) Specification", third edition, W3C, 2023, 5.3 and annex D.
inline void check_png(std::span<const std::byte> bytes) {
  static constexpr auto table = crc_table(0xEDB88320);
  constexpr std::size_t around = 12;  // bytes of length, type and checksum
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
    }
    return value;
  };
  std::string_view type;
  for (std::size_t at = 8; type != "IEND";) {
    const bool begun = bytes.size() - at >= around;
    ensure<FormatError>(begun && number(at) <= bytes.size() - at - around, "need whole chunks of PNG, got ",
                        bytes.size(), " bytes: the file is cut short or damaged");
    const std::size_t size = number(at);
    type = std::string_view(reinterpret_cast<const char*>(bytes.data()) + at + 4, 4);
    ensure<FormatError>(crc(table, bytes.subspan(at + 4, size + 4), 0) == number(at + 8 + size),
                        "need the checksum of ", type, " that the file tells, got another: it is damaged");
    at += size + around;
  }
}

}  // namespace engram::io::detail
