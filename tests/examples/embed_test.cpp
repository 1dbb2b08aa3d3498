// The program embed as a user runs it: from rows of numbers to a map and its picture.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/io/image.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

constexpr Index rows = 90;

/// A folder with data: three clusters of 30 rows, of 5 numbers each.
struct Desk {
  TemporaryFolder folder;

  std::string path(const std::string& name) const { return (folder / name).string(); }
  bool exists(const std::string& name) const { return std::filesystem::exists(folder / name); }
  std::string text_of(const std::string& name) const { return io::read_text(folder / name); }

  static Tensor<float> data() {
    Rng rng(2);
    auto x = Tensor<float>::uninitialized({rows, 5});
    for (Index i = 0; i < x.size(); ++i) {
      x[i] = static_cast<float>(rng.normal() + (i % 5 == i / 5 % 3 ? 20 : 0));
    }
    return x;
  }
  static Tensor<double> kinds() {
    auto y = Tensor<double>::uninitialized({rows});
    for (Index i = 0; i < rows; ++i) {
      y[i] = static_cast<double>(i % 3);
    }
    return y;
  }

  /// The data with their kind as a column, as pandas writes it: with row numbers in front.
  void write_table() const {
    io::Table table{.columns = {"", "a", "b", "c", "d", "e", "kind"}, .values = Tensor<double>::zeros({rows, 7})};
    const auto x = data();
    for (Index i = 0; i < rows; ++i) {
      table.values[7 * i] = static_cast<double>(i);
      for (Index d = 0; d < 5; ++d) {
        table.values[7 * i + 1 + d] = static_cast<double>(x[5 * i + d]);
      }
      table.values[7 * i + 6] = kinds()[i];
    }
    io::write_csv(folder / "x.csv", table);
  }
  void write_array() const { io::write_npy(folder / "x.npy", data()); }

  support::ProgramResult embed(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{"--n-epochs", "60"};
    const auto method = std::ranges::find(arguments, "pca");
    if (method != arguments.end() || std::ranges::find(arguments, "--n-epochs") != arguments.end()) {
      all.clear();
    }
    all.insert(all.end(), arguments.begin(), arguments.end());
    return support::run_program("embed", all);
  }
};

bool has(const support::ProgramResult& result, const std::string& words) {
  return result.output.find(words) != std::string::npos;
}

/// Rows whose nearest row in the map is of their kind.
Index kept_together(const Tensor<double>& map, Index columns) {
  Index count = 0;
  for (Index i = 0; i < rows; ++i) {
    double least = INFINITY;
    Index nearest = 0;
    for (Index j = 0; j < rows; ++j) {
      const double distance =
          std::hypot(map[i * columns] - map[j * columns], map[i * columns + 1] - map[j * columns + 1]);
      if (j != i && distance < least) {
        least = distance;
        nearest = j;
      }
    }
    count += nearest % 3 == i % 3;
  }
  return count;
}

}  // namespace

TEST_CASE("embed: a table becomes a table and a picture, the label no data but a colour") {
  const Desk desk;
  desk.write_table();
  const auto done = desk.embed({"--data", desk.path("x.csv"), "--label", "kind", "--out", desk.path("map.csv"),
                                "--picture", desk.path("map.png")});
  CHECK_MESSAGE(done.status == 0, done.output);
  CHECK(has(done, "x.csv: 90 rows of 5 numbers\n"));
  CHECK(has(done, "15 neighbours, exact: "));
  CHECK(has(done, "60 epochs: "));
  CHECK(has(done, "map.csv: the map, [90, 2]\n"));
  CHECK(has(done, "map.png: its picture, colours are categories of kind\n"));
  const auto map = io::read_csv(desk.path("map.csv"));
  CHECK(map.columns == std::vector<std::string>{"UMAP 1", "UMAP 2", "kind"});
  CHECK(map.values.dim(0) == rows);
  CHECK(std::ranges::equal(map.column("kind").elements(), Desk::kinds().elements()));
  CHECK(kept_together(map.values, 3) == rows);
  CHECK(desk.text_of("map.png").starts_with("\x89PNG\r\n\x1A\n"));
  CHECK(io::read_image(desk.path("map.png")).shape() == Shape{3, 1000, 1200});
}

