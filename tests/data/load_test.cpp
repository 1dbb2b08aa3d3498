#include <engram/data/load.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

using namespace engram;
using data::load_frames;
using data::load_labels;
using Names = std::vector<std::string>;

namespace {

using Image = Tensor<std::uint8_t>;

/// What f throws as an E, with the folder's path as "*".
template <class E>
std::string error_of(const TemporaryFolder& folder, const std::function<void()>& f) {
  try {
    f();
  } catch (const E& error) {
    std::string what = error.what();
    for (std::size_t at; (at = what.find(folder.path().string())) != std::string::npos;) {
      what.replace(at, folder.path().string().size(), "*");
    }
    return what;
  }
  return "no error";
}

double first_pixel(const data::Frames& frames, Index frame = 0) {
  return frames.batch<double>(std::vector<Index>{frame})[0];
}

}  // namespace

TEST_CASE("load_frames: a folder of images in natural order, of any format") {
  const TemporaryFolder folder;
  for (const int number : {1, 2, 10, 9}) {
    io::write_png(folder / ("frame" + std::to_string(number) + ".png"),
                  Image::full({2, 3}, static_cast<std::uint8_t>(20 * number)));
  }
  std::filesystem::copy_file(ENGRAM_TEST_DIR "/io/fixtures/grey.jpg", folder / "notes.txt");
  const auto frames = load_frames(folder.path());
  CHECK(frames.shape() == Shape{4, 1, 2, 3});
  CHECK(frames.maximum() == 255);
  const double levels[] = {20, 40, 180, 200};
  for (Index i = 0; i < 4; ++i) {
    CHECK(first_pixel(frames, i) == doctest::Approx(levels[i] / 255));
  }
}

TEST_CASE("load_frames: PNG, JPEG and BMP side by side; the first image decides on colours") {
  const TemporaryFolder folder;
  for (const char* name : {"grey.jpg", "colours.jpg"}) {
    std::filesystem::copy_file(std::string(ENGRAM_TEST_DIR "/io/fixtures/") + name, folder / name);
  }
  io::write_png(folder / "z.png", Image::full({16, 16}, 9));
  CHECK(load_frames(folder.path()).shape() == Shape{3, 3, 16, 16});
  io::write_png(folder / "a.png", Image::full({16, 16}, 9));
  CHECK(load_frames(folder.path()).shape() == Shape{4, 1, 16, 16});
}

TEST_CASE("load_frames: images of several sizes, damaged ones and none are named") {
  const TemporaryFolder folder;
  CHECK(error_of<FormatError>(folder, [&] { load_frames(folder.path()); }) ==
        "*: need a folder with .png, .jpg, .jpeg or .bmp images, got none");
  io::write_png(folder / "frame1.png", Image::zeros({4, 6}));
  io::write_png(folder / "frame2.png", Image::zeros({6, 4}));
  CHECK(error_of<ShapeError>(folder, [&] { load_frames(folder.path()); }) ==
        "*/frame2.png: need an image [1, 4, 6] as frame1.png is, got [1, 6, 4]");
  write_file(folder / "frame2.png", "nothing");
  CHECK(error_of<FormatError>(folder, [&] {
          load_frames(folder.path());
        }).starts_with("*/frame2.png: need a PNG, JPEG or BMP image"));
}

TEST_CASE("load_frames: .npy and .npz keep 8 and 16 bits, everything else becomes float") {
  const TemporaryFolder folder;
  io::write_npy(folder / "a.npy", Tensor<std::uint16_t>::full({3, 2, 2}, 13107));
  CHECK(load_frames(folder / "a.npy").maximum() == 65535);
  CHECK(first_pixel(load_frames(folder / "a.npy")) == doctest::Approx(0.2));
  CHECK(first_pixel(load_frames(folder / "a.npy", {.maximum = 26214})) == doctest::Approx(0.5));
  io::write_npy(folder / "b.NPY", Tensor<double>::full({3, 2, 2, 2}, 0.25));
  CHECK(load_frames(folder / "b.NPY").shape() == Shape{3, 2, 2, 2});
  CHECK(first_pixel(load_frames(folder / "b.NPY")) == 0.25);
}

TEST_CASE("load_frames: other integers need a maximum") {
  const TemporaryFolder folder;
  io::write_npy(folder / "a.npy", Tensor<std::int64_t>::full({3, 2, 2}, 51));
  CHECK(first_pixel(load_frames(folder / "a.npy", {.maximum = 255})) == doctest::Approx(0.2));
  CHECK(error_of<ArgumentError>(folder, [&] { load_frames(folder / "a.npy"); }) ==
        "*/a.npy: need a maximum for integers that are neither u1 nor u2, such as 255, got none");
}

TEST_CASE("load_frames: the array of an .npz by name, or the only one") {
  const TemporaryFolder folder;
  io::NpzWriter one(folder / "one.npz");
  one.add("video", Image::zeros({2, 4, 4}));
  one.commit();
  CHECK(load_frames(folder / "one.npz").shape() == Shape{2, 1, 4, 4});
  io::NpzWriter two(folder / "two.npz");
  two.add("video", Image::zeros({2, 4, 4}));
  two.add("clean", Image::zeros({3, 4, 4}));
  two.commit();
  CHECK(load_frames(folder / "two.npz", {.array = "clean"}).size() == 3);
  CHECK(error_of<FormatError>(folder, [&] { load_frames(folder / "two.npz"); }) ==
        "*/two.npz: need an array called images, got video, clean");
}

