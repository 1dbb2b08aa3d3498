#include <engram/io/movie_writer.hpp>

#include <sys/wait.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "support/environment.hpp"
#include "support/open_files.hpp"
#include "support/resource_limit.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using Frame = Tensor<std::uint8_t>;

namespace {

bool have_ffmpeg() {
  const bool have = io::find_program("ffmpeg") && io::find_program("ffprobe");
  if (!have) {
    MESSAGE("skipped: needs the programs ffmpeg and ffprobe (Debian: apt-get install ffmpeg)");
  }
  return have;
}

/// A square of 200 on 50 that moves two pixels to the right with each frame.
Frame square(Index t, Index height = 32, Index width = 48) {
  auto frame = Frame::full({height, width}, 50);
  for (Index y = 8; y < 16; ++y) {
    for (Index x = 2 * t; x < std::min(width, 2 * t + 8); ++x) {
      frame[y * width + x] = 200;
    }
  }
  return frame;
}

/// Four corners of other colours, which change places with each frame.
Frame corners(Index t, Index size = 32) {
  constexpr std::uint8_t colors[4][3] = {{220, 30, 40}, {20, 200, 60}, {30, 60, 230}, {240, 220, 50}};
  auto frame = Frame::uninitialized({size, size, 3});
  for (Index y = 0; y < size; ++y) {
    for (Index x = 0; x < size; ++x) {
      const Index corner = (2 * (y >= size / 2 ? 1 : 0) + (x >= size / 2 ? 1 : 0) + t) % 4;
      std::copy_n(colors[corner], 3, frame.data() + 3 * (y * size + x));
    }
  }
  return frame;
}

/// Writes `count` frames made by `frame(t)`.
template <class Make>
void write_movie(const std::filesystem::path& file, Index count, Make frame, const io::MovieOptions& options = {}) {
  io::MovieWriter movie(file, options);
  for (Index t = 0; t < count; ++t) {
    movie.add(frame(t));
  }
  CHECK(movie.frames() == count);
  movie.commit();
}

/// What ffprobe says of the picture: "h264,48,32,yuv420p,25/1,20".
std::string probe(const std::filesystem::path& file, const std::string& entries) {
  const std::string command =
      "ffprobe -v error -count_frames -of csv=p=0 -show_entries stream=" + entries + " '" + file.string() + "'";
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char line[200] = {};
  CHECK(std::fgets(line, sizeof line, pipe) != nullptr);
  CHECK(pclose(pipe) == 0);
  return std::string(line).substr(0, std::string(line).find('\n'));
}

/// All frames of a movie one after another, as ffmpeg decodes them.
std::vector<int> decoded(const TemporaryFolder& folder, const std::string& name, const std::string& pixel_format) {
  const auto raw = folder / (name + ".raw");
  io::ChildProcess ffmpeg(*io::find_program("ffmpeg"), {"-v", "error", "-y", "-i", (folder / name).string(), "-f",
                                                        "rawvideo", "-pix_fmt", pixel_format, raw.string()});
  CHECK_FALSE(ffmpeg.finish().has_value());
  const std::string bytes = io::read_text(raw);
  std::vector<int> values;
  std::ranges::transform(bytes, std::back_inserter(values), [](char c) { return static_cast<unsigned char>(c); });
  return values;
}

/// Largest difference between a movie's decoded frames and what was written, over the positions that count.
template <class Make>
int worst(
    const std::vector<int>& movie, Index count, Make frame,
    bool (*counts)(Index position) = [](Index) { return true; }) {
  const Index size = frame(0).size();
  REQUIRE(std::ssize(movie) == count * size);
  int most = 0;
  for (Index i = 0; i < count * size; ++i) {
    if (counts(i % size)) {
      most = std::max(most, std::abs(movie[static_cast<std::size_t>(i)] - int{frame(i / size)[i % size]}));
    }
  }
  return most;
}

}  // namespace

TEST_CASE("MovieWriter: an MP4 of a moving square, as players want it") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  const auto frame = [](Index t) { return square(t); };
  write_movie(folder / "square.mp4", 20, frame);
  CHECK(folder.entries() == 1);
  CHECK(probe(folder / "square.mp4", "codec_name,width,height,pix_fmt,avg_frame_rate,nb_read_frames") ==
        "h264,48,32,yuv420p,25/1,20");
  CHECK(probe(folder / "square.mp4", "color_range,color_space,color_transfer,color_primaries") ==
        "tv,bt709,iec61966-2-1,bt709");
  const std::vector<int> movie = decoded(folder, "square.mp4", "gray");
  double squares = 0;
  REQUIRE(movie.size() == 20 * 32 * 48);
  for (std::size_t i = 0; i < movie.size(); ++i) {
    const Frame original = square(static_cast<Index>(i / (32 * 48)));
    const double difference = movie[i] - original[static_cast<Index>(i % (32 * 48))];
    squares += difference * difference;
  }
  CHECK(10 * std::log10(255.0 * 255.0 * static_cast<double>(movie.size()) / squares) > 40);  // dB
}

