#include <engram/plot/scatter.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <engram/io/image.hpp>

#include "support/figure_pixels.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using namespace engram::plot;

namespace {

constexpr Index scatter_width = 400;
constexpr Index scatter_height = 300;

/// `count` points all over a square, [count, dimensions].
Tensor<float> square(Index count, Index dimensions = 2) {
  Rng rng(5);
  auto points = Tensor<float>::uninitialized({count, dimensions});
  for (float& x : points.elements()) {
    x = static_cast<float>(rng.uniform());
  }
  return points;
}

/// 0, 1, .. kinds - 1, 0, 1, ..
Tensor<double> labels(Index count, Index kinds) {
  auto out = Tensor<double>::uninitialized({count});
  for (Index i = 0; i < count; ++i) {
    out[i] = static_cast<double>(i % kinds);
  }
  return out;
}

Tensor<std::uint8_t> drawn(const Tensor<float>& points, const PointColors& by, ScatterOptions options = {}) {
  Canvas canvas(FigureFormat::png, scatter_width, scatter_height);
  options.alpha = 1;
  scatter(canvas, points, by, options);
  return canvas.pixels();
}

/// Pixels of columns [begin, end) that fulfil is(color).
template <class Is>
Index count_pixels(const Tensor<std::uint8_t>& pixels, Index begin, Index end, Is is) {
  const Index plane = pixels.dim(1) * pixels.dim(2);
  Index count = 0;
  for (Index i = 0; i < plane; ++i) {
    const Index x = i % pixels.dim(2);
    const Color c{pixels[i] / 255.0, pixels[plane + i] / 255.0, pixels[2 * plane + i] / 255.0};
    count += x >= begin && x < end && is(c) ? 1 : 0;
  }
  return count;
}

/// Whether parts differ by half a level at the most.
auto same(const Color& wanted) {
  return [wanted](const Color& c) {
    return std::max({std::abs(c.red - wanted.red), std::abs(c.green - wanted.green), std::abs(c.blue - wanted.blue)}) <
           0.51 / 255;
  };
}

bool is_dark(const Color& c) {
  return c.red < 0.4 && c.green < 0.4 && c.blue < 0.4;
}

}  // namespace

TEST_CASE("scatter: each category has its colour among the points and in the legend, which has words") {
  const auto pixels = drawn(square(200), CategoricalColors{.labels = labels(200, 4), .title = "kind"}, {.radius = 3});
  const Index legend = scatter_width - 42;
  for (Index kind = 0; kind < 4; ++kind) {
    CHECK(count_pixels(pixels, 0, legend, same(category_color(kind, 4))) > 200);
    const Index swatch = count_pixels(pixels, legend, scatter_width, same(category_color(kind, 4)));
    CHECK(swatch > 5);
    CHECK(swatch < 40);
  }
  CHECK(count_pixels(pixels, legend, scatter_width, is_dark) > 20);
}

TEST_CASE("scatter: no category hides another") {
  // 2000 points of four kinds in one place, the kinds one after the other: on top is any of them.
  auto points = square(2000);
  auto by = labels(2000, 4);
  std::ranges::sort(by.elements());
  const auto pixels = drawn(points, CategoricalColors{.labels = std::move(by)}, {.radius = 8});
  for (Index kind = 0; kind < 4; ++kind) {
    CHECK(count_pixels(pixels, 0, scatter_width, same(category_color(kind, 4))) > scatter_width * scatter_height / 10);
  }
}

