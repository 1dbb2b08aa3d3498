#include <engram/plot/directions.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace engram;
using plot::Canvas;
using plot::directions;
using plot::FigureFormat;

namespace {

const auto places = Tensor<double>::from({3, 2}, {0, 0, 10, 0, 10, 10});
const auto truth = Tensor<double>::from({3}, {0, 90, 180});

bool has_color(const Canvas& canvas, Index x, Index y, const plot::Color& wanted) {
  const auto pixels = canvas.pixels();
  const Index plane = pixels.dim(1) * pixels.dim(2);
  const Index at = y * pixels.dim(2) + x;
  const auto level = [](double v) { return static_cast<int>(std::lround(255 * v)); };
  return std::abs(pixels[at] - level(wanted.red)) <= 2 && std::abs(pixels[plane + at] - level(wanted.green)) <= 2 &&
         std::abs(pixels[2 * plane + at] - level(wanted.blue)) <= 2;
}

}  // namespace

TEST_CASE("directions: an arrow points right at 0 degrees and down at 90") {
  // One animal in the middle of its field: arrows are 34 units of width / 1095 long, the field ends 26 + 84 below.
  for (const double degrees : {0.0, 90.0, 180.0, 270.0}) {
    Canvas canvas(FigureFormat::png, 1095, 1095);
    const auto one = Tensor<double>::full({1}, degrees);
    directions(canvas, Tensor<double>::zeros({1, 2}), one, one);
    const double x = 1095.0 / 2;
    const double y = 26 + 84 + 34 + (1095.0 - 26 - 84 - 26 - 2 * 34) / 2;
    const auto at = [&](double turned) {
      const double angle = (degrees + turned) * 3.14159265358979 / 180;
      return has_color(canvas, static_cast<Index>(x + 18 * std::cos(angle)),
                       static_cast<Index>(y + 18 * std::sin(angle)), plot::category_color(5, 7));
    };
    CHECK_MESSAGE(at(0), degrees);
    CHECK_MESSAGE(!at(180), degrees);
  }
}

TEST_CASE("directions: not more animals than asked for") {
  Canvas few(FigureFormat::png, 600, 600);
  Canvas all(FigureFormat::png, 600, 600);
  directions(few, places, truth, truth, {.arrows = 1});
  directions(all, places, truth, truth);
  const auto inked = [](const Canvas& canvas) {
    return std::ranges::count_if(canvas.pixels().elements(), [](std::uint8_t v) { return v != 255; });
  };
  CHECK(inked(few) < inked(all));
}

TEST_CASE("directions: shapes that do not fit and numbers that are not finite") {
  Canvas canvas(FigureFormat::png, 600, 600);
  CHECK_THROWS_WITH_AS(directions(canvas, places, truth, Tensor<double>::zeros({2})),
                       "directions: need places [N, 2], truth [N] and predicted [N], got [3, 2], [3] and [2]",
                       ShapeError);
  const auto broken = Tensor<double>::full({3}, std::numeric_limits<double>::quiet_NaN());
  CHECK_THROWS_WITH_AS(directions(canvas, places, truth, broken), "directions: need finite places and directions",
                       ArgumentError);
}