TEST_CASE("MovieWriter: an MP4 of the best quality keeps grey to one level and colours to three") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  // 256 levels become 220 and back: an error of at most 1. Colours take three such roundings and a matrix with
  // coefficients up to 2.1, and are shared by 2 x 2 pixels: their borders do not count. Another
  // matrix or range than the one that is tagged gives errors of 10 and more.
  const auto grey = [](Index t) { return square(t); };
  write_movie(folder / "grey.mp4", 5, grey, {.crf = 0});
  CHECK(worst(decoded(folder, "grey.mp4", "gray"), 5, grey) <= 1);
  const auto colored = [](Index t) { return corners(t); };
  write_movie(folder / "colored.mp4", 5, colored, {.crf = 0});
  const auto within_a_corner = [](Index i) { return std::abs(i / 3 % 32 - 16) > 4 && std::abs(i / 96 - 16) > 4; };
  CHECK(worst(decoded(folder, "colored.mp4", "rgb24"), 5, colored, within_a_corner) <= 3);
}

TEST_CASE("MovieWriter: a GIF of at most 256 greys or colours is exact") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  const auto grey = [](Index t) {
    auto frame = Frame::uninitialized({16, 16});
    for (Index i = 0; i < frame.size(); ++i) {
      frame[i] = static_cast<std::uint8_t>((i + 3 * t) % 256);
    }
    return frame;
  };
  write_movie(folder / "grey.gif", 4, grey);
  CHECK(worst(decoded(folder, "grey.gif", "gray"), 4, grey) == 0);
  const auto colored = [](Index t) { return corners(t); };
  write_movie(folder / "colored.gif", 20, colored, {.fps = 10});
  CHECK(worst(decoded(folder, "colored.gif", "rgb24"), 20, colored) == 0);
  CHECK(probe(folder / "colored.gif", "codec_name,width,height,avg_frame_rate,nb_read_frames") == "gif,32,32,10/1,20");
}

TEST_CASE("MovieWriter: of an odd size an MP4 has the last column and row twice, a GIF does not") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  const auto frame = [](Index) {
    auto ramp = Frame::uninitialized({31, 33});
    for (Index i = 0; i < ramp.size(); ++i) {
      ramp[i] = static_cast<std::uint8_t>(i % 33 + 5 * (i / 33));
    }
    return ramp;
  };
  write_movie(folder / "odd.mp4", 2, frame, {.crf = 0});
  CHECK(probe(folder / "odd.mp4", "width,height") == "34,32");
  const std::vector<int> movie = decoded(folder, "odd.mp4", "gray");
  REQUIRE(movie.size() == 2 * 32 * 34);
  const Frame original = frame(0);
  for (Index y = 0; y < 32; ++y) {
    for (Index x = 0; x < 34; ++x) {
      const int expected = original[std::min<Index>(y, 30) * 33 + std::min<Index>(x, 32)];
      CHECK(std::abs(movie[static_cast<std::size_t>(y * 34 + x)] - expected) <= 1);
    }
  }
  write_movie(folder / "odd.gif", 2, frame);
  CHECK(probe(folder / "odd.gif", "width,height") == "33,31");
}

TEST_CASE("MovieWriter: enlarged pixels are squares of one value") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  write_movie(folder / "large.gif", 1, [](Index) { return Frame::from({2, 2}, {10, 20, 30, 40}); }, {.enlarge = 3});
  const std::vector<int> movie = decoded(folder, "large.gif", "gray");
  REQUIRE(movie.size() == 36);
  for (std::size_t i = 0; i < 36; ++i) {
    CHECK(movie[i] == (i / 18 == 0 ? 10 : 30) + (i % 6 < 3 ? 0 : 10));
  }
}

TEST_CASE("MovieWriter: the same frames give the same bytes") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  for (const std::string extension : {".mp4", ".gif"}) {
    write_movie(folder / ("a" + extension), 20, [](Index t) { return square(t); });
    write_movie(folder / ("b" + extension), 20, [](Index t) { return square(t); });
    CHECK(io::read_text(folder / ("a" + extension)) == io::read_text(folder / ("b" + extension)));
  }
}

TEST_CASE("MovieWriter: without commit the old file stays; no temporary file, process or descriptor is left") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  write_file(folder / "movie.mp4", "old");
  const auto open_before = support::open_files();
  {
    io::MovieWriter movie(folder / "movie.mp4");
    movie.add(square(0));
    CHECK(folder.entries() == 2);
  }
  CHECK(io::read_text(folder / "movie.mp4") == "old");
  write_movie(folder / "movie.mp4", 2, [](Index t) { return square(t); });
  CHECK(io::read_text(folder / "movie.mp4") != "old");
  CHECK(folder.entries() == 1);
  CHECK(support::open_files() == open_before);
  const bool no_child_left = ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
  CHECK(no_child_left);
}

TEST_CASE("MovieWriter: several movies at the same time do not wait for one another") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  io::MovieWriter first(folder / "first.mp4");
  io::MovieWriter second(folder / "second.gif");
  for (Index t = 0; t < 3; ++t) {
    first.add(square(t));
    second.add(square(t));
  }
  first.commit();
  second.commit();
  CHECK(folder.entries() == 2);
}