TEST_CASE("scatter: points lie as they do in the data, y upwards, one unit as long on both axes") {
  const auto points = Tensor<float>::from({3, 2}, {0, 0, 10, 0, 0, 2});
  const auto pixels = drawn(points, CategoricalColors{.labels = Tensor<double>::from({3}, {0, 1, 2})}, {.radius = 4});
  double x[3];
  double y[3];
  for (Index kind = 0; kind < 3; ++kind) {
    double sum[3] = {};
    for (Index i = 0; i < scatter_width * scatter_height; ++i) {
      const Color c{pixels[i] / 255.0, pixels[scatter_width * scatter_height + i] / 255.0,
                    pixels[2 * scatter_width * scatter_height + i] / 255.0};
      if (i % scatter_width < scatter_width - 60 && same(category_color(kind, 3))(c)) {
        sum[0] += 1;
        sum[1] += static_cast<double>(i % scatter_width);
        sum[2] += static_cast<double>(i / scatter_width);
      }
    }
    x[kind] = sum[1] / sum[0];
    y[kind] = sum[2] / sum[0];
  }
  const double unit = (x[1] - x[0]) / 10;
  CHECK(unit > 15);
  CHECK(std::abs(y[1] - y[0]) < 0.5);
  CHECK(std::abs(x[2] - x[0]) < 0.5);
  CHECK(y[0] - y[2] == doctest::Approx(2 * unit).epsilon(0.02));
}

TEST_CASE("scatter: what is unknown is grey and lies below the rest") {
  const auto points = Tensor<float>::full({2, 2}, 1);
  const auto by = Tensor<double>::from({2}, {3, std::nan("")});
  const auto pixels = drawn(points, CategoricalColors{.labels = by}, {.radius = 10});
  CHECK(count_pixels(pixels, 0, scatter_width - 100, same(unknown_color)) == 0);
  CHECK(count_pixels(pixels, 0, scatter_width - 100, same(category_color(0, 1))) > 200);
  CHECK(count_pixels(pixels, scatter_width - 100, scatter_width, same(unknown_color)) > 5);  // it is in the legend
}

TEST_CASE("scatter: amounts have a bar of all colours with numbers, directions a wheel") {
  const auto amounts = drawn(square(50), ContinuousColors{.values = labels(50, 10), .title = "speed"});
  const Index legend = scatter_width - 50;
  CHECK(count_pixels(amounts, legend, scatter_width, is_dark) > 30);
  Index colors = 0;
  for (int i = 0; i < 10; ++i) {
    const double t = i / 10.0;
    const Oklab wanted = to_oklab(sequential_color(t));
    colors += count_pixels(amounts, legend, scatter_width, [&](const Color& c) {
                const Oklab found = to_oklab(c);
                return std::hypot(found.lightness - wanted.lightness, found.a - wanted.a, found.b - wanted.b) < 0.02;
              }) > 0;
  }
  CHECK(colors == 10);

  const auto turns = drawn(square(50), CircularColors{.values = labels(50, 6)});
  for (double turn = 0; turn < 1; turn += 0.125) {
    const Oklab wanted = to_oklab(cyclic_color(turn));
    CHECK(count_pixels(turns, scatter_width - 150, scatter_width, [&](const Color& c) {
            const Oklab found = to_oklab(c);
            return std::hypot(found.lightness - wanted.lightness, found.a - wanted.a, found.b - wanted.b) < 0.02;
          }) > 2);
  }
}

TEST_CASE("scatter: a wheel goes anticlockwise from the right, or clockwise as angles in images do") {
  for (const bool clockwise : {false, true}) {
    CAPTURE(clockwise);
    const auto pixels =
        drawn(square(5), CircularColors{.values = Tensor<double>::full({5}, 0), .clockwise = clockwise});
    const auto quarter = figure::place(pixels, cyclic_color(45.5 / 180));
    const auto three_quarters = figure::place(pixels, cyclic_color(135.5 / 180));
    REQUIRE(quarter.count > 0);
    REQUIRE(three_quarters.count > 0);
    CHECK((quarter.y < three_quarters.y) == !clockwise);
  }
}

TEST_CASE("scatter: one dimension is a strip, of more than two the first two are shown and named") {
  const auto line = drawn(square(300, 1), {});
  CHECK(count_pixels(line, 0, scatter_width, same(category_color(0, 1))) > 300);
  const auto named = [](Index dimensions) {
    return count_pixels(drawn(square(50, dimensions), {}), 0, 19, is_dark);  // left of the frame
  };
  CHECK(named(2) == 0);
  CHECK(named(3) > 20);
}

