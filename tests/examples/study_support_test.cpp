// What run_study makes tables, columns and plans with.
#include "../../examples/support/label_choice.hpp"
#include "../../examples/support/study_checks.hpp"
#include "../../examples/support/study_log.hpp"
#include "../../examples/support/study_parts.hpp"
#include "../../examples/support/study_rings.hpp"
#include "../../examples/support/study_tables.hpp"
#include "../../examples/support/words.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <engram/io/atomic_file.hpp>
#include <engram/io/npy.hpp>

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
  CHECK(table.rows[1] == std::vector<std::string>{"blur", "32.0 (31.0 to 33.0)"});
  io::write_atomically(folder / "c.csv", "code,label,score\nae,angle,14.25\nae,distance,0.5\npca,angle,1.5\n");
  const auto scores = support::joint_table({folder / "c.csv"}, 2, {{"score", "Score"}}, "");
  CHECK(scores.rows == std::vector<std::vector<std::string>>{{"14.2"}, {"0.500"}, {"1.5"}});
  const support::StudyTable one(folder / "a.csv");
  CHECK(one.number({"ae"}, "psnr") == 25.5);
  CHECK(std::isnan(one.number({"pca"}, "psnr")));
}

TEST_CASE("ring_summary: a ring outlives the controls' loops and its own others, and goes around with an angle") {
  const TemporaryFolder folder;
  io::write_atomically(folder / "rings.csv",
                       "code,data,repeat,lifetime,over_second,over_diameter\n"
                       "tagger,codes,1,2,11,0.25\ntagger,normal,1,1,1,0.06\ntagger,shuffled columns,1,1,1,0.08\n"
                       "ae,codes,1,2,1.1,0.1\nae,normal,1,1,1,0.08\n");
  const auto without = support::ring_summary(folder / "");
  CHECK(without.rows[0] == std::vector<std::string>{"tagger", "yes", "0.25", "0.08", "11.0", "no angle", ""});
  io::write_atomically(folder / "angles.csv",
                       "code,angle,windings,circular_correlation,p_value\ntagger,body,1,0.99,0.005\n"
                       "tagger,body,2,0.01,0.5\nae,body,1,0.01,0.4\nae,body,2,-0.47,0.005\n");
  const auto table = support::ring_summary(folder / "");
  CHECK(table.rows[0][5] == "body");
  CHECK(table.rows[0][6] == "0.99");
  CHECK(table.rows[1] == std::vector<std::string>{"ae", "no", "0.10", "0.08", "1.1", "body, twice a turn", "-0.47"});
}

TEST_CASE("complete_columns: kinds are guessed from names and values, unless they are given") {
  data::Labels labels{
      .values = Tensor<double>::from({3, 4}, {10.5, 1, 3.5, 0.25, 20.5, 2, 4.5, 0.5, 30.5, 2, 5.5, 0.75}),
      .columns = {"angle_deg", "port", "x_px", "dist_center"},
      .source = "mine.npz"};
  support::LabelChoice options;
  support::complete_columns(options, labels);
  CHECK(options.angles == std::vector<std::string>{"angle_deg"});
  CHECK(options.classes == std::vector<std::string>{"port"});
  CHECK(options.numbers == std::vector<std::string>{"dist_center", "x_px"});
  support::LabelChoice given;
  given.numbers = {"x_px"};
  support::complete_columns(given, labels);
  CHECK(given.angles.empty());
  given.classes = {"speed"};
  CHECK_THROWS_AS(support::complete_columns(given, labels), ArgumentError);
}

TEST_CASE("complete_columns: row numbers without a name are no label, and radians are not taken for degrees") {
  data::Labels labels{
      .values = Tensor<double>::from({3, 2}, {0, -3.1, 1, 0.5, 2, 3.1}), .columns = {"", "heading"}, .source = "a.csv"};
  support::LabelChoice guessed;
  CHECK_THROWS_WITH_AS(support::complete_columns(guessed, labels),
                       "a.csv, column heading: need an angle in degrees, got -3.1 to 3.1, which look like radians; if "
                       "they are degrees, say --angles heading",
                       FormatError);
  support::LabelChoice said;
  said.angles = {"heading"};
  support::complete_columns(said, labels);
  CHECK(said.angles == std::vector<std::string>{"heading"});
  labels.columns = {"", "speed (cm/s)"};
  support::LabelChoice without;
  support::complete_columns(without, labels);
  CHECK(without.numbers == std::vector<std::string>{"speed (cm/s)"});
  CHECK(without.classes.empty());
}

TEST_CASE("file_name_of: a column's name stays within the folder") {
  CHECK(support::file_name_of("body_angle-2.5") == "body_angle-2.5");
  CHECK(support::file_name_of("speed (cm/s)") == "speed__cm_s_");
  CHECK(support::file_name_of("../x") == "_._x");
}

TEST_CASE("checked_settings: what would end a study after its trainings is refused before them") {
  const TemporaryFolder folder;
  const auto images = Tensor<std::uint8_t>::zeros({240, 18, 18});
  io::write_npy(folder / "frames.NPY", images);
  const auto check = [&](const std::string& header, const std::string& first, const std::string& other,
                         void (*change)(support::StudyOptions&)) {
    std::string csv = header + "\n";
    for (int i = 0; i < 240; ++i) {
      csv += (i == 0 ? first : other + std::to_string(i)) + "\n";
    }
    io::write_atomically(folder / "labels.csv", csv);
    support::StudyOptions options;
    options.images = folder / "frames.NPY";
    options.labels = folder / "labels.csv";
    change(options);
    return support::checked_settings(options);
  };
  const auto as_it_is = [](support::StudyOptions&) {};
  const std::string source = (folder / "labels.csv").string();
  const auto settings = check("speed", "0.5", "1", as_it_is);
  CHECK(settings["columns"] == std::vector<std::string>{"speed"});
  CHECK_THROWS_WITH_AS(check("zone", "0.5", "1", [](support::StudyOptions& o) { o.classes = {"zone"}; }),
                       (source + ", column zone: need whole numbers that name classes, got 0.5").c_str(), FormatError);
  CHECK_THROWS_WITH_AS(check("\"a,b\"", "0.5", "1", as_it_is),
                       (source + ", column 'a,b': need a name without a comma, which parts names in options").c_str(),
                       FormatError);
  CHECK_THROWS_WITH_AS(
      check("v (m),v [m]", "0.5,1", "1,1", as_it_is),
      (source + ": need columns that differ in letters, digits, '-' and '.', got 'v (m)' and 'v [m]'").c_str(),
      FormatError);
  CHECK_THROWS_WITH_AS(check("speed", "0.5", "1",
                             [](support::StudyOptions& o) {
                               o.blocks = 12;
                               o.held_out_blocks = {1, 3, 5, 7, 9, 11};
                             }),
                       "--blocks, --held-out-blocks: held_out_fold: need a frame to learn from, got 240 frames, 120 of "
                       "them held out, and a gap of 30",
                       Error);
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
    CAPTURE(part.program);  // the target study_programs builds it
    CHECK((part.optional || std::string(ENGRAM_STUDY_PROGRAMS).find(" " + part.program + " ") != std::string::npos));
    CHECK(std::ranges::count(plan.parts(), part.name, &support::StudyPart::name) == 1);
  }

  support::StudyOptions own;
  own.images = "/recordings/mine.npy";
  const support::StudyPlan without_labels(own, 500);
  CHECK(without_labels.denoised() == "denoised.npy");
  own.images = "/recordings/MINE.NPZ";
  CHECK(support::StudyPlan(own, 500).denoised() == "denoised.npz");
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
