#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include <engram/core/error.hpp>

namespace engram::io::detail {

/// Follows the tables of a JPEG through its segments: which there are, and whether its scans find theirs.
/// Source: ITU-T T.81 (1992), B.2.2 to B.2.4.
class JpegTables {
 public:
  explicit JpegTables(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// @throws FormatError for a Huffman table of more than 256 codes, and a scan whose tables are missing
  void read_segment(std::size_t marker, std::size_t begin, std::size_t end) {
    if (marker == 0xC4) {
      add_huffman_tables(begin, end);
    } else if (marker == 0xDB) {
      for (std::size_t i = begin; i < end; i += at(i) / 16 == 0 ? 65 : 129) {
        quantization_.at(at(i) % 16) = true;
      }
    } else if (marker >= 0xC0 && marker <= 0xC2) {
      progressive_ = marker == 0xC2;
      std::array<bool, 256> named{};
      for (std::size_t i = begin + 6; i + 2 < end; i += 3) {
        ensure<FormatError>(!std::exchange(named.at(at(i)), true), "need components of their own names, got ", at(i),
                            " twice: the JPEG is damaged");
        quantization_of_.at(at(i)) = at(i + 2) % 16;
      }
    } else if (marker == 0xDA) {
      check_scan(begin);
    }
  }

 private:
  using Tables = std::array<bool, 16>;  // by identifier

  std::size_t at(std::size_t i) const { return i < bytes_.size() ? std::to_integer<std::size_t>(bytes_[i]) : 0; }

  static void need(const Tables& tables, std::size_t which, std::string_view kind) {
    ensure<FormatError>(tables.at(which), "need the ", kind, " table ", which,
                        " that the JPEG names, got none: it is damaged, or the frame of a movie without its tables");
  }

  void add_huffman_tables(std::size_t begin, std::size_t end) {
    while (begin < end) {
      std::size_t codes = 0;
      for (std::size_t bits = 1; bits <= 16; ++bits) {
        codes += at(begin + bits);
      }
      ensure<FormatError>(codes <= 256, "need a Huffman table of 256 codes or fewer, got ", codes,
                          ": the JPEG is damaged");
      (at(begin) / 16 == 0 ? dc_ : ac_).at(at(begin) % 16) = true;
      begin += 17 + codes;
    }
  }

  void check_scan(std::size_t begin) const {
    const std::size_t components = at(begin);
    const std::size_t spectrum = begin + 1 + 2 * components;  // its first and last coefficient, then the bits
    const bool has_dc = !progressive_ || (at(spectrum) == 0 && at(spectrum + 2) / 16 == 0);
    const bool has_ac = !progressive_ || at(spectrum) > 0;
    for (std::size_t i = begin + 2; i < spectrum; i += 2) {
      if (has_dc) {
        need(dc_, at(i) / 16, "DC Huffman");
      }
      if (has_ac) {
        need(ac_, at(i) % 16, "AC Huffman");
      }
      need(quantization_, quantization_of_.at(at(i - 1)), "quantization");
    }
  }

  std::span<const std::byte> bytes_;
  Tables dc_{};
  Tables ac_{};
  Tables quantization_{};
  std::array<std::size_t, 256> quantization_of_{};  // component, by identifier
  bool progressive_ = false;
};

/// Checks what stb_image 2.27 takes on trust: it writes the codes of a Huffman table beyond 256 past its own tables,
/// and decodes with tables that are not there.
/// @throws FormatError for a Huffman table of more than 256 codes, and a scan whose tables are missing
/// Source: ITU-T T.81 (1992), B.1.1.4: a marker is a byte 0xFF, any more of them, and a byte that is neither 0x00 nor
/// 0xFF; two bytes of length follow most of them, their own included.
inline void check_jpeg_tables(std::span<const std::byte> bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? std::to_integer<std::size_t>(bytes[i]) : 0; };
  constexpr std::size_t end_of_image = 0xD9;
  const auto stands_alone = [](std::size_t marker) {  // a stuffed byte, TEM, RST, SOI
    return marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8);
  };
  JpegTables tables(bytes);
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (at(i) != 0xFF || at(i + 1) == 0xFF || stands_alone(at(i + 1))) {
      continue;
    }
    if (at(i + 1) == end_of_image) {  // what follows is of other programs
      return;
    }
    const std::size_t segment = i + 2;
    const std::size_t length = at(segment) << 8 | at(segment + 1);
    tables.read_segment(at(i + 1), segment + 2, segment + length);
    i = segment + (length < 2 ? 0 : length) - 1;
  }
}

}  // namespace engram::io::detail
