// The programs that train a decoder or a tagger, as a user runs them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/embed/umap.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/io/image.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>
#include <engram/train/model_file.hpp>

#include "support/run_program.hpp"
#include "support/workshop.hpp"

using namespace engram;
using support::run_program;
using support::Workshop;

TEST_CASE("train_decoder: PCA of the training frames alone, a table of its variance, and a model that denoises") {
  const Workshop shop;
  const auto trained = shop.train("train_decoder", "pca", {"--epochs", "2", "--dimensions", "5"});
  CHECK_MESSAGE(trained.status == 0, trained.output);
  const auto pca = embed::load_pca<float>(shop.path("pca/reduction.npz"));
  CHECK(pca.n_components() == 5);
  CHECK(pca.result().n_samples == 96);
  const auto variance = io::read_csv(shop.path("pca/explained_variance.csv"));
  const auto cumulative = variance.column("cumulative");
  CHECK(cumulative[cumulative.size() - 1] >= 0.95);
  CHECK(cumulative[cumulative.size() - 2] < 0.95);
  CHECK(variance.column("explained_variance_ratio")[4] ==
        doctest::Approx(static_cast<double>(pca.explained_variance_ratio()[4])).epsilon(1e-4));
  CHECK(io::read_csv(shop.path("pca/history.csv")).columns.back() == "psnr");
  for (const char* figure : {"loss.png", "network.png", "explained_variance.png", "validation/epoch_0002.png"}) {
    CHECK(io::read_image(shop.folder / "pca" / figure).rank() == 3);
  }

  const auto denoised = run_program(
      "denoise", {"--model", shop.path("pca"), "--images", shop.path("pca/held_out.npz"), "--out", shop.path("d.npz")});
  CHECK_MESSAGE(denoised.status == 0, denoised.output);
  CHECK(io::NpzReader(shop.path("d.npz")).read("images").shape == Shape{24, 50, 50});
}

TEST_CASE("train_decoder: goes on with the UMAP that is there, to the same bits as in one go") {
  const Workshop shop;
  const std::vector<std::string> umap{"--reduction", "umap", "--dimensions", "2", "--n-neighbors", "5"};
  const auto train = [&](const std::string& out, std::vector<std::string> more) {
    more.insert(more.end(), umap.begin(), umap.end());
    const auto result = shop.train("train_decoder", out, more);
    CHECK_MESSAGE(result.status == 0, result.output);
  };
  train("whole", {"--epochs", "2"});
  train("parts", {"--epochs", "1"});
  train("parts", {"--epochs", "2", "--resume"});
  CHECK(embed::Umap::load(shop.path("parts/reduction.npz")).embedding().shape() == Shape{96, 2});
  const auto whole = io::NpzReader(shop.path("whole/model.npz")).read("decoder.12.weight").as<float>();
  const auto parts = io::NpzReader(shop.path("parts/model.npz")).read("decoder.12.weight").as<float>();
  CHECK(std::ranges::equal(whole.elements(), parts.elements()));
}

TEST_CASE("train_decoder: another reduction than that of the training is refused") {
  const Workshop shop;
  REQUIRE(shop.train("train_decoder", "pca", {"--epochs", "1", "--dimensions", "2"}).status == 0);
  const auto result =
      shop.train("train_decoder", "pca", {"--epochs", "2", "--dimensions", "2", "--reduction", "umap", "--resume"});
  CHECK(result.status == 2);
  CHECK_MESSAGE(result.output.find("reduction") != std::string::npos, result.output);
}

