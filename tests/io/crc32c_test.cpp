#include <engram/io/crc32c.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

using namespace engram;

namespace {

std::uint32_t crc32c_of(std::string_view text) {
  return io::crc32c(std::as_bytes(std::span(text.data(), text.size())));
}

std::string counted(int first, int step) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) {
    bytes += static_cast<char>(first + step * i);
  }
  return bytes;
}

}  // namespace

TEST_CASE("crc32c: the examples of RFC 3720, appendix B.4") {
  CHECK(crc32c_of(counted(0, 0)) == 0x8A9136AA);
  CHECK(crc32c_of(counted(0xFF, 0)) == 0x62A8AB43);
  CHECK(crc32c_of(counted(0, 1)) == 0x46DD794E);
  CHECK(crc32c_of(counted(31, -1)) == 0x113FDB5C);
}

TEST_CASE("crc32c: the check value of the catalogues, and nothing for nothing") {
  CHECK(crc32c_of("123456789") == 0xE3069283);
  CHECK(crc32c_of("") == 0);
}

TEST_CASE("crc32c: goes on from what comes before") {
  const std::string_view end = "6789";
  CHECK(io::crc32c(std::as_bytes(std::span(end.data(), end.size())), crc32c_of("12345")) == 0xE3069283);
}