TEST_CASE("MovieWriter: a name that ffmpeg could take for something else") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  write_movie(folder / "-a: 50% 'of' %d.mp4", 2, [](Index t) { return square(t); });
  CHECK(std::filesystem::exists(folder / "-a: 50% 'of' %d.mp4"));
  CHECK(folder.entries() == 1);
}

TEST_CASE("MovieWriter: a full disk is an error and leaves no file") {
  if (!have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  io::MovieWriter movie(folder / "movie.mp4", {.crf = 0});
  const auto limit = support::limit_file_size(1000);
  movie.add(square(0));
  try {
    movie.commit();
    FAIL("no error");
  } catch (const IoError& error) {
    CHECK(std::string(error.what()).find("File too large") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "movie.mp4"));
}

TEST_CASE("MovieWriter: without ffmpeg the error says what to install, before there is a frame") {
  const TemporaryFolder folder;
  const support::EnvironmentVariable path("PATH", "");
  CHECK_THROWS_WITH_AS(io::MovieWriter(folder / "movie.mp4"),
                       ((folder / "movie.mp4").string() +
                        ": cannot be written: need the program ffmpeg, got none in a folder of PATH; install the "
                        "package ffmpeg")
                           .c_str(),
                       IoError);
  CHECK(folder.entries() == 0);
}

TEST_CASE("MovieWriter: an ffmpeg that fails or is killed is an error with its words, and leaves no file") {
  const TemporaryFolder programs;
  const TemporaryFolder folder;
  const support::EnvironmentVariable path("PATH", programs.path().string());
  const std::string start = (folder / "movie.mp4").string() + ": cannot be written: " + (programs / "ffmpeg").string();
  const auto commit_error = [&] {
    io::MovieWriter movie(folder / "movie.mp4");
    movie.add(square(0));
    try {
      movie.commit();
    } catch (const IoError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  write_program(programs / "ffmpeg", "/bin/cat >/dev/null; echo 'Unknown encoder' >&2; exit 1");
  CHECK(commit_error() == start + " failed with exit status 1, saying: Unknown encoder");
  write_program(programs / "ffmpeg", "/bin/cat >/dev/null; kill -9 $$");
  CHECK(commit_error() == start + " failed with signal 9 (Killed)");
  CHECK(folder.entries() == 0);

  write_program(programs / "ffmpeg", "echo 'early' >&2; exit 0");
  io::MovieWriter movie(folder / "movie.mp4");
  const auto add_all = [&] {
    for (Index t = 0; t < 1000; ++t) {
      movie.add(square(0, 512, 512));
    }
  };
  CHECK_THROWS_WITH_AS(add_all(), (start + " failed with an end before the last frame, saying: early").c_str(),
                       IoError);
  CHECK_THROWS_AS(movie.commit(), IoError);
  CHECK_FALSE(std::filesystem::exists(folder / "movie.mp4"));
}

TEST_CASE("MovieWriter: what it cannot do is refused") {
  const TemporaryFolder programs;
  const TemporaryFolder folder;
  const support::EnvironmentVariable path("PATH", programs.path().string());
  write_program(programs / "ffmpeg", "/bin/cat >/dev/null");
  CHECK_THROWS_WITH_AS(io::MovieWriter("movie.mkv"), "MovieWriter: need a file .mp4, .avi or .gif, got movie.mkv",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(io::MovieWriter("movie.gif", {.fps = 60}), "MovieWriter: need fps in (0, 50] for a .gif, got 60",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(io::MovieWriter("movie.mp4", {.fps = NAN}),
                       "MovieWriter: need fps in (0, 1000] for a .mp4, got nan", ArgumentError);
  CHECK_THROWS_WITH_AS(io::MovieWriter("movie.mp4", {.crf = 52}), "MovieWriter: need crf in 0..51, got 52",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(io::MovieWriter("movie.mp4", {.enlarge = 0}), "MovieWriter: need enlarge >= 1, got 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(io::MovieWriter("/nowhere/movie.mp4"),
                       "/nowhere/movie.mp4: cannot be written: No such file or directory", IoError);
  io::MovieWriter movie(folder / "movie.mp4");
  CHECK_THROWS_WITH_AS(
      movie.commit(),
      ((folder / "movie.mp4").string() + ": cannot be written: need at least one frame, got none").c_str(), IoError);
  CHECK_THROWS_WITH_AS(movie.add(Frame::zeros({3, 8, 8})),
                       "MovieWriter: need a frame [H, W] or [H, W, 3], got [3, 8, 8]", ShapeError);
  movie.add(Frame::zeros({8, 8}));
  CHECK_THROWS_WITH_AS(movie.add(Frame::zeros({8, 8, 3})),
                       "MovieWriter: need a frame [8, 8] as the first, got [8, 8, 3]", ShapeError);
  movie.commit();
  CHECK_THROWS_WITH_AS(
      movie.add(Frame::zeros({8, 8})),
      ((folder / "movie.mp4").string() + ": cannot be written: ffmpeg has failed, or the movie is complete").c_str(),
      IoError);
}
