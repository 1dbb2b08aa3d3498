#include <engram/train/terminal.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>

using namespace engram;

TEST_CASE("clock_text: durations as people write them") {
  CHECK(train::clock_text(7.2) == "0:07");
  CHECK(train::clock_text(754) == "12:34");
  CHECK(train::clock_text(3723) == "1:02:03");
  CHECK(train::clock_text(NAN) == "0:00");
}

TEST_CASE("progress_bar: as many cells as asked for, filled from the left") {
  CHECK(train::progress_bar(0, 5) == "[     ]");
  CHECK(train::progress_bar(0.4, 5) == "[=>   ]");
  CHECK(train::progress_bar(1, 5) == "[=====]");
}

TEST_CASE("terminal_width: a file is no terminal") {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  CHECK(train::terminal_width(file) == 0);
  std::fclose(file);
}
