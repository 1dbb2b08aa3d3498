// The program that tells how true maps are, as a user runs it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <engram/analysis/trustworthiness.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>

#include "support/random_tensor.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using support::run_program;

TEST_CASE("measure_map: the data themselves are a true map, points at random are none") {
  const TemporaryFolder folder;
  const auto path = [&](const char* name) { return (folder / name).string(); };
  const auto data = normal<float>({60, 2}, 1);
  const auto stray = normal<float>({60, 2}, 2);
  io::write_npy(path("data.npy"), data);
  io::write_npy(path("stray.npy"), stray);
  io::NpzWriter same(path("same.npz"));
  same.add("embedding", data);
  same.add("labels", data);
  same.commit();
  const std::vector<std::string> options{"--data",          path("data.npy"), "--map", path("same.npz"),
                                         path("stray.npy"), "--n-neighbors",  "5",     "--out",
                                         path("maps.csv")};
  const auto result = run_program("measure_map", options);
  CHECK_MESSAGE(result.status == 0, result.output);
  io::CsvReader table(path("maps.csv"));
  CHECK(table.columns() == std::vector<std::string>{"map", "rows", "n_neighbors", "trustworthiness", "continuity",
                                                    "neighborhood_preservation"});
  REQUIRE(table.next());
  for (const std::size_t column : {3U, 4U, 5U}) {
    CHECK(table.number(column) == 1);
  }
  REQUIRE(table.next());
  CHECK(table.cells()[0] == path("stray.npy"));
  CHECK(table.number(3) == doctest::Approx(analysis::trustworthiness(data, stray, 5)).epsilon(1e-12));
  CHECK(table.number(5) < 0.3);

  std::vector<std::string> fewer = options;
  fewer.insert(fewer.end(), {"--rows", "40"});
  CHECK(run_program("measure_map", fewer).status == 0);
  io::CsvReader part(path("maps.csv"));
  REQUIRE(part.next());
  CHECK(part.number(1) == 40);
}

TEST_CASE("measure_map: a map of other rows is refused") {
  const TemporaryFolder folder;
  const auto path = [&](const char* name) { return (folder / name).string(); };
  io::write_npy(path("data.npy"), normal<float>({60, 3}, 1));
  io::write_npy(path("map.npy"), normal<float>({59, 2}, 1));
  const auto result = run_program("measure_map", {"--data", path("data.npy"), "--map", path("map.npy")});
  CHECK(result.status == 2);
  CHECK(result.output == "measure_map: " + path("map.npy") + ": need a point for each of the 60 rows, got [59, 2]\n");
}
