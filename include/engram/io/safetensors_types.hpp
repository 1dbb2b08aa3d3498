#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <engram/io/array.hpp>
#include <engram/io/crc32c.hpp>

namespace engram::io {

static_assert(std::endian::native == std::endian::little, "safetensors files hold little-endian numbers");

namespace detail {

/// An element type of a file, by its name there; half and brain floats are widened to f32.
struct SafetensorsType {
  std::string_view name;
  DType dtype;
  std::size_t size;  ///< bytes in the file
};

inline constexpr std::array<SafetensorsType, 13> safetensors_types{{{"F64", DType::f64, 8},
                                                                    {"F32", DType::f32, 4},
                                                                    {"I64", DType::i64, 8},
                                                                    {"I32", DType::i32, 4},
                                                                    {"I16", DType::i16, 2},
                                                                    {"I8", DType::i8, 1},
                                                                    {"U64", DType::u64, 8},
                                                                    {"U32", DType::u32, 4},
                                                                    {"U16", DType::u16, 2},
                                                                    {"U8", DType::u8, 1},
                                                                    {"BOOL", DType::boolean, 1},
                                                                    {"F16", DType::f32, 2},
                                                                    {"BF16", DType::f32, 2}}};

/// The name under "__metadata__" of the checksum that SafetensorsWriter adds: the CRC-32C, in 8 hexadecimal digits, of
/// the whole file with zeros in their place. Other readers take no notice of it.
inline constexpr std::string_view safetensors_checksum = "engram.crc32c";
inline constexpr std::string_view no_checksum = "00000000";

/// Where its digits begin in a header; npos if there is none.
inline std::size_t find_checksum(std::string_view header) {
  const std::string key = '"' + std::string(safetensors_checksum) + "\":\"";
  const std::size_t at = header.find(key);
  return at == header.npos || header.size() - at - key.size() < no_checksum.size() ? header.npos : at + key.size();
}

/// The digits of a checksum.
inline std::string checksum_text(std::uint32_t crc) {
  std::string digits(no_checksum);
  for (std::size_t i = digits.size(); i-- > 0; crc /= 16) {
    digits[i] = "0123456789abcdef"[crc % 16];
  }
  return digits;
}

/// Of the length and the header, with zeros in the place of the checksum that begins at `digits`.
inline std::uint32_t header_crc(std::string header, std::size_t digits) {
  const std::uint64_t length = header.size();
  header.replace(digits, no_checksum.size(), no_checksum);
  return crc32c(std::as_bytes(std::span(header)), crc32c(std::as_bytes(std::span(&length, 1))));
}

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::floating_point<T>) {
    return sizeof(T) == 8 ? DType::f64 : DType::f32;
  } else {
    constexpr DType integers[] = {DType::i8, DType::i16, DType::i32, DType::i64};
    constexpr DType naturals[] = {DType::u8, DType::u16, DType::u32, DType::u64};
    constexpr auto log = static_cast<std::size_t>(std::countr_zero(sizeof(T)));
    return std::signed_integral<T> ? integers[log] : naturals[log];
  }
}

}  // namespace detail

}  // namespace engram::io
