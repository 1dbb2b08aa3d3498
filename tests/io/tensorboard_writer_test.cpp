#include <engram/io/tensorboard_writer.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <engram/io/projector_writer.hpp>

#include "support/event_file.hpp"
#include "support/resource_limit.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using namespace std::string_literals;
using support::read_message;

namespace {

std::string version_of(const std::string& record) {
  return read_message(record)[3].bytes;
}

/// The Summary.Value of an event.
std::map<unsigned, support::Field> value_of(const std::string& record) {
  return read_message(read_message(read_message(record)[5].bytes)[1].bytes);
}

double number(const support::Field& field) {
  return std::bit_cast<double>(field.number);
}

std::vector<double> numbers(const support::Field& field) {
  std::vector<double> all;
  for (std::size_t i = 0; i < field.bytes.size(); i += 8) {
    all.push_back(std::bit_cast<double>(support::little_endian(std::string_view(field.bytes).substr(i), 8)));
  }
  return all;
}

/// The HistogramProto of values.
std::map<unsigned, support::Field> histogram_of(const std::vector<float>& values) {
  const std::string message = io::detail::histogram_value("h", std::span<const float>(values)).bytes();
  return read_message(read_message(message)[5].bytes);
}

}  // namespace

TEST_CASE("tensorboard events: the bytes of a scalar, worked out by hand") {
  // wall_time = 1 | step = 1 | summary, 10 bytes: value, 8 bytes: tag = "a", simple_value = 0.5
  CHECK(io::detail::summary_event(1.0, 1, io::detail::scalar_value("a", 0.5)).bytes() ==
        "\x09\x00\x00\x00\x00\x00\x00\xF0\x3F"
        "\x10\x01"
        "\x2A\x0A\x0A\x08\x0A\x01"
        "a\x15\x00\x00\x00\x3F"s);
  CHECK(io::detail::version_event(1.0).bytes() == "\x09\x00\x00\x00\x00\x00\x00\xF0\x3F\x1A\x0D"s + "brain.Event:2");
  CHECK(io::detail::start_event(1.0, 7).bytes() == "\x09\x00\x00\x00\x00\x00\x00\xF0\x3F\x10\x07\x3A\x02\x08\x01"s);
}

TEST_CASE("tensorboard events: a record is length, checksum, content, checksum") {
  // The checksums of "\x03\0\0\0\0\0\0\0" and "abc", by Python:
  //   def masked(b): c = crc32c(b); return ((c >> 15 | c << 17) + 0xA282EAD8) & 0xFFFFFFFF   # with any crc32c
  CHECK(io::detail::tf_record("abc") ==
        "\x03\x00\x00\x00\x00\x00\x00\x00"s + "\xB0\x99\x49\x0E" + "abc" + "\x6E\x57\xF1\x21");
}

TEST_CASE("TensorBoardWriter: scalars come back, with their steps, after the version") {
  const TemporaryFolder folder;
  const double before = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  io::TensorBoardWriter board(folder / "runs/first");
  board.scalar("loss/train", 0, 0.5);
  board.scalar("loss/train", 300, 0.25);
  board.scalar("größe", 1, NAN);
  board.flush();
  const auto records = support::read_records(board.file());
  REQUIRE(records.size() == 5);
  CHECK(version_of(records[0]) == "brain.Event:2");
  const double wall_time = number(read_message(records[0])[1]);
  CHECK(wall_time >= before);
  CHECK(wall_time <= before + 60);
  const auto scalars = support::read_scalars(board.file());
  CHECK(scalars[0] == support::ScalarEvent{"loss/train", 0, 0.5F});
  CHECK(scalars[1] == support::ScalarEvent{"loss/train", 300, 0.25F});
  CHECK(scalars[2].tag == "größe");
  CHECK(std::isnan(scalars[2].value));
}

