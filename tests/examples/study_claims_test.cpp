// The verdicts of a study's claims, of tables written by hand; and how its parts are run.
#include "../../examples/support/study_claims.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include <engram/io/atomic_file.hpp>
#include <engram/io/file.hpp>

#include "../../examples/support/part_process.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using support::Verdict;

namespace {

/// A folder that is the current one while it lives.
struct StudyFolder {
  TemporaryFolder folder;
  std::filesystem::path before = std::filesystem::current_path();

  StudyFolder() { std::filesystem::current_path(folder / ""); }
  ~StudyFolder() { std::filesystem::current_path(before); }

  static void write(const std::string& file, const std::string& content) {
    const std::filesystem::path path = file;
    if (path.has_parent_path()) {
      std::filesystem::create_directories(path.parent_path());
    }
    io::write_atomically(path, content);
  }

  /// What the parts of one seed write, into a folder that ends with / or into the current one.
  static void write_seed(const std::string& in, double tagger_distance, double tagger_distance_p) {
    write(in + "denoising.csv",
          "model,method,psnr,ssim\n,noisy frames,20,0.5\nautoencoder,a,25,0.6\npca_16,b,24.5,0\npca_2,c,20,0\n"
          "umap_16,d,23,0\numap_2,e,21,0\n");
    write(in + "pca_16/explained_variance.csv",
          "component,explained_variance_ratio,cumulative\n15,0.01,0.54\n16,0.01,0.55\n");
    write(in + "autoencoder/history.csv", "epoch,seconds\n1,10\n2,30\n");
    for (const char* decoder : {"pca_16", "pca_2", "umap_16", "umap_2"}) {
      write(in + decoder + "/history.csv", "epoch,seconds\n1,14\n2,9\n");
    }
    const std::string head = "code,label,kind,method,score,median_error,chance,p_value\n";
    const auto row = [](const std::string& code, const std::string& label, const std::string& kind, double score,
                        double p) {
      const std::string end = text(",", score, ",2", kind == "circular" ? ",90," : ",-0.01,", p, "\n");
      const std::string begin = code + "," + label + "," + kind;
      return begin + ",neighbors" + end + begin + ",ridge" + end;
    };
    write(in + "decoding/scores.csv",
          head + row("autoencoder", "body_angle", "circular", 20, 0.01) +
              row("autoencoder", "distance", "linear", 0.8, 0.01) +
              row("direction_tagger", "body_angle", "circular", 1, 0.3) +
              row("direction_tagger", "distance", "linear", tagger_distance, tagger_distance_p));
    write(in + "decoding_held_out/scores.csv", head + row("direction_tagger", "body_angle", "circular", 4, 0.01) +
                                                   row("direction_tagger", "distance", "linear", -0.4, 0.5));
  }
};

std::vector<Verdict> verdicts(std::vector<std::uint64_t> seeds) {
  support::StudyOptions options;
  options.seeds = std::move(seeds);
  std::vector<Verdict> all;
  for (const auto& claim : support::study_claims(support::StudyPlan(options, 10000))) {
    all.push_back(claim.verdict);
  }
  return all;
}

}  // namespace

TEST_CASE("study_claims: verdicts follow the numbers") {
  const StudyFolder study;
  study.write_seed("", -0.1, 0.4);
  using enum Verdict;
  CHECK(verdicts({0}) == std::vector{supported, supported, contradicted, supported, supported, supported});

  study.write_seed("", 0.5, 0.01);  // a tagger that has kept the distance
  CHECK(verdicts({0}).back() == contradicted);
  study.write_seed("", -0.1, 0.01);  // better than its shifts, but no better than the mean
  CHECK(verdicts({0}).back() == supported);

  study.write_seed("", 0.5, 0.03);  // what chance does in one of 20 where there are two methods
  CHECK(verdicts({0}).back() == undecided);
  study.write_seed("", -0.1, 0.4);

  const auto denoised_to = [&](const std::string& psnr_and_ssim) {
    study.write("denoising.csv", "model,method,psnr,ssim\n,noisy frames,30,0.5\nautoencoder,a," + psnr_and_ssim +
                                     "\npca_16,b,23,0\npca_2,c,20,0\n");
    return verdicts({0});
  };
  CHECK(denoised_to("25,0.6")[0] == undecided);  // less near, but more alike
  const auto other = denoised_to("25,0.4");
  CHECK(other[0] == contradicted);
  CHECK(other[3] == undecided);  // nobody knows of UMAP
  study.write("pca_16/explained_variance.csv", "component,explained_variance_ratio,cumulative\n1,0.96,0.96\n");
  CHECK(verdicts({0})[1] == contradicted);  // one component has more than sixteen should
}

TEST_CASE("study_claims: seeds that differ leave a claim undecided, and show their range") {
  const StudyFolder study;
  study.write_seed("", -0.1, 0.4);
  study.write_seed("seed_1/", 0.5, 0.01);
  CHECK(verdicts({0, 1}).back() == Verdict::undecided);
  CHECK(verdicts({0, 1}).front() == Verdict::supported);
  support::StudyOptions options;
  options.seeds = {0, 1};
  const auto claims = support::study_claims(support::StudyPlan(options, 10000));
  CHECK(claims.back().measured ==
        "body_angle 4.0 (4.0 to 4.0) degrees off on average in frames it has not seen (by chance 90.0 (90.0 to 90.0)), "
        "half within 2.0 (2.0 to 2.0), p = 0.010 (0.010 to 0.010) (ridge 0.010 (0.010 to 0.010)); distance R2 0.20 "
        "(-0.10 to 0.50) by blocks (in frames it has not seen -0.40 (-0.40 to -0.40)), p = 0.205 (0.010 to 0.400) "
        "(ridge 0.205 (0.010 to "
        "0.400))");
}

TEST_CASE("run_process: keeps what a program says, its status, time and memory, and asks it to stop") {
  const TemporaryFolder folder;
  const auto run = [&](const std::string& script, bool go_on) {
    return support::run_process("/bin/sh", {"-c", script}, folder / "log.txt", [&](double) { return go_on; });
  };
  const auto ended = run("echo said; echo and warned >&2; exit 3", true);
  CHECK(ended.status == 3);
  CHECK(ended.memory_mib > 0);
  CHECK(io::read_text(folder / "log.txt") == "said\nand warned\n");
  const auto stopped = run("trap 'exit 130' INT; while true; do sleep 0.05; done", false);
  CHECK(stopped.status == 130);
  CHECK(run("kill -9 $$", true).status == 128 + 9);
  CHECK_THROWS_AS(support::run_process("/no/such/program", {}, folder / "log.txt", [](double) { return true; }),
                  IoError);
}