TEST_CASE("embed: images are flattened; the same map on any number of threads") {
  const Desk desk;
  io::write_npy(desk.path("images.npy"), Desk::data().reshaped({rows / 3, 3, 5}));
  io::write_npy(desk.path("speed.npy"), Tensor<float>::full({rows / 3, 1}, 1.5F));
  const auto run = [&](const std::string& out, const char* threads) {
    return desk.embed({"--data", desk.path("images.npy"), "--labels", desk.path("speed.npy"), "--out", desk.path(out),
                       "--picture", desk.path(out + ".svg"), "--threads", threads});
  };
  const auto done = run("a.npy", "1");
  CHECK_MESSAGE(done.status == 0, done.output);
  CHECK(has(done, "30 rows of 15 numbers"));
  CHECK(has(done, "colours are amounts of speed\n"));
  CHECK(run("b.npy", "3").status == 0);
  CHECK(io::read_npy(desk.path("a.npy")).shape == Shape{rows / 3, 2});
  CHECK(desk.text_of("a.npy") == desk.text_of("b.npy"));
  CHECK(desk.text_of("a.npy.svg").find("</svg>") != std::string::npos);
}

TEST_CASE("embed: arrays of an .npz by name, labels that are words") {
  const Desk desk;
  std::vector<std::string> words(rows, "owl");
  words[1] = "cat";
  words[2] = "";
  {
    io::NpzWriter file(desk.path("x.npz"));
    file.add("codes", Desk::data());
    file.add("animal", std::span<const std::string>(words));
    file.commit();
  }
  const auto done = desk.embed({"--data", desk.path("x.npz"), "--array", "codes", "--label", "animal", "--out",
                                desk.path("map.npz"), "--picture", desk.path("map.pdf"), "--save",
                                desk.path("model.npz"), "--n-components", "3", "--supervised"});
  CHECK_MESSAGE(done.status == 0, done.output);
  const io::NpzReader map(desk.path("map.npz"));
  CHECK(map.read("embedding").shape == Shape{rows, 3});
  CHECK(map.read("labels").strings == words);
  CHECK(desk.text_of("map.pdf").starts_with("%PDF-"));
  CHECK(io::NpzReader(desk.path("model.npz")).read("embedding").as<float>()[0] == map.read("embedding").as<float>()[0]);
}

TEST_CASE("embed: a table with words, which can be a label but no data, and come back where they were") {
  const Desk desk;
  std::string table = "id,a,b,c,species\n";
  const char* const names[] = {"Iris, blue", "owl", "NA"};
  for (Index i = 0; i < rows; ++i) {
    table += text("row", i, ",", i % 3 * 20, ",", i % 7, ",", i % 5, ",\"", names[i % 3], "\"\n");
  }
  write_file(desk.folder / "x.csv", table);
  const auto done = desk.embed({"--data", desk.path("x.csv"), "--columns", "a,b,c", "--label", "species", "--out",
                                desk.path("map.csv"), "--picture", desk.path("map.png"), "--supervised"});
  CHECK_MESSAGE(done.status == 0, done.output);
  CHECK(has(done, "90 rows of 3 numbers"));
  CHECK(has(done, "colours are categories of species\n"));
  io::CsvReader map(desk.path("map.csv"));
  CHECK(map.columns() == std::vector<std::string>{"UMAP 1", "UMAP 2", "species"});
  for (Index i = 0; i < rows; ++i) {
    REQUIRE(map.next());
    CHECK(map.cells()[2] == (i % 3 == 2 ? "" : names[i % 3]));
  }
  CHECK_FALSE(map.next());

  const auto beside = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--labels", desk.path("x.csv"), "--label", "species", "--out", desk.path("b.csv")});
    return desk.embed(more);
  };
  desk.write_array();
  CHECK(beside({"--data", desk.path("x.npy")}).status == 0);
  CHECK(desk.text_of("b.csv").find(",\"Iris, blue\"\n") != std::string::npos);
  CHECK(beside({"--data", desk.path("x.csv"), "--columns", "a,species"}).output ==
        "embed: --columns: need columns beside the label, got species\n");
}

