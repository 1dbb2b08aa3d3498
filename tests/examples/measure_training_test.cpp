// The program that tells how codes form, as a user runs it.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include <engram/io/csv.hpp>
#include <engram/io/image.hpp>

#include "support/run_program.hpp"
#include "support/workshop.hpp"

using namespace engram;
using support::run_program;

TEST_CASE("measure_training: a row for each snapshot and a figure for each measure") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "ae", {"--epochs", "2", "--snapshots", "1"}).status == 0);
  for (const char* folds : {"blocks", "held_out"}) {
    const auto result = run_program(
        "measure_training", {"--model", shop.path("ae"), "--labels", shop.arena, "--angles", "body_angle", "--numbers",
                             "distance", "--folds", folds, "--gap", "2", "--out", shop.path(folds)});
    CHECK_MESSAGE(result.status == 0, result.output);
    const std::filesystem::path out = shop.path(folds);
    io::CsvReader table(out / "training.csv");
    const std::vector<std::string> measures{
        "body_angle_mean_error", "body_angle_median_error", "distance_r2", "participation_ratio", "dead_units",
        "cka_with_last"};
    std::vector<std::string> columns{"training", "step"};
    columns.insert(columns.end(), measures.begin(), measures.end());
    CHECK(table.columns() == columns);
    for (const double step : {0, 6, 12}) {  // 96 frames in batches of 16
      REQUIRE(table.next());
      CHECK(table.cells()[0] == "ae");
      CHECK(table.number(1) == step);
      CHECK(table.number(2) <= 180);
      CHECK(table.number(5) >= 1);
      CHECK((table.number(7) == doctest::Approx(1)) == (step == 12));
    }
    CHECK_FALSE(table.next());
    for (const std::string& measure : measures) {
      CHECK(io::read_image(out / (measure + ".png")).rank() == 3);
    }
  }
}

TEST_CASE("measure_training: a training without snapshots is named") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "ae", {"--epochs", "1"}).status == 0);
  const auto none = run_program("measure_training",
                                {"--model", shop.path("ae"), "--labels", shop.arena, "--out", shop.path("measures")});
  CHECK(none.status == 2);
  CHECK(none.output == "measure_training: " + shop.path("ae/snapshots") +
                           ": need snapshots step_NUMBER.npy, got none; trainings keep them if --snapshots says so\n");
}
