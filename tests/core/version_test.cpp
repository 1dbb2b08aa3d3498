#include <engram/core/version.hpp>

#include <doctest/doctest.h>

#include <engram/core/error.hpp>

TEST_CASE("version: the text is that of the numbers") {
  CHECK(engram::version == engram::text(ENGRAM_VERSION_MAJOR, ".", ENGRAM_VERSION_MINOR, ".", ENGRAM_VERSION_PATCH));
}
