// Pieces of an HTML page that holds all it shows.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <engram/core/error.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/file.hpp>

namespace support {

/// Text as it stands in a page, between tags or in a quoted attribute.
inline std::string html_text(std::string_view plain) {
  std::string out;
  for (const char letter : plain) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

/// A path as a link relative to the page: all but letters, digits and / . _ - as %XX.
inline std::string html_link(std::string_view path) {
  constexpr std::string_view kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out = "./";
  for (const char letter : path) {
    const auto byte = static_cast<unsigned char>(letter);
    if (kept.find(letter) != kept.npos) {
      out += letter;
    } else {
      out += {'%', digits[byte / 16], digits[byte % 16]};
    }
  }
  return out;
}

/// RFC 4648, with its padding.
inline std::string base64(std::span<const std::byte> bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? std::to_integer<unsigned>(bytes[i + k]) : 0U;
    };
    const unsigned triple = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k <= bytes.size() ? letters[triple >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}
inline std::string base64(std::string_view bytes) {
  return base64(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

/// True for a movie that a page shows with controls.
inline bool is_movie(const std::filesystem::path& file) {
  return engram::io::lower_extension(file) == ".mp4";
}

/// A picture or movie (.png, .jpg, .svg, .gif, .mp4) as an address that holds it.
/// @throws ArgumentError for another kind of file, IoError if it cannot be read; both name it
inline std::string data_address(const std::filesystem::path& file) {
  struct Kind {
    std::string_view extension;
    std::string_view type;
  };
  static constexpr std::array<Kind, 5> kinds{{{".png", "image/png"},
                                              {".jpg", "image/jpeg"},
                                              {".svg", "image/svg+xml"},
                                              {".gif", "image/gif"},
                                              {".mp4", "video/mp4"}}};
  const std::string extension = engram::io::lower_extension(file);
  for (const Kind& kind : kinds) {
    if (kind.extension == extension) {
      return engram::text("data:", kind.type, ";base64,", base64(engram::io::read_bytes(file)));
    }
  }
  engram::fail<engram::ArgumentError>(file.string(), ": need a .png, .jpg, .svg, .gif or .mp4 for a figure");
}

/// Writes a template to `out`; write(name) writes what stands in place of each {{name}}, in which nothing is replaced.
/// @throws FormatError naming the template if a {{ is not closed
template <class Write>
void fill_template(engram::io::AtomicFile& out, const std::filesystem::path& file, Write write) {
  const std::string content = engram::io::read_text(file);
  std::string_view rest = content;
  for (std::size_t open = rest.find("{{"); open != rest.npos; open = rest.find("{{")) {
    const std::size_t close = rest.find("}}", open);
    engram::ensure<engram::FormatError>(close != rest.npos, file.string(), ": need }} after each {{");
    out.write(rest.substr(0, open));
    write(rest.substr(open + 2, close - open - 2));
    rest = rest.substr(close + 2);
  }
  out.write(rest);
}

}  // namespace support
