#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::io {

/// Element types of NumPy arrays that can be read.
enum class DType { boolean, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, text };

/// An array as a file holds it, in native byte order and row by row. Half precision has become f32.
struct Array {
  DType dtype = DType::f64;
  Shape shape;
  std::vector<std::byte> bytes;      ///< the elements; empty for text
  std::vector<std::string> strings;  ///< the elements of a text array, UTF-8

  /// The elements converted to T.
  /// @throws FormatError for text, and for a value that an integer T cannot hold
  template <class T>
  Tensor<T> as() const;
};

namespace detail {

/// The first of some names, for error texts: "a, b, ..."; "none" if there is none.
inline std::string name_list(std::span<const std::string> names, std::size_t most) {
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) {
    list += (i == 0 ? "" : ", ") + names[i];
  }
  return names.empty() ? "none" : names.size() > most ? list + ", ..." : list;
}

/// @throws FormatError naming a column whose name another has, too
inline void check_different(std::vector<std::string> columns) {
  std::ranges::sort(columns);
  if (const auto twice = std::ranges::adjacent_find(columns); twice != columns.end()) {
    fail<FormatError>("need columns of different names, got two called ", *twice);
  }
}

/// Calls f(U{}) with the C++ type of a numeric dtype.
template <class F>
decltype(auto) with_type(DType dtype, F f) {
  switch (dtype) {
    case DType::boolean:
    case DType::u8:
      return f(std::uint8_t{});
    case DType::i8:
      return f(std::int8_t{});
    case DType::i16:
      return f(std::int16_t{});
    case DType::i32:
      return f(std::int32_t{});
    case DType::i64:
      return f(std::int64_t{});
    case DType::u16:
      return f(std::uint16_t{});
    case DType::u32:
      return f(std::uint32_t{});
    case DType::u64:
      return f(std::uint64_t{});
    case DType::f32:
      return f(float{});
    case DType::f64:
    case DType::text:
      break;
  }
  return f(double{});
}

/// Whether T can hold exactly the number that `value` stands for; always true for floating-point T.
template <class T, class U>
bool holds(U value) {
  if constexpr (std::floating_point<T>) {
    return true;
  } else if constexpr (std::floating_point<U>) {
    const auto wide = static_cast<double>(value);  // false for NaN; 2^63 and 2^64 are doubles, their predecessors not
    return wide >= static_cast<double>(std::numeric_limits<T>::min()) &&
           wide < std::ldexp(1.0, std::numeric_limits<T>::digits) && std::trunc(wide) == wide;
  } else {
    return std::in_range<T>(value);
  }
}

}  // namespace detail

template <class T>
Tensor<T> Array::as() const {
  static_assert(std::is_arithmetic_v<T> && !std::same_as<T, bool>);
  ensure<FormatError>(dtype != DType::text, "need numbers, got an array of text");
  auto out = Tensor<T>::uninitialized(shape);
  detail::with_type(dtype, [&]<class U>(U) {
    if constexpr (std::same_as<T, U>) {
      if (!bytes.empty()) {
        std::memcpy(out.data(), bytes.data(), bytes.size());
      }
    } else {
      for (Index i = 0; i < out.size(); ++i) {
        U value;
        std::memcpy(&value, bytes.data() + static_cast<std::size_t>(i) * sizeof(U), sizeof(U));
        ensure<FormatError>(detail::holds<T>(value), "need integers of ", 8 * sizeof(T), " bits, got ", value,
                            " at position ", i);
        out[i] = static_cast<T>(value);
      }
    }
  });
  return out;
}

}  // namespace engram::io
