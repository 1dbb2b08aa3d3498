#include <engram/io/npy.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "io/fixtures.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using io::DType;

namespace {

/// What is wrong with a file of these bytes, without the path.
std::string npy_error(const std::string& content) {
  const TemporaryFolder folder;
  const std::string path = (folder / "a.npy").string();
  write_file(path, content);
  const std::string what = error_text<FormatError>([&] { io::read_npy(path); });
  return what.starts_with(path + ": ") ? what.substr(path.size() + 2) : "not the file's name: " + what;
}

std::string dict(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

template <class T>
void check_round_trip(DType dtype, const std::vector<T>& values) {
  const TemporaryFolder folder;
  const auto written = Tensor<T>::from({1, std::ssize(values)}, values);
  io::write_npy(folder / "a.npy", written);
  const auto read = io::read_npy(folder / "a.npy");
  CHECK(read.dtype == dtype);
  CHECK(read.shape == written.shape());
  CHECK(std::ranges::equal(read.as<T>().elements(), written.elements()));
}

}  // namespace

TEST_CASE("read_npy: versions 1, 2 and 3 as NumPy writes them") {
  for (const char* name : {"version1.npy", "version2.npy", "version3.npy"}) {
    CAPTURE(name);
    const auto array = io::read_npy(fixture(name));
    CHECK(array.dtype == DType::f32);
    CHECK(array.shape == Shape{2, 3});
    CHECK(std::ranges::equal(array.as<float>().elements(), std::vector<float>{0, 1, 2, 3, 4, 5}));
  }
}

TEST_CASE("read_npy: columns first and the other byte order become rows first and the machine's") {
  const auto array = io::read_npy(fixture("fortran_big_endian.npy"));
  CHECK(array.dtype == DType::i16);
  CHECK(array.shape == Shape{2, 3, 4});
  const auto values = array.as<std::int16_t>();
  for (Index i = 0; i < 24; ++i) {
    CHECK(values[i] == i);
  }
}

TEST_CASE("read_npy: a scalar has no axis and one element") {
  const auto array = io::read_npy(fixture("scalar.npy"));
  CHECK(array.shape == Shape{});
  CHECK(array.as<double>().item() == 2.5);
}

TEST_CASE("read_npy: half precision exactly, subnormal, infinite and NaN") {
  const auto values = io::read_npy(fixture("halves.npy")).as<float>();
  const float expected[] = {0,         0x1p-24f,  0x1p-14f, 1,      65504,    -0.0f,
                            -0x1p-24f, -0x1p-14f, -1,       -65504, INFINITY, -INFINITY};
  for (Index i = 0; i < 12; ++i) {
    CAPTURE(i);
    CHECK(values[i] == expected[i]);
    CHECK(std::signbit(values[i]) == std::signbit(expected[i]));
  }
  CHECK(std::isnan(values[12]));
}

TEST_CASE("read_npy: objects and structures are refused") {
  CHECK_THROWS_WITH_AS(io::read_npy(fixture("object.npy")),
                       (fixture("object.npy").string() +
                        ": need elements of type bool, int, uint, f2, f4, f8, or fixed-width text, got '|O'")
                           .c_str(),
                       FormatError);
  CHECK_THROWS_WITH_AS(io::read_npy(fixture("structured.npy")),
                       (fixture("structured.npy").string() + ": need plain elements, got a structured array").c_str(),
                       FormatError);
}

TEST_CASE("read_npy: letters become one to four bytes of UTF-8") {
  const TemporaryFolder folder;
  const std::string codes("\x41\x00\x00\x00\xE4\x00\x00\x00\xAC\x20\x00\x00\x00\xF6\x01\x00", 16);
  write_file(folder / "a.npy", npy_bytes(dict("<U4", "(1,)"), codes));
  CHECK(io::read_npy(folder / "a.npy").strings == std::vector<std::string>{"A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"});
}

TEST_CASE("read_npy: text that is no Unicode is refused, empty strings are none") {
  CHECK(npy_error(npy_bytes(dict("<U1", "(1,)"), std::string("\x00\xD8\x00\x00", 4))) ==
        "need text in Unicode, got the code 55296");
  CHECK(npy_error(npy_bytes(dict("<U1", "(1,)"), std::string("\x00\x00\x11\x00", 4))) ==
        "need text in Unicode, got the code 1114112");
  const TemporaryFolder folder;
  for (const char* type : {"<U0", "|S0"}) {
    write_file(folder / "a.npy",
               npy_bytes("{'descr': '" + std::string(type) + "', 'fortran_order': True, 'shape': (2, 2), }", ""));
    CHECK(io::read_npy(folder / "a.npy").strings == std::vector<std::string>(4));
  }
}

TEST_CASE("read_npy: every truncation of a file is refused") {
  const std::string whole = io::read_text(fixture("version1.npy"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(npy_error(whole.substr(0, size)).starts_with("need "));
  }
  CHECK(npy_error("") == "need 10 bytes more, got 0: it is cut short");
  CHECK(npy_error(whole.substr(0, 100)) == "need a header of 118 bytes, got 90 bytes: it is cut short");
  CHECK(npy_error(whole.substr(0, 151)) ==
        "need 6 elements of 4 bytes as the header says, got 23 bytes: it is cut short");
  CHECK(npy_error(whole + "x") == "need 24 bytes of elements as the header says, got 25");
}

TEST_CASE("read_npy: other content and versions") {
  CHECK(npy_error("PK\x03\x04 and more bytes") == "need an .npy array, got other content");
  CHECK(npy_error(npy_bytes(dict("<f4", "(0,)"), "", 4)) == "need an .npy array of version 1, 2 or 3, got 4");
}

TEST_CASE("read_npy: a header that promises far too much is refused before memory is taken") {
  CHECK(npy_error(npy_bytes(dict("<f8", "(1000000000000,)"), "12345678")) ==
        "need 1000000000000 elements of 8 bytes as the header says, got 8 bytes: it is cut short");
  CHECK(npy_error(npy_bytes(dict("<f8", "(3037000499, 3037000499)"), "")).starts_with("need 9223372030926249001 "));
  CHECK(npy_error(npy_bytes(dict("<f8", "(4294967296, 4294967296)"), "")) ==
        "Shape: the number of elements of [4294967296, 4294967296] overflows");
  CHECK(npy_error(npy_bytes(dict("<U0", "(1000000000000,)"), "")) == "need at most 1048576 strings, got 1000000000000");
  CHECK(npy_error(npy_bytes(dict("|S1", "(1048577,)"), std::string(1048577, 'a'))) ==
        "need at most 1048576 strings, got 1048577");
  CHECK(npy_error("\x93NUMPY\x02" + std::string(1, '\0') + "\xFF\xFF\xFF\xFF") ==
        "need a header of 4294967295 bytes, got 0 bytes: it is cut short");
  CHECK(npy_error(npy_bytes(std::string(1 << 20, '{'), "", 2)) == "need a quoted string at byte 1 of the header");
}

TEST_CASE("read_npy: no flipped bit of a header crashes, and each error names the file") {
  const std::string whole = io::read_text(fixture("version1.npy"));
  const TemporaryFolder folder;
  const std::string path = (folder / "a.npy").string();
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * (whole.size() - 24); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    write_file(path, damaged);
    const std::string what = error_text<FormatError>([&] { io::read_npy(path); });
    refused += what.starts_with(path + ": ") ? 1 : 0;
    CHECK((what.starts_with(path + ": ") || what == "no error"));
  }
  CHECK(refused > 400);
}

TEST_CASE("read_npy: a missing file") {
  CHECK_THROWS_WITH_AS(io::read_npy("/nowhere/a.npy"), "/nowhere/a.npy: cannot be read: No such file or directory",
                       IoError);
}

TEST_CASE("write_npy: the bytes that NumPy writes") {
  const TemporaryFolder folder;
  io::write_npy(folder / "a.npy", Tensor<float>::from({2, 3}, {0, 1, 2, 3, 4, 5}));
  CHECK(io::read_text(folder / "a.npy") == io::read_text(fixture("version1.npy")));
}

TEST_CASE("write_npy: every type comes back") {
  check_round_trip<std::int8_t>(DType::i8, {-128, 0, 127});
  check_round_trip<std::int16_t>(DType::i16, {-32768, 0, 32767});
  check_round_trip<std::int32_t>(DType::i32, {INT32_MIN, 0, INT32_MAX});
  check_round_trip<std::int64_t>(DType::i64, {INT64_MIN, 0, INT64_MAX});
  check_round_trip<std::uint8_t>(DType::u8, {0, 255});
  check_round_trip<std::uint16_t>(DType::u16, {0, 65535});
  check_round_trip<std::uint32_t>(DType::u32, {0, UINT32_MAX});
  check_round_trip<std::uint64_t>(DType::u64, {0, UINT64_MAX});
  check_round_trip<float>(DType::f32, {0.1f, -INFINITY, std::numeric_limits<float>::denorm_min()});
  check_round_trip<double>(DType::f64, {0.1, 1e308, std::numeric_limits<double>::denorm_min()});
  check_round_trip<double>(DType::f64, {});
}

TEST_CASE("write_npy: a folder that does not exist is named") {
  CHECK_THROWS_WITH_AS(io::write_npy("/nowhere/a.npy", Tensor<float>::zeros({2})),
                       "/nowhere/a.npy: cannot be written: No such file or directory", IoError);
}