TEST_CASE("scatter: a point alone, equal points and a million times as wide ones are drawn") {
  for (const auto& points :
       {Tensor<float>::full({1, 2}, 7), Tensor<float>::full({9, 2}, -3), Tensor<float>::from({2, 2}, {0, 0, 1e30F, 1}),
        Tensor<float>::from({2, 2}, {-3e38F, 0, 3e38F, 1e-30F})}) {
    CHECK(count_pixels(drawn(points, {}), 0, scatter_width, same(category_color(0, 1))) > 3);
  }
}

TEST_CASE("scatter: very many categories leave room for the points") {
  const auto pixels = drawn(square(2000), CategoricalColors{.labels = labels(2000, 500), .title = "session"});
  CHECK(count_pixels(pixels, 0, 150, [](const Color& c) { return !(c == white); }) > 500);
}

TEST_CASE("scatter: within given bounds points keep their places, whatever the others are") {
  const auto last = Tensor<float>::from({2, 2}, {0, 0, 1, 1});
  const auto early = Tensor<float>::from({2, 2}, {0, 0, 0.5, 0.5});
  const MapBounds bounds = joined(bounds_of(early), bounds_of(last));
  CHECK(bounds.left == 0);
  CHECK(bounds.right == 1);
  CHECK(bounds.bottom == 0);
  CHECK(bounds.top == 1);
  const auto point_columns = [&](const Tensor<float>& points) {
    const auto pixels = drawn(points, {}, {.radius = 4, .bounds = bounds, .callouts = {}});
    std::vector<Index> columns;
    for (Index x = 0; x < scatter_width; ++x) {
      const auto is_point = [&](const Color& c) { return c.red < 0.4 && c.blue > 0.4; };
      if (count_pixels(pixels, x, x + 1, is_point) > 4) {
        columns.push_back(x);
      }
    }
    return columns;
  };
  const auto at_end = point_columns(last);
  const auto before = point_columns(early);
  REQUIRE(!at_end.empty());
  REQUIRE(!before.empty());
  CHECK(before.front() == at_end.front());  // the point that stays
  CHECK(before.back() == doctest::Approx(static_cast<double>(at_end.front() + at_end.back()) / 2).epsilon(0.03));
}

TEST_CASE("scatter: without its legend a map has all the room, also as a part of a figure") {
  const ContinuousColors by{.values = labels(50, 50), .title = "distance"};
  const auto dark = [](const Color& c) { return c.red + c.green + c.blue < 0.1; };
  const auto with = drawn(square(50), by);
  const auto without = drawn(square(50), by, {.legend = false});
  CHECK(count_pixels(with, 3 * scatter_width / 4, scatter_width, dark) > 20);
  CHECK(count_pixels(without, 3 * scatter_width / 4, scatter_width, dark) == 0);

  Canvas canvas(FigureFormat::png, 2 * scatter_width, scatter_height);
  canvas.inset(scatter_width, 0, scatter_width, scatter_height,
               [&] { scatter(canvas, square(50), by, {.alpha = 1, .legend = false}); });
  CHECK(canvas.width() == 2 * scatter_width);
  const auto both = canvas.pixels();
  for (Index c = 0; c < 3; ++c) {
    for (Index y = 0; y < scatter_height; ++y) {
      for (Index x = 0; x < scatter_width; ++x) {
        REQUIRE(both[(c * scatter_height + y) * 2 * scatter_width + x] == 255);
        REQUIRE(both[(c * scatter_height + y) * 2 * scatter_width + scatter_width + x] ==
                without[(c * scatter_height + y) * scatter_width + x]);
      }
    }
  }
}

TEST_CASE("scatter: callouts stand at the left, with a line to their points") {
  const auto points = square(50);
  const Callout bright{.point = 7, .image = Tensor<std::uint8_t>::full({20, 20}, 200), .title = "7"};
  const Callout dark{.point = 9, .image = Tensor<std::uint8_t>::full({20, 20}, 90), .title = "9"};
  const auto has_level = [](int level) {
    return [level](const Color& c) {
      return std::abs(c.red - level / 255.0) < 0.002 && std::abs(c.green - level / 255.0) < 0.002 &&
             std::abs(c.blue - level / 255.0) < 0.002;
    };
  };
  const auto pixels = drawn(points, {}, {.callouts = {bright, dark}});
  const auto without = drawn(points, {});
  for (const int level : {200, 90}) {
    const Index shown = count_pixels(pixels, 0, scatter_width, has_level(level));
    CHECK(shown >= 400);
    CHECK(count_pixels(without, 0, scatter_width, has_level(level)) < 100);
  }
  const auto is_black = [](const Color& c) { return c.red + c.green + c.blue < 0.1; };
  CHECK(count_pixels(pixels, scatter_width / 2, scatter_width, is_black) >
        count_pixels(without, scatter_width / 2, scatter_width, is_black) + 20);
}

