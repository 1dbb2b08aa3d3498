#include <engram/plot/image_grid.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>

using namespace engram;
using plot::image_grid;

namespace {

/// The levels as digits, one line per row of one plane; 9 is the background.
std::string drawn(const Tensor<std::uint8_t>& grid, Index plane = 0) {
  std::string out;
  for (Index y = 0; y < grid.dim(-2); ++y) {
    for (Index x = 0; x < grid.dim(-1); ++x) {
      out += static_cast<char>('0' + grid[(plane * grid.dim(-2) + y) * grid.dim(-1) + x]);
    }
    out += '\n';
  }
  return out;
}

}  // namespace

TEST_CASE("image_grid: images row after row with gaps around them, empty places left as background") {
  const auto images = Tensor<std::uint8_t>::from({3, 1, 2}, {1, 2, 3, 4, 5, 6});
  const auto grid = image_grid(images, {.columns = 2, .scale = 1, .gap = 1, .background = 9});
  CHECK(grid.shape() == Shape{5, 7});
  CHECK(drawn(grid) ==
        "9999999\n"
        "9129349\n"
        "9999999\n"
        "9569999\n"
        "9999999\n");
}

TEST_CASE("image_grid: pixels become squares") {
  const auto images = Tensor<std::uint8_t>::from({1, 2, 2}, {1, 2, 3, 4});
  CHECK(drawn(image_grid(images, {.scale = 2, .gap = 0})) == "1122\n1122\n3344\n3344\n");
}

TEST_CASE("image_grid: fewer images than columns make a narrower picture") {
  CHECK(image_grid(Tensor<std::uint8_t>::zeros({3, 5, 4})).shape() == Shape{5 * 2 + 8, 3 * (4 * 2 + 4) + 4});
}

TEST_CASE("image_grid: colours stay in planes") {
  const auto images = Tensor<std::uint8_t>::from({2, 3, 1, 1}, {1, 2, 3, 4, 5, 6});
  const auto grid = image_grid(images, {.columns = 1, .scale = 1, .gap = 0, .background = 9});
  CHECK(grid.shape() == Shape{3, 2, 1});
  CHECK(drawn(grid, 0) == "1\n4\n");
  CHECK(drawn(grid, 1) == "2\n5\n");
  CHECK(drawn(grid, 2) == "3\n6\n");
  CHECK(image_grid(images.reshaped({6, 1, 1, 1})).rank() == 2);
}

TEST_CASE("image_grid: other shapes, and options that cannot be") {
  for (const Shape& shape : {Shape{4, 4}, Shape{2, 2, 4, 4}, Shape{0, 4, 4}, Shape{1, 1, 1, 4, 4}}) {
    CHECK_THROWS_WITH_AS(
        image_grid(Tensor<std::uint8_t>::zeros(shape)),
        ("image_grid: need images [N, H, W] or [N, C, H, W] with 1 or 3 channels, got " + shape.text()).c_str(),
        ShapeError);
  }
  const auto images = Tensor<std::uint8_t>::zeros({1, 4, 4});
  CHECK_THROWS_WITH_AS(image_grid(images, {.columns = 0}),
                       "image_grid: need columns, scale >= 1 and gap >= 0, got 0, 2 and 4", ArgumentError);
  CHECK_THROWS_WITH_AS(image_grid(images, {.scale = 0}),
                       "image_grid: need columns, scale >= 1 and gap >= 0, got 8, 0 and 4", ArgumentError);
  CHECK_THROWS_WITH_AS(image_grid(images, {.gap = -1}),
                       "image_grid: need columns, scale >= 1 and gap >= 0, got 8, 2 and -1", ArgumentError);
}
