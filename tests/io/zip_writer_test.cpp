#include <engram/io/zip_writer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string>

#include "support/temporary_folder.hpp"

using namespace engram;
namespace zip = engram::io::zip;

namespace {

/// Adds a member of the given content, in pieces of at most `piece` bytes.
void add(zip::Writer& writer, const std::string& name, const std::string& content, std::size_t piece,
         std::uint64_t announced) {
  writer.add(name, announced, [&](auto write) {
    for (std::size_t at = 0; at < content.size(); at += piece) {
      write(std::as_bytes(std::span(content).subspan(at, std::min(piece, content.size() - at))));
    }
  });
}
void write_archive(const std::filesystem::path& path, std::uint16_t method, const std::string& content,
                   std::size_t piece, std::uint64_t announced) {
  zip::Writer writer(path, method);
  add(writer, "first", content, piece, announced);
  add(writer, "", "", 1, 0);
  add(writer, "last", "the end", 7, 7);
  writer.commit();
}

std::string content_of(const io::InputFile& file, const zip::Member& member) {
  std::string content(member.uncompressed, '\0');
  zip::MemberStream stream(file, member);
  stream.read(std::as_writable_bytes(std::span(content)));
  stream.finish();
  return content;
}

/// Bytes that deflate cannot shrink much.
std::string noise(std::size_t size) {
  std::string out;
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525u + 1013904223u;
    out += static_cast<char>(state >> 24);
  }
  return out;
}

}  // namespace

TEST_CASE("zip::Writer: members come back whatever the method, the pieces and the announced size") {
  const TemporaryFolder folder;
  for (const std::string& content : {std::string(), std::string("a"), std::string(300'000, 'z'), noise(300'000)}) {
    for (const std::uint16_t method : {zip::stored, zip::deflated}) {
      for (const std::uint64_t announced : {std::uint64_t{content.size()}, std::uint64_t{5'000'000'000}}) {
        write_archive(folder / "a.zip", method, content, 70'001, announced);
        const io::InputFile file(folder / "a.zip");
        const auto members = zip::read_directory(file);
        REQUIRE(members.size() == 3);
        CHECK(members[0].name == "first");
        CHECK(members[0].method == method);
        CHECK(content_of(file, members[0]) == content);
        CHECK(content_of(file, members[1]).empty());
        CHECK(content_of(file, members[2]) == "the end");
      }
    }
  }
}

TEST_CASE("zip::Writer: the same content gives the same bytes, whatever the pieces") {
  const TemporaryFolder folder;
  write_archive(folder / "a.zip", zip::deflated, noise(100'000), 100'000, 100'000);
  write_archive(folder / "b.zip", zip::deflated, noise(100'000), 999, 100'000);
  CHECK(io::read_text(folder / "a.zip") == io::read_text(folder / "b.zip"));
}

TEST_CASE("zip::Writer: deflates") {
  const TemporaryFolder folder;
  write_archive(folder / "a.zip", zip::deflated, std::string(300'000, 'z'), 1000, 300'000);
  CHECK(std::filesystem::file_size(folder / "a.zip") < 2000);
}

TEST_CASE("zip::Writer: names that are not ASCII are marked as UTF-8") {
  const TemporaryFolder folder;
  zip::Writer writer(folder / "a.zip", zip::stored);
  add(writer, "plain", "", 1, 0);
  add(writer, "größe", "", 1, 0);
  writer.commit();
  const auto members = zip::read_directory(io::InputFile(folder / "a.zip"));
  CHECK((members[0].flags & 0x800) == 0);
  CHECK((members[1].flags & 0x800) != 0);
  CHECK(members[1].name == "größe");
}

TEST_CASE("zip::Writer: more members than 16 bits count need ZIP64") {
  const TemporaryFolder folder;
  zip::Writer writer(folder / "a.zip", zip::stored);
  for (int i = 0; i < 65'536; ++i) {
    add(writer, "m", "", 1, 0);
  }
  writer.commit();
  CHECK(zip::read_directory(io::InputFile(folder / "a.zip")).size() == 65'536);
}

TEST_CASE("zip::Writer: a name that the format cannot hold is refused") {
  const TemporaryFolder folder;
  zip::Writer writer(folder / "a.zip", zip::stored);
  CHECK_THROWS_WITH_AS(add(writer, std::string(65'536, 'm'), "", 1, 0),
                       "ZIP: need a member's name of at most 65,535 bytes, got 65536", ArgumentError);
  add(writer, std::string(65'535, 'm'), "", 1, 0);
  writer.commit();
  CHECK(zip::read_directory(io::InputFile(folder / "a.zip")).size() == 1);
}
