#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <engram/core/shape.hpp>

namespace engram::io {

/// The bytes of a Protocol Buffers message, put together field by field; `field` is its number in the .proto file.
/// Source: "Protocol Buffers: Encoding", protobuf.dev/programming-guides/encoding.
class ProtobufMessage {
 public:
  /// int32, int64, enum or bool; a negative number takes ten bytes.
  ProtobufMessage& integer(unsigned field, Index value) {
    key(field, varint_type);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  ProtobufMessage& float32(unsigned field, float value) {
    key(field, four_bytes_type);
    little_endian(std::bit_cast<std::uint32_t>(value), 4);
    return *this;
  }
  ProtobufMessage& float64(unsigned field, double value) {
    key(field, eight_bytes_type);
    little_endian(std::bit_cast<std::uint64_t>(value), 8);
    return *this;
  }
  /// string or bytes
  ProtobufMessage& text(unsigned field, std::string_view value) {
    key(field, length_type);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  ProtobufMessage& message(unsigned field, const ProtobufMessage& value) { return text(field, value.bytes()); }
  /// repeated double, packed
  ProtobufMessage& float64s(unsigned field, std::span<const double> values) {
    key(field, length_type);
    varint(8 * values.size());
    for (const double value : values) {
      little_endian(std::bit_cast<std::uint64_t>(value), 8);
    }
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  static constexpr unsigned varint_type = 0;
  static constexpr unsigned eight_bytes_type = 1;
  static constexpr unsigned length_type = 2;
  static constexpr unsigned four_bytes_type = 5;

  void key(unsigned field, unsigned type) { varint(std::uint64_t{field} << 3 | type); }

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
      bytes_ += static_cast<char>((value & 0x7F) | 0x80);
    }
    bytes_ += static_cast<char>(value);
  }

  void little_endian(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) {
      bytes_ += static_cast<char>(value >> (8 * i) & 0xFF);
    }
  }

  std::string bytes_;
};

}  // namespace engram::io
