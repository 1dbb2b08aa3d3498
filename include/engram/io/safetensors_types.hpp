#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <string_view>

#include <engram/io/array.hpp>

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
