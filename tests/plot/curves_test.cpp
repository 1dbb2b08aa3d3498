#include <engram/plot/curves.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <engram/io/image.hpp>

#include "support/figure_pixels.hpp"
#include "support/numbers.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using namespace engram::plot;

namespace {

constexpr Index curves_width = 480;
constexpr Index curves_height = 320;
/// f(0), f(1), .. f(count - 1).
template <class F>
Tensor<double> numbers(Index count, F f) {
  auto out = Tensor<double>::zeros({count});
  for (Index i = 0; i < count; ++i) {
    out[i] = f(static_cast<double>(i));
  }
  return out;
}

Tensor<double> steps(Index count) {
  return numbers(count, [](double i) { return i; });
}

Tensor<std::uint8_t> drawn(const std::vector<Curve>& lines, const CurvesOptions& options = {}) {
  Canvas canvas(FigureFormat::png, curves_width, curves_height);
  curves(canvas, lines, options);
  return canvas.pixels();
}

Index colored(const Tensor<std::uint8_t>& pixels, const Color& wanted) {
  return figure::place(pixels, wanted).count;
}

}  // namespace

TEST_CASE("curves: points lie at their share of the ranges, y upwards") {
  // Two points alone, each its own curve: 5 % of the frame's height and 2 % of its width from opposite
  // corners.
  const auto one = [](double x, double y) {
    return Curve{.name = "", .x = Tensor<double>::full({1}, x), .y = Tensor<double>::full({1}, y)};
  };
  const auto pixels = drawn({one(0, 0), one(10, 5), one(5, 2.5)});
  const auto low = figure::place(pixels, category_color(0, 3));
  const auto high = figure::place(pixels, category_color(1, 3));
  const auto middle = figure::place(pixels, category_color(2, 3));
  CHECK(low.x < high.x);
  CHECK(low.y > high.y);
  CHECK(middle.x == doctest::Approx((low.x + high.x) / 2).epsilon(0.005));
  CHECK(middle.y == doctest::Approx((low.y + high.y) / 2).epsilon(0.005));
}

TEST_CASE("curves: on a logarithmic axis equal factors are equally far") {
  const auto one = [](double y) {
    return Curve{.name = "", .x = Tensor<double>::full({1}, 1), .y = Tensor<double>::full({1}, y)};
  };
  const auto pixels = drawn({one(0.01), one(0.1), one(10)}, {.log_y = true});
  const double first = figure::place(pixels, category_color(0, 3)).y;
  const double second = figure::place(pixels, category_color(1, 3)).y;
  const double third = figure::place(pixels, category_color(2, 3)).y;
  CHECK((first - third) == doctest::Approx(3 * (first - second)).epsilon(0.02));
}

TEST_CASE("curves: a gap where y is NaN, and a point between gaps is seen") {
  const Color blue = category_color(0, 1);
  const auto flat = [](double) { return 1.0; };
  const Index whole = colored(drawn({{.name = "", .x = steps(60), .y = numbers(60, flat)}}), blue);
  const auto half = numbers(60, [](double i) { return i < 15 || i > 44 ? 1 : not_a_number; });
  const Index gap = colored(drawn({{.name = "", .x = steps(60), .y = half}}), blue);
  CHECK(gap == doctest::Approx(0.5 * static_cast<double>(whole)).epsilon(0.1));
  const auto lonely = numbers(60, [](double i) { return i == 30 ? 1 : not_a_number; });
  CHECK(colored(drawn({{.name = "", .x = steps(60), .y = lonely}}), blue) > 5);
}

TEST_CASE("curves: a band is a fifth of the line's colour, between low and high") {
  const Curve c{.name = "",
                .x = steps(40),
                .y = numbers(40, [](double) { return 0.5; }),
                .low = numbers(40, [](double) { return 0.0; }),
                .high = numbers(40, [](double) { return 1.0; })};
  const Color full = category_color(0, 1);
  const Color pale{0.8 + 0.2 * full.red, 0.8 + 0.2 * full.green, 0.8 + 0.2 * full.blue};
  CHECK(colored(drawn({c}), pale) > curves_width * curves_height / 2);
}

TEST_CASE("curves: the legend lies in the frame where it is free, else at the right, and covers no line") {
  const Color blue = category_color(0, 1);
  const auto rising = [](double i) { return i; };
  const Index bare = colored(drawn({{.name = "", .x = steps(60), .y = numbers(60, rising)}}), blue);
  const auto pixels = drawn({{.name = "rising", .x = steps(60), .y = numbers(60, rising)}});
  CHECK(colored(pixels, blue) > bare + 10);  // all of the line, and a piece beside the name
  const auto same = [](const Tensor<std::uint8_t>& a, const Tensor<std::uint8_t>& b) {
    return std::ranges::equal(a.elements(), b.elements());
  };
  const std::vector<Curve> line{{.name = "rising", .x = steps(60), .y = numbers(60, rising)}};
  CHECK(!same(pixels, drawn(line, {.legend = LegendPlace::right})));
  const auto everywhere = [](double i) { return std::fmod(i, 2.0); };
  const std::vector<Curve> zigzag{{.name = "zigzag", .x = steps(200), .y = numbers(200, everywhere)}};
  CHECK(same(drawn(zigzag), drawn(zigzag, {.legend = LegendPlace::right})));
  CHECK(!same(drawn(zigzag), drawn(zigzag, {.legend = LegendPlace::none})));
}