TEST_CASE("TensorBoardWriter: an image is a PNG, clipped to 0..1") {
  const TemporaryFolder folder;
  io::TensorBoardWriter board(folder.path());
  board.image("grey", 3, Tensor<float>::from({2, 3}, {-1, 0, 0.2F, 0.5F, 1, 2}));
  board.image("colored", 4, Tensor<double>::from({3, 1, 2}, {0, 1, 0, 0.4, 1, 1}));
  board.flush();
  const auto records = support::read_records(board.file());
  REQUIRE(records.size() == 4);
  CHECK(read_message(records[2])[2].number == 3);
  CHECK(value_of(records[2])[1].bytes == "grey");
  auto grey = read_message(value_of(records[2])[4].bytes);
  CHECK(grey[1].number == 2);
  CHECK(grey[2].number == 3);
  CHECK(grey[3].number == 1);
  write_file(folder / "grey.png", grey[4].bytes);
  const auto pixels = io::read_image(folder / "grey.png");
  CHECK(pixels.shape() == Shape{1, 2, 3});
  CHECK(std::vector<int>(pixels.data(), pixels.data() + 6) == std::vector<int>{0, 0, 51, 128, 255, 255});
  auto colored = read_message(value_of(records[3])[4].bytes);
  CHECK(colored[3].number == 3);
  write_file(folder / "colored.png", colored[4].bytes);
  const auto three = io::read_image(folder / "colored.png");
  CHECK(three.shape() == Shape{3, 1, 2});
  CHECK(std::vector<int>(three.data(), three.data() + 6) == std::vector<int>{0, 255, 0, 102, 255, 255});
}

TEST_CASE("TensorBoardWriter: a histogram of 30 equal intervals, the last one with the largest value") {
  std::vector<float> values;
  for (int i = 0; i <= 60; ++i) {
    values.push_back(static_cast<float>(i));
  }
  auto histogram = histogram_of(values);
  CHECK(number(histogram[1]) == 0);
  CHECK(number(histogram[2]) == 60);
  CHECK(number(histogram[3]) == 61);
  CHECK(number(histogram[4]) == 1830);   // 60 * 61 / 2
  CHECK(number(histogram[5]) == 73810);  // 60 * 61 * 121 / 6
  std::vector<double> limits;
  for (int i = 1; i <= 30; ++i) {
    limits.push_back(2 * i);
  }
  CHECK(numbers(histogram[6]) == limits);
  std::vector<double> counts(30, 2);
  counts[29] = 3;
  CHECK(numbers(histogram[7]) == counts);
}

TEST_CASE("TensorBoardWriter: a histogram of equal values is one interval") {
  auto same = histogram_of({2.5F, 2.5F, 2.5F});
  CHECK(numbers(same[6]) == std::vector<double>{2.5});
  CHECK(numbers(same[7]) == std::vector<double>{3});
}

