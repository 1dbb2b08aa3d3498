#include <engram/io/atomic_file.hpp>
#include <engram/io/safetensors.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <engram/io/safetensors_writer.hpp>

#include "support/numbers.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

/// A file of this header and these data.
std::filesystem::path write_raw(const TemporaryFolder& folder, std::string_view header, std::string_view data) {
  const auto path = folder / "raw.safetensors";
  const std::uint64_t length = header.size();
  std::string content(sizeof length, '\0');
  std::memcpy(content.data(), &length, sizeof length);
  io::write_atomically(path, content.append(header).append(data));
  return path;
}

/// What is said of a file of this header and these data.
std::string refusal(std::string_view header, std::string_view data = {}) {
  const TemporaryFolder folder;
  const auto path = write_raw(folder, header, data);
  try {
    const io::SafetensorsReader reader(path);
  } catch (const FormatError& error) {
    const std::string said = error.what();
    REQUIRE(said.starts_with(path.string() + ": "));
    return said.substr(path.string().size() + 2);
  }
  return "nothing";
}

}  // namespace

TEST_CASE("safetensors: tensors of all types and texts come back as they were written") {
  const TemporaryFolder folder;
  const auto path = folder / "all.safetensors";
  io::SafetensorsWriter writer;
  writer.add("weight", Tensor<float>::from({2, 3}, {1, -2, 3, 4.5F, 5, 1e-30F}));
  writer.add("empty", Tensor<double>::zeros({0, 4}));
  writer.add("batches", Tensor<std::int64_t>::full({}, -7));
  writer.add("odd", Tensor<std::uint8_t>::from({3}, {0, 128, 255}));
  writer.add("small", Tensor<std::int16_t>::from({2}, {-32768, 32767}));
  writer.add("exact", Tensor<double>::from({1}, {0.1}));
  writer.set_metadata("format", "pt");
  writer.set_metadata("name", "Ratte, müde");
  writer.commit(path);

  const io::SafetensorsReader reader(path);
  CHECK(reader.names().size() == 6);
  CHECK(reader.names() == std::vector<std::string>{"empty", "batches", "exact", "weight", "small", "odd"});
  CHECK(reader.metadata().at("format") == "pt");
  CHECK(reader.metadata().at("name") == "Ratte, müde");
  CHECK(reader.read("weight").shape == Shape{2, 3});
  CHECK(list(reader.read("weight").as<float>()) == std::vector<float>{1, -2, 3, 4.5F, 5, 1e-30F});
  CHECK(reader.read("empty").shape == Shape{0, 4});
  CHECK(reader.read("batches").as<std::int64_t>().item() == -7);
  CHECK(list(reader.read("odd").as<int>()) == std::vector<int>{0, 128, 255});
  CHECK(list(reader.read("small").as<int>()) == std::vector<int>{-32768, 32767});
  CHECK(reader.read("exact").as<double>()[0] == 0.1);
  CHECK_THROWS_WITH_AS(
      reader.read("bias"),
      text(path.string(), ": need a tensor called bias, got empty, batches, exact, weight, small, odd").c_str(),
      FormatError);
  CHECK_THROWS_WITH_AS(writer.add("odd", Tensor<float>::zeros({1})), "SafetensorsWriter: need a new name, got odd",
                       ArgumentError);
  const auto content = io::read_text(path);  // aligned, as other readers map files into memory
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), sizeof length);
  CHECK(length % 8 == 0);
  double exact = 0;
  std::memcpy(&exact, content.data() + 8 + length + 8, sizeof exact);  // after the counter
  CHECK(exact == 0.1);
}

TEST_CASE("safetensors: what was written is covered by a checksum, which other files need not have") {
  const TemporaryFolder folder;
  const auto path = folder / "sum.safetensors";
  io::SafetensorsWriter writer;
  writer.add("\"engram.crc32c\":\"00000000", Tensor<float>::from({2}, {1, 2}));
  writer.set_metadata("\"engram.crc32c\":\"", "\"engram.crc32c\":\"");
  CHECK_THROWS_WITH_AS(writer.set_metadata("engram.crc32c", "1"),
                       "SafetensorsWriter: need another name for a text, got engram.crc32c, the checksum's",
                       ArgumentError);
  writer.commit(path);
  const io::SafetensorsReader whole(path);
  CHECK(whole.metadata().size() == 1);
  const std::string content = io::read_text(path);
  const std::size_t digits = content.find(R"("engram.crc32c":")") + 17;
  const std::string sum = content.substr(digits, 8);
  CHECK(sum != "00000000");

  std::string other = content;
  other.back() = static_cast<char>(other.back() ^ 1);
  io::write_atomically(path, other);
  try {
    const io::SafetensorsReader reader(path);
    FAIL("a damaged file was read");
  } catch (const FormatError& error) {
    const std::string said = error.what();
    CHECK(said.starts_with(path.string() + ": need the checksum " + sum + " (engram.crc32c), got "));
    CHECK(said.ends_with(": the file is damaged, or was changed by a program that kept the metadata"));
  }
  // As other programs write the header again, and the metadata with it.
  const auto a = [&](const std::string& metadata) {
    return refusal(R"({"__metadata__":{)" + metadata + R"(},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
                   "xy");
  };
  CHECK(a(R"("engram.crc32c": "12345678")").starts_with("need the checksum engram.crc32c as it was written"));
  CHECK(a(R"("engram.crc32c":"1234567")").starts_with("need the checksum "));
  CHECK(refusal(R"({"__metadata__":{"engram.crc32c":"1"}})").starts_with("need the checksum "));
}

