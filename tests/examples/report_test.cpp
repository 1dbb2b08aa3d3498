#include "../../examples/support/report.hpp"
#include "../../examples/support/report/atlas.hpp"
#include "../../examples/support/report/html.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/io/image.hpp>

#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

bool holds(const std::string& page, std::string_view words) {
  return page.find(words) != page.npos;
}

/// Two steps of three frames of 2 x 3 pixels, and one label of each kind.
support::CodeMap small_map() {
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  return {.text = {"A map."},
          .codes = {{.name = "tagger",
                     .points = Tensor<float>::from({2, 3, 2}, {0, 0, 1, 1, 2, 0, 0, 0, 1, 2, 2, 0}),
                     .steps = {1, 2}}},
          .labels = {{.colors = plot::CircularColors{Tensor<double>::from({3}, {0, 90, 359.9}), 360, "angle"}},
                     {.colors = plot::ContinuousColors{Tensor<double>::from({3}, {4, unknown, 6}), "x"}},
                     {.colors = plot::CategoricalColors{Tensor<double>::from({3}, {7, 5, 7}), {}, "class"}}},
          .images = {{"recorded", Tensor<std::uint8_t>::full({3, 2, 3}, 100)}}};
}

std::string written(const support::Report& report) {
  const TemporaryFolder folder;
  support::write_report(folder / "report.html", report);
  CHECK(folder.entries() == 1);
  return io::read_text(folder / "report.html");
}

/// The text of the error, and that it left the page that was there, and nothing else.
template <class E>
std::string refused(const support::Report& report) {
  const TemporaryFolder folder;
  write_file(folder / "report.html", "before");
  std::string words;
  try {
    support::write_report(folder / "report.html", report);
  } catch (const E& error) {
    words = error.what();
  }
  CHECK(io::read_text(folder / "report.html") == "before");
  CHECK(folder.entries() == 1);
  return words;
}

}  // namespace

TEST_CASE("report: what looks like HTML is shown as it is") {
  const std::string evil = "<script>alert(1)</script>\"'&";
  const TemporaryFolder folder;
  const std::filesystem::path figure = folder / "<b>.png";
  io::write_png(figure, Tensor<std::uint8_t>::full({2, 2}, 7));
  support::Report report{.title = evil, .summary = {evil}, .claims = {{evil, evil, evil, support::Verdict::supported}}};
  report.sections = {{.heading = evil,
                      .text = {evil},
                      .figures = {{figure, evil}},
                      .tables = {{.caption = evil, .columns = {evil}, .rows = {{evil}}}}}};
  report.settings = {{evil, evil}};
  report.files = {{.path = "javascript:alert(1)", .holds = evil, .opens = evil}};
  report.map = small_map();
  report.map->codes.front().name = evil;
  report.map->images.front().name = evil;
  report.map->labels.front() = {.colors = plot::ContinuousColors{Tensor<double>::zeros({3}), evil}, .unit = evil};
  const std::string page = written(report);
  CHECK(!holds(page, "<script>alert"));
  CHECK(!holds(page, "</script>\""));
  CHECK(holds(page, "<h1>&lt;script&gt;alert(1)&lt;/script&gt;&quot;'&amp;</h1>"));
  CHECK(holds(page, "\"name\":\"\\u003cscript>alert(1)\\u003c/script>\\\"'&\""));
  CHECK(holds(page, "href=\"./javascript%3Aalert%281%29\""));
}

TEST_CASE("report: nothing is asked of the network, and the scripts do not end early") {
  const std::string page = written({.title = "t", .map = small_map()});
  for (const char* outside : {"src=\"http", "href=\"http", "@import", "url("}) {
    CHECK(!holds(page, outside));
  }
  for (const char* script : {"scatterplot.min.js", "report.js"}) {
    CHECK(!holds(io::read_text(std::filesystem::path(ENGRAM_TEST_DIR "/../examples/report") / script), "</script"));
  }
}

TEST_CASE("report: a map's points, colours and atlases by hand") {
  const std::string page = written({.title = "t", .map = small_map()});
  // x from 0 to 2 and y from 0 to 2 in a square of 2.12: 0 is 1854.8, 1 is 32767.5, 2 is 63680.2 of 65535.
  CHECK(holds(page,
              "id=\"points-0\">" + support::base64(std::string("\x3F\x07\x3F\x07\x00\x80\x00\x80", 8)).substr(0, 10)));
  CHECK(holds(page, "id=\"colors-0\">" + support::base64(std::string("\0\0\x40\0\0\0", 6))));    // 0, 90 and 360
  CHECK(holds(page, "id=\"colors-1\">" + support::base64(std::string("\0\0\0\x01\xFF\0", 6))));  // 256: unknown
  CHECK(holds(page, "id=\"colors-2\">" + support::base64(std::string("\x01\0\0\0\x01\0", 6))));
  CHECK(holds(page, "\"names\":[\"5\",\"7\"]"));
  CHECK(holds(page, "id=\"images-0-0\">/9j/"));  // JPEG's beginning
  CHECK(holds(page, "\"cellHeight\":8,\"cellWidth\":8,\"columns\":187,\"height\":2"));
}

