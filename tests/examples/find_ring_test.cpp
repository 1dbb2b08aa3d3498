// The program that looks for rings in codes, as a user runs it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <engram/io/atomic_file.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/image.hpp>

#include "support/run_program.hpp"
#include "support/workshop.hpp"

using namespace engram;
using support::run_program;

TEST_CASE("find_ring: loops of codes and controls, and the place on the ring beside an angle") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_decoder", "pca", {"--epochs", "1", "--dimensions", "3"}).status == 0);
  const auto result = run_program(
      "find_ring", {"--model", shop.path("pca"), "--images", shop.arena, "--labels", shop.arena, "--out",
                    shop.path("ring"), "--landmarks", "20", "--share", "0.5", "--controls", "2", "--shifts", "19"});
  CHECK_MESSAGE(result.status == 0, result.output);
  io::CsvReader rings(shop.path("ring/rings.csv"));
  std::vector<std::string> data;
  while (rings.next()) {
    data.push_back(rings.cells()[1]);
    CHECK(rings.cells()[0] == "pca");
  }
  CHECK(data == std::vector<std::string>{"codes", "shuffled columns", "normal", "shuffled columns", "normal"});
  io::CsvReader pairs(shop.path("ring/persistence.csv"));
  Index components = 0;
  while (pairs.next()) {
    components += pairs.cells()[1] == "codes" && pairs.number(3) == 0 ? 1 : 0;
  }
  CHECK(components == 20);
  io::CsvReader angles(shop.path("ring/angles.csv"));
  for (const double windings : {1, 2}) {
    REQUIRE(angles.next());
    CHECK(angles.cells()[1] == "body_angle");
    CHECK(angles.number(2) == windings);
    CHECK(angles.number(7) >= 0.05);  // (1 + better shifts) / 20
    CHECK(angles.number(8) <= 180);
  }
  for (const char* figure : {"ring/rings.png", "ring/pca_loops.png", "ring/pca_body_angle.png"}) {
    CHECK(io::read_image(shop.folder / figure).rank() == 3);
  }
}

TEST_CASE("find_ring: angles along one axis have no place on a ring, those along two only wound once") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_decoder", "pca", {"--epochs", "1", "--dimensions", "3"}).status == 0);
  std::string csv = "quarters,halves\n";
  for (int i = 0; i < 120; ++i) {
    csv += std::to_string(i % 4 * 90) + "," + std::to_string(i % 2 * 180) + "\n";
  }
  io::write_atomically(shop.path("turns.csv"), csv);
  const auto result =
      run_program("find_ring", {"--model", shop.path("pca"), "--images", shop.arena, "--labels", shop.path("turns.csv"),
                                "--angles", "quarters,halves", "--out", shop.path("ring"), "--landmarks", "20",
                                "--share", "0.5", "--controls", "1", "--shifts", "5"});
  CHECK_MESSAGE(result.status == 0, result.output);
  io::CsvReader angles(shop.path("ring/angles.csv"));
  REQUIRE(angles.next());
  CHECK(angles.cells()[1] == "quarters");
  CHECK(angles.number(2) == 1);
  CHECK_FALSE(angles.next());
}

TEST_CASE("find_ring: an option out of range is named") {
  const auto result = run_program("find_ring", {"--model", "m", "--images", "i", "--out", "o", "--landmarks", "2"});
  CHECK(result.status == 2);
  CHECK(result.output == "find_ring: --landmarks: need a whole number >= 3, got '2'\n");
}
