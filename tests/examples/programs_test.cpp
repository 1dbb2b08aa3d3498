// The programs as a user runs them: from a recording to denoised frames.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/io/image.hpp>
#include <engram/io/npz.hpp>
#include <engram/train/latent_snapshots.hpp>

#include "support/ffmpeg.hpp"
#include "support/run_program.hpp"
#include "support/workshop.hpp"

using namespace engram;
using support::run_program;
using support::Workshop;

TEST_CASE("make_arena: writes images, clean frames, labels and their names") {
  const Workshop shop;
  const io::NpzReader file(shop.arena);
  CHECK(file.read("images").shape == Shape{120, 50, 50});
  CHECK(file.read("images").dtype == io::DType::u8);
  CHECK(file.read("clean").shape == Shape{120, 50, 50});
  CHECK(file.read("labels").shape == Shape{120, 13});
  CHECK(file.read("columns").strings[7] == "body_angle");
}

TEST_CASE("train_autoencoder: leaves a model, its history, and held-out frames that denoise takes") {
  const Workshop shop;
  const auto trained = shop.train("train_autoencoder", "model");
  CHECK_MESSAGE(trained.status == 0, trained.output);
  CHECK(std::ranges::count(trained.output, '\n') == 5);  // what is trained, one line per epoch, where the model is
  const auto history = io::read_csv(shop.path("model/history.csv"));
  CHECK(history.values.dim(0) == 3);
  CHECK(history.columns.back() == "psnr");
  CHECK(io::NpzReader(shop.path("model/held_out.npz")).read("images").shape == Shape{24, 50, 50});

  const auto denoised = run_program("denoise", {"--model", shop.path("model"), "--images",
                                                shop.path("model/held_out.npz"), "--out", shop.path("d.npz")});
  CHECK_MESSAGE(denoised.status == 0, denoised.output);
  const auto images = io::NpzReader(shop.path("d.npz")).read("images");
  CHECK(images.shape == Shape{24, 50, 50});
  CHECK(images.dtype == io::DType::u8);
  CHECK(io::read_image(shop.path("d.png")).rank() == 3);

  const auto compared = run_program("compare_denoisers", {"--model", shop.path("model"), "--images", shop.arena});
  CHECK_MESSAGE(compared.status == 0, compared.output);
  for (const char* row :
       {"noisy frames", "best Gaussian blur", "PCA to 16 components", "autoencoder to 16 numbers (3 epochs)"}) {
    CHECK_MESSAGE(compared.output.find(row) != std::string::npos, row);
  }
}

TEST_CASE("train_autoencoder: snapshots of all codes, pictures of each validation and event files, also when resumed") {
  const Workshop shop;
  const std::vector<std::string> watched{"--snapshots", "2", "--tensorboard"};
  REQUIRE(shop.train("train_autoencoder", "whole", watched).status == 0);
  const auto whole = train::read_snapshots<float>(shop.path("whole/snapshots"));
  CHECK(whole.steps == std::vector<Index>{0, 3, 6, 9, 12, 15, 18});  // 96 frames in batches of 16
  CHECK(whole.codes.shape() == Shape{7, 120, 16});
  for (const char* picture : {"epoch_0001.png", "epoch_0003.png"}) {
    CHECK(io::read_image(shop.folder / "whole/validation" / picture).rank() == 3);
  }
  const auto files = [&](const char* folder) {
    const std::filesystem::directory_iterator all(shop.folder / folder);
    return std::distance(begin(all), end(all));
  };
  CHECK(files("whole/tensorboard") == 1);

  std::vector<std::string> first{"--snapshots", "2", "--tensorboard", "--epochs", "1"};
  REQUIRE(shop.train("train_autoencoder", "parts", first).status == 0);
  REQUIRE(shop.train("train_autoencoder", "parts", {"--snapshots", "2", "--tensorboard", "--resume"}).status == 0);
  const auto parts = train::read_snapshots<float>(shop.path("parts/snapshots"));
  CHECK(parts.steps == whole.steps);
  CHECK(std::ranges::equal(parts.codes.elements(), whole.codes.elements()));
  CHECK(files("parts/tensorboard") == 2);
}

TEST_CASE("train_autoencoder: snapshots of what the decoder sees of the codes") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "wide", {"--epochs", "1", "--snapshots", "1", "--snapshot-layer", "fc_2"})
              .status == 0);
  const auto snapshots = train::read_snapshots<float>(shop.path("wide/snapshots"));
  CHECK(snapshots.codes.shape() == Shape{2, 120, 2 * 4 * 9 * 9});
}

