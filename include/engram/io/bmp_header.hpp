#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace engram::io::detail {

/// What stb_image does not see in a BMP: whether all its pixels are there, and whether its palette is grey.
struct BmpHeader {
  std::uint64_t size = 0;  ///< bytes that the whole file has at least; 0 if it is no BMP
  bool grey = false;
};

/// The first bytes of a BMP, whose headers are either 12 bytes (OS/2) or at least 40. Missing bytes count as 0.
inline BmpHeader read_bmp_header(std::span<const std::byte> bytes) {
  const auto number = [&](std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count && at + i < bytes.size(); ++i) {
      value |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
    }
    return value;
  };
  if (number(0, 2) != 0x4D42) {  // "BM"
    return {};
  }
  const std::size_t pixels = number(10, 4);
  const std::size_t header_size = number(14, 4);
  const bool os2 = header_size == 12;
  const std::uint64_t width = number(18, os2 ? 2 : 4);
  const auto height = static_cast<std::int32_t>(number(os2 ? 20 : 22, os2 ? 2 : 4));  // < 0: the top row comes first
  const std::uint64_t depth = number(os2 ? 24 : 28, 2);                               // bits per pixel
  const std::uint64_t row = (width * depth + 31) / 32 * 4;
  BmpHeader header{.size = pixels + row * static_cast<std::uint64_t>(std::abs(std::int64_t{height})),
                   .grey = depth <= 8};
  const std::size_t entry = os2 ? 3 : 4;
  const std::size_t palette_end = std::min(pixels, bytes.size());
  for (std::size_t at = 14 + header_size; header.grey && at + entry <= palette_end; at += entry) {
    header.grey = number(at, 1) == number(at + 1, 1) && number(at, 1) == number(at + 2, 1);
  }
  return header;
}

}  // namespace engram::io::detail
