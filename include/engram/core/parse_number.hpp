#pragma once

#include <cerrno>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace engram {

namespace detail {

/// parse_number for standard libraries whose std::from_chars reads no floating-point numbers (libc++ before 20):
/// C's functions, which take the locale's decimal point, blanks, a plus sign and hexadecimal digits as well.
template <std::floating_point N>
bool parse_number_as_c(std::string_view text, N& value) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || std::string_view("0123456789.iInN").find(digits[0]) == std::string_view::npos ||
      digits.find_first_of(",xX") < digits.find('(')) {
    return false;
  }
  std::string copy(text);
  char half[16];
  std::snprintf(half, sizeof half, "%.1f", 0.5);
  const std::string_view point(half + 1, std::string_view(half).size() - 2);
  if (const std::size_t at = copy.find('.'); at != copy.npos && point != ".") {
    copy.replace(at, 1, point);
  }
  char* end = nullptr;
  errno = 0;
  N parsed;
  if constexpr (std::is_same_v<N, float>) {
    parsed = std::strtof(copy.c_str(), &end);
  } else if constexpr (std::is_same_v<N, double>) {
    parsed = std::strtod(copy.c_str(), &end);
  } else {
    parsed = std::strtold(copy.c_str(), &end);
  }
  const bool out_of_range = errno == ERANGE && (std::isinf(parsed) || parsed == 0);
  if (out_of_range || end != copy.c_str() + copy.size()) {
    return false;
  }
  value = parsed;
  return true;
}

}  // namespace detail

/// The number that the whole text is, in the spelling of std::from_chars, whatever the locale: to the last bit what
/// std::to_chars wrote.
/// @returns false, and leaves `value` as it is, if the text is anything else or a number that N cannot hold
template <class N>
requires(std::integral<N> || std::floating_point<N>) bool parse_number(std::string_view text, N& value) {
#if !defined(__cpp_lib_to_chars)
  if constexpr (std::floating_point<N>) {
    return detail::parse_number_as_c(text, value);
  } else {
#endif
    N parsed{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (error != std::errc() || end != text.data() + text.size()) {
      return false;
    }
    value = parsed;
    return true;
#if !defined(__cpp_lib_to_chars)
  }
#endif
}

}  // namespace engram
