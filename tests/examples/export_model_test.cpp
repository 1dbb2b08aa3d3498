#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include <engram/io/file.hpp>
#include <engram/io/safetensors.hpp>

#include "support/run_program.hpp"
#include "support/workshop.hpp"

using namespace engram;
using support::run_program;

TEST_CASE("export_model: models of each kind become .onnx and .safetensors, with their settings") {
  const support::Workshop shop;
  REQUIRE(shop.train("train_autoencoder", "ae", {"--epochs", "1"}).status == 0);
  REQUIRE(shop.train("train_decoder", "pca", {"--epochs", "1", "--dimensions", "3"}).status == 0);
  REQUIRE(shop.train("train_denoiser", "unet", {"--epochs", "1"}).status == 0);
  const auto made = [&](const std::string& model, const std::string& out, std::vector<std::string> more = {}) {
    std::vector<std::string> all{"--model", shop.path(model), "--out", shop.path(out)};
    all.insert(all.end(), more.begin(), more.end());
    const auto result = run_program("export_model", all);
    CHECK_MESSAGE(result.status == 0, result.output);
    return io::read_text(shop.path(out));
  };
  const std::string onnx = made("ae", "ae.onnx");
  for (const char* part : {"frames", "code", "denoised", "encoder.0.weight", "maximum", "conv_autoencoder"}) {
    CHECK(onnx.find(part) != std::string::npos);
  }
  made("ae", "ae.safetensors");
  const io::SafetensorsReader weights(shop.path("ae.safetensors"));
  CHECK(weights.read("fc_1.0.weight").shape[0] == 16);
  CHECK(weights.contains("encoder.1.num_batches_tracked"));
  CHECK(weights.metadata().at("model") == "conv_autoencoder");
  made("pca", "pca.onnx");
  CHECK(std::filesystem::exists(shop.path("pca.pca.onnx")));
  made("unet", "unet.onnx", {"--height", "60", "--width", "80"});

  const auto sizeless = run_program("export_model", {"--model", shop.path("unet"), "--out", shop.path("other.onnx")});
  CHECK(sizeless.status == 2);
  CHECK(sizeless.output ==
        "export_model: --height, --width: need the size of the frames, as this denoiser takes any\n");
  const auto other = run_program("export_model", {"--model", shop.path("ae"), "--out", shop.path("ae.pt")});
  CHECK(other.status == 2);
  CHECK(other.output.find("need a name that ends with .onnx or .safetensors, got ") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(shop.path("other.onnx")));
}
