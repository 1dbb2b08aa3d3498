#include <engram/io/movie_reader.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/io/movie_writer.hpp>

#include "support/environment.hpp"
#include "support/ffmpeg.hpp"
#include "support/open_files.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

/// Noise, other with each number.
Tensor<std::uint8_t> noise(Index number, Index height = 18, Index width = 26) {
  Rng rng(static_cast<std::uint64_t>(number));
  auto frame = Tensor<std::uint8_t>::uninitialized({height, width});
  for (std::uint8_t& pixel : frame.elements()) {
    pixel = static_cast<std::uint8_t>(rng.uniform() * 256);
  }
  return frame;
}

/// Left half and right half tell the frame's number, in steps that survive compression.
Tensor<std::uint8_t> numbered(Index number) {
  auto frame = Tensor<std::uint8_t>::uninitialized({32, 64});
  for (Index i = 0; i < frame.size(); ++i) {
    frame[i] = static_cast<std::uint8_t>(20 + 14 * (i % 64 < 32 ? number % 16 : number / 16));
  }
  return frame;
}

Index number_of(const Tensor<std::uint8_t>& frame) {
  const auto step = [&](Index column) { return (frame[16 * 64 + column] - 20 + 7) / 14; };
  return step(16) + 16 * step(48);
}

template <class Make>
void make_movie(const std::filesystem::path& file, Index count, Make make) {
  io::MovieWriter movie(file);
  for (Index i = 0; i < count; ++i) {
    movie.add(make(i));
  }
  movie.commit();
}

void run_ffmpeg(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"-v", "error", "-y"});
  io::ChildProcess ffmpeg(*io::find_program("ffmpeg"), arguments);
  const auto end = ffmpeg.finish();
  CHECK_MESSAGE(!end.has_value(), ffmpeg.last_messages());
}

std::vector<Index> numbers_of(const std::filesystem::path& file) {
  io::MovieReader movie(file);
  std::vector<Index> numbers;
  for (Tensor<std::uint8_t> frame; movie.next(frame);) {
    numbers.push_back(number_of(frame));
  }
  return numbers;
}

std::vector<Index> up_to(Index count) {
  std::vector<Index> all;
  for (Index i = 0; i < count; ++i) {
    all.push_back(i);
  }
  return all;
}

}  // namespace

TEST_CASE("MovieReader: an .avi of ours gives back the frames to the bit") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  make_movie(folder / "noise.avi", 40, [](Index i) { return noise(i); });
  io::MovieReader movie(folder / "noise.avi");
  Tensor<std::uint8_t> frame;
  while (movie.next(frame)) {
    const auto expected = noise(movie.frames() - 1);
    REQUIRE(frame.shape() == expected.shape());
    CHECK(std::ranges::equal(frame.elements(), expected.elements()));
  }
  CHECK(movie.frames() == 40);
  CHECK_FALSE(movie.next(frame));  // and stays at the end
}

TEST_CASE("MovieReader: every frame comes once and in order, with B-frames, at any rate, of uneven times") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  make_movie(folder / "a.mp4", 200, numbered);
  CHECK(numbers_of(folder / "a.mp4") == up_to(200));

  // Times that jump: a player would show some frames long and others not at all.
  const std::string file = (folder / "a.mp4").string();
  run_ffmpeg({"-i", file, "-vf", "setpts='(N+30*floor(N/50)+0.9*mod(N,2))/(25*TB)'", "-fps_mode", "passthrough", "-c:v",
              "libx264", "-bf", "3", (folder / "uneven.mkv").string()});
  CHECK(numbers_of(folder / "uneven.mkv") == up_to(200));
  run_ffmpeg({"-i", file, "-c:v", "mjpeg", "-q:v", "2", (folder / "motion.avi").string()});
  CHECK(numbers_of(folder / "motion.avi") == up_to(200));
}

TEST_CASE("MovieReader: the levels of an MP4 are those that were written, black and white included") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  const auto ramp = [](Index) {
    auto frame = Tensor<std::uint8_t>::uninitialized({32, 256});
    for (Index i = 0; i < frame.size(); ++i) {
      frame[i] = static_cast<std::uint8_t>(i % 256);
    }
    return frame;
  };
  make_movie(folder / "ramp.mp4", 3, ramp);
  io::MovieReader movie(folder / "ramp.mp4");
  Tensor<std::uint8_t> frame;
  REQUIRE(movie.next(frame));
  for (Index i = 0; i < frame.size(); ++i) {
    CHECK(std::abs(int{frame[i]} - static_cast<int>(i % 256)) <= 3);
  }
}