TEST_CASE("train_denoiser: colour frames of 12 bits come back in their type and unit, each channel with its noise") {
  const support::Workshop shop;
  Rng rng(3);
  auto images = Tensor<std::uint16_t>::uninitialized({20, 3, 16, 20});
  for (Index i = 0; i < images.size(); ++i) {
    const double noise = i / 320 % 3 == 0 ? 40 : 160;
    images[i] = static_cast<std::uint16_t>(
        std::clamp(1500 + 20 * static_cast<double>(i % 20) + noise * rng.normal(), 0.0, 4095.0));
  }
  io::write_npy(shop.path("colour.npy"), images);
  const auto run = [&](std::vector<std::string> more) {
    std::vector<std::string> all{"--images",  shop.path("colour.npy"),
                                 "--out",     shop.path("c"),
                                 "--maximum", "4095",
                                 "--epochs",  "1",
                                 "--width",   "4",
                                 "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program("train_denoiser", all);
  };
  const auto turned = run({"--turns"});
  CHECK(turned.status == 2);
  CHECK_MESSAGE(turned.output.find("--turns: need square frames") != std::string::npos, turned.output);
  const auto few = run({"--blocks", "20", "--held-out-blocks", "2"});
  CHECK(few.status == 2);
  CHECK_MESSAGE(few.output.find("need 2000 pixels or more to estimate the noise on, got 320 of 1") != std::string::npos,
                few.output);
  io::write_npy(shop.path("grey.npy"), Tensor<std::uint8_t>::full({40, 16, 20}, 100));
  const auto grey = run_program("train_denoiser", {"--images", shop.path("grey.npy"), "--out", shop.path("c")});
  CHECK(grey.status == 2);
  CHECK_MESSAGE(grey.output.find("grey.npy: need frames whose pixels differ, got 0.39") != std::string::npos,
                grey.output);
  CHECK_FALSE(std::filesystem::exists(shop.path("c/run.json")));

  auto dark = images;
  for (Index i = 0; i < dark.size(); ++i) {
    dark[i] = i / 320 % 3 == 2 ? std::uint16_t{0} : dark[i];
  }
  io::write_npy(shop.path("dark.npy"), dark);
  const auto without_blue = run_program(
      "train_denoiser", {"--images", shop.path("dark.npy"), "--out", shop.path("d"), "--maximum", "4095", "--epochs",
                         "1", "--width", "4", "--quiet", "--blocks", "4", "--held-out-blocks", "0,1"});
  CHECK_MESSAGE(without_blue.status == 0, without_blue.output);

  const auto trained = run({"--blocks", "4", "--held-out-blocks", "0,1"});
  REQUIRE_MESSAGE(trained.status == 0, trained.output);
  CHECK(io::read_csv(shop.path("c/noise_curve.csv")).column("channel").elements().back() == 2);
  const auto denoised = run_program(
      "denoise", {"--model", shop.path("c"), "--images", shop.path("colour.npy"), "--out", shop.path("clean.npy")});
  REQUIRE_MESSAGE(denoised.status == 0, denoised.output);
  const io::Array clean = io::read_npy(shop.path("clean.npy"));
  CHECK(clean.dtype == io::DType::u16);
  CHECK(clean.shape == images.shape());
  const auto pixels = clean.as<double>();
  CHECK(*std::ranges::max_element(pixels.elements()) > 1000);

  auto noisier = Tensor<std::uint16_t>::uninitialized({9, 3, 17, 150});  // and of another size
  for (Index i = 0; i < noisier.size(); ++i) {
    const double noise = i / 2550 % 3 == 0 ? 120 : 480;
    noisier[i] = static_cast<std::uint16_t>(
        std::clamp(1500 + 20 * static_cast<double>(i % 20) + noise * rng.normal(), 0.0, 4095.0));
  }
  io::write_npy(shop.path("noisier.npy"), noisier);
  std::vector<std::string> other{"--model", shop.path("c"),    "--images", shop.path("noisier.npy"),
                                 "--out",   shop.path("n.npy")};
  const auto warned = run_program("denoise", other);
  CHECK(warned.status == 0);
  CHECK_MESSAGE(warned.output.find("noisier.npy: the noise is ") != std::string::npos, warned.output);
  auto darker = images;
  for (auto& pixel : darker.elements()) {
    pixel = static_cast<std::uint16_t>(pixel / 16);
  }
  io::write_npy(shop.path("darker.npy"), darker);
  const auto unlike = run_program(
      "denoise", {"--model", shop.path("c"), "--images", shop.path("darker.npy"), "--out", shop.path("e.npy")});
  CHECK(unlike.status == 0);
  CHECK_MESSAGE(unlike.output.find("darker.npy: pixels are unlike those of the training") != std::string::npos,
                unlike.output);
  const auto nowhere = run_program(
      "denoise", {"--model", shop.path("c"), "--images", shop.path("colour.npy"), "--out", shop.path("no/where.npy")});
  CHECK(nowhere.status == 2);
  CHECK_MESSAGE(nowhere.output.find("no/where.npy: cannot be written: ") != std::string::npos, nowhere.output);
  other.push_back("--estimate-noise");
  const auto estimated = run_program("denoise", other);
  CHECK(estimated.status == 0);
  CHECK_MESSAGE(estimated.output.find("the noise is ") == std::string::npos, estimated.output);
  CHECK(io::read_npy(shop.path("n.npy")).shape == noisier.shape());
}

TEST_CASE("train_denoiser: learns from parts of large frames, flipped if told, and warns of noise along rows") {
  const support::Workshop shop;
  Rng rng(3);
  auto images = Tensor<std::uint8_t>::uninitialized({40, 70, 100});
  double left = 0;
  for (Index i = 0; i < images.size(); ++i) {
    const double own = 7 * rng.normal();
    images[i] = static_cast<std::uint8_t>(100 + static_cast<double>(i % 100) / 2 + own + std::exchange(left, own));
  }
  io::write_npy(shop.path("large.npy"), images);
  const auto trained = run_program("train_denoiser", {"--images", shop.path("large.npy"), "--out", shop.path("large"),
                                                      "--epochs", "2", "--width", "4", "--flips", "--quiet"});
  REQUIRE_MESSAGE(trained.status == 0, trained.output);
  CHECK_MESSAGE(trained.output.find("warning: the noise of pixels beside each other along rows goes together") !=
                    std::string::npos,
                trained.output);
  CHECK(io::read_csv(shop.path("large/noise_correlation.csv")).column("along_rows")[0] > 0.3);
  CHECK(train::load_settings(shop.path("large/model.npz")).number<int>("crop") == 64);
  const auto denoised = run_program(
      "denoise", {"--model", shop.path("large"), "--images", shop.path("large.npy"), "--out", shop.path("clean.npy")});
  CHECK(denoised.status == 0);
  CHECK_MESSAGE(denoised.output.find("goes together") != std::string::npos, denoised.output);
  CHECK(io::read_npy(shop.path("clean.npy")).shape == images.shape());
}

TEST_CASE("train_denoiser: from noisy frames alone, a model that denoises, is compared, goes on, and has no codes") {
  const support::Workshop shop;
  const std::vector<std::string> more{"--epochs", "2", "--schedule", "constant", "--lr", "3e-3", "--fill", "median"};
  const auto trained = shop.train("train_denoiser", "unet", more);
  REQUIRE_MESSAGE(trained.status == 0, trained.output);
  const auto history = io::read_csv(shop.path("unet/history.csv"));
  CHECK(history.column("train_loss")[1] < history.column("train_loss")[0]);
  CHECK(history.column("psnr").size() == 2);
  CHECK(history.column("psnr")[1] > history.column("psnr")[0]);
  const auto denoised = run_program(
      "denoise", {"--model", shop.path("unet"), "--images", shop.arena, "--out", shop.path("denoised.npz")});
  CHECK_MESSAGE(denoised.status == 0, denoised.output);
  const io::NpzReader frames(shop.path("denoised.npz"));
  CHECK(frames.read("images").shape == Shape{120, 50, 50});
  CHECK(frames.read("labels").shape == Shape{120, 13});
  CHECK(frames.read("columns").strings[7] == "body_angle");
  CHECK(io::read_csv(shop.path("unet/noise_curve.csv")).columns ==
        std::vector<std::string>{"channel", "level", "deviation"});
  CHECK(io::read_image(shop.path("unet/noise_curve.png")).rank() == 3);
  const auto compared = run_program(
      "compare_denoisers", {"--model", shop.path("unet"), "--images", shop.arena, "--out", shop.path("compared.csv")});
  CHECK(compared.status == 0);
  CHECK(compared.output.find("blind-spot network (2 epochs)") != std::string::npos);
  CHECK(io::read_text(shop.path("compared.csv")).starts_with("model,method,psnr,ssim,tail_psnr,"));
  CHECK(io::read_image(shop.path("compared.png")).rank() == 3);

  const auto cleaner =
      shop.train("train_autoencoder", "cleaner", {"--epochs", "1", "--targets", shop.path("denoised.npz")});
  CHECK_MESSAGE(cleaner.status == 0, cleaner.output);
  const auto other =
      shop.train("train_autoencoder", "other", {"--epochs", "1", "--targets", shop.path("unet/held_out.npz")});
  CHECK(other.status == 2);
  CHECK_MESSAGE(other.output.find("held_out.npz: need frames [120, 1, 50, 50] as those of") != std::string::npos,
                other.output);

  std::vector<std::string> longer = more;
  longer[1] = "4";
  REQUIRE(shop.train("train_denoiser", "whole", longer).status == 0);
  longer.push_back("--resume");
  REQUIRE(shop.train("train_denoiser", "unet", longer).status == 0);
  CHECK(io::read_text(shop.path("unet/model.npz")) == io::read_text(shop.path("whole/model.npz")));

  const auto decoded =
      run_program("decode_labels", {"--model", shop.path("unet"), "--images", shop.arena, "--labels", shop.arena});
  CHECK(decoded.status == 2);
  CHECK(decoded.output ==
        "decode_labels: " + shop.path("unet/model.npz") + ": need a model that makes codes, got a blind_spot_unet\n");
}

TEST_CASE("train_direction_tagger: errors in degrees, each prediction, and a picture") {
  const Workshop shop;
  const auto trained = shop.train("train_direction_tagger", "tagger", {"--epochs", "2", "--labels", shop.arena});
  CHECK_MESSAGE(trained.status == 0, trained.output);
  const auto table = io::read_csv(shop.path("tagger/predictions.csv"));
  CHECK(table.values.dim(0) == 24);
  const auto difference = table.column("difference");
  double mean = 0;
  for (Index i = 0; i < 24; ++i) {
    const double turns = (table.column("predicted")[i] - table.column("measured")[i] - difference[i]) / 360;
    CHECK(turns == doctest::Approx(std::round(turns)).epsilon(1e-9));
    CHECK(std::abs(difference[i]) <= 180);
    mean += std::abs(difference[i]) / 24;
  }
  CHECK(io::read_csv(shop.path("tagger/history.csv")).column("degrees_off")[1] == doctest::Approx(mean).epsilon(1e-6));
  CHECK(io::read_image(shop.path("tagger/predictions.png")).rank() == 3);

  const auto denoised =
      run_program("denoise", {"--model", shop.path("tagger"), "--images", shop.arena, "--out", shop.path("d.npz")});
  CHECK(denoised.status == 2);
  CHECK_MESSAGE(denoised.output.find("need a model that makes images, got a direction_tagger") != std::string::npos,
                denoised.output);
}

TEST_CASE("train_direction_tagger: the unit vector of an angle; columns that are not there are named") {
  const Workshop shop;
  const auto unit = shop.train("train_direction_tagger", "unit",
                               {"--epochs", "1", "--labels", shop.arena, "--target", "unit_vector", "--place", "a,b"});
  CHECK_MESSAGE(unit.status == 0, unit.output);
  CHECK_MESSAGE(unit.output.find("has no columns a and b; name others with --place") != std::string::npos, unit.output);
  const auto wrong = shop.train("train_direction_tagger", "wrong",
                                {"--epochs", "1", "--labels", shop.arena, "--target", "unit_vector", "--angle", "yaw"});
  CHECK(wrong.status == 2);
  CHECK_MESSAGE(wrong.output.find("body_angle") != std::string::npos, wrong.output);
}
