#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <engram/core/error.hpp>

// What .npy elements need to become C++ ones: half precision widened, NumPy's four-byte characters to UTF-8 and back.

namespace engram::io::detail {

/// IEEE 754 half precision to single; exact.
inline float widen_half(std::uint16_t half) {
  const auto bits = static_cast<std::uint32_t>(half);
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1Fu;
  const std::uint32_t fraction = bits & 0x3FFu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide_exponent = exponent == 0x1F ? 0xFFu : exponent + 112;
  return std::bit_cast<float>(sign | wide_exponent << 23 | fraction << 13);
}

inline std::vector<std::byte> widen_halves(const std::vector<std::byte>& halves) {
  std::vector<std::byte> out(halves.size() * 2);
  for (std::size_t i = 0; 2 * i < halves.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, halves.data() + 2 * i, 2);
    const float value = widen_half(half);
    std::memcpy(out.data() + 4 * i, &value, 4);
  }
  return out;
}

/// Appends a code point as UTF-8. @throws FormatError for a number that is none
inline void append_utf8(std::string& out, std::uint32_t code) {
  ensure<FormatError>(code < 0x110000 && (code < 0xD800 || code > 0xDFFF), "need text in Unicode, got the code ", code);
  const auto add = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6);
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

/// The code points of UTF-8 text. @throws ArgumentError for text that is not UTF-8
inline std::u32string decode_utf8(std::string_view in) {
  std::u32string out;
  for (std::size_t i = 0; i < in.size();) {
    const auto first = static_cast<unsigned char>(in[i]);
    const std::size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    ensure<ArgumentError>(length > 0 && i + length <= in.size(), "write_npy: need text in UTF-8, got '", in, "'");
    char32_t code = length == 1 ? first : first & (0x7Fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(in[i + k]);
      ensure<ArgumentError>(next >> 6 == 2, "write_npy: need text in UTF-8, got '", in, "'");
      code = code << 6 | (next & 0x3Fu);
    }
    ensure<ArgumentError>(code < 0x110000 && (code < 0xD800 || code > 0xDFFF), "write_npy: need text in UTF-8, got '",
                          in, "'");
    out += code;
    i += length;
  }
  return out;
}

}  // namespace engram::io::detail
