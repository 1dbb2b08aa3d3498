// What the programs say to input that they cannot use: one line that names what was found and what was needed, exit
// status 2, and nothing overwritten.
#include <doctest/doctest.h>

#include <algorithm>

#include <engram/core/random.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using support::run_program;

namespace {

const TemporaryFolder& folder() {
  static const TemporaryFolder shared;
  return shared;
}
std::string path(const std::string& name) {
  return (folder() / name).string();
}

/// Runs train_autoencoder on the given frames; options that come again win.
support::ProgramResult train(const std::string& images, std::vector<std::string> more = {}) {
  std::vector<std::string> all{"--images", images, "--width", "2", "--epochs", "1"};
  if (std::ranges::find(more, "--out") == more.end()) {
    all.insert(all.end(), {"--out", path("model")});
  }
  all.insert(all.end(), more.begin(), more.end());
  return run_program("train_autoencoder", all);
}

void check_refused(const support::ProgramResult& result, const std::string& program, const std::string& message) {
  CHECK(result.output == program + ": " + message + "\n");
  CHECK(result.status == 2);
}

Tensor<std::uint8_t> noise(const Shape& shape) {
  Rng rng(1);
  auto pixels = Tensor<std::uint8_t>::uninitialized(shape);
  for (auto& pixel : pixels.elements()) {
    pixel = static_cast<std::uint8_t>(rng.below(256));
  }
  return pixels;
}
Tensor<std::uint8_t> black(const Shape& shape) {
  return Tensor<std::uint8_t>::zeros(shape);
}

}  // namespace

TEST_CASE("programs: a missing file is named") {
  check_refused(train("/no/such.npz"), "train_autoencoder", "/no/such.npz: cannot be read: No such file or directory");
  check_refused(train("/no/such"), "train_autoencoder", "/no/such: no such file or folder");
}

TEST_CASE("programs: a damaged .npz, and one without the array, are named") {
  io::write_atomically(path("damaged.npz"), "PK no archive");
  check_refused(
      train(path("damaged.npz")), "train_autoencoder",
      path("damaged.npz") +
          ": need an .npz (ZIP) file, got one without a ZIP directory at its end: other content, or cut short");
  io::NpzWriter file(path("other.npz"));
  file.add("a", black({1}));
  file.add("b", black({1}));
  file.commit();
  check_refused(train(path("other.npz")), "train_autoencoder",
                path("other.npz") + ": need an array called images, got a, b");
}

TEST_CASE("programs: frames of a size that the network cannot hold") {
  io::write_npy(path("size.npy"), black({20, 48, 50}));
  check_refused(
      train(path("size.npy")), "train_autoencoder",
      path("size.npy") +
          ": models: need images whose height and width are 4 n + 14 pixels (18, 22, 26, ..., 46, 50, 54, ...), got "
          "48 x 50");
}

TEST_CASE("programs: NaN in a frame, and labels of another length") {
  auto frames = Tensor<float>::zeros({20, 18, 18});
  frames[7 * 18 * 18 + 5] = NAN;
  io::write_npy(path("nan.npy"), frames);
  check_refused(train(path("nan.npy")), "train_autoencoder",
                path("nan.npy") + ": need finite pixels, got nan in frame 7");
  io::write_npy(path("good.npy"), black({20, 18, 18}));
  io::write_csv(path("labels.csv"), {.columns = {"x"}, .values = Tensor<double>::zeros({19, 1})});
  check_refused(
      train(path("good.npy"), {"--labels", path("labels.csv")}), "train_autoencoder",
      path("labels.csv") + ": need one row of labels for each of the 20 frames of " + path("good.npy") + ", got 19");
}

TEST_CASE("programs: an output folder that cannot be made") {
  io::write_npy(path("good.npy"), black({20, 18, 18}));
  io::write_atomically(path("file"), "here first");
  check_refused(train(path("good.npy"), {"--out", path("file/model")}), "train_autoencoder",
                path("file") + ": cannot be made: Not a directory");
  CHECK(io::read_text(path("file")) == "here first");
}

TEST_CASE("programs: floating-point frames 0..255 need their maximum") {
  io::write_npy(path("float.npy"), Tensor<float>::full({20, 18, 18}, 200));
  check_refused(
      train(path("float.npy")), "train_autoencoder",
      path("float.npy") + ": need a maximum for floating-point pixels above 1, such as 255, got 200 in frame 0");
  CHECK(train(path("float.npy"), {"--maximum", "255", "--out", path("float")}).status == 0);
}

TEST_CASE("programs: numbers out of range") {
  check_refused(train(path("good.npy"), {"--batch-size", "1"}), "train_autoencoder",
                "--batch-size: need a whole number >= 2, got '1'");
  check_refused(train(path("good.npy"), {"--lr", "nan"}), "train_autoencoder", "--lr: need a number > 0, got 'nan'");
  check_refused(run_program("make_arena", {"--frames", "-3", "--out", path("a.npz")}), "make_arena",
                "--frames: need a whole number >= 1, got '-3'");
  check_refused(
      train(path("good.npy"), {"--split", "blocks", "--blocks", "30"}), "train_autoencoder",
      path("good.npy") + ": --blocks, --held-out-blocks: block_split: need 1 <= blocks <= 20 frames, got 30 blocks");
}