TEST_CASE("TensorBoardWriter: events reach the file with a flush, at the end and when they are many") {
  const TemporaryFolder folder;
  std::filesystem::path file;
  {
    io::TensorBoardWriter board(folder.path(), {.flush_seconds = 1e9});
    file = board.file();
    CHECK(support::read_records(file).size() == 2);
    board.scalar("a", 1, 1);
    CHECK(support::read_records(file).size() == 2);
    board.flush();
    CHECK(support::read_records(file).size() == 3);
    for (Index step = 0; step < 30'000; ++step) {
      board.scalar("a", step, 1);
    }
    CHECK(support::read_records(file).size() > 1000);
  }
  CHECK(support::read_records(file).size() == 30'003);
  io::TensorBoardWriter eager(folder.path(), {.flush_seconds = 0});
  eager.scalar("a", 1, 1);
  CHECK(support::read_records(eager.file()).size() == 2);
}

TEST_CASE("TensorBoardWriter: each makes a file of its own in the folder, named as TensorBoard looks for them") {
  const TemporaryFolder folder;
  const io::TensorBoardWriter first(folder.path());
  const io::TensorBoardWriter second(folder.path());
  CHECK(first.file() != second.file());
  CHECK(folder.entries() == 2);
  const std::string name = first.file().filename().string();
  CHECK(name.starts_with("events.out.tfevents."));
  CHECK(name.find_first_not_of("0123456789", 20) == 30);  // ten digits of time: names in order of time
  CHECK(name[30] == '.');
}

TEST_CASE("TensorBoardWriter: says that a training starts, or goes on so that later steps are void") {
  const TemporaryFolder folder;
  const auto start_of = [](const io::TensorBoardWriter& board) {
    const auto records = support::read_records(board.file());
    auto event = read_message(records.back());
    return records.size() == 2 && read_message(event[7].bytes)[1].number == 1 ? static_cast<int>(event[2].number) : -1;
  };
  CHECK(start_of(io::TensorBoardWriter(folder.path())) == 0);
  CHECK(start_of(io::TensorBoardWriter(folder.path(), {.purge_step = 8})) == 8);
  CHECK(start_of(io::TensorBoardWriter(folder.path())) == -1);  // joins what is there
}

TEST_CASE("TensorBoardWriter: a full disk is an error, the file stays readable and nothing is lost") {
  const TemporaryFolder folder;
  io::TensorBoardWriter board(folder.path(), {.flush_seconds = 1e9});
  for (Index step = 0; step < 100; ++step) {
    board.scalar("a", step, 1);
  }
  {
    const auto limit = support::limit_file_size(1000);
    CHECK_THROWS_WITH_AS(board.flush(), (board.file().string() + ": cannot be written: File too large").c_str(),
                         IoError);
  }
  CHECK(support::read_records(board.file()).size() == 2);
  board.flush();
  CHECK(support::read_records(board.file()).size() == 102);
}

TEST_CASE("TensorBoardWriter: what it cannot write is refused") {
  const TemporaryFolder folder;
  io::TensorBoardWriter board(folder.path());
  CHECK_THROWS_WITH_AS(board.scalar("", 1, 1), "TensorBoardWriter: need a tag in UTF-8 that is not empty, got ''",
                       ArgumentError);
  CHECK_THROWS_AS(board.scalar("\xFF", 1, 1), ArgumentError);
  CHECK_THROWS_WITH_AS(board.image("a", 1, Tensor<float>::zeros({2, 3, 3})),
                       "TensorBoardWriter: need pixels [H, W], [1, H, W] or [3, H, W], got [2, 3, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(board.image("a", 1, Tensor<float>::full({2, 2}, NAN)),
                       "TensorBoardWriter: need a picture of numbers 0..1, got NaN", ArgumentError);
  CHECK_THROWS_WITH_AS(board.histogram("a", 1, Tensor<float>::zeros({0})),
                       "TensorBoardWriter: need values for a histogram, got none", ArgumentError);
  CHECK_THROWS_WITH_AS(board.histogram("a", 1, Tensor<float>::from({2}, {1, INFINITY})),
                       "TensorBoardWriter: need finite values for a histogram, got inf", ArgumentError);
  CHECK_THROWS_WITH_AS(board.histogram("a", 1, Tensor<double>::from({2}, {1, 1e200})),
                       "TensorBoardWriter: need values for a histogram whose squares have a finite sum, got one that "
                       "overflows",
                       ArgumentError);
  board.flush();
  CHECK(support::read_records(board.file()).size() == 2);
  write_file(folder / "f", "");
  CHECK_THROWS_AS(io::TensorBoardWriter(folder / "f" / "runs"), IoError);
}

TEST_CASE("TensorBoardWriter, ProjectorWriter: Protocol Buffers' library reads the files by TensorFlow's schema") {
  if (!std::filesystem::exists("/usr/lib/python3/dist-packages/google/protobuf")) {
    MESSAGE("skipped: needs Python's protobuf (Debian: apt-get install python3-protobuf)");
    return;
  }
  const TemporaryFolder folder;
  {
    io::TensorBoardWriter board(folder.path());
    board.scalar("loss/train", 3, 0.25);
    board.image("picture", 4, Tensor<float>::full({3, 2, 5}, 0.5F));
    board.histogram("weights", 5, Tensor<float>::from({4}, {-1, 0, 0.5F, 3}));
    io::ProjectorWriter projector(folder.path());
    projector.add(
        "codes", Tensor<float>::zeros({4, 3}),
        {.columns = {"a"}, .labels = Tensor<double>::zeros({4, 1}), .images = Tensor<std::uint8_t>::zeros({4, 6, 7})});
    projector.add("map", Tensor<float>::zeros({5, 2}));
  }
  const auto read =
      support::run_command("/usr/bin/python3 " ENGRAM_TEST_DIR "/io/tensorboard_check.py", {folder.path().string()});
  CHECK(read.status == 0);
  CHECK(read.output ==
        "version brain.Event:2\nsession 1 from step 0\n3 loss/train: 0.25\n"
        "4 picture: image 2 x 5, 3 channels, 'PNG'\n5 weights: histogram of 4, -1 to 3, sum 2.5\n"
        "embedding codes: 4 x 3 codes/metadata.tsv [7, 6]\nembedding map: 5 x 2 no labels []\n");
}
