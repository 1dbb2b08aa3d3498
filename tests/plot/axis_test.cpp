#include <engram/plot/axis.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/tick_words.hpp"

using namespace engram::plot;

TEST_CASE("log_ticks: powers of ten, fewer where there are many") {
  CHECK(words(log_ticks(0.5, 2000)) == "1 10 100 1000");
  CHECK(words(log_ticks(1e-6, 1e6)) == "10⁻⁶ 10⁻³ 10⁰ 10³ 10⁶");
  CHECK(words(log_ticks(1e-12, 1e-9)) == "10⁻¹² 10⁻¹¹ 10⁻¹⁰ 10⁻⁹");
}

TEST_CASE("log_ticks: 1, 2 and 5 of each decade over less than two, and round numbers over very little") {
  CHECK(words(log_ticks(0.0008, 0.021)) == "0.001 0.002 0.005 0.01 0.02");
  CHECK(words(log_ticks(3e-7, 6e-6)) == "5·10⁻⁷ 1·10⁻⁶ 2·10⁻⁶ 5·10⁻⁶");
  CHECK(words(log_ticks(0.31, 0.39)) == "0.32 0.34 0.36 0.38");
}

TEST_CASE("Axis: very large and very small numbers are multiples of one power of ten") {
  CHECK(words(Axis(-8e6, 8e6).ticks()) == "-5·10⁶ 0 5·10⁶");
  CHECK(words(Axis(0, 4e-6).ticks()) == "0 1·10⁻⁶ 2·10⁻⁶ 3·10⁻⁶ 4·10⁻⁶");
  CHECK(words(Axis(0.9e6, 1.1e6).ticks()) == "0.90·10⁶ 0.95·10⁶ 1.00·10⁶ 1.05·10⁶ 1.10·10⁶");
  CHECK(words(Axis(0, 1).ticks()) == "0.0 0.2 0.4 0.6 0.8 1.0");
}

TEST_CASE("Axis: numbers lie where their share of the range is, factors on a logarithmic one") {
  const Axis linear(-1, 3);
  CHECK(linear.share(-1) == 0);
  CHECK(linear.share(0) == 0.25);
  CHECK(linear.share(3) == 1);
  const Axis logarithmic(0.01, 100, true);
  CHECK(logarithmic.share(1) == doctest::Approx(0.5));
  CHECK(logarithmic.share(0.1) == doctest::Approx(0.25));
  CHECK(logarithmic.share(-3) == 0);
  CHECK(Axis(0, 10, false, 0.1).share(0) == doctest::Approx(0.1));
  CHECK(Axis(0, 10, false, 0.1).share(10) == doctest::Approx(0.9));
}

TEST_CASE("Axis: of one number alone its surroundings are shown") {
  for (const double value : {0.0, 7.0, -1e6, 1e-6, 1e300}) {
    CHECK(Axis(value, value).share(value) == doctest::Approx(0.5));
    CHECK(Axis(value, value).ticks().size() >= 2);
  }
  CHECK(Axis(3, 3, true).share(3) == doctest::Approx(0.5));
}