TEST_CASE("denoise: a movie of frames beside what was made of them" * doctest::skip(!support::have_ffmpeg())) {
  const support::Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "ae", {"--epochs", "1"}).status == 0);
  const auto result =
      run_program("denoise", {"--model", shop.path("ae"), "--images", shop.arena, "--out", shop.path("out.npz"),
                              "--movie", shop.path("out.mp4") + "," + shop.path("out.gif"), "--movie-frames", "5"});
  REQUIRE_MESSAGE(result.status == 0, result.output);
  CHECK(std::filesystem::file_size(shop.path("out.mp4")) > 1000);
  CHECK(std::filesystem::file_size(shop.path("out.gif")) > 1000);
}

TEST_CASE("closed_loop: codes of all frames, one by one, and the time that they took") {
  const Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "model").status == 0);
  const auto result = run_program(
      "closed_loop", {"--model", shop.path("model"), "--images", shop.arena, "--out", shop.path("codes.npy")});
  CHECK_MESSAGE(result.status == 0, result.output);
  CHECK(result.output.find("milliseconds per frame: median ") != std::string::npos);
  CHECK(io::read_npy(shop.path("codes.npy")).shape == Shape{120, 16});
}

TEST_CASE("denoise: a folder of images becomes a folder of images under the same names") {
  const Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "model").status == 0);
  const auto clean = io::NpzReader(shop.arena).read("clean").as<std::uint8_t>();
  std::filesystem::create_directory(shop.path("in"));
  for (int i = 0; i < 3; ++i) {
    io::write_png(
        shop.path("in/frame" + std::to_string(i + 9) + ".png"),
        Tensor<std::uint8_t>::from({50, 50}, clean.elements().subspan(static_cast<std::size_t>(i) * 2500, 2500)));
  }
  const auto done =
      run_program("denoise", {"--model", shop.path("model"), "--images", shop.path("in"), "--out", shop.path("out")});
  CHECK_MESSAGE(done.status == 0, done.output);
  CHECK(io::list_images(shop.path("out")).size() == 3);
  CHECK(io::read_image(shop.path("out/frame11.png")).shape() == Shape{1, 50, 50});
}

TEST_CASE("train_autoencoder: interrupted and resumed, it ends in the same model, byte for byte") {
  const Workshop shop;
  const std::vector<std::string> options{"--images",     shop.arena, "--width",  "4",
                                         "--batch-size", "16",       "--epochs", "40"};
  const auto train = [&](const std::string& out, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--out", shop.path(out)});
    more.insert(more.end(), options.begin(), options.end());
    return run_program("train_autoencoder", more);
  };
  REQUIRE(train("whole").status == 0);
  // Ctrl-C as soon as the first checkpoint is there, 39 epochs before the end.
  const std::string command = "out='" + shop.path("parts") + "'; " ENGRAM_BIN_DIR "/train_autoencoder --images '" +
                              shop.arena +
                              "' --width 4 --batch-size 16 --epochs 40 --out \"$out\" 2>/dev/null & pid=$!; "
                              "while ! ls \"$out\"/checkpoints/*.npz >/dev/null && kill -0 $pid; do :; done; "
                              "kill -INT $pid; wait $pid";
  CHECK(WEXITSTATUS(std::system(command.c_str())) == 130);
  CHECK(std::filesystem::exists(shop.path("parts/model.npz")));
  CHECK(io::read_csv(shop.path("parts/history.csv")).values.dim(0) < 40);
  const auto resumed = train("parts", {"--resume"});
  CHECK_MESSAGE(resumed.status == 0, resumed.output);
  CHECK(io::read_bytes(shop.path("parts/model.npz")) == io::read_bytes(shop.path("whole/model.npz")));
}

TEST_CASE("train_autoencoder: a finished training can be given more epochs, and gets back files that it lost") {
  const Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "model").status == 0);
  std::filesystem::remove(shop.path("model/history.csv"));
  std::filesystem::remove(shop.path("model/held_out.npz"));
  // The last checkpoint is damaged, too: it goes on from the one before, and says so.
  const std::string newest = shop.path("model/checkpoints/checkpoint_00000018.npz");
  std::string damaged = io::read_text(newest);
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  write_file(newest, damaged);
  const auto more = run_program("train_autoencoder", {"--images", shop.arena, "--out", shop.path("model"), "--width",
                                                      "4", "--batch-size", "16", "--epochs", "4", "--resume"});
  CHECK_MESSAGE(more.status == 0, more.output);
  CHECK_MESSAGE(more.output.find(newest + ": damaged, set aside; going on from " +
                                 shop.path("model/checkpoints/checkpoint_00000012.npz")) != std::string::npos,
                more.output);
  CHECK(io::read_csv(shop.path("model/history.csv")).values.dim(0) == 4);
  CHECK(std::filesystem::exists(shop.path("model/held_out.npz")));
}
