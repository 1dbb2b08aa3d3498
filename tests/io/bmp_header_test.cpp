#include <engram/io/bmp_header.hpp>

#include <doctest/doctest.h>

#include <span>
#include <string>

#include <engram/io/image.hpp>

#include "io/fixtures.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

io::detail::BmpHeader header_of(const std::string& bytes) {
  return io::detail::read_bmp_header(std::as_bytes(std::span(bytes)));
}

}  // namespace

TEST_CASE("BMP header: the size of the whole file, and whether its palette is grey") {
  CHECK(header_of(io::read_text(fixture("grey.bmp"))).size == 1102);  // 14 + 40 + 4 * 256 + 3 rows of 8
  CHECK(header_of(io::read_text(fixture("grey.bmp"))).grey);
  CHECK(header_of(io::read_text(fixture("colours.bmp"))).size == 102);  // 14 + 40 + 3 rows of 16
  CHECK_FALSE(header_of(io::read_text(fixture("colours.bmp"))).grey);
}

TEST_CASE("BMP header: one coloured entry makes the palette one of colours") {
  std::string bmp = io::read_text(fixture("grey.bmp"));
  bmp[54 + 4 * 200] = 3;
  CHECK_FALSE(header_of(bmp).grey);
  const TemporaryFolder folder;
  write_file(folder / "a.bmp", bmp);
  CHECK(io::read_image(folder / "a.bmp").shape() == Shape{3, 3, 5});
}

TEST_CASE("BMP header: a negative height means that the top row comes first") {
  std::string bmp = io::read_text(fixture("colours.bmp"));
  const TemporaryFolder folder;
  write_file(folder / "a.bmp", bmp);
  const auto upright = io::read_image(folder / "a.bmp");
  bmp.replace(22, 4, "\xFD\xFF\xFF\xFF");  // -3
  write_file(folder / "a.bmp", bmp);
  CHECK(header_of(bmp).size == 102);
  const auto flipped = io::read_image(folder / "a.bmp");
  REQUIRE(flipped.shape() == upright.shape());
  for (Index c = 0; c < 3; ++c) {
    for (Index y = 0; y < 3; ++y) {
      CHECK(flipped[(c * 3 + y) * 5 + 1] == upright[(c * 3 + 2 - y) * 5 + 1]);
    }
  }
}

TEST_CASE("BMP header: other content, and a header that is cut short") {
  CHECK(header_of("").size == 0);
  CHECK(header_of("\x89PNG").size == 0);
  const std::string bmp = io::read_text(fixture("grey.bmp"));
  for (std::size_t size = 2; size < 60; ++size) {
    header_of(bmp.substr(0, size));  // reads nothing beyond: the sanitizer's to see
  }
  CHECK(header_of(bmp.substr(0, 60)).size == 1102);
}
