#include <engram/io/image.hpp>

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "fuzz/repair_checksums.hpp"
#include "io/fixtures.hpp"
#include "support/resource_limit.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using io::read_image;

namespace {

using Levels = std::vector<int>;

Levels levels(const Tensor<std::uint8_t>& image) {
  return {image.elements().begin(), image.elements().end()};
}

/// Channel c of make_fixtures.py's picture of 3 x 5: 17 i, then 255 - 17 i, then half of the first.
Levels plane(int c) {
  Levels out;
  for (int i = 0; i < 15; ++i) {
    out.push_back(c == 0 ? 17 * i : c == 1 ? 255 - 17 * i : 17 * i / 2);
  }
  return out;
}
Levels colours() {
  Levels out = plane(0);
  for (const int c : {1, 2}) {
    for (const int level : plane(c)) {
      out.push_back(level);
    }
  }
  return out;
}

std::string image_error(const std::filesystem::path& path) {
  const std::string what = error_text<FormatError>([&] { read_image(path); });
  return what.starts_with(path.string() + ": ") ? what.substr(path.string().size() + 2) : "unnamed: " + what;
}

}  // namespace

TEST_CASE("read_image: grey and coloured PNG and BMP as Pillow writes them") {
  for (const char* name : {"grey.png", "grey.bmp", "grey_alpha.png", "grey16.png"}) {
    CAPTURE(name);
    const auto image = read_image(fixture(name));
    CHECK(image.shape() == Shape{1, 3, 5});
    CHECK(levels(image) == plane(0));
  }
  for (const char* name : {"colours.png", "colours.bmp", "colours_alpha.png"}) {
    CAPTURE(name);
    const auto image = read_image(fixture(name));
    CHECK(image.shape() == Shape{3, 3, 5});
    CHECK(levels(image) == colours());
  }
}

TEST_CASE("read_image: JPEG, baseline and progressive, to a few levels") {
  for (const char* name : {"grey.jpg", "progressive.jpg"}) {
    CAPTURE(name);
    const auto image = read_image(fixture(name));
    REQUIRE(image.shape() == Shape{1, 16, 16});
    CHECK(std::abs(image[0] - 40) < 4);
    CHECK(std::abs(image[15] - 200) < 4);
    CHECK(std::abs(image[15 * 16] - 90) < 4);
    CHECK(std::abs(image[255] - 160) < 4);
  }
  const auto image = read_image(fixture("colours.jpg"));
  REQUIRE(image.shape() == Shape{3, 16, 16});
  CHECK(std::abs(image[15] - 200) < 6);       // red, top right
  CHECK(std::abs(image[512 + 15] - 90) < 6);  // blue is transposed
}

TEST_CASE("read_image: channels that are asked for") {
  CHECK(read_image(fixture("grey.png"), 3).shape() == Shape{3, 3, 5});
  CHECK(levels(read_image(fixture("grey.bmp"), 1)) == plane(0));
  const auto grey = read_image(fixture("colours.png"), 1);
  CHECK(grey.shape() == Shape{1, 3, 5});
  CHECK(std::abs(grey[0] - 0.587 * 255) < 1);  // only green is not 0 there; ITU-R BT.601's weight
  CHECK_THROWS_WITH_AS(read_image(fixture("grey.png"), 2), "read_image: need channels 0, 1 or 3, got 2", ArgumentError);
}

TEST_CASE("read_image: other content is named") {
  const TemporaryFolder folder;
  write_file(folder / "a.png", "GIF89a");
  CHECK(image_error(folder / "a.png") ==
        "need a PNG, JPEG or BMP image, got 6 bytes that are none: unknown image type");
  write_file(folder / "a.png", "");
  CHECK(image_error(folder / "a.png") ==
        "need a PNG, JPEG or BMP image, got 0 bytes that are none: unknown image type");
  CHECK_THROWS_WITH_AS(read_image("/nowhere/a.png"), "/nowhere/a.png: cannot be read: No such file or directory",
                       IoError);
}

