#include <engram/plot/canvas.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include <engram/io/image.hpp>

#include "support/temporary_folder.hpp"

using namespace engram;
using namespace engram::plot;

namespace {

bool is_white(const Tensor<std::uint8_t>& pixels) {
  return std::ranges::all_of(pixels.elements(), [](std::uint8_t level) { return level == 255; });
}

/// The levels of one pixel, as 0xRRGGBB.
std::uint32_t at(const Tensor<std::uint8_t>& pixels, Index x, Index y) {
  std::uint32_t code = 0;
  for (Index c = 0; c < 3; ++c) {
    code = code << 8 | pixels[(c * pixels.dim(1) + y) * pixels.dim(2) + x];
  }
  return code;
}

}  // namespace

TEST_CASE("canvas: is white, and then what is drawn on it") {
  Canvas canvas(FigureFormat::png, 100, 80);
  CHECK(canvas.pixels().shape() == Shape{3, 80, 100});
  CHECK(is_white(canvas.pixels()));
  canvas.fill(10, 20, 30, 10, color(0x123456));
  canvas.disc(80, 40, 10, color(0xFF0000));
  canvas.disc(80, 40, 5, color(0x0000FF), 0.5);
  const auto pixels = canvas.pixels();
  CHECK(at(pixels, 10, 20) == 0x123456);
  CHECK(at(pixels, 39, 29) == 0x123456);
  CHECK(at(pixels, 40, 29) == 0xFFFFFF);
  CHECK(at(pixels, 80, 33) == 0xFF0000);
  CHECK(at(pixels, 80, 40) == 0x7F0080);
}

TEST_CASE("canvas: a .png holds the pixels") {
  const TemporaryFolder folder;
  Canvas canvas(FigureFormat::png, 90, 70);
  canvas.line(5, 5, 80, 60, 3, color(0x009E73));
  canvas.text(45, 35, 14, "words", Align::centre);
  const auto drawn = canvas.pixels();
  write_file(folder / "a.png", canvas.finish());
  const auto read = io::read_image(folder / "a.png", 3);
  CHECK(read.shape() == drawn.shape());
  CHECK(std::ranges::equal(read.elements(), drawn.elements()));
}

TEST_CASE("canvas: .svg and .pdf are what they say, and the same each time") {
  const auto drawn = [](FigureFormat format) {
    Canvas canvas(format, 300, 150);
    canvas.text(10, 10, 14, "words");
    canvas.as_image(20, 20, 50, 50, [&] { canvas.disc(40, 40, 10, color(0xFF0000)); });
    return canvas.finish();
  };
  const std::string svg = drawn(FigureFormat::svg);
  CHECK(svg.find("width=\"144pt\" height=\"72pt\"") != std::string::npos);  // 150 pixels to the inch of 72 points
  CHECK(svg.find("</svg>") != std::string::npos);
  const std::string pdf = drawn(FigureFormat::pdf);
  CHECK(pdf.starts_with("%PDF-"));
  CHECK(pdf.find("CreationDate") == std::string::npos);
  CHECK(pdf == drawn(FigureFormat::pdf));
}

TEST_CASE("canvas: what is drawn as an image lies where it would lie else") {
  Canvas straight(FigureFormat::png, 100, 100);
  Canvas image(FigureFormat::png, 100, 100);
  straight.fill(40, 50, 20, 10, color(0xFF0000));
  image.as_image(30, 30, 60, 60, [&] { image.fill(40, 50, 20, 10, color(0xFF0000)); });
  for (const auto& [x, y] : {std::pair{41, 51}, {58, 58}, {38, 51}, {62, 58}, {50, 48}, {50, 62}}) {
    CHECK(at(straight.pixels(), x, y) == at(image.pixels(), x, y));
  }
}

TEST_CASE("canvas: text is as wide as it says, on either side of its place") {
  Canvas canvas(FigureFormat::png, 400, 64);
  canvas.text(200, 32, 20, "HHHHH");
  const double width = canvas.text_width(20, "HHHHH");
  const auto pixels = canvas.pixels();
  Index first = 400;
  Index last = 0;
  for (Index i = 0; i < 400 * 64; ++i) {
    if (pixels[i] < 128) {
      first = std::min(first, i % 400);
      last = std::max(last, i % 400);
    }
  }
  CHECK(first >= 200);
  CHECK(first < 204);
  CHECK(static_cast<double>(last) == doctest::Approx(200 + width).epsilon(0.02));
}

TEST_CASE("canvas: text that is not UTF-8 does no harm") {
  Canvas canvas(FigureFormat::png, 100, 64);
  canvas.text(10, 32, 20, "\xFF\xFE\x80\n");
  CHECK(!is_white(canvas.pixels()));
  CHECK(canvas.finish().starts_with("\x89PNG\r\n"));
}

TEST_CASE("canvas: nothing can be drawn after the end") {
  for (const FigureFormat format : {FigureFormat::png, FigureFormat::svg, FigureFormat::pdf}) {
    Canvas canvas(format, 100, 100);
    CHECK(!canvas.finish().empty());
    canvas.disc(50, 50, 10, black);
    CHECK_THROWS_AS(canvas.finish(), Error);
    CHECK_THROWS_AS(canvas.pixels(), Error);
  }
}

TEST_CASE("canvas: sizes and formats that there are not are refused") {
  CHECK_THROWS_WITH_AS(Canvas(FigureFormat::png, 63, 100),
                       "Canvas: need a width and a height from 64 to 16000 pixels, got 63 and 100", ArgumentError);
  CHECK_THROWS_AS(Canvas(FigureFormat::pdf, 100, 16001), ArgumentError);
  CHECK_THROWS_AS(Canvas(FigureFormat::svg, 100, 100).pixels(), ArgumentError);
  CHECK(figure_format("a/map.PNG") == FigureFormat::png);
  CHECK(figure_format("map.svg") == FigureFormat::svg);
  CHECK(figure_format("map.pdf") == FigureFormat::pdf);
  CHECK_THROWS_WITH_AS(figure_format("map.jpg"), "map.jpg: need a figure as .png, .svg or .pdf, got '.jpg'",
                       ArgumentError);
}