TEST_CASE("programs: an empty word, as of a variable of the shell that is not set, is no value") {
  io::write_npy(path("good.npy"), black({20, 18, 18}));
  check_refused(train(path("good.npy"), {"--labels", ""}), "train_autoencoder", "--labels: need a value, got ''");
  check_refused(train(path("good.npy"), {"--labels=", "--quiet"}), "train_autoencoder",
                "--labels: need a value, got ''");
}

TEST_CASE("programs: a training that diverges in its last step leaves no model") {
  io::write_npy(path("noise3.npy"), noise({20, 18, 18}));
  const auto result = train(path("noise3.npy"), {"--lr", "1e30", "--batch-size", "64", "--out", path("diverged")});
  CHECK(result.status == 2);
  CHECK(result.output.find("need a finite validation loss, got") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(path("diverged/model.npz")));
}

TEST_CASE("denoise and add_camera_noise: do not write over their input") {
  io::write_npy(path("noise2.npy"), noise({20, 18, 18}));
  REQUIRE(train(path("noise2.npy"), {"--out", path("m2")}).status == 0);
  const auto before = io::read_bytes(path("noise2.npy"));
  for (const char* program : {"denoise", "add_camera_noise"}) {
    std::vector<std::string> arguments{"--images", path("noise2.npy"), "--out", path("noise2.npy")};
    if (std::string(program) == "denoise") {
      arguments.insert(arguments.end(), {"--model", path("m2")});
    }
    check_refused(run_program(program, arguments), program,
                  "--out: need another path than that of the input, got " + path("noise2.npy"));
  }
  CHECK(io::read_bytes(path("noise2.npy")) == before);
}

TEST_CASE("programs: --resume without a checkpoint, and with other frames") {
  io::write_npy(path("one.npy"), black({20, 18, 18}));
  io::write_npy(path("two.npy"), Tensor<std::uint8_t>::full({20, 18, 18}, 9));
  check_refused(train(path("one.npy"), {"--out", path("none"), "--resume"}), "train_autoencoder",
                path("none/checkpoints") + ": holds no checkpoint; --resume needs one to go on from");
  REQUIRE(train(path("one.npy"), {"--out", path("m1")}).status == 0);
  check_refused(
      train(path("two.npy"), {"--out", path("m1"), "--resume"}), "train_autoencoder",
      path("m1/checkpoints") + ": of a training on other frames than " + path("two.npy") + "; use another --out");
}

TEST_CASE("programs: an option that is not there is answered with the one that was meant") {
  check_refused(train(path("good.npy"), {"--epoch", "3"}), "train_autoencoder",
                "--epoch: no such option; did you mean --epochs?");
  check_refused(run_program("denoise", {"--modle", "a", "--images", "b", "--out", "c"}), "denoise",
                "--modle: no such option; did you mean --model?");
  check_refused(run_program("make_arena", {"--frames", "10"}), "make_arena", "--out is required");
}

TEST_CASE("programs: --help shows every option and succeeds") {
  for (const char* program :
       {"make_arena", "train_autoencoder", "train_decoder", "train_denoiser", "train_direction_tagger", "denoise",
        "compare_denoisers", "decode_labels", "add_camera_noise", "closed_loop", "measure_map", "measure_training",
        "visualize_latent_space", "run_study", "export_model"}) {
    const auto help = run_program(program, {"--help"});
    CHECK(help.status == 0);
    CHECK(help.output.find("--threads") != std::string::npos);
  }
}

TEST_CASE("programs: what an earlier training left is neither overwritten nor gone on with under other options") {
  io::write_npy(path("noise.npy"), noise({20, 18, 18}));
  const std::vector<std::string> out{"--out", path("kept")};
  REQUIRE(train(path("noise.npy"), out).status == 0);
  const auto before = io::read_bytes(path("kept/checkpoints/checkpoint_00000001.npz"));
  check_refused(
      train(path("noise.npy"), out), "train_autoencoder",
      path("kept/checkpoints") + ": a training has been here; use --resume to go on with it, or another --out");
  check_refused(train(path("noise.npy"), {"--out", path("kept"), "--resume", "--latent-dim", "3"}), "train_autoencoder",
                path("kept/checkpoints/checkpoint_00000001.npz") + ": need a checkpoint with latent_dim=3, got 16");
  CHECK(io::read_bytes(path("kept/checkpoints/checkpoint_00000001.npz")) == before);

  io::write_npy(path("wide.npy"), black({3, 18, 22}));
  check_refused(run_program("denoise", {"--model", path("kept"), "--images", path("wide.npy"), "--out", path("o.npy")}),
                "denoise",
                path("wide.npy") + ": need frames [N, 1, 18, 18] as " + path("kept/model.npz") +
                    " was trained on, got "
                    "[3, 1, 18, 22]");
  CHECK_FALSE(std::filesystem::exists(path("o.npy")));
}
