#include <engram/io/zip.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include <engram/io/npz.hpp>

#include "io/fixtures.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using io::NpzReader;

namespace {

/// What reading all arrays of an .npz of these bytes says, without the path; also if an error does not name
/// the file.
std::string zip_error(const std::string& content) {
  const TemporaryFolder folder;
  const std::string path = (folder / "a.npz").string();
  write_file(path, content);
  const std::string what = error_text<FormatError>([&] {
    const NpzReader npz(path);
    for (const std::string& name : npz.names()) {
      npz.read(name);
    }
  });
  return what == "no error" ? what : what.starts_with(path + ": ") ? what.substr(path.size() + 2) : "unnamed: " + what;
}

/// A little-endian number in the place of what the bytes say.
std::string with_number(std::string bytes, std::size_t at, std::uint64_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xFF);
  }
  return bytes;
}

}  // namespace

TEST_CASE("zip: every truncation of an archive is refused, named with its file") {
  for (const char* name : {"streamed.npz", "zip64.npz"}) {
    const std::string whole = io::read_text(fixture(name));
    CHECK(zip_error(whole) == "no error");
    for (std::size_t size = 0; size < whole.size(); size += 3) {
      CAPTURE(size);
      CHECK(zip_error(whole.substr(0, size)).starts_with("need an .npz (ZIP) file"));
    }
  }
}

TEST_CASE("zip: no flipped bit crashes or goes unseen in the content") {
  const TemporaryFolder folder;
  const std::string path = (folder / "a.npz").string();
  for (const char* name : {"streamed.npz", "zip64.npz"}) {
    const std::string whole = io::read_text(fixture(name));
    int refused = 0;
    for (std::size_t bit = 0; bit < 8 * whole.size(); bit += 3) {
      CAPTURE(bit);
      const std::size_t at = bit / 8;
      write_file(path, with_number(whole, at, static_cast<unsigned char>(whole[at]) ^ 1u << bit % 8, 1));
      try {
        const NpzReader npz(path);
        for (const std::string& array : npz.names()) {
          const auto values = npz.read(array).as<float>();
          CHECK((values.shape() == Shape{2, 3} && values[5] - values[0] == 5));
        }
      } catch (const FormatError& error) {
        CHECK(std::string(error.what()).starts_with(path + ": "));
        ++refused;
      }
    }
    CHECK(refused > 250);
  }
}

TEST_CASE("zip: a changed element is found by the checksum, in a stored member too") {
  const std::string whole = io::read_text(fixture("types_stored.npz"));
  const std::size_t at = whole.find("\x93NUMPY") + 128;  // the first element
  CHECK(zip_error(with_number(whole, at, 0, 1)) ==
        "array |b1: need the checksum 1989208846, got 3184277675: the file is damaged");
}

TEST_CASE("zip: a member whose name is not the one that the directory has is refused") {
  std::string renamed = io::read_text(fixture("streamed.npz"));
  renamed[renamed.find("counting.npy", renamed.find("PK\x01\x02"))] = 'm';
  CHECK(zip_error(renamed) ==
        "member mounting.npy: need a member called mounting.npy where the directory points, got another: the file is "
        "damaged");
}