TEST_CASE("read_image: an image that is cut short is refused") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "image";
  for (const char* name : {"grey.png", "colours.png", "grey.bmp", "colours.bmp", "grey.jpg", "progressive.jpg"}) {
    CAPTURE(name);
    const std::string whole = io::read_text(fixture(name));
    const std::size_t end = whole.size() - (whole[1] == 'P' ? 8 : 0);  // a PNG's last 8 bytes are its end chunk's
    for (std::size_t size = 0; size < end; size += 1 + size / 40) {
      CAPTURE(size);
      write_file(path, whole.substr(0, size));
      CHECK(image_error(path).starts_with("need "));
    }
  }
  const std::string bmp = io::read_text(fixture("colours.bmp"));
  write_file(path, bmp.substr(0, bmp.size() - 1));
  CHECK(image_error(path) == "need at least 102 bytes, got 101: the file is cut short");
}

TEST_CASE("read_image: a size that the bytes cannot hold is refused before memory is taken") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "image";
  std::string jpeg = io::read_text(fixture("grey.jpg"));
  jpeg.replace(jpeg.find("\xFF\xC0") + 5, 4, "\x75\x30\x75\x30");
  write_file(path, jpeg);
  CHECK(image_error(path) == "need a plausible size, got 30000 x 30000 pixels from 341 bytes");
  std::string png = io::read_text(fixture("grey.png"));
  png.replace(16, 8, std::string("\x00\x00\x75\x30\x00\x00\x75\x30", 8));
  write_file(path, png);
  CHECK(image_error(path) == "need a plausible size, got 30000 x 30000 pixels from 83 bytes");
}

TEST_CASE("read_image: a JPEG whose Huffman table has more codes than there are is refused, wherever it is") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "image";
  for (const char* name : {"grey.jpg", "progressive.jpg"}) {
    const std::string whole = io::read_text(fixture(name));
    int tables = 0;
    for (std::size_t at = 0; (at = whole.find("\xFF\xC4", at)) != std::string::npos; at += 2) {
      CAPTURE(at);
      std::string jpeg = whole;
      jpeg.replace(at + 5, 4, "\x7F\x7F\x7F\x7F");
      jpeg.insert(at, "\xFF\xFF");  // fill bytes
      write_file(path, jpeg);
      CHECK(image_error(path).starts_with("need a Huffman table of 256 codes or fewer, got "));
      ++tables;
    }
    CHECK(tables >= 1);
    write_file(path, whole + "\xFF\xC4\x01\x10\x01" + std::string(16, '\xFF'));  // behind the image anything may follow
    CHECK(levels(read_image(path)) == levels(read_image(fixture(name))));
  }
}

TEST_CASE("read_image: a JPEG without one of its tables is refused, as a frame of a movie may be") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "image";
  const auto error_without = [&](const std::string& whole, std::size_t segment) {
    const std::size_t length = static_cast<unsigned char>(whole[segment + 3]);
    write_file(path, std::string(whole).erase(segment, 2 + length));
    return image_error(path);
  };
  for (const char* name : {"grey.jpg", "colours.jpg", "progressive.jpg"}) {
    CAPTURE(name);
    const std::string whole = io::read_text(fixture(name));
    CHECK(error_without(whole, whole.find("\xFF\xDB")) ==
          "need the quantization table 0 that the JPEG names, got none: it is damaged, or the frame of a movie without "
          "its tables");
    CHECK(error_without(whole, whole.find("\xFF\xC4")).starts_with("need the DC Huffman table 0 "));
  }
  std::string colours = io::read_text(fixture("colours.jpg"));
  CHECK(error_without(colours, colours.rfind("\xFF\xDB")).starts_with("need the quantization table 1 "));
  CHECK(error_without(colours, colours.rfind("\xFF\xC4")).starts_with("need the AC Huffman table 1 "));
  const std::size_t frame = colours.find("\xFF\xC0");
  colours[frame + 13] = colours[frame + 10];  // two components of one name
  write_file(path, colours);
  CHECK(image_error(path) == "need components of their own names, got 1 twice: the JPEG is damaged");
  const std::string progressive = io::read_text(fixture("progressive.jpg"));
  const std::size_t second = progressive.find("\xFF\xC4", progressive.find("\xFF\xC4") + 2);
  CHECK(error_without(progressive, second).starts_with("need the AC Huffman table 0 "));
}