TEST_CASE("curves: a reference line widens the range and has its words") {
  const Curve c{.name = "", .x = steps(10), .y = steps(10)};
  const auto bare = drawn({c});
  const auto lined = drawn({c}, {.references = {{.at = 18, .words = "chance"}}});
  const Color blue = category_color(0, 1);
  CHECK(figure::place(lined, blue).top > curves_height / 2 - 30);
  CHECK(figure::place(bare, blue).top < curves_height / 4);
  const auto wordless = drawn({c}, {.references = {{.at = 18}}});
  Index differ = 0;
  for (Index i = 0; i < lined.size(); ++i) {
    differ += lined[i] != wordless[i] ? 1 : 0;
  }
  CHECK(differ > 150);
}

TEST_CASE("curves: words stay within the figure, whatever the numbers") {
  const std::string title = "Measures of sixty letters, which is as long as titles should be";
  for (const double scale : {1e-300, 1e-6, 1.0, 1e6, 1e298}) {
    for (const auto& [w, h] : {std::pair<Index, Index>{300, 200}, {1200, 800}}) {
      std::vector<Curve> eight;
      for (int s = 0; s < 8; ++s) {
        eight.push_back({.name = engram::text("series ", s),
                         .x = numbers(20, [&](double i) { return scale * i; }),
                         .y = numbers(20, [&](double i) { return scale * (s - i); })});
      }
      Canvas canvas(FigureFormat::png, w, h);
      curves(canvas, eight, {.title = title, .x_label = title, .y_label = title});
      CHECK(figure::edge_is_white(canvas.pixels()));
    }
  }
}

TEST_CASE("curves: what cannot be drawn is refused") {
  Canvas canvas(FigureFormat::png, curves_width, curves_height);
  const auto one = [](const Tensor<double>& x, const Tensor<double>& y) {
    return std::vector<Curve>{{.name = "loss", .x = x, .y = y}};
  };
  CHECK_THROWS_WITH_AS(curves(canvas, {}), "curves: need at least one curve", ArgumentError);
  CHECK_THROWS_WITH_AS(curves(canvas, one(steps(3), steps(4))),
                       "curves: need x [N] and y [N] with N >= 1, got [3] and [4] in curve 'loss'", ShapeError);
  CHECK_THROWS_WITH_AS(curves(canvas, one(steps(3), steps(3)), {.log_y = true}),
                       "curves: need y > 0 on a logarithmic axis, got 0 in curve 'loss'", ArgumentError);
  CHECK_THROWS_WITH_AS(curves(canvas, one(steps(1), Tensor<double>::full({1}, INFINITY))),
                       "curves: need |y| <= 1e300, got inf in curve 'loss'", ArgumentError);
  CHECK_THROWS_WITH_AS(curves(canvas, one(Tensor<double>::full({1}, not_a_number), steps(1))),
                       "curves: need x without NaN, got one in curve 'loss'", ArgumentError);
  CHECK_THROWS_WITH_AS(curves(canvas, one(steps(1), Tensor<double>::full({1}, not_a_number))),
                       "curves: need a number to draw, got none but NaN", ArgumentError);
  CHECK_THROWS_AS(curves(canvas, {{.name = "", .x = steps(3), .y = steps(3), .low = steps(3)}}), ShapeError);
  CHECK_THROWS_AS(curves(canvas, {{.name = "", .x = steps(3), .y = steps(3), .color = -1}}), ArgumentError);
  CHECK_THROWS_AS(curves(canvas, one(steps(3), steps(3)), {.references = {{.at = not_a_number}}}), ArgumentError);
  Canvas small(FigureFormat::png, 64, 64);
  CHECK_THROWS_AS(curves(small, one(steps(3), steps(3)), {.title = "loss", .x_label = "epoch"}), ArgumentError);
}

TEST_CASE("write_curves: files of all formats, the same for the same curves") {
  const TemporaryFolder folder;
  const std::vector<Curve> zigzag{
      {.name = "zigzag", .x = steps(200), .y = numbers(200, [](double i) { return std::fmod(i, 2.0); })}};
  const CurvesOptions options{.title = "a figure", .width = curves_width, .height = curves_height};
  write_curves(folder / "a.png", zigzag, options);
  write_curves(folder / "b.png", zigzag, options);
  CHECK(io::read_image(folder / "a.png").shape() == Shape{3, curves_height, curves_width});
  CHECK(io::read_bytes(folder / "a.png") == io::read_bytes(folder / "b.png"));
  write_curves(folder / "a.svg", zigzag, options);
  CHECK(io::read_text(folder / "a.svg").find("<svg") != std::string::npos);
  write_curves(folder / "a.pdf", zigzag, options);
  CHECK(io::read_text(folder / "a.pdf").starts_with("%PDF-"));
  CHECK_THROWS_AS(write_curves(folder / "a.gif", zigzag, options), ArgumentError);
  CHECK(folder.entries() == 4);
}