TEST_CASE("load_frames: NaN, other shapes, text and other files are named") {
  const TemporaryFolder folder;
  io::write_npy(folder / "a.npy", Tensor<double>::from({2, 1, 2}, {0, 0, 0, NAN}));
  CHECK(error_of<FormatError>(folder, [&] { load_frames(folder / "a.npy"); }) ==
        "*/a.npy: need finite pixels, got nan in frame 1");
  io::write_npy(folder / "a.npy", Image::zeros({4, 4}));
  CHECK(error_of<ShapeError>(folder, [&] { load_frames(folder / "a.npy"); }) ==
        "*/a.npy: need frames [N, H, W] or [N, C, H, W], got [4, 4]");
  io::NpzWriter text(folder / "a.npz");
  text.add("images", Names{"a"});
  text.commit();
  CHECK(error_of<FormatError>(folder, [&] { load_frames(folder / "a.npz"); }) ==
        "*/a.npz: need numbers, got an array of text");
  write_file(folder / "a.pdf", "");
  CHECK(error_of<FormatError>(folder, [&] { load_frames(folder / "a.pdf"); }) ==
        "*/a.pdf: need frames as .npz, .npy, a movie or a folder of images, got '.pdf'");
  CHECK(error_of<IoError>(folder, [&] { load_frames(folder / "none"); }) == "*/none: no such file or folder");
  CHECK(error_of<IoError>(folder, [&] {
          load_frames(folder / std::string(300, 'n'));
        }).ends_with("n: no such file or folder"));
}

TEST_CASE("load_labels: a .csv with its names") {
  const TemporaryFolder folder;
  write_file(folder / "a.csv", "\xEF\xBB\xBFx,\"head, angle\"\r\n1,\r\n3,4\r\n");
  const auto labels = load_labels(folder / "a.csv");
  CHECK(labels.columns == Names{"x", "head, angle"});
  CHECK(labels.values.shape() == Shape{2, 2});
  CHECK(std::isnan(labels.column("head, angle")[0]));
  CHECK(labels.column("head, angle")[1] == 4);
  CHECK(error_of<ArgumentError>(folder, [&] { labels.column("y"); }) ==
        "*/a.csv: need one of the label columns x, head, angle, got y");
}

TEST_CASE("load_labels: the columns of an .npy are called 0, 1, ...; a vector is one column") {
  const TemporaryFolder folder;
  io::write_npy(folder / "a.npy", Tensor<std::int32_t>::from({2, 3}, {1, 2, 3, 4, 5, 6}));
  CHECK(load_labels(folder / "a.npy").columns == Names{"0", "1", "2"});
  CHECK(load_labels(folder / "a.npy").column("2")[1] == 6);
  io::write_npy(folder / "a.npy", Tensor<float>::from({3}, {1, 2, 3}));
  CHECK(load_labels(folder / "a.npy").values.shape() == Shape{3, 1});
}

TEST_CASE("load_labels: an .npz with and without names") {
  const TemporaryFolder folder;
  const auto save = [&](const Names& columns) {
    io::NpzWriter out(folder / "a.npz");
    out.add("labels", Tensor<double>::from({1, 2}, {7, 8}));
    if (!columns.empty()) {
      out.add("columns", columns);
    }
    out.commit();
  };
  save({"x", "größe"});
  CHECK(load_labels(folder / "a.npz").column("größe")[0] == 8);
  save({});
  CHECK(load_labels(folder / "a.npz").column("1")[0] == 8);
  save({"x"});
  CHECK(error_of<ShapeError>(folder, [&] { load_labels(folder / "a.npz"); }) ==
        "*/a.npz: need labels [N, 1] for the columns named, got [1, 2]");
}

TEST_CASE("load_labels: other shapes, text and other files are named") {
  const TemporaryFolder folder;
  io::write_npy(folder / "a.npy", Tensor<double>::zeros({2, 2, 2}));
  CHECK(error_of<ShapeError>(folder, [&] { load_labels(folder / "a.npy"); }) ==
        "*/a.npy: need labels [N, L] of at least one frame, got [2, 2, 2]");
  io::write_npy(folder / "none.npy", Tensor<double>::zeros({0, Index{1} << 61}));  // whose columns have names each
  CHECK(error_of<ShapeError>(folder, [&] { load_labels(folder / "none.npy"); }) ==
        "*/none.npy: need labels [N, L] of at least one frame, got [0, 2305843009213693952]");
  io::NpzWriter out(folder / "a.npz");
  out.add("labels", Names{"a"});
  out.commit();
  CHECK(error_of<FormatError>(folder, [&] { load_labels(folder / "a.npz"); }) ==
        "*/a.npz: need numbers, got an array of text");
  io::NpzWriter twice(folder / "a.npz");
  twice.add("labels", Tensor<double>::zeros({3, 2}));
  twice.add("columns", Names{"x", "x"});
  twice.commit();
  CHECK(error_of<FormatError>(folder, [&] { load_labels(folder / "a.npz"); }) ==
        "*/a.npz: need columns of different names, got two called x");
  io::NpzWriter unnamed(folder / "a.npz");
  unnamed.add("labels", Tensor<double>::zeros({3, 2}));
  unnamed.add("columns", Tensor<double>::zeros({2}));
  unnamed.commit();
  CHECK(error_of<FormatError>(folder, [&] { load_labels(folder / "a.npz"); }) ==
        "*/a.npz: array columns: need text, got numbers");
  write_file(folder / "a.txt", "");
  CHECK(error_of<FormatError>(folder, [&] { load_labels(folder / "a.txt"); }) ==
        "*/a.txt: need labels as .csv, .npy or .npz, got '.txt'");
  CHECK(error_of<IoError>(folder, [&] { load_labels(folder / "none.txt"); }) == "*/none.txt: no such file");
}
