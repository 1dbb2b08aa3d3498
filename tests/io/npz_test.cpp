#include <engram/io/atomic_file.hpp>
#include <engram/io/npz.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "io/fixtures.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using io::DType;
using io::NpzReader;
using io::NpzWriter;
using Names = std::vector<std::string>;

namespace {

/// The type that an array called "<f4" or ">i2 F" has when it is read.
DType type_of(std::string_view name) {
  const auto size = static_cast<std::size_t>(name[2] - '0');
  return size == 2 && name[1] == 'f' ? DType::f32 : io::detail::numeric_type(name[1], size);
}

/// The values that make_fixtures.py gave the arrays of a kind of type.
std::vector<double> values_of(char kind) {
  return kind == 'b'   ? std::vector<double>{1, 0, 1, 0, 0, 1}
         : kind == 'u' ? std::vector<double>{3, 1, 2, 200, 0, 4}
                       : std::vector<double>{-3, 1, 2, 100, 0, -1};
}

}  // namespace

TEST_CASE("NpzReader: NumPy's bool, integers and floats in both byte orders, rows or columns first") {
  for (const char* file : {"types_stored.npz", "types_deflated.npz"}) {
    const NpzReader npz(fixture(file));
    CHECK(npz.names().size() == 33);
    for (const std::string& name : npz.names()) {
      CAPTURE(file);
      CAPTURE(name);
      const auto array = npz.read(name);
      CHECK(array.shape == Shape{2, 3});
      CHECK(array.dtype == type_of(name));
      CHECK(std::ranges::equal(array.as<double>().elements(), values_of(name[1])));
    }
  }
}

TEST_CASE("NpzReader: fixed-width text as UTF-8, in both byte orders") {
  const NpzReader npz(fixture("texts.npz"));
  for (const char* name : {"<U8", ">U8"}) {
    CAPTURE(name);
    const auto array = npz.read(name);
    CHECK(array.dtype == DType::text);
    CHECK(array.shape == Shape{6});
    CHECK(array.strings == Names{"", "a", "größe", "日本", "🐁 42", "12345678"});
  }
  CHECK(npz.read("|S3").strings == Names{"", "a", "xyz"});
  CHECK(npz.read("<U2 F").strings == Names{"a", "b", "c", "d", "e", "ff"});
  CHECK(npz.read("<U2 F").shape == Shape{2, 3});
}

TEST_CASE("NpzReader: sizes, offsets and end record in ZIP64 form") {
  const NpzReader npz(fixture("zip64.npz"));
  CHECK(npz.names() == Names{"first", "second"});
  CHECK(npz.read("first").as<float>()[5] == 5);
  CHECK(npz.read("second").as<float>()[5] == 6);
}

TEST_CASE("NpzReader: sizes behind the content, a comment, names that are not ASCII") {
  CHECK(NpzReader(fixture("streamed.npz")).read("counting").as<float>()[5] == 5);
  const NpzReader npz(fixture("comment.npz"));
  CHECK(npz.names() == Names{"counting", "größe"});
  CHECK(npz.read("größe").as<float>()[4] == 4);
  CHECK(npz.contains("größe"));
  CHECK_FALSE(npz.contains("groesse"));
}

TEST_CASE("NpzReader: an unknown name lists those that there are, a dozen at most") {
  const auto message = [](const char* file) {
    return error_text<FormatError>([&] { NpzReader(fixture(file)).read("x"); });
  };
  CHECK(message("comment.npz") == fixture("comment.npz").string() + ": need an array called x, got counting, größe");
  CHECK(message("empty.npz") == fixture("empty.npz").string() + ": need an array called x, got none");
  const std::string many = message("types_stored.npz");
  CHECK(many.ends_with("|b1, |i1, <i2, >i2, <i4, >i4, <i8, >i8, <f2, >f2, <f4, >f4, ..."));
}

TEST_CASE("NpzReader: an array that cannot be read is named with its file") {
  CHECK(error_text<FormatError>([] { NpzReader(fixture("bzip2.npz")).read("counting"); }) ==
        fixture("bzip2.npz").string() +
            ": array counting: need a stored or deflated member, got compression method 12");
}

TEST_CASE("NpzReader: other content is named") {
  CHECK(error_text<FormatError>([] { NpzReader(fixture("version1.npy")); }) ==
        fixture("version1.npy").string() +
            ": need an .npz (ZIP) file, got one without a ZIP directory at its end: other content, or cut "
            "short");
  CHECK_THROWS_WITH_AS(NpzReader("/nowhere/a.npz"), "/nowhere/a.npz: cannot be read: No such file or directory",
                       IoError);
}