TEST_CASE("scatter: points that cannot be drawn are refused") {
  Canvas canvas(FigureFormat::png, scatter_width, scatter_height);
  CHECK_THROWS_WITH_AS(scatter(canvas, Tensor<float>::zeros({0, 2})),
                       "scatter: need points [N, D] with N, D >= 1, got [0, 2]", ShapeError);
  CHECK_THROWS_AS(scatter(canvas, Tensor<float>::zeros({4})), ShapeError);
  CHECK_THROWS_WITH_AS(scatter(canvas, Tensor<float>::from({2, 2}, {0, 1, 2, NAN})),
                       "scatter: need finite points, got nan in row 1, column 1", ArgumentError);
  CHECK_THROWS_AS(scatter(canvas, square(3), CategoricalColors{.labels = labels(4, 2)}), ShapeError);
  CHECK_THROWS_AS(scatter(canvas, square(3), {}, {.radius = 0}), ArgumentError);
  CHECK_THROWS_AS(scatter(canvas, square(3), {}, {.alpha = 1.5}), ArgumentError);
  CHECK_THROWS_WITH_AS(scatter(canvas, square(3), {}, {.callouts = {{.point = 3, .image = {}}}}),
                       "scatter: need callouts with images [H, W], got [0]", ShapeError);
  CHECK_THROWS_WITH_AS(
      scatter(canvas, square(3), {}, {.callouts = {{.point = 3, .image = Tensor<std::uint8_t>::zeros({2, 2})}}}),
      "scatter: need callouts of the points 0 to 2, got 3", ArgumentError);
  Canvas narrow(FigureFormat::png, 64, 1000);
  CHECK_THROWS_AS(scatter(narrow, square(3), CategoricalColors{.labels = labels(3, 3), .title = "a long title"}),
                  ArgumentError);
}

TEST_CASE("write_scatter: files of all formats, the same for the same points") {
  const TemporaryFolder folder;
  const auto points = square(300);
  const CategoricalColors by{.labels = labels(300, 3), .names = {"one", "two", "three"}, .title = "kind"};
  const ScatterOptions options{.title = "a map", .x_label = "x", .y_label = "y", .width = 320, .height = 200};
  write_scatter(folder / "a.png", points, by, options);
  write_scatter(folder / "b.png", points, by, options);
  CHECK(io::read_image(folder / "a.png").shape() == Shape{3, 200, 320});
  CHECK(io::read_bytes(folder / "a.png") == io::read_bytes(folder / "b.png"));
  write_scatter(folder / "a.svg", points, by, options);
  CHECK(io::read_text(folder / "a.svg").find("<image") == std::string::npos);
  ScatterOptions few = options;
  few.vector_points = 100;
  write_scatter(folder / "b.svg", points, by, few);
  CHECK(io::read_text(folder / "b.svg").find("<image") != std::string::npos);
  write_scatter(folder / "a.pdf", points, by, options);
  CHECK(io::read_text(folder / "a.pdf").starts_with("%PDF-"));
  CHECK(folder.entries() == 5);
}

TEST_CASE("write_scatter: nothing is written of what cannot be drawn") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(write_scatter(folder / "a.gif", square(3)), ArgumentError);
  CHECK_THROWS_AS(write_scatter(folder / "a.png", Tensor<float>::full({2, 2}, NAN)), ArgumentError);
  CHECK_THROWS_AS(write_scatter(folder / "none" / "a.png", square(3)), IoError);
  CHECK(folder.entries() == 0);
}
