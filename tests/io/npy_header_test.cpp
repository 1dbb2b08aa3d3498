#include <engram/io/npy_header.hpp>

#include <doctest/doctest.h>

#include <string>

#include "io/fixtures.hpp"

using namespace engram;
using io::NpyHeader;
using io::detail::format_npy_header;
using io::detail::parse_npy_dict;

namespace {

/// The header of a vector of 3 elements of the type.
NpyHeader typed(const std::string& descr) {
  return parse_npy_dict("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (3,), }");
}
std::string header_error(const std::string& dict) {
  return error_text<FormatError>([&] { parse_npy_dict(dict); });
}

}  // namespace

TEST_CASE("npy header: the dict as NumPy writes it") {
  const NpyHeader header = parse_npy_dict("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 4), }       \n");
  CHECK(header.kind == 'f');
  CHECK(header.item_size == 4);
  CHECK_FALSE(header.swapped);
  CHECK(header.fortran_order);
  CHECK(header.shape == Shape{2, 3, 4});
}

TEST_CASE("npy header: keys in any order, either quotes, no blanks, a scalar's empty shape") {
  const NpyHeader header = parse_npy_dict("{\"shape\":(),\"fortran_order\":False,\"descr\":\"|u1\"}");
  CHECK(header.shape == Shape{});
  CHECK(header.kind == 'u');
  CHECK(parse_npy_dict("{'descr': '<i8', 'fortran_order': False, 'shape': (0, 5)}").shape == Shape{0, 5});
}

TEST_CASE("npy header: byte order") {
  CHECK_FALSE(typed("<i4").swapped);  // the tests run on little-endian machines
  CHECK(typed(">i4").swapped);
  CHECK_FALSE(typed("=i4").swapped);
  CHECK_FALSE(typed("i4").swapped);
  CHECK_FALSE(typed("|i1").swapped);
}

TEST_CASE("npy header: text is counted in code points of four bytes, or in bytes") {
  CHECK(typed("<U8").item_size == 32);
  CHECK(typed("|S8").item_size == 8);
  CHECK(typed("<U0").item_size == 0);
}

TEST_CASE("npy header: types that cannot be read are named") {
  for (const std::string descr : {"|O", "<c8", "<f16", "<M8[ns]", "|V8", "<i3", "<f1", "|b2", "<f", "f4x", "<", "",
                                  "<U-1", "<U99999999999999999999", "<f4 "}) {
    CAPTURE(descr);
    CHECK(error_text<FormatError>([&] { typed(descr); }) ==
          "need elements of type bool, int, uint, f2, f4, f8, or fixed-width text, got '" + descr + "'");
  }
  CHECK(header_error("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }") ==
        "need plain elements, got a structured array");
}

TEST_CASE("npy header: a dict that is none says where") {
  CHECK(header_error("") == "need '{' at byte 0 of the header");
  CHECK(header_error("{") == "need a quoted string at byte 1 of the header");
  CHECK(header_error("{'descr") == "need a closing quote in the header");
  CHECK(header_error("{'descr' '<f4'") == "need ':' at byte 9 of the header");
  CHECK(header_error("{'fortran_order': 1") == "need True or False at byte 18 of the header");
  CHECK(header_error("{'shape': 3") == "need '(' at byte 10 of the header");
  CHECK(header_error("{'shape': (3") == "need ')' at byte 12 of the header");
  CHECK(header_error("{'shape': (3, -1)") == "need an extent at byte 14 of the header");
  CHECK(header_error("{'shape': (1.5,)") == "need ')' at byte 12 of the header");
  CHECK(header_error("{'descr': '<f4'") == "need '}' at byte 15 of the header");
}

TEST_CASE("npy header: needs its three keys and no other") {
  CHECK(header_error("{}") == "need a header with descr, fortran_order and shape");
  CHECK(header_error("{'descr': '<f4', 'shape': (3,)}") == "need a header with descr, fortran_order and shape");
  CHECK(header_error("{'import': 'os'}") == "need a header of descr, fortran_order and shape, got the key 'import'");
}

TEST_CASE("npy header: hostile shapes are refused") {
  const auto shaped = [](const std::string& shape) {
    return error_text<Error>(
        [&] { parse_npy_dict("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}"); });
  };
  CHECK(shaped("(99999999999999999999,)") == "need an extent at byte 51 of the header");
  CHECK(shaped("(4294967296, 4294967296)") == "Shape: the number of elements of [4294967296, 4294967296] overflows");
  CHECK(shaped("(1, 1, 1, 1, 1, 1, 1, 1, 1)") == "Shape: need at most 8 extents, got 9");
  CHECK(shaped(std::string(100'000, '(')) == "need an extent at byte 51 of the header");
}

TEST_CASE("npy header: written as NumPy writes it, padded so that elements start at a multiple of 64 bytes") {
  CHECK(format_npy_header("<f4", Shape{2, 3}) ==
        npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" + std::string(58, ' ') + "\n", ""));
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{0, 1}, Shape{1000000000000, 1, 1, 1, 1, 1, 1, 1}}) {
    CAPTURE(shape.text());
    const std::string header = format_npy_header("|u1", shape);
    CHECK(header.size() % 64 == 0);
    CHECK(parse_npy_dict(header.substr(10)).shape == shape);
  }
}
