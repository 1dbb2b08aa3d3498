#include <engram/plot/network_diagram.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <engram/io/image.hpp>

#include "support/figure_pixels.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using namespace engram::plot;

namespace {

using Stages = std::vector<NetworkStage>;

const Color plain = category_color(4, 7);
const Color marked = category_color(5, 7);

Tensor<std::uint8_t> drawn(const std::vector<NetworkStage>& stages, const NetworkDiagramOptions& options = {}) {
  const NetworkDiagram figure(stages, options);
  Canvas canvas(FigureFormat::png, figure.width(), figure.height());
  figure.draw(canvas);
  return canvas.pixels();
}

/// The front of the second of two stages, but for its outline.
figure::Place front(const Shape& first, const Shape& second) {
  return figure::place(drawn({{.shape = first}, {.shape = second, .operations = {"conv"}}}), plain);
}

}  // namespace

TEST_CASE("NetworkDiagram: height follows the height of the maps, thickness the channels") {
  const auto whole = front({64, 40, 40}, {64, 40, 40});
  const auto low = front({64, 40, 40}, {64, 20, 20});
  const auto thin = front({64, 40, 40}, {32, 40, 40});
  const auto high = [](const figure::Place& p) { return static_cast<double>(p.bottom - p.top + 1); };
  const auto wide = [](const figure::Place& p) { return static_cast<double>(p.right - p.left + 1); };
  CHECK(high(low) == doctest::Approx(high(whole) / 2).epsilon(0.03));
  CHECK(wide(low) == wide(whole));
  CHECK(wide(thin) == doctest::Approx(wide(whole) / 2).epsilon(0.05));
  CHECK(high(thin) == high(whole));
}

TEST_CASE("NetworkDiagram: longer vectors are higher, and what is tiny is seen") {
  const auto few = front({10000}, {10});
  const auto many = front({10000}, {1000});
  CHECK(few.count > 20);
  CHECK(many.bottom - many.top > few.bottom - few.top);
  CHECK(front({1000, 1000, 1000}, {1, 1, 1}).count > 3);
}

TEST_CASE("NetworkDiagram: the code has a colour of its own and lies between what comes before and after") {
  const auto pixels = drawn({{.shape = {1, 8, 8}, .name = "input"},
                             {.shape = {4, 4, 4}, .operations = {"conv 3 x 3", "ReLU"}},
                             {.shape = {2}, .operations = {"linear"}, .name = "code", .marked = true},
                             {.shape = {1, 8, 8}, .operations = {"linear", "reshape"}, .name = "output"}});
  const auto code = figure::place(pixels, marked);
  const auto others = figure::place(pixels, plain);
  REQUIRE(code.count > 20);
  CHECK(others.left < code.left);
  CHECK(others.right > code.right);
}

TEST_CASE("NetworkDiagram: what does not fit in the width goes on below") {
  std::vector<NetworkStage> stages{{.shape = {1, 8, 8}, .name = "input"}};
  for (int i = 0; i < 11; ++i) {
    stages.push_back({.shape = {4, 8, 8}, .operations = {"conv 3 x 3", "batch norm", "ReLU", "max pool 2 x 2"}});
  }
  const NetworkDiagram long_one(stages, {.width = 4000});
  const NetworkDiagram rows(stages, {.width = 800});
  CHECK(long_one.width() > 1500);
  CHECK(rows.width() <= 800);
  CHECK(rows.height() > 2 * long_one.height());
}

TEST_CASE("NetworkDiagram: no word is cut off by the edge") {
  const std::string sixty = "A title of sixty letters, which is as long as titles get to be";
  for (const Index width : {700, 4000}) {
    CHECK(figure::edge_is_white(drawn({{.shape = {1, 1000, 1000}, .name = sixty},
                                       {.shape = {1000000}, .operations = std::vector<std::string>(15, "ReLU")},
                                       {.shape = {1, 1, 1}, .operations = {sixty}, .name = "output", .marked = true}},
                                      {.title = sixty, .width = width})));
  }
}

TEST_CASE("NetworkDiagram: what cannot be drawn is refused") {
  CHECK_THROWS_WITH_AS(NetworkDiagram(Stages{}), "network_diagram: need at least one stage", ShapeError);
  CHECK_THROWS_WITH_AS(NetworkDiagram(Stages{{.shape = {2, 3}}}),
                       "network_diagram: need shapes [C, H, W] or [F], got [2, 3]", ShapeError);
  CHECK_THROWS_AS(NetworkDiagram(Stages{{.shape = {0}}}), ShapeError);
  CHECK_THROWS_WITH_AS(NetworkDiagram(Stages{{.shape = {3}, .name = "a name too long"}}, {.width = 100}),
                       "network_diagram: need a larger width than 100 for 'a name too long' [3]", ArgumentError);
}

TEST_CASE("write_network_diagram: files of all formats, the same for the same network") {
  const TemporaryFolder folder;
  const std::vector<NetworkStage> stages{{.shape = {1, 8, 8}}, {.shape = {2}, .operations = {"linear"}}};
  write_network_diagram(folder / "a.png", stages);
  write_network_diagram(folder / "b.png", stages);
  CHECK(io::read_bytes(folder / "a.png") == io::read_bytes(folder / "b.png"));
  write_network_diagram(folder / "a.svg", stages);
  CHECK(io::read_text(folder / "a.svg").find("<svg") != std::string::npos);
  write_network_diagram(folder / "a.pdf", stages);
  CHECK(io::read_text(folder / "a.pdf").starts_with("%PDF-"));
  CHECK_THROWS_AS(write_network_diagram(folder / "a.gif", stages), ArgumentError);
  CHECK(folder.entries() == 4);
}
