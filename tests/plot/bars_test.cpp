#include <engram/plot/bars.hpp>

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

constexpr Index bars_width = 600;
constexpr Index bars_height = 300;
Tensor<double> numbers(std::initializer_list<double> values) {
  return Tensor<double>::from({static_cast<Index>(values.size())}, values);
}

Tensor<std::uint8_t> drawn(const std::vector<std::string>& items, const std::vector<BarSeries>& series,
                           const BarsOptions& options = {}) {
  Canvas canvas(FigureFormat::png, bars_width, bars_height);
  bars(canvas, items, series, options);
  return canvas.pixels();
}

/// Columns that the bars of the first of `count` series reach over.
Index reach(const Tensor<std::uint8_t>& pixels, Index count = 1) {
  const auto found = figure::place(pixels, category_color(0, count));
  return found.right - found.left + 1;
}

}  // namespace

TEST_CASE("bars: as long as the score, from 0, to the left below it") {
  const std::vector<std::string> one{"a"};
  // The axis reaches to 1 in all of them.
  const auto half = drawn(one, {{.values = numbers({0.5})}}, {.x_includes = {1}});
  const auto whole = drawn(one, {{.values = numbers({1})}}, {.x_includes = {1}});
  CHECK(reach(whole) == doctest::Approx(2.0 * static_cast<double>(reach(half))).epsilon(0.01));
  const auto both =
      drawn({"a", "b"}, {{.values = numbers({-1, not_a_number})}, {.values = numbers({not_a_number, 1})}});
  const auto left = figure::place(both, category_color(0, 2));
  const auto right = figure::place(both, category_color(1, 2));
  CHECK(left.right < right.left);
  CHECK(left.y < right.y);
}

TEST_CASE("bars: one that is not better than its control is pale with an outline") {
  const Color full = category_color(0, 1);
  const auto filled = [&](const BarSeries& s, bool lower_is_better) {
    return figure::place(drawn({"a"}, {s}, {.lower_is_better = lower_is_better}), full).count > 3000;
  };
  const auto score = [](double value, double control) {
    return BarSeries{.values = numbers({value}), .controls = numbers({control})};
  };
  CHECK(filled(score(0.9, 0.5), false));
  CHECK(!filled(score(0.9, 0.9), false));
  CHECK(!filled(score(0.9, 1), false));
  CHECK(filled(score(0.9, 1), true));
  CHECK(!filled(score(0.9, 0.5), true));
  CHECK(filled(score(0.9, not_a_number), false));
  CHECK(figure::place(drawn({"a"}, {score(0.9, 1)}), plot::detail::pale(full)).count > 3000);
}

TEST_CASE("bars: the control's mark stands at its number, across the bar") {
  const auto pixels = drawn({"a"}, {{.values = numbers({1}), .controls = numbers({0.5})}});
  const auto bar = figure::place(pixels, category_color(0, 1));
  // In the middle row of the bar, the only dark place within it is the mark.
  const Index plane = bars_width * bars_height;
  const Index row = std::lround(bar.y);
  double sum = 0;
  Index count = 0;
  for (Index x = bar.left + 3; x < bar.right - 3; ++x) {
    if (pixels[row * bars_width + x] < 40 && pixels[2 * plane + row * bars_width + x] < 40) {
      sum += static_cast<double>(x);
      ++count;
    }
  }
  REQUIRE(count > 0);
  CHECK(count < 5);
  CHECK(sum / static_cast<double>(count) ==
        doctest::Approx(0.5 * static_cast<double>(bar.left + bar.right)).epsilon(0.01));
}

