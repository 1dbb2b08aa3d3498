// What run_study makes tables, columns and plans with.
#include "../../examples/support/study_columns.hpp"
#include "../../examples/support/study_log.hpp"
#include "../../examples/support/study_parts.hpp"
#include "../../examples/support/study_tables.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <engram/io/file.hpp>

#include "support/temporary_folder.hpp"

using namespace engram;

TEST_CASE("spread: the median and the range, one number alone, nothing for none") {
  CHECK(support::spread({25.74}, 1) == "25.7");
  CHECK(support::spread({3, 1, 2}, 0) == "2 (1 to 3)");
  CHECK(support::spread({NAN, 2.5}, 2) == "2.50");
  CHECK(support::spread({}, 1) == "");
}

TEST_CASE("joint_table: the numbers of all seeds, by the words that name a row") {
  const TemporaryFolder folder;
  io::write_atomically(folder / "a.csv", "model,method,psnr\nae,autoencoder,25.5\n,blur,31\n");
  io::write_atomically(folder / "b.csv", "model,method,psnr\n,blur,33\nae,autoencoder,26.5\n");
  const auto table = support::joint_table({folder / "a.csv", folder / "b.csv"}, 2,
                                          {{"method", "Method"}, {"psnr", "PSNR"}, {"none", "None"}}, "both");
  CHECK(table.columns == std::vector<std::string>{"Method", "PSNR"});
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0] == std::vector<std::string>{"autoencoder", "26.0 (25.5 to 26.5)"});
  CHECK(table.rows[1] == std::vector<std::string>{"blur", "32 (31 to 33)"});
  const support::StudyTable one(folder / "a.csv");
  CHECK(one.number({"ae"}, "psnr") == 25.5);
  CHECK(std::isnan(one.number({"pca"}, "psnr")));
}

TEST_CASE("complete_columns: kinds are guessed from names and values, unless they are given") {
  data::Labels labels{
      .values = Tensor<double>::from({3, 4}, {10.5, 1, 3.5, 0.25, 20.5, 2, 4.5, 0.5, 30.5, 2, 5.5, 0.75}),
      .columns = {"angle_deg", "port", "x_px", "dist_center"},
      .source = "mine.npz"};
  support::StudyOptions options;
  support::complete_columns(options, labels);
  CHECK(options.angles == std::vector<std::string>{"angle_deg"});
  CHECK(options.classes == std::vector<std::string>{"port"});
  CHECK(options.numbers == std::vector<std::string>{"dist_center", "x_px"});
  support::StudyOptions given;
  given.numbers = {"x_px"};
  support::complete_columns(given, labels);
  CHECK(given.angles.empty());
  given.classes = {"speed"};
  CHECK_THROWS_AS(support::complete_columns(given, labels), ArgumentError);
}

TEST_CASE("StudyPlan: every seed trains every model, and the looks are of the first") {
  support::StudyOptions options;
  options.seeds = {0, 4};
  const support::StudyPlan plan(options, 10000);
  const auto count = [&](const std::string& program) {
    return std::ranges::count(plan.parts(), program, &support::StudyPart::program);
  };
  CHECK(count("train_autoencoder") == 2);
  CHECK(count("train_decoder") == 8);
  CHECK(count("train_direction_tagger") == 2);
  CHECK(count("decode_labels") == 4);
  CHECK(count("visualize_latent_space") == 6);
  CHECK(plan.folder(0) == "");
  CHECK(plan.folder(4) == "seed_4");
  CHECK(plan.looked_at() == std::vector<std::string>{"body_angle", "distance"});
  for (const support::StudyPart& part : plan.parts()) {
    CHECK(part.cost > 0);
    CHECK(std::ranges::count(plan.parts(), part.name, &support::StudyPart::name) == 1);
  }

  support::StudyOptions own;
  own.images = "/recordings/mine.npy";
  const support::StudyPlan without_labels(own, 500);
  CHECK(without_labels.denoised() == "denoised.npy");
  for (const char* program : {"make_arena", "train_direction_tagger", "decode_labels", "find_ring"}) {
    CHECK(std::ranges::count(without_labels.parts(), std::string(program), &support::StudyPart::program) == 0);
  }
}

TEST_CASE("StudyLog: parts are kept with the seconds of all their runs, and what is to be made anew is forgotten") {
  const TemporaryFolder folder;
  {
    support::StudyLog log(folder / "study.json");
    CHECK_FALSE(log.begin("a", "train a"));
    log.add_unfinished(2);
  }
  {
    support::StudyLog log(folder / "study.json");
    CHECK(log.begin("a", "train a"));
    log.add({"a", "train a", 3, 10});
    CHECK_FALSE(log.begin("b", "train b"));
    log.add_unfinished(4);
    CHECK_FALSE(log.begin("b", "train b --longer"));  // another command begins anew
    log.add({"b", "train b --longer", 1, 10});
  }
  support::StudyLog log(folder / "study.json");
  REQUIRE(log.find("a") != nullptr);
  CHECK(log.find("a")->seconds == 5);
  CHECK(log.find("b")->seconds == 1);
  log.forget("a");
  CHECK(support::StudyLog(folder / "study.json").find("a") == nullptr);
  CHECK(support::StudyLog(folder / "study.json").find("b") != nullptr);
  io::write_atomically(folder / "study.json", "[]");
  CHECK_THROWS_AS(support::StudyLog(folder / "study.json"), FormatError);
}
