// The whole study, as a user runs it, as small as it gets.
#include <doctest/doctest.h>

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>

#include "support/ffmpeg.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using support::run_program;

TEST_CASE("run_study: does all parts once, reports them, and goes on where it stopped" *
          doctest::skip(!support::have_ffmpeg())) {
  const TemporaryFolder folder;
  const std::string out = (folder / "study").string();
  const std::vector<std::string> arguments{"--frames", "200", "--epochs", "2", "--seeds", "0,1", "--out", out};
  // Ctrl-C as soon as the first training has a checkpoint.
  const std::string command =
      "out='" + out +
      "'; " ENGRAM_BIN_DIR
      "/run_study --frames 200 --epochs 2 --seeds 0,1 --out \"$out\" 2>/dev/null & pid=$!; "
      "while ! ls \"$out\"/autoencoder/checkpoints/*.npz >/dev/null && kill -0 $pid; do sleep 0.01; done; "
      "kill -INT $pid; wait $pid";
  CHECK(WEXITSTATUS(std::system(command.c_str())) == 130);
  const auto stopped = nlohmann::json::parse(io::read_text(std::filesystem::path(out) / "study.json"));
  REQUIRE(stopped.contains("begun"));
  CHECK(stopped["begun"]["seconds"] > 0);
#if defined(__linux__)
  // Killed, it leaves no part at work: the folder, which parts lock too, is free soon.
  const std::string killed = "out='" + out +
                             "'; " ENGRAM_BIN_DIR
                             "/run_study --frames 200 --epochs 2 --seeds 0,1 --out \"$out\" 2>/dev/null & pid=$!; "
                             "sleep 0.5; kill -KILL $pid; flock --wait 30 \"$out/.lock\" true";
  CHECK(std::system(killed.c_str()) == 0);
#endif
  const auto first = run_program("run_study", arguments);
  REQUIRE_MESSAGE(first.status == 0, first.output);
  const std::filesystem::path study = out;
  for (const char* file :
       {"arena.npz", "autoencoder/model.npz", "pca_16/reduction.npz", "umap_2/reduction.npz",
        "direction_tagger/predictions.csv", "denoising.csv", "decoding/scores.csv", "maps/autoencoder/body_angle.mp4",
        "training_measures/training.csv", "seed_1/decoding/scores.csv", "seeds.csv", "maps/umap_16_truth.csv",
        "denoised.npz", "denoising.mp4", "denoising.png", "denoiser/noise_curve.png", "grid.png",
        "tagger_beside_autoencoder.png", "report.html"}) {
    CHECK_MESSAGE(std::filesystem::exists(study / file), file);
  }
  io::CsvReader claims(study / "claims.csv");
  int count = 0;
  while (claims.next()) {
    ++count;
  }
  CHECK(count == 6);
  const auto log = nlohmann::json::parse(io::read_text(study / "study.json"));
  CHECK(log["settings"]["frames"] == 200);
  CHECK(log["parts"].size() >= 17);
  for (const auto& part : log["parts"]) {
    CHECK(part["seconds"] > 0);
    CHECK(part["memory_mib"] > 1);
  }

  const auto trained = std::filesystem::last_write_time(study / "autoencoder/model.npz");
  std::filesystem::remove(study / "report.html");
  std::filesystem::remove_all(study / "decoding");
  const auto again = run_program("run_study", arguments);
  CHECK_MESSAGE(again.status == 0, again.output);
  CHECK(std::filesystem::exists(study / "report.html"));
  CHECK(std::filesystem::exists(study / "decoding/scores.csv"));
  CHECK(std::filesystem::last_write_time(study / "autoencoder/model.npz") == trained);

  const auto other = run_program("run_study", {"--frames", "200", "--epochs", "3", "--seeds", "0,1", "--out", out});
  CHECK(other.status == 2);
  CHECK(other.output == "run_study: --out: holds a study with epochs 2, got 3; use another --out\n");
}

TEST_CASE("run_study: what cannot be studied is refused before anything is done") {
  const TemporaryFolder folder;
  const std::string out = (folder / "study").string();
  const auto refused = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--out", out});
    const auto result = run_program("run_study", arguments);
    CHECK(result.status == 2);
    CHECK_FALSE(std::filesystem::exists(out));
    return result.output;
  };
  CHECK(refused({"--angles", "body_angle"}) ==
        "run_study: --labels, --angles, --numbers, --classes: need --images, as the arena has its own\n");
  const std::string none = (folder / "none.npz").string();
  CHECK(refused({"--images", none}).find(none + ": cannot be read: No such file") != std::string::npos);
  CHECK(refused({"--place", "x"}) == "run_study: --place: need two columns, such as x,y, got 1\n");
}