TEST_CASE("bars: scores have decimals as wanted, or a power of ten where all are large or tiny") {
  using plot::detail::score_words;
  CHECK(score_words(0.834, 1, 2) == "0.83");
  CHECK(score_words(-0.001, 1, 2) == "0.00");
  CHECK(score_words(-0.5, 1, 0) == "0");
  CHECK(score_words(-12.25, 20, 1) == "-12.2");
  CHECK(score_words(3e6, 4e6, 2) == "3.0·10⁶");
  CHECK(score_words(-1.24e-6, 3e-6, 2) == "-1.2·10⁻⁶");
  CHECK(score_words(9.99e6, 1e7, 2) == "1.0·10⁷");
  CHECK(score_words(0, 3e-6, 2) == "0");
}

TEST_CASE("bars: words stay within the figure, whatever the numbers") {
  const std::string title = "Measures of sixty letters, which is as long as titles should be";
  for (const double scale : {1e-300, 1e-6, 0.0, -1.0, 1e6, 1e300}) {
    for (const Index w : {300, 1200}) {
      for (const Index count : {1, 8}) {
        std::vector<BarSeries> series;
        for (Index s = 0; s < count; ++s) {
          series.push_back({.name = engram::text("series ", s),
                            .values = numbers({scale, -0.5 * scale}),
                            .controls = numbers({0.9 * scale, 0.2 * scale}),
                            .low = numbers({0.8 * scale, -0.6 * scale}),
                            .high = numbers({scale, -0.4 * scale})});
        }
        Canvas canvas(FigureFormat::png, w, 1000);
        bars(canvas, {title, "b"}, series, {.title = title, .x_label = title});
        CHECK(figure::edge_is_white(canvas.pixels()));
      }
    }
  }
}

TEST_CASE("bars: what cannot be drawn is refused") {
  Canvas canvas(FigureFormat::png, bars_width, bars_height);
  CHECK_THROWS_WITH_AS(bars(canvas, {}, {}), "bars: need at least one item and one series, got 0 and 0", ArgumentError);
  CHECK_THROWS_WITH_AS(bars(canvas, {"a"}, {{.name = "AE", .values = numbers({1, 2})}}),
                       "bars: need values [1], got [2] in series 'AE'", ShapeError);
  CHECK_THROWS_WITH_AS(bars(canvas, {"a"}, {{.values = numbers({1}), .controls = numbers({1, 2})}}),
                       "bars: need controls, low and high like values [1] or empty, got [2] in series ''", ShapeError);
  CHECK_THROWS_WITH_AS(bars(canvas, {"a"}, {{.values = numbers({INFINITY})}}),
                       "bars: need |numbers| <= 1e300, got inf in series ''", ArgumentError);
  CHECK_THROWS_AS(bars(canvas, {"a"}, {{.values = numbers({1})}}, {.decimals = 10}), ArgumentError);
  const std::vector<std::string> many(100, "item");
  CHECK_THROWS_WITH_AS(bars(canvas, many, {{.values = Tensor<double>::zeros({100})}}),
                       "bars: need a larger figure for 100 x 1 bars and their words, got 600 x 300", ArgumentError);
}

TEST_CASE("write_bars: files of all formats, high enough for all bars") {
  const TemporaryFolder folder;
  const std::vector<std::string> many(100, "item");
  const std::vector<BarSeries> series{{.name = "AE", .values = Tensor<double>::full({100}, 0.5)},
                                      {.name = "PCA", .values = Tensor<double>::full({100}, 0.4)}};
  write_bars(folder / "a.png", many, series);
  write_bars(folder / "b.png", many, series);
  CHECK(io::read_image(folder / "a.png").dim(1) > 6000);
  CHECK(io::read_bytes(folder / "a.png") == io::read_bytes(folder / "b.png"));
  write_bars(folder / "a.svg", many, series);
  CHECK(io::read_text(folder / "a.svg").find("<svg") != std::string::npos);
  write_bars(folder / "a.pdf", many, series, {.height = 8000});
  CHECK(io::read_text(folder / "a.pdf").starts_with("%PDF-"));
  CHECK_THROWS_AS(write_bars(folder / "a.gif", many, series), ArgumentError);
  CHECK(folder.entries() == 4);
}