TEST_CASE("NpzWriter: arrays and text come back, compressed and not") {
  const TemporaryFolder folder;
  for (const auto compression : {io::Compression::stored, io::Compression::deflate}) {
    NpzWriter out(folder / "a.npz", compression);
    out.add("x", Tensor<double>::from({2, 2}, {0.1, -1, 1e300, 0}));
    out.add("pixels", Tensor<std::uint8_t>::from({1, 1, 3}, {0, 128, 255}));
    out.add("nothing", Tensor<float>::zeros({0, 3}));
    out.add("scalar", Tensor<std::int64_t>::from({}, {INT64_MIN}));
    out.add("größe", Names{"", "größe", "日本", "🐁"});
    out.add("no names", Names{});
    out.commit();
    const NpzReader in(folder / "a.npz");
    CHECK(in.names() == Names{"x", "pixels", "nothing", "scalar", "größe", "no names"});
    CHECK(in.read("x").as<double>()[2] == 1e300);
    CHECK(in.read("pixels").as<std::uint8_t>()[2] == 255);
    CHECK(in.read("nothing").shape == Shape{0, 3});
    CHECK(in.read("scalar").as<std::int64_t>().item() == INT64_MIN);
    CHECK(in.read("größe").strings == Names{"", "größe", "日本", "🐁"});
    CHECK(in.read("no names").shape == Shape{0});
  }
}

TEST_CASE("NpzWriter: text is stored in code points, as narrow as the longest") {
  const TemporaryFolder folder;
  NpzWriter out(folder / "a.npz", io::Compression::stored);
  out.add("s", Names{"größe", "日本"});
  out.commit();
  CHECK(io::read_text(folder / "a.npz").find("'<U5'") != std::string::npos);
}

TEST_CASE("NpzWriter: text that is no UTF-8 is refused") {
  const TemporaryFolder folder;
  for (const std::string bad : {"\xFF", "a\x80", "\xC3", "\xE6\x97", "\xC3(", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    NpzWriter out(folder / "a.npz");
    CHECK_THROWS_WITH_AS(out.add("s", Names{bad}), ("write_npy: need text in UTF-8, got '" + bad + "'").c_str(),
                         ArgumentError);
  }
  CHECK(folder.entries() == 0);
}

TEST_CASE("NpzWriter: a name is used once") {
  const TemporaryFolder folder;
  NpzWriter out(folder / "a.npz");
  out.add("x", Tensor<float>::zeros({1}));
  CHECK_THROWS_WITH_AS(out.add("x", Tensor<float>::zeros({1})), "NpzWriter: need a new name, got x twice",
                       ArgumentError);
}

TEST_CASE("NpzWriter: an array that is added after the commit is not lost unnoticed") {
  const TemporaryFolder folder;
  io::NpzWriter file(folder / "a.npz");
  file.commit();
  CHECK_THROWS_WITH_AS(file.add("late", Tensor<float>::zeros({2})),
                       ((folder / "a.npz").string() + ": need all to be written before the commit").c_str(),
                       ArgumentError);
}

TEST_CASE("NpzReader: a name that is there twice, once without its end, is refused") {
  const TemporaryFolder folder;
  io::zip::Writer out(folder / "a.npz", io::zip::stored);
  for (const char* name : {"x", "x.npy"}) {
    out.add(name, 1, [](auto write) { write(std::as_bytes(std::span("1", 1))); });
  }
  out.commit();
  CHECK_THROWS_WITH_AS(NpzReader(folder / "a.npz"),
                       ((folder / "a.npz").string() + ": need arrays of different names, got 2 of 1 names").c_str(),
                       FormatError);
}

TEST_CASE("NpzReader: numbers of a type, and the array's name where that cannot hold them") {
  const TemporaryFolder folder;
  NpzWriter out(folder / "a.npz");
  out.add("x", Tensor<double>::from({2}, {1, 2.5}));
  out.add("s", Names{"a"});
  out.commit();
  const NpzReader file(folder / "a.npz");
  CHECK(file.read<float>("x")[1] == 2.5F);
  CHECK_THROWS_WITH_AS(file.read<float>("s"),
                       ((folder / "a.npz").string() + ": array s: need numbers, got an array of text").c_str(),
                       FormatError);
}

TEST_CASE("NpzWriter: without commit the old file stays and nothing is left beside it") {
  const TemporaryFolder folder;
  io::write_atomically(folder / "a.npz", "old");
  try {
    NpzWriter out(folder / "a.npz");
    out.add("x", Tensor<float>::zeros({300, 300}));
    out.add("x", Tensor<float>::zeros({1}));
    out.commit();
  } catch (const ArgumentError&) {
  }
  CHECK(io::read_text(folder / "a.npz") == "old");
  CHECK(folder.entries() == 1);
}