TEST_CASE("zip: sizes and places that cannot be are refused before memory is taken") {
  const std::string whole = io::read_text(fixture("streamed.npz"));
  const std::size_t entry = whole.find("PK\x01\x02");
  const std::size_t end = whole.find("PK\x05\x06");
  CHECK(zip_error(with_number(whole, entry + 24, 4'000'000'000, 4)) ==
        "array counting: need a plausible size, got 4000000000 bytes from 85 compressed ones");
  CHECK(zip_error(with_number(whole, entry + 20, 4'000'000'000, 4)) ==
        "array counting: need 4000000000 bytes of compressed data, got a file cut short");
  CHECK(zip_error(with_number(whole, entry + 42, 1'000'000, 4)) ==
        "member counting.npy: need 30 bytes at byte 1000000, got a file of 223 bytes: it is cut short or damaged");
  CHECK(zip_error(with_number(whole, entry + 42, 1, 4)) ==
        "member counting.npy: need a ZIP member where the directory points");
  CHECK(zip_error(with_number(whole, end + 12, 4'000'000'000, 4)) ==
        "need 4000000000 bytes at byte 143, got a file of 223 bytes: it is cut short or damaged");
  CHECK(zip_error(with_number(whole, end + 10, 60'000, 2)) == "need a whole ZIP record, got one cut short");
  CHECK(zip_error(with_number(whole, end + 10, 0, 2)) == "need a ZIP directory of 0 entries, got a longer one");
}

TEST_CASE("zip: 64-bit sizes that cannot be are refused before memory is taken") {
  const std::string whole = io::read_text(fixture("zip64.npz"));
  const std::size_t entry = whole.find("PK\x01\x02");
  const std::size_t end64 = whole.find("PK\x06\x06");
  const std::size_t extra = entry + 46 + std::string("first.npy").size() + 4;  // uncompressed size
  const std::uint64_t huge = std::uint64_t{1} << 60;
  CHECK(zip_error(with_number(whole, extra, huge, 8))
            .starts_with("array first: need a plausible size, got 1152921504606846976"));
  CHECK(zip_error(with_number(whole, extra, ~std::uint64_t{0}, 8)).starts_with("array first: need a plausible size"));
  CHECK(zip_error(with_number(whole, extra + 8, huge, 8)).starts_with("array first: need 1152921504606846976 bytes"));
  CHECK(zip_error(with_number(whole, end64 + 40, huge, 8)).starts_with("need 1152921504606846976 bytes at byte "));
  CHECK(zip_error(with_number(whole, end64 + 48, ~std::uint64_t{0}, 8))
            .find(" at byte 18446744073709551615, got a file of ") != std::string::npos);
  CHECK(zip_error(with_number(whole, end64 + 32, huge, 8)) == "need a whole ZIP record, got one cut short");
}

TEST_CASE("zip: what looks like an end record within the comment is none") {
  const std::string whole = io::read_text(fixture("streamed.npz"));
  const std::size_t end = whole.find("PK\x05\x06");
  const std::string comment = with_number(whole.substr(end), 10, 9, 2) + "!";  // one of 9 members
  CHECK(zip_error(with_number(whole, end + 20, comment.size(), 2) + comment) == "no error");
}

TEST_CASE("zip: an encrypted member is refused") {
  const std::string whole = io::read_text(fixture("streamed.npz"));
  CHECK(zip_error(with_number(whole, whole.find("PK\x01\x02") + 8, 9, 2)) ==
        "array counting: need a member that is not encrypted");
}

TEST_CASE("zip: compressed data that end early or go on are refused") {
  const std::string whole = io::read_text(fixture("streamed.npz"));
  const std::size_t entry = whole.find("PK\x01\x02");
  CHECK(zip_error(with_number(whole, entry + 20, 70, 4)) ==
        "array counting: need more compressed data: the file is damaged");
  CHECK(zip_error(with_number(whole, entry + 24, 151, 4)) ==
        "array counting: need 6 elements of 4 bytes as the header says, got 23 bytes: it is cut short");
}

TEST_CASE("zip: output that zlib holds back when all input has been fed") {
  // The last match of 258 zeros is cut by the pieces of 1 MiB in which members are read.
  const TemporaryFolder folder;
  for (Index more = 1; more < 20; ++more) {
    CAPTURE(more);
    io::NpzWriter out(folder / "a.npz");
    out.add("x", Tensor<std::uint8_t>::zeros({(Index{1} << 20) + more}));
    out.commit();
    CHECK(NpzReader(folder / "a.npz").read("x").shape == Shape{(Index{1} << 20) + more});
  }
}
