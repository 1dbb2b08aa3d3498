#include <engram/core/parse_number.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <charconv>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <engram/core/random.hpp>

using namespace engram;

namespace {

/// What is read, by both ways; NaN if they do not read the same.
template <class N>
N read(std::string_view text, N otherwise = -7) {
  N value = otherwise;
  N by_c = otherwise;
  const bool read = parse_number(text, value);
  const bool read_by_c = detail::parse_number_as_c(text, by_c);
  CAPTURE(text);
  CHECK(read == read_by_c);
  CHECK((value == by_c || (value != value && by_c != by_c)));
  return value;
}

template <class N>
void check_to_the_last_bit(N value) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  CHECK(read<N>({text, static_cast<std::size_t>(end - text)}) == value);
}

}  // namespace

TEST_CASE("parse_number: any spelling of a number, and nothing else") {
  CHECK(read<double>("1") == 1);
  CHECK(read<double>("-2.5") == -2.5);
  CHECK(read<double>(".5") == 0.5);
  CHECK(read<double>("5.") == 5);
  CHECK(read<double>("1e3") == 1000);
  CHECK(read<double>("-1E-3") == -0.001);
  CHECK(read<float>("0.1") == 0.1f);
  CHECK(read<double>("-inf") == -std::numeric_limits<double>::infinity());
  CHECK(read<double>("Infinity") == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(read<double>("nan")));
  CHECK(std::isnan(read<double>("NaN")));
  for (const char* text : {"",       "-",   ".",     "+1", " 1",  "1 ",  "\n1", "--1",  "-+1", "- 1", "0x10",
                           "-0X1p3", "1,5", "1.2.3", "1e", "1e+", "one", "i",   "info", "1f",  "1;2"}) {
    CHECK(read<double>(text) == -7);
  }
  CHECK(read<double>(std::string_view("1\0", 2)) == -7);
  CHECK(read<double>(std::string_view("12345", 3)) == 123);
}

TEST_CASE("parse_number: what the type cannot hold is refused") {
  for (const char* text : {"1e999", "-1e999"}) {
    CHECK(read<double>(text) == -7);
  }
  CHECK(read<double>("1e-999") == -7);
  CHECK(read<float>("1e39") == -7);
  CHECK(read<double>("0e999") == 0);
  std::int8_t small = 5;
  CHECK(!parse_number("300", small));
  CHECK(small == 5);
  CHECK(parse_number("-128", small));
  CHECK(small == -128);
  CHECK(!parse_number("1.0", small));
}

TEST_CASE("parse_number: what to_chars writes, to the last bit") {
  Rng rng(3);
  for (int i = 0; i < 2000; ++i) {
    const double value = std::bit_cast<double>(std::uint64_t{rng.bits()} << 32 | rng.bits());
    if (std::isfinite(value)) {
      check_to_the_last_bit(value);
    }
    const float narrow = std::bit_cast<float>(rng.bits());
    if (std::isfinite(narrow)) {
      check_to_the_last_bit(narrow);
    }
  }
  check_to_the_last_bit(std::numeric_limits<double>::denorm_min());
  check_to_the_last_bit(std::numeric_limits<double>::max());
  check_to_the_last_bit(std::numeric_limits<float>::denorm_min());
}

TEST_CASE("parse_number: a point is a point whatever the locale") {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr) {
    MESSAGE("no locale with a decimal comma here");
  }
  CHECK(read<double>("1.5") == 1.5);
  CHECK(read<double>("-2.5e-3") == -2.5e-3);
  CHECK(read<double>("1,5") == -7);
  std::setlocale(LC_NUMERIC, before.c_str());
}