TEST_CASE("safetensors: half and brain floats are widened") {
  const TemporaryFolder folder;
  const auto path = write_raw(
      folder,
      R"({"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}})",
      std::string_view("\x00\x3E\x00\xC0\xC0\x3F\x00\xC0", 8));
  const io::SafetensorsReader reader(path);
  CHECK(list(reader.read("h").as<float>()) == std::vector<float>{1.5F, -2});
  CHECK(list(reader.read("b").as<float>()) == std::vector<float>{1.5F, -2});
}

TEST_CASE("safetensors: a header that does not describe the file to the last byte is refused") {
  CHECK(refusal("{}") == "nothing");
  CHECK(refusal("{}", "x") == "need 0 bytes of data as the header says, got 1");
  CHECK(refusal(R"({"a":)").starts_with("need a header of JSON, got "));
  CHECK(refusal("[]") == "need a header that is a JSON object, got array");
  const std::string a = R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]})";
  CHECK(refusal("{" + a + "}", "xy") == "nothing");
  CHECK(refusal("{" + a + "," + a + "}", "xy") == "need a header without a name twice");
  CHECK(refusal(R"({"a":{"dtype":"U8","dtype":"I8","shape":[2],"data_offsets":[0,2]}})", "xy") ==
        "need a header without a name twice");
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":["2"],"data_offsets":[0,2]}})", "xy") ==
        "tensor a: need shape of integers from 0 to 2^63 - 1");
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":)" + std::string(200000, '[') + std::string(200000, ']') + "}}") ==
        "need a header of lists at most, got lists within lists");
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":[0,9223372036854775807,9223372036854775807],"data_offsets":[0,0]}})") ==
        "tensor a: need a shape that memory can hold");
  CHECK(refusal("{" + a + "}", "x") == "need 2 bytes of data as the header says, got 1");
  CHECK(refusal("{" + a + R"(,"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", "xyz") ==
        "need tensors one after another, got b at byte 1 of the data, where 2 is next");
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}})", "xy") ==
        "tensor a: need 3 bytes for its shape, got data_offsets 0 and 2");
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,2]}})", "xy") ==
        "tensor a: need a shape that memory can hold");
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}})", "xy") ==
        "tensor a: need shape of integers from 0 to 2^63 - 1");
  CHECK(refusal(R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}})", "xy") ==
        "tensor a: need the dtype F64, F32, F16, BF16, I64 to I8, U64 to U8 or BOOL, got F8_E4M3");
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}})", "xy") ==
        "tensor a: need two data_offsets that rise");
  CHECK(refusal(R"({"a":{"dtype":"U8","data_offsets":[0,2]}})", "xy") == "tensor a: need a list shape");
  CHECK(refusal(R"({"a":7})") == "tensor a: need a list shape");
  CHECK(refusal(R"({"__metadata__":{"n":1}})") == "need a text for n in __metadata__, got number");
  CHECK(refusal(std::string(100000, '[')) == "need a header of lists at most, got lists within lists");
  CHECK(refusal("{\"" + std::string(100000, 'a')).size() < 300);

  const TemporaryFolder folder;
  const auto path = folder / "short.safetensors";
  io::write_atomically(path, std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F{}", 10));
  CHECK_THROWS_WITH_AS(io::SafetensorsReader{path},
                       text(path.string(), ": need a header of at most 2 bytes, got 9223372036854775807").c_str(),
                       FormatError);
  io::write_atomically(path, "abc");
  CHECK_THROWS_AS(io::SafetensorsReader{path}, FormatError);
  CHECK_THROWS_AS(io::SafetensorsReader{folder / "none.safetensors"}, IoError);
}