TEST_CASE("embed: a label of floats has no more digits than they do") {
  const Desk desk;
  desk.write_array();
  io::write_npy(desk.path("PC 1.npy"), Tensor<float>::full({rows}, 229.76227F));
  CHECK(desk.embed({"--data", desk.path("x.npy"), "--labels", desk.path("PC 1.npy"), "--method", "pca", "--out",
                    desk.path("map.csv")})
            .status == 0);
  CHECK(desk.text_of("map.csv").starts_with("PC 1,PC 2,label PC 1\n"));
  CHECK(desk.text_of("map.csv").ends_with(",229.76227\n"));
}

TEST_CASE("embed: new rows in the map of a saved model") {
  const Desk desk;
  desk.write_array();
  io::write_npy(desk.path("narrow.npy"), Tensor<float>::zeros({2, 4}));
  for (const std::string method : {"umap", "pca"}) {
    const std::string model = desk.path(method + ".npz");
    REQUIRE(desk.embed({"--data", desk.path("x.npy"), "--method", method, "--out", desk.path("map.npy"), "--save",
                        model, "--n-components", "3"})
                .status == 0);
    const auto place = [&](const char* data, const char* out) {
      return support::run_program("embed", {"--data", desk.path(data), "--model", model, "--out", desk.path(out),
                                            "--picture", desk.path("new.png")});
    };
    const auto done = place("x.npy", "new.npy");
    CHECK_MESSAGE(done.status == 0, done.output);
    CHECK(has(done, "placed in the map of " + model + "; "));
    const auto map = io::read_npy(desk.path("map.npy")).as<float>();
    const auto placed = io::read_npy(desk.path("new.npy")).as<float>();
    REQUIRE(placed.shape() == Shape{rows, 3});
    for (Index i = 0; i < map.size(); ++i) {
      CHECK(placed[i] == doctest::Approx(map[i]).epsilon(1e-4));
    }
    CHECK(place("narrow.npy", "new.csv").output ==
          "embed: " + desk.path("narrow.npy") + ": need rows of 5 numbers as those of " + model + ", got 4\n");
    CHECK(desk.embed({"--data", desk.path("x.npy"), "--model", model, "--out", model}).status == 2);
  }
  for (const char* option : {"--n-neighbors", "--method", "--n-components", "--save"}) {
    const std::string value = std::string(option) == "--method" ? "pca" : "9";
    CHECK(support::run_program("embed", {"--data", desk.path("x.npy"), "--model", desk.path("umap.npz"), option, value,
                                         "--out", desk.path("new.npy")})
              .output == text("embed: ", option, ": need a map to be made, got --model\n"));
  }
}

TEST_CASE("embed: a picture that cannot be written costs neither map nor model, and leaves no part of it") {
  const Desk desk;
  desk.write_array();
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{.rlim_cur = 8192, .rlim_max = before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto failed = desk.embed({"--data", desk.path("x.npy"), "--method", "pca", "--out", desk.path("map.npy"),
                                  "--save", desk.path("model.npz"), "--picture", desk.path("map.svg")});
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK(failed.status == 2);
  CHECK(has(failed, "embed: " + desk.path("map.svg") + ": cannot be written: File too large\n"));
  CHECK(desk.folder.entries() == 3);
  CHECK(io::read_npy(desk.path("map.npy")).shape == Shape{rows, 2});
  CHECK(io::NpzReader(desk.path("model.npz")).contains("components"));
}

TEST_CASE("embed: directions in degrees, from the columns of an array labels as make_arena writes them") {
  const Desk desk;
  auto labels = Tensor<double>::zeros({rows, 2});
  for (Index i = 0; i < rows; ++i) {
    labels[2 * i + 1] = static_cast<double>(i * 37 % 360);
  }
  const std::vector<std::string> columns{"x", "angle"};
  {
    io::NpzWriter file(desk.path("x.npz"));
    file.add("images", Desk::data());
    file.add("labels", labels);
    file.add("columns", std::span<const std::string>(columns));
    file.commit();
  }
  const std::vector<std::string> options{"--data",    desk.path("x.npz"), "--array",  "images", "--label",
                                         "angle",     "--label-kind",     "circular", "--out",  desk.path("a.npy"),
                                         "--picture", desk.path("a.png"), "--period", "360"};
  const auto done = desk.embed(options);
  CHECK_MESSAGE(done.status == 0, done.output);
  CHECK(has(done, "colours are directions of angle\n"));
  auto supervised = options;
  supervised[9] = desk.path("b.npy");
  supervised.insert(supervised.end(), {"--supervised", "--target-weight", "0.9"});
  CHECK(desk.embed(supervised).status == 0);
  CHECK(desk.text_of("a.npy") != desk.text_of("b.npy"));
}

TEST_CASE("embed: PCA, with the columns that are named") {
  const Desk desk;
  desk.write_table();
  const auto done = desk.embed({"--data", desk.path("x.csv"), "--columns", "a,b,c,d", "--method", "pca", "--out",
                                desk.path("map.csv"), "--save", desk.path("model.npz")});
  CHECK_MESSAGE(done.status == 0, done.output);
  CHECK(has(done, "90 rows of 4 numbers"));
  CHECK(has(done, "2 components: "));
  const auto map = io::read_csv(desk.path("map.csv"));
  CHECK(map.columns == std::vector<std::string>{"PC 1", "PC 2"});
  CHECK(kept_together(map.values, 2) == rows);
  CHECK(io::NpzReader(desk.path("model.npz")).read("components").shape == Shape{2, 4});
}

TEST_CASE("embed: options reach the map") {
  const Desk desk;
  desk.write_array();
  const auto map = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--data", desk.path("x.npy"), "--out", desk.path("map.npy")});
    const auto done = desk.embed(more);
    CHECK_MESSAGE(done.status == 0, done.output);
    return desk.text_of("map.npy");
  };
  const std::string plain = map({});
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{{"--n-neighbors", "5"},
                                                                                       {"--min-dist", "0.5"},
                                                                                       {"--metric", "correlation"},
                                                                                       {"--init", "random"},
                                                                                       {"--random-state", "1"},
                                                                                       {"--n-epochs", "61"},
                                                                                       {"--densmap"}}) {
    CHECK_MESSAGE(map(options) != plain, options[0]);
  }
}

