#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/io/file.hpp>

namespace support {

inline std::uint64_t little_endian(std::string_view bytes, std::size_t count) {
  if (bytes.size() < count) {
    throw std::runtime_error("cut short");
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

/// The checksum of a TFRecord, bit by bit, unlike the library's.
inline std::uint32_t record_checksum(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
    }
  }
  return std::rotr(~crc, 15) + 0xA282EAD8u;
}

/// The contents of a TFRecord file's records. @throws std::runtime_error for one that is damaged
inline std::vector<std::string> read_records(const std::filesystem::path& file) {
  const std::string all = engram::io::read_text(file);
  std::string_view rest = all;
  std::vector<std::string> records;
  while (!rest.empty()) {
    const std::uint64_t length = little_endian(rest, 8);
    if (rest.size() < length + 16 || little_endian(rest.substr(8), 4) != record_checksum(rest.substr(0, 8)) ||
        little_endian(rest.substr(12 + length), 4) != record_checksum(rest.substr(12, length))) {
      throw std::runtime_error("a damaged record");
    }
    records.emplace_back(rest.substr(12, length));
    rest.remove_prefix(length + 16);
  }
  return records;
}

/// A field of a protobuf message: the number that it is, or the bytes that it holds.
struct Field {
  std::uint64_t number = 0;
  std::string bytes;
};

/// The fields of a protobuf message; of one that is there twice, the last.
inline std::map<unsigned, Field> read_message(std::string_view bytes) {
  const auto varint = [&bytes] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const std::uint64_t byte = little_endian(bytes, 1);
      bytes.remove_prefix(1);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
  };
  std::map<unsigned, Field> fields;
  while (!bytes.empty()) {
    const std::uint64_t key = varint();
    Field field;
    switch (key & 7) {
      case 0:
        field.number = varint();
        break;
      case 2: {
        const std::uint64_t length = varint();
        field.bytes = bytes.substr(0, length);
        bytes.remove_prefix(length);
        break;
      }
      default: {
        const std::size_t size = (key & 7) == 1 ? 8 : 4;
        field.number = little_endian(bytes, size);
        bytes.remove_prefix(size);
      }
    }
    fields[static_cast<unsigned>(key >> 3)] = std::move(field);
  }
  return fields;
}

/// A scalar as an event file holds it.
struct ScalarEvent {
  std::string tag;
  std::uint64_t step = 0;
  float value = 0;

  bool operator==(const ScalarEvent&) const = default;
};

/// The scalars of an event file, in order.
inline std::vector<ScalarEvent> read_scalars(const std::filesystem::path& file) {
  std::vector<ScalarEvent> scalars;
  for (const std::string& record : read_records(file)) {
    auto event = read_message(record);
    if (event.contains(5)) {
      auto value = read_message(read_message(event[5].bytes)[1].bytes);
      scalars.push_back(
          {value[1].bytes, event[2].number, std::bit_cast<float>(static_cast<std::uint32_t>(value[2].number))});
    }
  }
  return scalars;
}

}  // namespace support