TEST_CASE("report: atlases hold each frame in its place") {
  constexpr Index frames = 700;  // 26 x 26 in one atlas
  auto images = Tensor<std::uint8_t>::uninitialized({frames, 50, 50});
  for (Index i = 0; i < images.size(); ++i) {
    images[i] = static_cast<std::uint8_t>(i / 2500 % 250);
  }
  const support::AtlasGrid grid = support::atlas_grid(images.shape());
  CHECK(grid.columns == 26);
  const auto atlases = support::encode_atlases(images, grid);
  REQUIRE(atlases.size() == 2);
  const TemporaryFolder folder;
  write_file(folder / "atlas.jpg", atlases[1]);
  const auto atlas = io::read_image(folder / "atlas.jpg", 1);
  REQUIRE(atlas.shape() == Shape{1, 56, 26 * 56});
  for (Index i = 0; i < frames - 676; ++i) {
    for (const Index x : {0, 25, 49}) {
      CHECK(std::abs(atlas[30 * 26 * 56 + i * 56 + x] - (676 + i) % 250) <= 2);
    }
  }
}

TEST_CASE("report: numbers of a table are short and to the right") {
  const TemporaryFolder folder;
  write_file(folder / "t.csv", "name,loss,frames,note\nfirst,0.123456789,20000,\nsecond,1.5e-7,123456.789,x\n");
  const support::ReportTable table = support::table_from_csv(folder / "t.csv", "Losses");
  CHECK(table.rows ==
        std::vector<std::vector<std::string>>{{"first", "0.1235", "20000", ""}, {"second", "1.5e-07", "123457", "x"}});
  const std::string html = support::html_table(table);
  CHECK(holds(html, "<th scope=\"col\">name</th><th scope=\"col\" class=\"number\">loss</th>"));
  CHECK(holds(html, "<tr><td>first</td><td class=\"number\">0.1235</td><td class=\"number\">20000</td><td></td></tr>"));
  CHECK(holds(support::html_table({"", {"a"}, {{"0.81 ± 0.02"}, {"< 0.001"}}}), "<td class=\"number\">&lt; 0.001"));
  CHECK_THROWS_WITH_AS(support::html_table({"t", {"a", "b"}, {{"1"}}}), "table 't': need 2 cells in each row, got 1",
                       ShapeError);
}

TEST_CASE("report: base64 as in RFC 4648") {
  CHECK(support::base64(std::string_view("")) == "");
  CHECK(support::base64(std::string_view("f")) == "Zg==");
  CHECK(support::base64(std::string_view("fo")) == "Zm8=");
  CHECK(support::base64(std::string_view("foobar")) == "Zm9vYmFy");
}

TEST_CASE("report: a figure that is missing or of an unknown kind is named, and the old report stays") {
  const auto with_figure = [](const char* file) {
    return support::Report{.title = "t", .sections = {{.heading = "h", .figures = {{file, "c"}}}}};
  };
  CHECK(refused<IoError>(with_figure("no/such.png")) == "no/such.png: cannot be read: No such file or directory");
  CHECK(refused<ArgumentError>(with_figure("a.pdf")) == "a.pdf: need a .png, .jpg, .svg, .gif or .mp4 for a figure");
}

TEST_CASE("report: parts of a map that do not fit are named") {
  support::Report report{.title = "t", .map = small_map()};
  report.map->codes.front().steps = {1};
  CHECK(refused<ShapeError>(report) == "report: code 'tagger': need 2 steps for points [2, 3, 2], got 1");
  report.map = small_map();
  report.map->codes.push_back({.name = "PCA", .points = Tensor<float>::zeros({1, 4, 2}), .steps = {0}});
  CHECK(refused<ShapeError>(report) ==
        "report: code 'PCA': need points [S, N, 2] of as many frames as [2, 3, 2], got [1, 4, 2]");
  report.map = small_map();
  report.map->images.front().images = Tensor<std::uint8_t>::zeros({2, 2, 3});
  CHECK(refused<ShapeError>(report) == "report: images 'recorded': need [3, H, W], got [2, 2, 3]");
  report.map = small_map();
  report.map->labels.front() = {.colors = plot::ContinuousColors{Tensor<double>::zeros({4}), "x"}};
  CHECK(refused<ShapeError>(report) == "point_colors: need a value for each of the 3 points, got [4]");
  report.map = small_map();
  report.map->codes.front().points[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(refused<ArgumentError>(report) == "report: code 'tagger': need finite points, got nan");
  report.map->labels.clear();
  CHECK(refused<ArgumentError>(report) == "report: need a map with codes and labels, got 1 codes and 0 labels");
}