TEST_CASE("MovieReader: names the file and says what ffmpeg said") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  const auto message_of = [&](const std::string& name) -> std::string {
    try {
      io::MovieReader movie(folder / name);
      for (Tensor<std::uint8_t> frame; movie.next(frame);) {
      }
      return "no error";
    } catch (const Error& error) {
      return std::string(error.what()).substr(folder.path().string().size() + 1);
    }
  };
  CHECK(message_of("none.mp4") == "none.mp4: no such file");
  CHECK_THROWS_WITH_AS(io::MovieReader("/dev/null"), "/dev/null: need a movie, got a device or pipe", IoError);
  write_file(folder / "text.mp4", "this is no movie");
  CHECK(message_of("text.mp4").starts_with("text.mp4: cannot be read: ffmpeg failed with exit status 1, saying: "));
  make_movie(folder / "whole.avi", 40, [](Index i) { return noise(i); });
  const std::string bytes = io::read_text(folder / "whole.avi");
  write_file(folder / "cut.avi", bytes.substr(0, 3 * bytes.size() / 4));
  CHECK(message_of("cut.avi").starts_with("cut.avi: need a movie without damage, got "));
  // Of some codecs ffmpeg says so only if it is to take damage for an error.
  io::ChildProcess ffv1(*io::find_program("ffmpeg"), {"-loglevel", "error", "-i", (folder / "whole.avi").string(),
                                                      "-c:v", "ffv1", (folder / "ffv1.avi").string()});
  REQUIRE(!ffv1.finish());
  const std::string lossless = io::read_text(folder / "ffv1.avi");
  write_file(folder / "cut_ffv1.avi", lossless.substr(0, lossless.size() / 2));
  CHECK(message_of("ffv1.avi") == "no error");
  CHECK(message_of("cut_ffv1.avi").starts_with("cut_ffv1.avi: need a movie without damage, got "));
  CHECK(message_of(".").ends_with(": need a movie, got a folder"));
  make_movie(folder / "long.mp4", 200, numbered);
  std::string damaged = io::read_text(folder / "long.mp4");
  for (std::size_t i = damaged.size() / 2; i < damaged.size() / 2 + 200; ++i) {
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
  }
  write_file(folder / "bits.mp4", damaged);
  CHECK(message_of("bits.mp4").starts_with("bits.mp4: need a movie without damage, got "));

  const support::EnvironmentVariable path("PATH", "/nowhere");
  CHECK(message_of("whole.avi") ==
        "whole.avi: cannot be read: need the program ffmpeg, got none in a folder of PATH; install the package ffmpeg");
}

TEST_CASE("MovieReader: leaves no process and no open file when it is given up") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  make_movie(folder / "long.mp4", 400, numbered);
  const auto before = support::open_files();
  {
    io::MovieReader movie(folder / "long.mp4");
    Tensor<std::uint8_t> frame;
    CHECK(movie.next(frame));
  }
  CHECK(support::open_files() == before);
}

TEST_CASE("is_movie: by the extension, whatever its case") {
  CHECK(io::is_movie("a.AVI"));
  CHECK(io::is_movie("b/c.mp4"));
  CHECK_FALSE(io::is_movie("a.npz"));
  CHECK_FALSE(io::is_movie("avi"));
}

TEST_CASE("MovieReader: an ffmpeg that does not know -fps_mode yet is asked in the old way") {
  const TemporaryFolder folder;
  write_program(folder / "ffmpeg",
                "case \"$*\" in\n*-fps_mode*) echo \"Unrecognized option 'fps_mode'.\" >&2; exit 1 ;;\n"
                "*'-vsync passthrough'*) printf 'P5\\n2 1\\n255\\nab' ;;\nesac");
  write_file(folder / "a.avi", "");
  const support::EnvironmentVariable path("PATH", folder.path().string());
  io::MovieReader movie(folder / "a.avi");
  Tensor<std::uint8_t> frame;
  REQUIRE(movie.next(frame));
  CHECK(frame.shape() == Shape{1, 2});
  CHECK(int{frame[1]} == 'b');
  CHECK_FALSE(movie.next(frame));
}
