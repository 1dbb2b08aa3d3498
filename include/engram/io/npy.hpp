#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/io/array.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/file.hpp>
#include <engram/io/npy_codec.hpp>
#include <engram/io/npy_header.hpp>

namespace engram::io {

namespace detail {

/// A run of bytes that is read once, from front to back. `fill` fills a span or throws.
struct ByteStream {
  std::size_t size;  ///< bytes left
  std::function<void(std::span<std::byte>)> fill;

  void read(std::span<std::byte> bytes) {
    ensure<FormatError>(bytes.size() <= size, "need ", bytes.size(), " bytes more, got ", size, ": it is cut short");
    fill(bytes);
    size -= bytes.size();
  }
};

inline NpyHeader read_npy_header(ByteStream& in) {
  std::array<std::byte, 12> start{};
  in.read(std::span(start).first(10));
  ensure<FormatError>(std::memcmp(start.data(), "\x93NUMPY", 6) == 0, "need an .npy array, got other content");
  const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(start[i]); };
  const std::size_t version = byte(6);
  ensure<FormatError>(version >= 1 && version <= 3, "need an .npy array of version 1, 2 or 3, got ", version);
  std::size_t length = byte(8) | byte(9) << 8;
  if (version > 1) {
    in.read(std::span(start).subspan(10, 2));
    length |= byte(10) << 16 | byte(11) << 24;
  }
  ensure<FormatError>(length <= in.size, "need a header of ", length, " bytes, got ", in.size,
                      " bytes: it is cut short");
  std::string dict(length, '\0');
  in.read(std::as_writable_bytes(std::span(dict.data(), dict.size())));
  return parse_npy_dict(dict);
}

inline void swap_bytes(std::span<std::byte> bytes, std::size_t unit) {
  for (std::size_t i = 0; i + unit <= bytes.size(); i += unit) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i), bytes.begin() + static_cast<std::ptrdiff_t>(i + unit));
  }
}

/// Column-major elements in row-major order.
inline std::vector<std::byte> to_row_major(const std::vector<std::byte>& columns, const Shape& shape,
                                           std::size_t item) {
  std::vector<std::byte> rows(columns.size());
  std::array<Index, Shape::max_rank> position{};
  std::array<Index, Shape::max_rank> stride{};
  Index step = 1;
  for (Index axis = 0; axis < shape.rank(); ++axis) {
    stride[static_cast<std::size_t>(axis)] = step;
    step *= shape[axis];
  }
  Index from = 0;
  for (Index i = 0; i < shape.size(); ++i) {
    std::memcpy(rows.data() + static_cast<std::size_t>(i) * item,
                columns.data() + static_cast<std::size_t>(from) * item, item);
    for (Index axis = shape.rank() - 1; axis >= 0; --axis) {
      const auto a = static_cast<std::size_t>(axis);
      from += stride[a];
      if (++position[a] < shape[axis]) {
        break;
      }
      from -= stride[a] * shape[axis];
      position[a] = 0;
    }
  }
  return rows;
}

