// Tells how true maps are to the rows that they show: whether neighbours in the map are neighbours in the data, whether
// neighbours in the data stay together in the map, and how many of them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <engram/analysis/continuity.hpp>
#include <engram/analysis/neighborhood_preservation.hpp>
#include <engram/analysis/trustworthiness.hpp>
#include <engram/core/random.hpp>
#include <engram/core/take_rows.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>

#include "support/embed_input.hpp"
#include "support/program.hpp"

using namespace engram;

namespace {

struct Options {
  support::InputOptions input;
  std::vector<std::filesystem::path> maps;
  std::filesystem::path out;
  Index n_neighbors = 15;
  Index rows = 0;
  std::uint64_t seed = 0;
};

/// The points [N, d] of a map as embed writes it.
Tensor<float> read_map(const std::filesystem::path& path, Index rows) {
  const std::string extension = io::lower_extension(path);
  ensure<FormatError>(extension == ".npy" || extension == ".npz", path.string(), ": need a map as .npy or .npz, got '",
                      extension, "'");
  support::InputOptions input;
  input.data = path;
  input.array = extension == ".npz" ? "embedding" : "";
  Tensor<float> points = support::read_rows(input);
  ensure<ShapeError>(points.dim(0) == rows, path.string(), ": need a point for each of the ", rows, " rows, got ",
                     points.shape());
  return points;
}

/// The rows that are measured, ascending: all, or as many as asked for, at random.
std::vector<Index> choose_rows(Index all, const Options& o) {
  std::vector<Index> rows = Rng(o.seed).permutation(all);
  if (o.rows > 0 && o.rows < all) {
    rows.resize(static_cast<std::size_t>(o.rows));
  }
  std::ranges::sort(rows);
  return rows;
}

int measure_map(const Options& o) {
  const Tensor<float> all = support::read_rows(o.input);
  const std::vector<Index> rows = choose_rows(all.dim(0), o);
  const Tensor<float> x = take_rows(all, rows);
  std::vector<Tensor<float>> maps;
  for (const auto& path : o.maps) {
    maps.push_back(take_rows(read_map(path, all.dim(0)), rows));
  }
  std::printf("%s: %td of %td rows, their %td nearest of each other; by chance %.2g of them would be kept\n",
              o.input.data.c_str(), x.dim(0), all.dim(0), o.n_neighbors,
              static_cast<double>(o.n_neighbors) / static_cast<double>(std::max<Index>(1, x.dim(0) - 1)));
  std::string csv = "map,rows,n_neighbors,trustworthiness,continuity,neighborhood_preservation\n";
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const auto& path = o.maps[i];
    const Tensor<float>& points = maps[i];
    const double trust = analysis::trustworthiness(x, points, o.n_neighbors);
    const double continuity = analysis::continuity(x, points, o.n_neighbors);
    const double kept = analysis::neighborhood_preservation(x, points, o.n_neighbors);
    csv += text(io::csv_cell(path.string()), ",", x.dim(0), ",", o.n_neighbors, ",", trust, ",", continuity, ",", kept,
                "\n");
    std::printf("%s: trustworthiness %.3f, continuity %.3f, share of neighbours kept %.3f\n", path.c_str(), trust,
                continuity, kept);
  }
  if (!o.out.empty()) {
    io::write_atomically(o.out, csv);
    std::printf("%s: these numbers\n", o.out.c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  support::Program app(
      "Tells how true maps are to the rows that they show: trustworthiness (neighbours in the map are neighbours in "
      "the "
      "data), continuity (neighbours in the data stay together) and the share of neighbours that are kept.",
      "measure_map");
  app.add_option("--data", o.input.data,
                 "Rows: codes or frames as .npy or .npz, of which further axes are flattened, or .csv")
      ->required();
  app.add_option("--array", o.input.array, "Array of the .npz; needed if there are several");
  app.add_option("--columns", o.input.columns, "Columns of the .csv that are data, such as a,b,c; all if not given")
      ->delimiter(',');
  app.add_option("--map", o.maps, "Maps of these rows, .npy or .npz as embed writes them")->required();
  app.add_option("--out", o.out, "Table of the numbers, .csv");
  app.add_option("--n-neighbors", o.n_neighbors, "How many nearest rows are a row's neighbours")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--rows", o.rows, "Measure so many rows, chosen at random, and neighbours among them; 0: all")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--seed", o.seed, "Of the choice of rows")->capture_default_str()->check(support::whole_number(0));
  return support::run(app, argc, argv, [&] { return measure_map(o); });
}
