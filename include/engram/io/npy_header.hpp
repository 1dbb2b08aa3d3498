#pragma once

#include <bit>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::io {

/// What stands before the elements of an .npy file.
struct NpyHeader {
  char kind = 'f';            ///< NumPy's letter: b i u f U S
  std::size_t item_size = 0;  ///< bytes per element
  bool swapped = false;       ///< the other byte order
  bool fortran_order = false;
  Shape shape;
};

namespace detail {

/// A reader of the Python literals that a header is made of: a dict of a string, a bool and a tuple of integers.
class LiteralReader {
 public:
  explicit LiteralReader(std::string_view text) : text_(text) {}

  bool take(char c) {
    skip_space();
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }
  void need(char c) { ensure<FormatError>(take(c), "need '", c, "' at byte ", at_, " of the header"); }

  std::string_view string() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    ensure<FormatError>(quote == '\'' || quote == '"', "need a quoted string at byte ", at_, " of the header");
    const std::size_t end = text_.find(quote, at_ + 1);
    ensure<FormatError>(end != std::string_view::npos, "need a closing quote in the header");
    const std::string_view found = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return found;
  }
  bool boolean() {
    skip_space();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    }
    fail<FormatError>("need True or False at byte ", at_, " of the header");
  }
  Index integer() {
    skip_space();
    Index value = -1;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    ensure<FormatError>(error == std::errc() && value >= 0, "need an extent at byte ", at_, " of the header");
    at_ = static_cast<std::size_t>(end - text_.data());
    at_ += at_ < text_.size() && text_[at_] == 'L' ? 1 : 0;  // Python 2's long
    return value;
  }
  Shape tuple() {
    need('(');
    std::vector<Index> extents;
    while (!take(')')) {
      extents.push_back(integer());
      if (!take(',')) {
        need(')');
        break;
      }
    }
    return Shape(std::span<const Index>(extents));
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// "<f4" and the like. @throws FormatError for a type that cannot be read
inline void parse_descr(std::string_view descr, NpyHeader& header) {
  std::string_view rest = descr;
  char order = '=';
  if (!rest.empty() && std::string_view("<>=|").find(rest.front()) != std::string_view::npos) {
    order = rest.front();
    rest.remove_prefix(1);
  }
  std::size_t size = 0;
  const char kind = rest.empty() ? '\0' : rest.front();
  if (!rest.empty()) {
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), size);
    if (error != std::errc() || end != rest.data() + rest.size()) {
      size = 0;
    }
  }
  const bool integer_size = size == 1 || size == 2 || size == 4 || size == 8;
  const bool known = (kind == 'b' && size == 1) || ((kind == 'i' || kind == 'u') && integer_size) ||
                     (kind == 'f' && (size == 2 || size == 4 || size == 8)) ||
                     ((kind == 'U' || kind == 'S') && (size > 0 || rest.substr(1) == "0") && size < (1u << 24));
  ensure<FormatError>(known, "need elements of type bool, int, uint, f2, f4, f8, or fixed-width text, got '", descr,
                      "'");
  header.kind = kind;
  header.item_size = kind == 'U' ? 4 * size : size;
  constexpr bool little = std::endian::native == std::endian::little;
  header.swapped = (order == '<' && !little) || (order == '>' && little);
}

/// The dict of a header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
inline NpyHeader parse_npy_dict(std::string_view text) {
  NpyHeader header;
  LiteralReader reader(text);
  bool descr = false;
  bool order = false;
  bool shape = false;
  reader.need('{');
  while (!reader.take('}')) {
    const std::string_view key = reader.string();
    reader.need(':');
    if (key == "descr") {
      ensure<FormatError>(!reader.take('['), "need plain elements, got a structured array");
      parse_descr(reader.string(), header);
      descr = true;
    } else if (key == "fortran_order") {
      header.fortran_order = reader.boolean();
      order = true;
    } else if (key == "shape") {
      header.shape = reader.tuple();
      shape = true;
    } else {
      fail<FormatError>("need a header of descr, fortran_order and shape, got the key '", key, "'");
    }
    if (!reader.take(',')) {
      reader.need('}');
      break;
    }
  }
  ensure<FormatError>(descr && order && shape, "need a header with descr, fortran_order and shape");
  return header;
}

/// The bytes before the elements: magic, version 1.0, dict, padded to a multiple of 64.
inline std::string format_npy_header(std::string_view descr, const Shape& shape) {
  std::string dict = text("{'descr': '", descr, "', 'fortran_order': False, 'shape': (");
  for (Index axis = 0; axis < shape.rank(); ++axis) {
    dict += text(shape[axis], axis + 1 < shape.rank() ? ", " : shape.rank() == 1 ? "," : "");
  }
  dict += "), }";
  dict.append((64 - (10 + dict.size() + 1) % 64) % 64, ' ');
  dict += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(dict.size() & 0xFF);
  header += static_cast<char>(dict.size() >> 8);
  return header + dict;
}

}  // namespace detail

}  // namespace engram::io
