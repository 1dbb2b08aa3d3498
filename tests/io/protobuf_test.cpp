#include <engram/io/protobuf.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace engram;
using Message = io::ProtobufMessage;
using namespace std::string_literals;

// Values from "Protocol Buffers: Encoding", or worked out by hand: key = field << 3 | wire type.

TEST_CASE("ProtobufMessage: integers in groups of seven bits, the lowest first") {
  CHECK(Message().integer(1, 150).bytes() == "\x08\x96\x01");
  CHECK(Message().integer(1, 0).bytes() == "\x08\x00"s);
  CHECK(Message().integer(1, 127).bytes() == "\x08\x7F");
  CHECK(Message().integer(1, -2).bytes() == "\x08\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
  CHECK(Message().integer(16, 1).bytes() == "\x80\x01\x01");  // the key alone takes two bytes
}

TEST_CASE("ProtobufMessage: numbers in little-endian order") {
  CHECK(Message().float32(2, 0.5F).bytes() == "\x15\x00\x00\x00\x3F"s);
  CHECK(Message().float64(1, 1.0).bytes() == "\x09\x00\x00\x00\x00\x00\x00\xF0\x3F"s);
}

TEST_CASE("ProtobufMessage: texts, messages and packed numbers after their length") {
  CHECK(Message().text(2, "testing").bytes() == "\x12\x07testing");
  CHECK(Message().text(2, "").bytes() == "\x12\x00"s);
  CHECK(Message().message(3, Message().integer(1, 150)).bytes() == "\x1A\x03\x08\x96\x01");
  CHECK(Message().text(2, std::string(200, 'x')).bytes() == "\x12\xC8\x01" + std::string(200, 'x'));
  CHECK(Message().float64s(6, std::array{1.0, -2.0}).bytes() ==
        "\x32\x10\x00\x00\x00\x00\x00\x00\xF0\x3F\x00\x00\x00\x00\x00\x00\x00\xC0"s);
}

TEST_CASE("ProtobufMessage: fields follow one another") {
  CHECK(Message().integer(1, 1).text(2, "a").bytes() == "\x08\x01\x12\x01"s + "a");
}
