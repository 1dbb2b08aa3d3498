#include <engram/core/error.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <stdexcept>
#include <type_traits>

using namespace engram;

namespace {

struct Counted {
  int* calls;
  std::string text() const {
    ++*calls;
    return "counted";
  }
};

}  // namespace

TEST_CASE("text: joins strings, numbers, truth values and what has a text()") {
  int calls = 0;
  CHECK(text("a", std::string("b"), std::string_view("c"), 'd', -5, std::size_t{7}, true, false, Counted{&calls}) ==
        "abcd-57truefalsecounted");
  CHECK(text() == "");
}

TEST_CASE("text: numbers are written in full and as short as they can be read back") {
  CHECK(text(0.1) == "0.1");
  CHECK(text(0.1f) == "0.1");
  CHECK(text(1e-300) == "1e-300");
  CHECK(text(std::uint8_t{65}) == "65");
  CHECK(text(INT64_MIN) == "-9223372036854775808");
}

TEST_CASE("ensure: throws the error it was told, and builds its text only then") {
  int calls = 0;
  ensure<ShapeError>(true, Counted{&calls});
  CHECK(calls == 0);
  CHECK_THROWS_WITH_AS(ensure<ShapeError>(false, "got ", Counted{&calls}), "got counted", ShapeError);
}

TEST_CASE("text: a char* that may be written to is a string as any other") {
  char name[] = "name";
  char* pointer = name;
  CHECK(text("got ", pointer) == "got name");
}

TEST_CASE("errors: a zero byte, as of a file of another kind, does not end the text") {
  CHECK_THROWS_WITH_AS(fail<FormatError>(std::string("a\0b\0", 4), "; need text"), "a\\0b\\0; need text", FormatError);
}

TEST_CASE("errors: each kind is an Error and none is another kind") {
  CHECK_THROWS_AS(fail<ShapeError>("x"), Error);
  CHECK_THROWS_AS(fail<ArgumentError>("x"), Error);
  CHECK_THROWS_AS(fail<FormatError>("x"), Error);
  CHECK_THROWS_WITH_AS(fail<IoError>("x", 1), "x1", std::runtime_error);
  CHECK_FALSE((std::is_base_of_v<ArgumentError, ShapeError> || std::is_base_of_v<FormatError, IoError>));
}
