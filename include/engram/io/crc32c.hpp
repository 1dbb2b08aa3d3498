#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace engram::io {

namespace detail {

/// Remainders of all bytes for a polynomial, whose highest power is the lowest bit.
constexpr std::array<std::uint32_t, 256> crc_table(std::uint32_t polynomial) {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) {
      rest = rest >> 1 ^ ((rest & 1) != 0 ? polynomial : 0u);
    }
    table[byte] = rest;
  }
  return table;
}

inline std::uint32_t crc(const std::array<std::uint32_t, 256>& table, std::span<const std::byte> bytes,
                         std::uint32_t crc_before) {
  std::uint32_t rest = ~crc_before;
  for (const std::byte byte : bytes) {
    rest = rest >> 8 ^ table[(rest ^ std::to_integer<std::uint32_t>(byte)) & 0xFF];
  }
  return ~rest;
}

}  // namespace detail

/// The checksum CRC-32C (Castagnoli's polynomial, 0x1EDC6F41) of `bytes`; not zlib's crc32, which has another
/// polynomial.
/// @param crc  of what comes before; 0: nothing
/// Source: RFC 3720, "Internet Small Computer Systems Interface (iSCSI)", 2004, appendix B.4.
inline std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0) {
  static constexpr auto table = detail::crc_table(0x82F63B78);
  return detail::crc(table, bytes, crc);
}

}  // namespace engram::io
