#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/io/npy_codec.hpp>

namespace engram::plot {

/// Text that can be drawn on one line: control characters become spaces, what is not UTF-8 becomes question marks.
inline std::string printable(std::string_view words) {
  std::u32string codes;
  try {
    codes = io::detail::decode_utf8(words);
  } catch (const ArgumentError&) {
    for (const char letter : words) {
      codes += static_cast<unsigned char>(letter) < 0x80 ? static_cast<char32_t>(letter) : U'?';
    }
  }
  std::string out;
  for (const char32_t code : codes) {
    const bool is_letter = (code & 0xFFFE) != 0xFFFE && (code < 0xFDD0 || code > 0xFDEF);  // else for internal use
    io::detail::append_utf8(out, code < 0x20 || code == 0x7F ? U' ' : is_letter ? code : U'?');
  }
  return out;
}

/// `words`, or as much of them, and an ellipsis, as width(text) says is at most `most` wide.
template <class Width>
std::string shortened(std::string_view words, double most, Width width) {
  std::string shown = printable(words);
  if (width(shown) <= most) {
    return shown;
  }
  std::u32string codes = io::detail::decode_utf8(shown);
  do {
    codes.pop_back();
    shown.clear();
    for (const char32_t code : codes) {
      io::detail::append_utf8(shown, code);
    }
    shown += "\xE2\x80\xA6";
  } while (!codes.empty() && width(shown) > most);
  return shown;
}

/// A number on an axis.
struct Tick {
  double value;
  std::string words;
};

namespace detail {

inline std::string significant(double value, int digits) {
  char out[64];
  std::snprintf(out, sizeof out, "%.*g", digits, value);
  return out;
}

/// `value` with as many digits as tell it from value + step.
inline std::string tick_words(double value, double step, double largest) {
  const double digits = std::ceil(std::log10(largest / step) + 1e-9);
  if (largest >= 1e6 || step < 1e-5) {
    return significant(value, static_cast<int>(std::clamp(digits + 1, 1.0, 17.0)));
  }
  const double decimals = std::max(0.0, -std::floor(std::log10(step) + 1e-9));
  char out[64];
  std::snprintf(out, sizeof out, "%.*f", static_cast<int>(decimals), value);
  return out;
}

/// The two ends, with as many digits as tell them apart, 6 at the least.
inline std::vector<Tick> end_ticks(double low, double high) {
  int digits = 6;
  while (digits < 17 && significant(low, digits) == significant(high, digits)) {
    ++digits;
  }
  return {{low, significant(low, digits)}, {high, significant(high, digits)}};
}

}  // namespace detail

/// Round numbers from low to high, evenly spaced by 1, 2 or 5 times a power of ten: as many as possible up to `most`,
/// or, if no two fit in, the ends.
inline std::vector<Tick> nice_ticks(double low, double high, int most = 6) {
  const double range = high - low;
  if (!(range > 0)) {
    return {{low, detail::significant(low, 6)}};
  }
  const double largest = std::max(std::abs(low), std::abs(high));
  if (std::isfinite(range) && range > 1e-12 * largest && range > 1e-290) {
    const double power = std::pow(10, std::floor(std::log10(range / most)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0, 20.0}) {
      const double step = factor * power;
      const double first = std::ceil(low / step - 1e-9);
      const double last = std::floor(high / step + 1e-9);
      if (last - first + 1 > most || last <= first) {
        continue;
      }
      std::vector<Tick> ticks;
      for (double i = first; i <= last; ++i) {
        const double value = i == 0 ? 0 : i * step;
        ticks.push_back({std::clamp(value, low, high), detail::tick_words(value, step, largest)});
      }
      return ticks;
    }
  }
  return detail::end_ticks(low, high);
}

}  // namespace engram::plot
