#include <engram/plot/image_rows.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <engram/io/image.hpp>

#include "support/figure_pixels.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using namespace engram::plot;

namespace {

using Rows = std::vector<ImageRow>;

Tensor<float> grey(Index count, Index high, Index wide, float level) {
  return Tensor<float>::full({count, 1, high, wide}, level);
}

Tensor<std::uint8_t> drawn(const std::vector<ImageRow>& rows, const ImageRowsOptions& options = {}) {
  const ImageRows figure(rows, options);
  Canvas canvas(FigureFormat::png, figure.width(), figure.height());
  figure.draw(canvas);
  return canvas.pixels();
}

}  // namespace

TEST_CASE("ImageRows: pixels are squares of their level, at their place") {
  // Levels 0, 0.5 (128), 1 and, beyond the range, 2 and -1; margins of 20.
  const auto image = Tensor<float>::from({1, 1, 2, 3}, {0, 0.5F, 1, 2, -1, 0.25F});
  const auto pixels = drawn({{"", image}}, {.scale = 10});
  CHECK(pixels.shape() == Shape{3, 64, 70});
  const int wanted[2][3] = {{0, 128, 255}, {255, 0, 64}};
  Index wrong = 0;
  for (Index y = 0; y < 20; ++y) {
    for (Index x = 0; x < 30; ++x) {
      for (Index c = 0; c < 3; ++c) {
        wrong += pixels[(c * 64 + 20 + y) * 70 + 20 + x] == wanted[y / 10][x / 10] ? 0 : 1;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("ImageRows: images of a row are beside each other, rows below each other, and short rows end") {
  const auto pixels = drawn({{"", grey(4, 10, 12, 0.2F)}, {"", grey(2, 10, 12, 0.6F)}}, {.scale = 2, .gap = 5});
  CHECK(pixels.shape() == Shape{3, 2 * 20 + 2 * 20 + 5, 2 * 20 + 4 * 24 + 3 * 5});
  const auto first = figure::place(pixels, {0.2, 0.2, 0.2});
  CHECK(first.count == 4 * 20 * 24);
  CHECK(first.left == 20);
  CHECK(first.right == 20 + 4 * 24 + 3 * 5 - 1);
  CHECK(first.top == 20);
  CHECK(first.bottom == 39);
  const auto second = figure::place(pixels, {0.6, 0.6, 0.6});
  CHECK(second.count == 2 * 20 * 24);
  CHECK(second.top == 45);
  CHECK(second.right == 20 + 2 * 24 + 5 - 1);
}

TEST_CASE("ImageRows: levels between low and high, and what is unknown is not grey") {
  auto image = grey(1, 8, 8, -3);
  image[0] = NAN;
  const auto pixels = drawn({{"", image}}, {.scale = 4, .low = -4, .high = -2});
  CHECK(figure::place(pixels, {0.5, 0.5, 0.5}).count == 63 * 16);
  CHECK(figure::place(pixels, color(0xFFC0C0)).count == 16);
}

TEST_CASE("ImageRows: words have room, and none is cut off by the edge") {
  const std::string sixty = "A title of sixty letters, which is as long as titles get to be";
  const std::vector<ImageRow> bare{{"", grey(3, 4, 4, 0)}, {"", grey(3, 4, 4, 0)}};
  const std::vector<ImageRow> named{{"truth", grey(3, 4, 4, 0)}, {sixty, grey(3, 4, 4, 0)}};
  const ImageRowsOptions titled{.title = sixty, .column_titles = {"one", sixty}};
  CHECK(ImageRows(named).width() > ImageRows(bare).width() + 200);
  CHECK(ImageRows(named).height() > ImageRows(bare).height());
  CHECK(ImageRows(bare, titled).width() > 500);
  for (const Index scale : {1, 10}) {
    for (const auto& rows : {bare, named}) {
      ImageRowsOptions options = titled;
      options.scale = scale;
      CHECK(figure::edge_is_white(drawn(rows, options)));
    }
  }
}

TEST_CASE("ImageRows: what cannot be drawn is refused") {
  CHECK_THROWS_WITH_AS(ImageRows(Rows{}), "image_rows: need at least one row", ShapeError);
  CHECK_THROWS_WITH_AS(ImageRows(Rows{{"a", grey(1, 4, 4, 0)}, {"b", grey(1, 4, 5, 0)}}),
                       "image_rows: need images [N, 1, H, W] of one size in all rows, got [1, 1, 4, 5] in row 'b' and "
                       "[1, 1, 4, 4] in the first",
                       ShapeError);
  CHECK_THROWS_AS(ImageRows(Rows{{"a", Tensor<float>::zeros({2, 3, 4, 4})}}), ShapeError);
  CHECK_THROWS_AS(ImageRows(Rows{{"a", Tensor<float>::zeros({0, 1, 4, 4})}}), ShapeError);
  const std::vector<ImageRow> one{{"a", grey(1, 4, 4, 0)}};
  CHECK_THROWS_WITH_AS(ImageRows(one, {.column_titles = {"x", "y"}}), "image_rows: need at most 1 column titles, got 2",
                       ArgumentError);
  CHECK_THROWS_AS(ImageRows(one, {.scale = 0}), ArgumentError);
  CHECK_THROWS_AS(ImageRows(one, {.gap = -1}), ArgumentError);
  CHECK_THROWS_WITH_AS(ImageRows(one, {.low = 1, .high = 1}), "image_rows: need low < high, got 1 and 1",
                       ArgumentError);
}

TEST_CASE("write_image_rows: files of all formats, the same for the same images") {
  const TemporaryFolder folder;
  const std::vector<ImageRow> rows{{"truth", grey(3, 8, 8, 0.5F)}};
  write_image_rows(folder / "a.png", rows);
  write_image_rows(folder / "b.png", rows);
  CHECK(io::read_bytes(folder / "a.png") == io::read_bytes(folder / "b.png"));
  write_image_rows(folder / "a.svg", rows);
  CHECK(io::read_text(folder / "a.svg").find("<image") != std::string::npos);
  write_image_rows(folder / "a.pdf", rows);
  CHECK(io::read_text(folder / "a.pdf").starts_with("%PDF-"));
  CHECK_THROWS_AS(write_image_rows(folder / "a.gif", rows), ArgumentError);
  CHECK_THROWS_AS(write_image_rows(folder / "c.png", {{"", grey(1000, 8, 8, 0)}}), ArgumentError);
  CHECK(folder.entries() == 4);
}
