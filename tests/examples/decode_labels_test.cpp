// The program that tells what codes carry, as a user runs it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <engram/io/file.hpp>
#include <engram/io/image.hpp>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

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
  for (const std::string& more : {std::string("--model"), path("pca2"), path("pca5"), std::string("--out"),
                                  path("scores.csv"), std::string("--figures"), path("figures")}) {
    options.push_back(more);
  }
  const auto result = run_program("decode_labels", options);
  CHECK_MESSAGE(result.status == 0, result.output);
  const auto lines = lines_of(io::read_text(path("scores.csv")));
  REQUIRE(lines.size() == 1 + 3 * 2 * 2);  // labels, codes, methods
  CHECK(lines[0] == "code,label,kind,method,score,mean_error,median_error,chance,null_5_percent,p_value");
  CHECK(lines[1].starts_with("pca2,body_angle,circular,neighbors,"));
  CHECK(lines[4].starts_with("pca5,body_angle,circular,ridge,"));
  CHECK(lines[12].starts_with("pca5,x,linear,ridge,"));
  for (const char* figure : {"body_angle.png", "distance.png", "x.png"}) {
    CHECK(io::read_image(folder / "figures" / figure).rank() == 3);
  }
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
