#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <engram/plot/words.hpp>

namespace engram::plot {

namespace detail {

/// "10" with the exponent raised.
inline std::string power_of_ten(int exponent) {
  static constexpr const char* raised[] = {"\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",     "\xC2\xB3",
                                           "\xE2\x81\xB4", "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7",
                                           "\xE2\x81\xB8", "\xE2\x81\xB9"};
  std::string out = exponent < 0 ? "10\xE2\x81\xBB" : "10";
  for (const char digit : std::to_string(std::abs(exponent))) {
    out += raised[digit - '0'];
  }
  return out;
}

/// Ticks of numbers from a million or below a hundred-thousandth as multiples of one power of ten, "1.5·10⁶".
inline void use_power_of_ten(std::vector<Tick>& ticks) {
  double largest = 0;
  for (const Tick& tick : ticks) {
    largest = std::max(largest, std::abs(tick.value));
  }
  const double step = ticks.size() > 1 ? ticks[1].value - ticks[0].value : largest;
  if (!(largest > 0) || (largest < 1e6 && step >= 1e-5)) {
    return;
  }
  const int power = static_cast<int>(std::floor(std::log10(largest) + 1e-9));
  const double decimals = std::ceil(power - std::log10(step) - 1e-6);
  if (std::abs(power) > 290 || decimals > 5) {
    return;  // far from 0 and near each other: all digits are needed
  }
  for (Tick& tick : ticks) {
    char out[64];
    std::snprintf(out, sizeof out, "%.*f", static_cast<int>(std::max(0.0, decimals)), tick.value / std::pow(10, power));
    tick.words = tick.value == 0 ? "0" : std::string(out) + "\xC2\xB7" + power_of_ten(power);
  }
}

}  // namespace detail

/// Round numbers for a logarithmic axis, 0 < low < high: powers of ten, every second, third, .. of them where there
/// are many; over less than two decades 1, 2 and 5 times them, and over very little nice_ticks.
inline std::vector<Tick> log_ticks(double low, double high, int most = 6) {
  const double first = std::ceil(std::log10(low) - 1e-9);
  const double last = std::floor(std::log10(high) + 1e-9);
  std::vector<Tick> ticks;
  if (last - first >= 1) {
    const double every = std::max(1.0, std::ceil((last - first + 1) / most));
    const bool plain = first >= -3 && last <= 4;
    for (double power = std::ceil(first / every) * every; power <= last; power += every) {
      const double value = std::pow(10, power);
      ticks.push_back({std::clamp(value, low, high),
                       plain ? detail::significant(value, 6) : detail::power_of_ten(static_cast<int>(power))});
    }
    if (ticks.size() > 2 || (ticks.size() == 2 && high / low > 200)) {
      return ticks;
    }
  }
  ticks.clear();
  for (double power = std::floor(std::log10(low)); power <= last; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10, power);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) {
        const bool plain = power >= -4 && power <= 5;
        const std::string shown =
            detail::significant(factor, 1) + "\xC2\xB7" + detail::power_of_ten(static_cast<int>(power));
        ticks.push_back({std::clamp(value, low, high), plain ? detail::significant(value, 6) : shown});
      }
    }
  }
  if (ticks.size() < 3) {
    ticks = nice_ticks(low, high, most);
    detail::use_power_of_ten(ticks);
  }
  return ticks;
}

/// One axis of a figure: a range of numbers, and which of them are written along it.
class Axis {
 public:
  /// @param low, high    finite, low <= high and |both| <= 1e300; of (nearly) one number, its surroundings are shown
  /// @param logarithmic  equal factors are equally long; needs low > 0
  /// @param margin       how much of the length is left free at either end
  /// @param most         numbers along it at most
  Axis(double low, double high, bool logarithmic = false, double margin = 0, int most = 6) : logarithmic_(logarithmic) {
    if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)))) {
      const double around = logarithmic ? 0.5 * low : low == 0 ? 1 : 0.1 * std::abs(low);
      low -= around;
      high += logarithmic ? high : around;
    }
    low_ = scaled(low);
    high_ = scaled(high);
    const double more = margin * (high_ - low_) / (1 - 2 * margin);
    low_ -= more;
    high_ += more;
    if (logarithmic) {
      ticks_ = log_ticks(std::pow(10, low_), std::pow(10, high_), most);
    } else {
      ticks_ = nice_ticks(low_, high_, most);
      detail::use_power_of_ten(ticks_);
    }
  }

  const std::vector<Tick>& ticks() const { return ticks_; }
  /// Where a number lies, 0 at the low end and 1 at the high one; on a logarithmic axis, what is not positive at 0.
  double share(double value) const {
    return logarithmic_ && !(value > 0) ? 0 : (scaled(value) - low_) / (high_ - low_);
  }
  bool contains(double value) const {
    return (!logarithmic_ || value > 0) && share(value) >= -1e-9 && share(value) <= 1 + 1e-9;
  }

 private:
  double scaled(double value) const { return logarithmic_ ? std::log10(value) : value; }

  bool logarithmic_;
  double low_;
  double high_;
  std::vector<Tick> ticks_;
};

}  // namespace engram::plot
