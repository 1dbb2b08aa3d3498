#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include <engram/data/load.hpp>
#include <engram/io/image.hpp>
#include <engram/io/movie_writer.hpp>
#include <engram/io/npz.hpp>

#include "support/ffmpeg.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using support::run_program;

namespace {

constexpr Index height = 120;
constexpr Index width = 160;
constexpr Index movie_frames = 30;

struct Pose {
  double x, y, radians;
};

/// A walk around the middle.
Pose pose(Index frame) {
  const double at = static_cast<double>(frame) / 5;
  return {80 + 40 * std::cos(at), 60 + 30 * std::sin(at), at + 1};
}

/// Dark, with a bright bar of 17 x 5 pixels, whose front third is white: DeepLabCut's view of an animal.
Tensor<std::uint8_t> picture(Index number) {
  const Pose p = pose(number);
  auto frame = Tensor<std::uint8_t>::full({height, width}, 20);
  for (Index i = 0; i < frame.size(); ++i) {
    const double right = static_cast<double>(i % width) - p.x;
    const double down = static_cast<double>(i / width) - p.y;
    const double ahead = std::cos(p.radians) * right + std::sin(p.radians) * down;
    const double aside = std::cos(p.radians) * down - std::sin(p.radians) * right;
    if (std::abs(ahead) <= 8.5 && std::abs(aside) <= 2.5) {
      frame[i] = ahead > 3 ? 250 : 120;
    }
  }
  return frame;
}

struct Session {
  TemporaryFolder folder;
  std::string video = (folder / "rat.avi").string();
  std::string tracks = (folder / "rat.csv").string();
  std::string out = (folder / "frames.npz").string();

  Session() {
    io::MovieWriter movie(video);
    std::string csv =
        "scorer,net,net,net,net,net,net\nbodyparts,base,base,base,neck,neck,neck\n"
        "coords,x,y,likelihood,x,y,likelihood\n";
    for (Index i = 0; i < movie_frames; ++i) {
      movie.add(picture(i));
      const Pose p = pose(i);
      const double likelihood = i == 4 || (i >= 10 && i < 18) ? 0.1 : 0.99;  // one to bridge, eight to leave out
      const double x = 8 * std::cos(p.radians);
      const double y = 8 * std::sin(p.radians);
      csv += text(i, ',', p.x - x, ',', p.y - y, ",1,", p.x + x, ',', p.y + y, ',', likelihood, '\n');
    }
    movie.commit();
    write_file(tracks, csv);
  }

  support::ProgramResult run(std::vector<std::string> more) const {
    std::vector<std::string> all{"--video", video, "--out", out};
    all.insert(all.end(), more.begin(), more.end());
    return run_program("prepare_frames", all);
  }
  std::vector<std::string> body() const {
    return {"--tracks", tracks, "--body-from", "base", "--body-to", "neck", "--centre", "80,60", "--size", "32"};
  }
};

double difference_in_degrees(double a, double b) {
  return std::abs(std::remainder(a - b, 360));
}

}  // namespace

TEST_CASE("prepare_frames: a movie and DeepLabCut's tracks become labelled frames that follow the animal") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const Session session;
  auto options = session.body();
  options.insert(options.end(), {"--picture", (session.folder / "frames.png").string()});
  const auto result = session.run(options);
  REQUIRE_MESSAGE(result.status == 0, result.output);
  CHECK(result.output.find("22 frames of 32 x 32, 10 labels each, of 30 frames in the movie; 8 left out") !=
        std::string::npos);
  CHECK(io::read_image(session.folder / "frames.png").dim(0) == 3);
  const auto frames = data::load_frames(session.out);
  const auto labels = data::load_labels(session.out);
  REQUIRE(frames.shape() == Shape{22, 1, 32, 32});
  const auto& pixels = std::get<Tensor<std::uint8_t>>(frames.pixels());
  for (Index i = 0; i < 22; ++i) {
    const auto n = static_cast<Index>(labels.column("frame")[i]);
    const Pose p = pose(n);
    const double slack = n == 4 ? 1.5 : 0.01;  // made up between its neighbours
    CHECK(labels.column("x")[i] == doctest::Approx(p.x).epsilon(slack / 40));
    CHECK(labels.column("distance")[i] == doctest::Approx(std::hypot(p.x - 80, p.y - 60)).epsilon(slack / 30));
    CHECK(difference_in_degrees(labels.column("body_angle")[i], p.radians * 180 / std::numbers::pi) < 6 * slack);
    CHECK(pixels[i * 1024 + 16 * 32 + 16] == 120);  // the animal is in the middle
    CHECK(pixels[i * 1024] == 20);                  // and the floor in the corner
    const Tensor<std::uint8_t> whole = picture(n);  // pixels are copied
    const auto left = std::lround(labels.column("x")[i] - 15.5);
    const auto top = std::lround(labels.column("y")[i] - 15.5);
    for (Index k = 0; k < 1024; ++k) {
      REQUIRE(pixels[i * 1024 + k] == whole[(top + k / 32) * width + left + k % 32]);
    }
  }
}

TEST_CASE("prepare_frames: turned, the animal looks to the right in each frame") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const Session session;
  auto options = session.body();
  options.insert(options.end(), {"--turned", "--every", "3", "--first", "2", "--last", "28"});
  REQUIRE(session.run(options).status == 0);
  const auto frames = data::load_frames(session.out);
  CHECK(data::load_labels(session.out).column("frame")[1] == 5);
  const auto& pixels = std::get<Tensor<std::uint8_t>>(frames.pixels());
  for (Index i = 0; i < frames.size(); ++i) {
    const auto row = [&](Index x) { return int{pixels[i * 1024 + 16 * 32 + x]}; };
    CHECK(row(22) > 200);  // front
    CHECK(std::abs(row(10) - 120) < 20);
    CHECK(row(29) == 20);
  }
}

