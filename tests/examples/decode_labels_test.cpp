// The program that tells what codes carry, as a user runs it.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/io/image.hpp>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"
#include "support/workshop.hpp"

using namespace engram;
using support::run_program;

namespace {

std::vector<std::string> lines_of(const std::string& all) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = all.find('\n', begin);
    lines.push_back(all.substr(begin, end - begin));
    begin = end == std::string::npos ? all.size() : end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("decode_labels: a score for each code, label and method, as a table and in words") {
  const TemporaryFolder folder;
  const auto path = [&](const char* name) { return (folder / name).string(); };
  REQUIRE(run_program("make_arena", {"--frames", "200", "--seed", "3", "--out", path("arena.npz")}).status == 0);
  for (const char* dimensions : {"2", "5"}) {
    const auto trained = run_program(
        "train_decoder", {"--images", path("arena.npz"), "--out", path((std::string("pca") + dimensions).c_str()),
                          "--width", "4", "--epochs", "1", "--dimensions", dimensions});
    REQUIRE_MESSAGE(trained.status == 0, trained.output);
  }
  const std::vector<std::string> same{"--images", path("arena.npz"), "--labels",  path("arena.npz"), "--gap",    "0",
                                      "--angles", "body_angle",      "--numbers", "distance,x",      "--shifts", "19"};
  std::vector<std::string> options = same;
  for (const std::string& more :
       {std::string("--model"), path("pca2"), path("pca5"), std::string("--out"), path("out")}) {
    options.push_back(more);
  }
  const auto result = run_program("decode_labels", options);
  CHECK_MESSAGE(result.status == 0, result.output);
  const auto lines = lines_of(io::read_text(path("out/scores.csv")));
  REQUIRE(lines.size() == 1 + 3 * 2 * 2);  // labels, codes, methods
  CHECK(lines[0] == "code,label,kind,method,score,mean_error,median_error,chance,null_5_percent,p_value");
  CHECK(lines[1].starts_with("pca2,body_angle,circular,neighbors,"));
  CHECK(lines[4].starts_with("pca5,body_angle,circular,ridge,"));
  CHECK(lines[12].starts_with("pca5,x,linear,ridge,"));
  for (const char* figure : {"body_angle.png", "distance.png", "x.png"}) {
    CHECK(io::read_image(folder / "out" / figure).rank() == 3);
  }
  const auto codes = lines_of(io::read_text(path("out/codes.csv")));
  REQUIRE(codes.size() == 3);
  CHECK(codes[0].starts_with("code,dimensions,dead_units,participation_ratio,variance_share_1,"));
  CHECK(codes[1].starts_with("pca2,2,0,"));
  CHECK(codes[1].ends_with(",,,"));  // of the five numbers that the other code has it has two
  CHECK(codes[2].starts_with("pca5,5,"));
  const auto similarity = lines_of(io::read_text(path("out/similarity.csv")));
  REQUIRE(similarity.size() == 2);
  CHECK(similarity[0] == "code,other_code,linear_cka,procrustes_disparity");
  CHECK(similarity[1].starts_with("pca2,pca5,0."));
  for (const char* words : {"body_angle: degrees off", "distance: R2", "participation ratio", "linear CKA"}) {
    CHECK_MESSAGE(result.output.find(words) != std::string::npos, words);
  }

  options = same;
  for (const std::string& more : {std::string("--model"), path("pca2"), std::string("--classes"), std::string("hat")}) {
    options.push_back(more);
  }
  const auto unknown = run_program("decode_labels", options);
  CHECK(unknown.status == 2);
  CHECK_MESSAGE(unknown.output.find("got hat") != std::string::npos, unknown.output);
}

TEST_CASE("decode_labels: held-out frames from those that the model has learned from") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_decoder", "pca", {"--epochs", "1", "--dimensions", "3"}).status == 0);
  REQUIRE(
      shop.train("train_decoder", "other", {"--epochs", "1", "--dimensions", "3", "--held-out-blocks", "4"}).status ==
      0);
  const auto decode = [&](std::vector<std::string> more) {
    std::vector<std::string> all{"--images",  shop.arena, "--labels", shop.arena, "--folds",  "held_out",
                                 "--numbers", "distance", "--gap",    "3",        "--shifts", "19"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program("decode_labels", all);
  };
  const auto result = decode({"--model", shop.path("pca")});
  CHECK_MESSAGE(result.status == 0, result.output);
  const std::string counts =
      "120 frames, 24 held out and decoded from 84 others\n";  // less 3 on either side of 2 blocks
  CHECK_MESSAGE(result.output.starts_with(counts), result.output);
  const auto far = run_program(
      "decode_labels", {"--model", shop.path("pca"), "--images", shop.arena, "--folds", "held_out", "--gap", "500"});
  CHECK(far.status == 2);
  CHECK_MESSAGE(far.output.find("held_out.npz, --gap: held_out_fold: need a frame to learn from") != std::string::npos,
                far.output);
  const auto two = decode({"--model", shop.path("pca"), shop.path("other")});
  CHECK(two.status == 2);
  CHECK_MESSAGE(two.output.find("need models with the same frames held out") != std::string::npos, two.output);

  io::write_csv(shop.path("gaps.csv"), {.columns = {"y"}, .values = Tensor<double>::full({120, 1}, NAN)});
  const auto gaps = run_program("decode_labels", {"--model", shop.path("pca"), "--images", shop.arena, "--labels",
                                                  shop.path("gaps.csv"), "--numbers", "y", "--gap", "0"});
  CHECK(gaps.status == 2);
  CHECK_MESSAGE(
      gaps.output.find("gaps.csv, column y: decode: need finite labels, got nan at position 0") != std::string::npos,
      gaps.output);
}
