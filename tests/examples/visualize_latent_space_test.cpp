// The program that shows codes in two dimensions, as a user runs it.
#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include <engram/io/file.hpp>
#include <engram/io/image.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>

#include "support/ffmpeg.hpp"
#include "support/run_program.hpp"
#include "support/workshop.hpp"

using namespace engram;
using support::run_program;

namespace {

/// --model, --images, --labels and --out.
std::vector<std::string> arguments(const support::Workshop& shop, const std::string& model, const std::string& out) {
  return {"--model", shop.path(model), "--images", shop.arena, "--labels", shop.arena, "--out", shop.path(out)};
}

support::ProgramResult visualize(std::vector<std::string> all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return run_program("visualize_latent_space", all);
}

}  // namespace

TEST_CASE("visualize_latent_space: a map of every snapshot, by each way of fitting it, with figures and movies" *
          doctest::skip(!support::have_ffmpeg())) {
  const support::Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "ae", {"--epochs", "2", "--snapshots", "2"}).status == 0);
  const std::filesystem::path snapshots = shop.path("ae/snapshots");
  const auto last = io::read_npy(snapshots / "step_00000012.npy").as<float>();
  for (const std::string fit : {"last", "first", "every", "aligned"}) {
    CAPTURE(fit);
    const auto result = visualize(arguments(shop, "ae", fit), {"--angles", "body_angle", "--numbers", "distance",
                                                               "--fit", fit, "--n-neighbors", "8", "--keep-frames"});
    REQUIRE_MESSAGE(result.status == 0, result.output);
    const std::filesystem::path out = shop.path(fit);
    const io::NpzReader map(out / "map.npz");
    CHECK(map.read("embedding").shape == Shape{120, 2});
    const auto record = nlohmann::json::parse(io::read_text(out / "run.json"));
    CHECK(record["options"]["--fit"] == fit);
    CHECK(record["options"]["--min-dist"] == "0.1");
    CHECK(record["threads"] >= 1);
    CHECK(record["settings"].contains("frames_crc32"));
    CHECK(map.read("embeddings").shape == Shape{5, 120, 2});
    const auto steps = map.read("steps").as<std::int64_t>();
    REQUIRE(steps.shape() == Shape{5});
    CHECK(steps[0] == 0);
    CHECK(steps[4] == 12);
    const auto codes = map.read("codes").as<float>();
    REQUIRE(codes.shape() == last.shape());
    for (Index i = 0; i < codes.size(); ++i) {
      REQUIRE(codes[i] == last[i]);
    }
    for (const char* label : {"body_angle", "distance"}) {
      const std::string name = label;
      CHECK(io::read_image(out / (name + ".png")).shape() == Shape{3, 900, 1200});
      CHECK(io::read_bytes(out / (name + ".mp4")).size() > 1000);
      CHECK(io::read_text(out / (name + ".gif")).starts_with("GIF8"));
      CHECK(io::list_images(out / "frames" / name).size() == 5);
    }
  }
}

TEST_CASE("visualize_latent_space: codes of two numbers are drawn as they are, without snapshots or labels alone") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_decoder", "pca_2", {"--epochs", "1", "--dimensions", "2"}).status == 0);
  io::write_npy(shop.path("frames.npy"), io::NpzReader(shop.arena).read("images").as<std::uint8_t>());
  const auto result =
      run_program("visualize_latent_space", {"--model", shop.path("pca_2"), "--images", shop.path("frames.npy"),
                                             "--out", shop.path("map"), "--formats", "png,svg,pdf", "--projector"});
  REQUIRE_MESSAGE(result.status == 0, result.output);
  const io::NpzReader map(std::filesystem::path(shop.path("map")) / "map.npz");
  const auto points = map.read("embedding").as<float>();
  const auto codes = map.read("codes").as<float>();
  REQUIRE(points.shape() == Shape{120, 2});
  for (Index i = 0; i < points.size(); ++i) {
    REQUIRE(points[i] == codes[i]);
  }
  CHECK_FALSE(map.contains("steps"));
  for (const char* file : {"map/map.png", "map/map.svg", "map/map.pdf", "map/tensorboard/codes/tensors.tsv"}) {
    CHECK(std::filesystem::exists(shop.path(file)));
  }
  // Labels in the file of the frames are drawn unasked.
  REQUIRE(run_program("visualize_latent_space",
                      {"--model", shop.path("pca_2"), "--images", shop.arena, "--out", shop.path("labelled")})
              .status == 0);
  CHECK(std::filesystem::exists(shop.path("labelled/body_angle.png")));
}

TEST_CASE("visualize_latent_space: codes come into the map of another training") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "a", {"--epochs", "1"}).status == 0);
  REQUIRE(shop.train("train_autoencoder", "b", {"--epochs", "1", "--seed", "1"}).status == 0);
  REQUIRE(shop.train("train_autoencoder", "narrow", {"--epochs", "1", "--latent-dim", "5"}).status == 0);
  const std::vector<std::string> one_label{"--numbers", "distance", "--n-neighbors", "8"};
  const auto in_map_of = [&](const std::string& model, const std::string& out) {
    std::vector<std::string> more = one_label;
    more.insert(more.end(), {"--alternative", shop.path(model), "--projector"});
    return visualize(arguments(shop, "a", out), more);
  };
  REQUIRE(in_map_of("b", "in_b").status == 0);
  REQUIRE(visualize(arguments(shop, "a", "own"), one_label).status == 0);
  const auto map = [&](const char* folder) {
    return io::NpzReader(std::filesystem::path(shop.path(folder)) / "map.npz").read("embedding").as<float>();
  };
  const std::string projector = io::read_text(shop.path("in_b/tensorboard/projector_config.pbtxt"));
  CHECK(projector.find("codes/metadata.tsv") != std::string::npos);
  CHECK(projector.find("single_image_dim: 50") != std::string::npos);
  CHECK(io::read_image(shop.path("in_b/tensorboard/codes/sprite.png")).shape() == Shape{1, 550, 550});  // 11 x 11
  const auto in_b = map("in_b");
  const auto own = map("own");
  REQUIRE(in_b.shape() == own.shape());
  bool differ = false;
  for (Index i = 0; i < own.size(); ++i) {
    differ = differ || in_b[i] != own[i];
  }
  CHECK(differ);
  const auto refused = in_map_of("narrow", "none");
  CHECK(refused.status == 2);
  CHECK(refused.output == "visualize_latent_space: " + shop.path("narrow") + ": need codes of 16 numbers as those of " +
                              shop.path("a") + ", got 5\n");
}

TEST_CASE("visualize_latent_space: bad options are refused with a reason") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_decoder", "pca", {"--epochs", "1"}).status == 0);
  const auto all = arguments(shop, "pca", "out");
  const auto unknown = visualize(all, {"--numbers", "speed"});
  CHECK(unknown.status == 2);
  CHECK(
      unknown.output.starts_with("visualize_latent_space: " + shop.arena + ": need one of the label columns base_x, "));
  CHECK(unknown.output.ends_with(", in_port, got speed\n"));
  CHECK(visualize(all, {"--chosen", "120"}).output ==
        "visualize_latent_space: --chosen: need frames from 0 to 119, got 120\n");
  CHECK(visualize(all, {"--fit", "first", "--alternative", shop.path("pca")}).output ==
        "visualize_latent_space: --alternative: need no --fit, got first\n");
}
