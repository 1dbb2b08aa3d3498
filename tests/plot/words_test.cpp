#include <engram/plot/words.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/tick_words.hpp"

using namespace engram::plot;

namespace {

double letters(const std::string& text) {
  return static_cast<double>(engram::io::detail::decode_utf8(text).size());
}

}  // namespace

TEST_CASE("nice_ticks: round numbers within the range, as many as wanted at the most") {
  CHECK(words(nice_ticks(0, 1)) == "0.0 0.2 0.4 0.6 0.8 1.0");
  CHECK(words(nice_ticks(-3.2, 7.9)) == "-2 0 2 4 6");
  CHECK(words(nice_ticks(-3.2, 7.9, 3)) == "0 5");
  CHECK(words(nice_ticks(0.0012, 0.0038)) == "0.0015 0.0020 0.0025 0.0030 0.0035");
  CHECK(words(nice_ticks(0, 35)) == "0 10 20 30");
}

TEST_CASE("nice_ticks: numbers that are large, tiny or near each other have digits enough to differ") {
  CHECK(words(nice_ticks(0, 3e9)) == "0 1e+09 2e+09 3e+09");
  CHECK(words(nice_ticks(1e6, 1000004)) == "1000000 1000001 1000002 1000003 1000004");
  CHECK(words(nice_ticks(0, 4e-7, 5)) == "0 1e-07 2e-07 3e-07 4e-07");
}

TEST_CASE("nice_ticks: a range of one value has that one, a range without end its ends") {
  CHECK(words(nice_ticks(2.5, 2.5)) == "2.5");
  CHECK(words(nice_ticks(-1e308, 1e308)) == "-1e+308 1e+308");
  CHECK(words(nice_ticks(0, 5e-324)) == "0 4.94066e-324");
}

TEST_CASE("nice_ticks: the ends of a range that is narrow and far from 0 differ") {
  CHECK(words(nice_ticks(5e8, 5e8 + 1.2e-7)) == "500000000 500000000.0000001");
  CHECK(words(nice_ticks(1, 1 + 2.3e-16)) == "1 1.0000000000000002");
  CHECK(words(nice_ticks(-5e8 - 2e-6, -5e8)) == "-500000000.000002 -500000000");
}

TEST_CASE("printable: one line of UTF-8 whatever is given") {
  CHECK(printable("head direction, \xC2\xB0") == "head direction, \xC2\xB0");
  CHECK(printable("two\nlines\tand a tab") == "two lines and a tab");
  CHECK(printable("na\xEFve") == "na?ve");  // Latin-1
  CHECK(printable(std::string("a\0b", 3)) == "a b");
}

TEST_CASE("shortened: what is too long ends in an ellipsis and fits") {
  CHECK(shortened("short", 5, letters) == "short");
  CHECK(shortened("longer", 5, letters) == "long\xE2\x80\xA6");
  CHECK(shortened("\xC3\xA4\xC3\xB6\xC3\xBC", 2, letters) == "\xC3\xA4\xE2\x80\xA6");
  CHECK(shortened("none of it", 0, letters) == "\xE2\x80\xA6");
}