TEST_CASE("prepare_frames: without tracks whole frames, which other programs read from the movie itself too") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const Session session;
  REQUIRE(session.run({"--every", "10"}).status == 0);
  const auto frames = data::load_frames(session.out);
  CHECK(frames.shape() == Shape{3, 1, height, width});
  const auto movie = data::load_frames(session.video);
  CHECK(movie.shape() == Shape{movie_frames, 1, height, width});
  CHECK(data::load_labels(session.out).columns == std::vector<std::string>{"frame"});
}

TEST_CASE("prepare_frames: tracks of another movie and what else does not fit are refused, and nothing is left") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const Session session;
  const auto refused = [&](const std::vector<std::string>& options) {
    const auto result = session.run(options);
    CHECK(result.status == 2);
    CHECK_FALSE(std::filesystem::exists(session.out));
    return result.output;
  };
  const std::string whole = io::read_text(session.tracks);
  write_file(session.tracks, whole + "30,1,2,1,3,4,1\n");
  CHECK(refused(session.body()).find("need a row for each frame, got rows for 31 frames and a movie of 30") !=
        std::string::npos);
  write_file(session.tracks, whole.substr(0, whole.rfind("29,")));
  CHECK(refused(session.body()).find("need a row for each frame, got 29 rows for a movie of more frames") !=
        std::string::npos);
  auto sparse = session.body();
  sparse.insert(sparse.end(), {"--every", "10"});
  CHECK(refused(sparse).find("need a row for each frame, got 29 rows") != std::string::npos);
  write_file(session.tracks, whole);
  const auto over_tracks =
      run_program("prepare_frames", {"--video", session.video, "--tracks", session.tracks, "--out", session.tracks});
  CHECK(over_tracks.status == 2);
  CHECK(io::read_text(session.tracks) == whole);
  CHECK(refused({"--picture", "/nowhere/a.png"}).find("/nowhere") != std::string::npos);
  CHECK(refused({"--unit", "2"}).find("--unit: need --tracks") != std::string::npos);
  CHECK(refused({"--dataset", "a"}).find("--dataset: need an .h5 file") != std::string::npos);
  CHECK(refused({"--tracks", session.tracks, "--body-from", "ear", "--body-to", "neck"})
            .find("need one of the points base, neck, got ear") != std::string::npos);
  CHECK(refused({"--turned"}).find("--turned: need --body-from and --body-to") != std::string::npos);
  CHECK(refused({"--size", "20"}).find("--size: need --tracks, which it is about") != std::string::npos);
  CHECK(refused({"--tracks", session.tracks, "--first", "10", "--last", "12"})
            .find("need at least one frame, got none") != std::string::npos);
  const auto none = run_program("prepare_frames", {"--video", "none.mp4", "--out", session.out});
  CHECK(none.status == 2);
  CHECK(none.output == "prepare_frames: none.mp4: no such file\n");
}

TEST_CASE("prepare_frames: of SLEAP's tracks, which leave frames out, one of two animals") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const Session session;
  std::string csv = "track,frame_idx,instance.score,nose.x,nose.y,nose.score\n";
  for (Index i = 0; i < 20; i += 2) {  // each second frame, and none of the last ten
    csv += text("rat,", i, ",0.9,", pose(i).x, ',', pose(i).y, ",0.9\n");
    csv += text("other,", i, ",0.9,10,10,0.9\n");
  }
  write_file(session.tracks, csv);
  const auto result =
      session.run({"--tracks", session.tracks, "--individual", "rat", "--max-gap", "0", "--size", "10"});
  REQUIRE_MESSAGE(result.status == 0, result.output);
  CHECK(result.output.find("10 frames of 10 x 10, 7 labels each, of 30 frames in the movie; 20 left out") !=
        std::string::npos);
  const auto labels = data::load_labels(session.out);
  CHECK(labels.column("frame")[9] == 18);
  CHECK(labels.column("x")[9] == doctest::Approx(pose(18).x).epsilon(1e-4));
}

TEST_CASE("prepare_frames: a stack of images keeps its type") {
  if (!support::have_ffmpeg()) {
    return;
  }
  const TemporaryFolder folder;
  const std::string stack = (folder / "stack.tif").string();
  REQUIRE(support::run_command("ffmpeg", {"-v", "error", "-f", "lavfi", "-i", "testsrc=size=32x20", "-frames:v", "1",
                                          "-pix_fmt", "gray16le", stack})
              .status == 0);
  const std::string out = (folder / "frames.npz").string();
  const auto result = run_program("prepare_frames", {"--video", stack, "--out", out});
  if (result.output.find("need a build with libtiff") != std::string::npos) {
    MESSAGE("skipped: prepare_frames is built without libtiff");
    return;
  }
  REQUIRE_MESSAGE(result.status == 0, result.output);
  CHECK(result.output == out + ": 1 frames of the 1 of " + stack + " [1, 20, 32]\n");
  const io::Array images = io::NpzReader(out).read("images");
  CHECK(images.dtype == io::DType::u16);
  CHECK(images.shape == Shape{1, 20, 32});
  const auto tracked = run_program("prepare_frames", {"--video", stack, "--tracks", "a.csv", "--out", out});
  CHECK(tracked.status == 2);
  CHECK(tracked.output.find("need a movie for --tracks and --picture, got a stack of images") != std::string::npos);
}