TEST_CASE("embed: what cannot be done is one line, and leaves nothing") {
  const Desk desk;
  desk.write_table();
  desk.write_array();
  write_file(desk.folder / "words.csv", "a,b\n1,cat\n");
  write_file(desk.folder / "gap.csv", "a,b\n1,2\n\n3,\n");
  write_file(desk.folder / "names.csv", "a,b\n");
  write_file(desk.folder / "x.txt", "1 2\n");
  io::write_npy(desk.path("five.npy"), Tensor<float>::zeros({5}));
  io::write_npy(desk.path("two.npy"), Tensor<float>::zeros({2, 3}));
  auto bad = Desk::data();
  bad[7] = NAN;
  io::write_npy(desk.path("nan.npy"), bad);
  auto unknown = Desk::kinds();
  unknown[4] = NAN;
  unknown[5] = 0.5;
  io::write_npy(desk.path("unknown.npy"), unknown);
  io::write_npy(desk.path("degrees.npy"), Tensor<float>::full({rows}, -90));
  {
    io::NpzWriter file(desk.path("two.npz"));
    file.add("a", Desk::data());
    file.add("b", Desk::data());
    file.commit();
  }
  const auto entries = desk.folder.entries();
  const auto p = [&](const char* name) { return desk.path(name); };
  struct Case {
    std::vector<std::string> options;
    std::string error;
  };
  const std::vector<Case> cases{
      {{"--data", p("none.npy")}, p("none.npy") + ": cannot be read: No such file or directory"},
      {{"--data", p("none")}, p("none") + ": no such file"},
      {{"--data", p("x.txt")}, p("x.txt") + ": need a .csv, .npy or .npz, got '.txt'"},
      {{"--data", p("words.csv")},
       p("words.csv") + ": line 2, column b: need a finite number, got 'cat'; --columns says which columns are data"},
      {{"--data", p("gap.csv")},
       p("gap.csv") + ": line 4, column b: need a finite number, got an empty cell; --columns says which columns are "
                      "data"},
      {{"--data", p("gap.csv"), "--columns", "b"},
       p("gap.csv") + ": line 4, column b: need a finite number, got an empty cell"},
      {{"--data", p("two.npy"), "--labels", p("gap.csv"), "--label", "b", "--label-kind", "continuous", "--supervised"},
       "--supervised: need a number in each row of b, got nan in line 4; only categories may be unknown"},
      {{"--data", p("x.npy"), "--labels", p("words.csv"), "--label", "b", "--label-kind", "continuous"},
       p("words.csv") + ": line 2, column b: need a number, got 'cat'"},
      {{"--data", p("names.csv")}, p("names.csv") + ": need rows below the names, got none"},
      {{"--data", p("nan.npy")}, p("nan.npy") + ": need finite numbers, got nan in row 1, column 2 (the first are 0)"},
      {{"--data", p("x.csv"), "--label", "kin"}, p("x.csv") + ": need one of the columns a, b, c, d, e, kind, got kin"},
      {{"--data", p("x.csv"), "--columns", "a,z"}, p("x.csv") + ": need one of the columns a, b, c, d, e, kind, got z"},
      {{"--data", p("x.npy"), "--columns", "a"}, "--columns: need data as .csv, got " + p("x.npy")},
      {{"--data", p("x.npy"), "--array", "a"}, "--array: need data as .npz, got " + p("x.npy")},
      {{"--data", p("two.npz")}, p("two.npz") + ": need --array, one of a, b"},
      {{"--data", p("two.npz"), "--array", "c"}, p("two.npz") + ": need an array called c, got a, b"},
      {{"--data", p("x.npy"), "--label", "kind"}, "--label: need --labels with data as .npy"},
      {{"--data", p("x.npy"), "--labels", p("five.npy")},
       p("five.npy") + ": need 90 labels, one for each row of " + p("x.npy") + ", got 5"},
      {{"--data", p("x.npy"), "--labels", p("x.npy")}, p("x.npy") + ": need labels [N], got [90, 5]"},
      {{"--data", p("x.npy"), "--labels", p("unknown.npy"), "--supervised"},
       "--supervised: need a number in each row of unknown, got nan in row 4 (the first is 0); only categories may be "
       "unknown"},
      {{"--data", p("x.npy"), "--supervised"}, "--supervised: need --label or --labels"},
      {{"--data", p("x.npy"), "--period", "3"}, "--period: need --label-kind circular, got auto"},
      {{"--data", p("x.npy"), "--labels", p("degrees.npy"), "--label-kind", "circular"},
       "--period: need it, such as 360, as degrees has values beyond 2 pi, got none and 90"},
      {{"--data", p("x.npy"), "--method", "pca", "--min-dist", "1"}, "--min-dist: need --method umap, got pca"},
      {{"--data", p("x.npy"), "--method", "pca", "--n-components", "6"},
       "--n-components: need at most 5 for 90 rows of 5 numbers, got 6"},
      {{"--data", p("x.npy"), "--min-dist", "2"}, "--min-dist: need at most --spread 1, got 2"},
      {{"--data", p("x.npy"), "--a", "2"}, "--a: need --b as well"},
      {{"--data", p("x.npy"), "--n-neighbours", "5"}, "--n-neighbours: no such option; did you mean --n-neighbors?"},
      {{"--data", p("x.npy"), "--picture", p("map.jpg")},
       p("map.jpg") + ": need a figure as .png, .svg or .pdf, got '.jpg'"},
      {{"--data", p("x.npy"), "--picture", p("no/map.png")},
       p("no/map.png") + ": cannot be written: No such file or directory"},
      {{"--data", p("x.npy"), "--save", p("model.npy")}, "--save: need a name that ends with .npz, got " + p("model.npy")},
  };
  for (const Case& c : cases) {
    auto options = c.options;
    options.insert(options.end(), {"--out", p("map.csv")});
    const auto refused = desk.embed(options);
    CHECK(refused.status == 2);
    CHECK(refused.output == "embed: " + c.error + "\n");
    CHECK(desk.folder.entries() == entries);
  }
  const auto over = desk.embed({"--data", p("x.npy"), "--out", p("x.npy")});
  CHECK(over.output == "embed: --out: need another path than that of --data, got " + p("x.npy") + "\n");
  const auto twice = desk.embed({"--data", p("x.npy"), "--out", p("m.npz"), "--save", p("m.npz")});
  CHECK(twice.output == "embed: --save: need another path than that of --out, got " + p("m.npz") + "\n");
  CHECK(desk.embed({"--data", p("x.npy"), "--out", p("map.txt")}).output ==
        "embed: --out: need a name that ends with .npy, .npz or .csv, got " + p("map.txt") + "\n");
  CHECK(desk.folder.entries() == entries);
}