inline std::vector<std::string> decode_text(const std::vector<std::byte>& bytes, const NpyHeader& header) {
  std::vector<std::string> out(static_cast<std::size_t>(header.shape.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::byte* item = bytes.data() + i * header.item_size;
    if (header.kind == 'S') {
      out[i].assign(reinterpret_cast<const char*>(item), header.item_size);
    } else {
      for (std::size_t at = 0; at < header.item_size; at += 4) {
        std::uint32_t code = 0;
        std::memcpy(&code, item + at, 4);
        append_utf8(out[i], code);
      }
    }
    out[i].erase(out[i].find_last_not_of('\0') + 1);
  }
  return out;
}

inline DType numeric_type(char kind, std::size_t size) {
  constexpr DType integers[] = {DType::i8, DType::i16, DType::i32, DType::i64};
  constexpr DType naturals[] = {DType::u8, DType::u16, DType::u32, DType::u64};
  const auto log = static_cast<std::size_t>(std::countr_zero(size));
  switch (kind) {
    case 'b':
      return DType::boolean;
    case 'i':
      return integers[log];
    case 'u':
      return naturals[log];
    default:
      return size == 8 ? DType::f64 : DType::f32;
  }
}

inline constexpr std::size_t most_strings = std::size_t{1} << 20;  ///< each takes more memory than in the file

/// The array that the rest of the stream holds. @throws FormatError saying what is wrong with it
inline Array read_npy(ByteStream in) {
  const NpyHeader header = read_npy_header(in);
  const auto count = static_cast<std::size_t>(header.shape.size());
  ensure<FormatError>(header.item_size == 0 || count <= in.size / header.item_size, "need ", count, " elements of ",
                      header.item_size, " bytes as the header says, got ", in.size, " bytes: it is cut short");
  ensure<FormatError>(count * header.item_size == in.size, "need ", count * header.item_size,
                      " bytes of elements as the header says, got ", in.size);
  const bool is_text = header.kind == 'U' || header.kind == 'S';
  ensure<FormatError>(!is_text || count <= most_strings, "need at most ", most_strings, " strings, got ", count);
  std::vector<std::byte> bytes(in.size);
  in.read(bytes);
  if (header.swapped) {
    swap_bytes(bytes, header.kind == 'U' ? 4 : header.kind == 'S' ? 1 : header.item_size);
  }
  if (header.fortran_order && header.shape.rank() > 1 && !bytes.empty()) {
    bytes = to_row_major(bytes, header.shape, header.item_size);
  }
  if (is_text) {
    return {.dtype = DType::text, .shape = header.shape, .bytes = {}, .strings = decode_text(bytes, header)};
  }
  if (header.kind == 'f' && header.item_size == 2) {
    bytes = widen_halves(bytes);
  }
  return {.dtype = numeric_type(header.kind, header.item_size),
          .shape = header.shape,
          .bytes = std::move(bytes),
          .strings = {}};
}

/// NumPy's name for T, such as "<f4".
template <class T>
std::string npy_descr() {
  static_assert(std::is_arithmetic_v<T>);
  const char order = sizeof(T) == 1 ? '|' : std::endian::native == std::endian::little ? '<' : '>';
  const char kind = std::floating_point<T> ? 'f' : std::same_as<T, bool> ? 'b' : std::signed_integral<T> ? 'i' : 'u';
  return text(order, kind, sizeof(T));
}

/// Header and elements of an array, handed to write(span) in turn.
template <class T, class Write>
void write_npy(const Tensor<T>& values, Write write) {
  const std::string header = format_npy_header(npy_descr<T>(), values.shape());
  write(std::as_bytes(std::span(header.data(), header.size())));
  write(std::as_bytes(values.elements()));
}

/// As NumPy's fixed-width <U arrays.
template <class Write>
void write_npy(std::span<const std::string> strings, Write write) {
  std::vector<std::u32string> codes;
  std::size_t width = 1;
  for (const std::string& s : strings) {
    codes.push_back(decode_utf8(s));
    width = std::max(width, codes.back().size());
  }
  const char order = std::endian::native == std::endian::little ? '<' : '>';
  const std::string header = format_npy_header(text(order, 'U', width), Shape{std::ssize(strings)});
  write(std::as_bytes(std::span(header.data(), header.size())));
  for (std::u32string& code : codes) {
    code.resize(width, U'\0');
    write(std::as_bytes(std::span(code.data(), code.size())));
  }
}

}  // namespace detail

/// An array from an .npy file of version 1 to 3: bool, all integers, half, single and double precision, fixed-width
/// text; either byte order, rows or columns first.
/// @throws IoError or FormatError naming the file, what was found and what was needed
inline Array read_npy(const std::filesystem::path& path) {
  const InputFile file(path);
  std::size_t offset = 0;
  return naming(path.string(), [&] {
    return detail::read_npy(detail::ByteStream{file.size(), [&](std::span<std::byte> bytes) {
                                                 file.read(offset, bytes);
                                                 offset += bytes.size();
                                               }});
  });
}

/// Writes an .npy file; atomic, see AtomicFile.
/// @throws IoError naming the file and the reason
template <class T>
void write_npy(const std::filesystem::path& path, const Tensor<T>& values) {
  AtomicFile file(path);
  detail::write_npy(values, [&](std::span<const std::byte> bytes) { file.write(bytes); });
  file.commit();
}

}  // namespace engram::io