TEST_CASE("read_image: a PNG that holds a thousand times its pixels is refused before memory is taken for them") {
  const TemporaryFolder folder;
  const auto chunk = [](const std::string& type, const std::string& data) {
    const auto big = [](std::uint32_t n) {
      return std::string{static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
                         static_cast<char>(n)};
    };
    return big(static_cast<std::uint32_t>(data.size())) + type + data + "cccc";  // until it is repaired
  };
  const auto png = [&](std::size_t bytes) {  // of one grey pixel
    const std::string pixels(bytes, '\0');
    std::string packed(compressBound(bytes), '\0');
    uLongf size = packed.size();
    REQUIRE(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(pixels.data()),
                     bytes) == Z_OK);
    packed.resize(size);
    const std::string head = std::string("\0\0\0\1\0\0\0\1", 8) + std::string("\10\0\0\0\0", 5);
    std::string file = "\x89PNG\r\n\x1A\n" + chunk("IHDR", head) + chunk("IDAT", packed) + chunk("IEND", "");
    fuzz::repair_png(std::span(reinterpret_cast<std::uint8_t*>(file.data()), file.size()));
    return file;
  };
  write_file(folder / "one.png", png(2));
  CHECK(io::read_image(folder / "one.png").shape() == Shape{1, 1, 1});
  write_file(folder / "more.png", png(std::size_t{100} << 20));
  const auto limit = support::limit_memory(std::size_t{16} << 20);
  CHECK_THROWS_WITH_AS(io::read_image(folder / "more.png"),
                       ((folder / "more.png").string() + ": need the data of 1 x 1 pixels, got more").c_str(),
                       FormatError);
  CHECK(io::read_image(folder / "one.png").shape() == Shape{1, 1, 1});
}

TEST_CASE("write_png: grey and colours come back") {
  const TemporaryFolder folder;
  const auto grey = Tensor<std::uint8_t>::from({2, 3}, {0, 1, 127, 128, 254, 255});
  io::write_png(folder / "a.png", grey);
  CHECK(read_image(folder / "a.png").shape() == Shape{1, 2, 3});
  CHECK(levels(read_image(folder / "a.png")) == levels(grey));
  io::write_png(folder / "a.png", Tensor<std::uint8_t>(grey).reshaped({1, 3, 2}));
  CHECK(read_image(folder / "a.png").shape() == Shape{1, 3, 2});
  io::write_png(folder / "a.png", Tensor<std::uint8_t>(grey).reshaped({3, 1, 2}));
  CHECK(read_image(folder / "a.png").shape() == Shape{3, 1, 2});
  CHECK(levels(read_image(folder / "a.png")) == levels(grey));
  CHECK(folder.entries() == 1);
}

TEST_CASE("encode_png: what write_png writes, and the operation in its error") {
  const TemporaryFolder folder;
  const auto grey = Tensor<std::uint8_t>::from({2, 3}, {0, 1, 127, 128, 254, 255});
  io::write_png(folder / "a.png", grey);
  CHECK(io::encode_png(grey) == io::read_text(folder / "a.png"));
  CHECK_THROWS_WITH_AS((void)io::encode_png(grey.reshaped({6}), "show"),
                       "show: need pixels [H, W], [1, H, W] or [3, H, W], got [6]", ShapeError);
}

TEST_CASE("write_png: other shapes and a folder that does not exist") {
  for (const Shape& shape : {Shape{5}, Shape{2, 4, 4}, Shape{1, 1, 4, 4}, Shape{0, 4}}) {
    CHECK_THROWS_WITH_AS(io::write_png("/nowhere/a.png", Tensor<std::uint8_t>::zeros(shape)),
                         ("write_png: need pixels [H, W], [1, H, W] or [3, H, W], got " + shape.text()).c_str(),
                         ShapeError);
  }
  CHECK_THROWS_WITH_AS(io::write_png("/nowhere/a.png", Tensor<std::uint8_t>::zeros({2, 2})),
                       "/nowhere/a.png: cannot be written: No such file or directory", IoError);
}
