#include <engram.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <engram/core/version.hpp>
#include <engram/denoising/blind_spot_denoiser.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/io/npz.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/models/settings.hpp>
#include <engram/train/model_file.hpp>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

constexpr Index side = 18;
constexpr Index pixels = side * side;
constexpr models::NetworkOptions network{.image_height = side, .image_width = side, .latent_dim = 5, .width = 4};

struct Free {
  void operator()(engram_model* model) const { engram_free(model); }
};
using Model = std::unique_ptr<engram_model, Free>;

Model load(const std::filesystem::path& path) {
  Model model(engram_load(path.c_str()));
  REQUIRE_MESSAGE(model != nullptr, engram_error());
  return model;
}

Tensor<float> random_frames(Index count, std::uint64_t seed) {
  Rng rng(seed);
  auto frames = Tensor<float>::uninitialized({count, 1, side, side});
  for (float& pixel : frames.elements()) {
    pixel = static_cast<float>(static_cast<int>(rng.uniform() * 256)) / 255;
  }
  return frames;
}

std::vector<std::uint8_t> recorded(const Tensor<float>& frames) {
  std::vector<std::uint8_t> out;
  for (const float pixel : frames.elements()) {
    out.push_back(static_cast<std::uint8_t>(std::lround(pixel * 255)));
  }
  return out;
}

template <class Network>
Network save_network(const std::filesystem::path& folder, const std::string& kind, double maximum = 0) {
  Rng rng(3);
  Network model(network, rng);
  Settings settings;
  settings.set("model", kind);
  settings.set("maximum", maximum);
  settings.set("reduction", "pca");  // of a decoder
  models::write_options(settings, network);
  std::filesystem::create_directories(folder);
  train::save_model(folder / "model.npz", model, settings);
  return model;
}

void check_near(const std::vector<float>& found, const Tensor<float>& expected) {
  REQUIRE(std::ssize(found) == expected.size());
  for (Index i = 0; i < expected.size(); ++i) {
    CHECK(found[static_cast<std::size_t>(i)] == doctest::Approx(expected[i]).epsilon(1e-4));
  }
}

}  // namespace

TEST_CASE("engram.h: an autoencoder gives the code and the denoised frame, in each type of pixels") {
  const TemporaryFolder folder;
  const auto model = save_network<models::ConvAutoencoder<float>>(folder / "ae", "conv_autoencoder");
  const Model loaded = load(folder / "ae");
  CHECK(engram_kind(loaded.get()) == std::string("conv_autoencoder"));
  CHECK(engram_channels(loaded.get()) == 1);
  CHECK(engram_height(loaded.get()) == side);
  CHECK(engram_width(loaded.get()) == side);
  CHECK(engram_code_size(loaded.get()) == 5);
  CHECK(engram_makes_images(loaded.get()) == 1);
  CHECK(engram_readout_size(loaded.get()) == 0);

  const NoGrad no_grad;
  const Tensor<float> frame = random_frames(1, 4);
  const Tensor<float> code = model.encode(Variable<float>(frame)).value();
  const Tensor<float> image = model(Variable<float>(frame)).value();
  std::vector<float> codes(5);
  std::vector<float> denoised(pixels);
  REQUIRE(engram_run_f32(loaded.get(), frame.data(), side, side, codes.data(), denoised.data()) == ENGRAM_OK);
  check_near(codes, code);
  for (Index i = 0; i < pixels; ++i) {
    CHECK(denoised[static_cast<std::size_t>(i)] == doctest::Approx(std::clamp(image[i], 0.0F, 1.0F)).epsilon(1e-4));
  }
  std::vector<float> alone(5);  // the code without the decoder
  REQUIRE(engram_run_f32(loaded.get(), frame.data(), side, side, alone.data(), nullptr) == ENGRAM_OK);
  CHECK(alone == codes);

  std::vector<std::uint8_t> bytes(pixels);
  const auto frame8 = recorded(frame);
  REQUIRE(engram_run_u8(loaded.get(), frame8.data(), side, side, alone.data(), bytes.data()) == ENGRAM_OK);
  check_near(alone, code);
  std::vector<std::uint16_t> words(pixels);
  std::vector<std::uint16_t> frame16(frame8.begin(), frame8.end());
  std::ranges::for_each(frame16, [](std::uint16_t& pixel) { pixel = static_cast<std::uint16_t>(pixel * 257); });
  REQUIRE(engram_run_u16(loaded.get(), frame16.data(), side, side, nullptr, words.data()) == ENGRAM_OK);
  for (std::size_t i = 0; i < pixels; ++i) {
    CHECK(std::abs(static_cast<float>(bytes[i]) - 255 * denoised[i]) < 0.51F);
    CHECK(std::abs(static_cast<float>(words[i]) - 65535 * denoised[i]) < 8);
  }
}

TEST_CASE("engram.h: the training's maximum is white, for any type of pixels") {
  const TemporaryFolder folder;
  save_network<models::ConvAutoencoder<float>>(folder / "ae", "conv_autoencoder");
  save_network<models::ConvAutoencoder<float>>(folder / "scaled", "conv_autoencoder", 4095);
  const Tensor<float> frame = random_frames(1, 5);
  std::vector<float> large(pixels);
  std::ranges::transform(frame.elements(), large.begin(), [](float pixel) { return 4095 * pixel; });
  std::vector<float> plain(pixels);
  std::vector<float> scaled(pixels);
  const Model of_ones = load(folder / "ae");
  const Model of_12_bits = load(folder / "scaled" / "model.npz");  // the file is as good as its folder
  REQUIRE(engram_run_f32(of_ones.get(), frame.data(), side, side, nullptr, plain.data()) == ENGRAM_OK);
  REQUIRE(engram_run_f32(of_12_bits.get(), large.data(), side, side, nullptr, scaled.data()) == ENGRAM_OK);
  for (std::size_t i = 0; i < pixels; ++i) {
    CHECK(scaled[i] == doctest::Approx(4095 * plain[i]).epsilon(1e-3));
  }
}

TEST_CASE("engram.h: a tagger reads a direction out, and makes no images") {
  const TemporaryFolder folder;
  const auto model = save_network<models::DirectionTagger<float>>(folder / "tagger", "direction_tagger");
  const Model loaded = load(folder / "tagger");
  CHECK(engram_makes_images(loaded.get()) == 0);
  REQUIRE(engram_readout_size(loaded.get()) == 2);
  const Tensor<float> frame = random_frames(1, 6);
  std::vector<float> code(5);
  std::vector<float> direction(2);
  CHECK(engram_readout(loaded.get(), direction.data()) == ENGRAM_BAD_ARGUMENT);
  CHECK(engram_error() == std::string("engram_readout: need a frame before, got none"));
  REQUIRE(engram_run_f32(loaded.get(), frame.data(), side, side, code.data(), nullptr) == ENGRAM_OK);
  REQUIRE(engram_readout(loaded.get(), direction.data()) == ENGRAM_OK);
  const NoGrad no_grad;
  check_near(code, model.encode(Variable<float>(frame)).value());
  check_near(direction, model(Variable<float>(frame)).value());
  std::vector<float> image(pixels);
  CHECK(engram_run_f32(loaded.get(), frame.data(), side, side, nullptr, image.data()) == ENGRAM_BAD_ARGUMENT);
  CHECK(engram_error() == std::string("engram_run_f32: need a model that makes images, got a direction_tagger"));
}

TEST_CASE("engram.h: a decoder's code is that of the PCA beside it") {
  const TemporaryFolder folder;
  const auto model = save_network<models::ReductionDecoder<float>>(folder / "pca", "reduction_decoder");
  const auto rows = random_frames(40, 7).reshaped({40, pixels});
  const auto pca = embed::Pca<float>({.n_components = 5}).fit(rows);
  embed::save_pca(folder / "pca" / "reduction.npz", pca);
  const Model loaded = load(folder / "pca");
  const Tensor<float> frame = random_frames(1, 8);
  std::vector<float> code(5);
  std::vector<float> image(pixels);
  REQUIRE(engram_run_f32(loaded.get(), frame.data(), side, side, code.data(), image.data()) == ENGRAM_OK);
  const Tensor<float> expected = pca.transform(frame.reshaped({1, pixels}));
  check_near(code, expected);
  const NoGrad no_grad;
  const Tensor<float> decoded = model(Variable<float>(expected)).value();
  for (Index i = 0; i < pixels; ++i) {
    CHECK(image[static_cast<std::size_t>(i)] == doctest::Approx(std::clamp(decoded[i], 0.0F, 1.0F)).epsilon(1e-3));
  }
}

TEST_CASE("engram.h: a decoder is not loaded with the reduction of another one") {
  const TemporaryFolder folder;
  save_network<models::ReductionDecoder<float>>(folder / "pca", "reduction_decoder");
  const auto refused = [&](Index components, Index columns) {
    const auto rows = Tensor<float>::from(
        {40, columns}, random_frames(40, 7).elements().first(static_cast<std::size_t>(40 * columns)));
    embed::save_pca(folder / "pca" / "reduction.npz", embed::Pca<float>({.n_components = components}).fit(rows));
    CHECK(engram_load((folder / "pca").c_str()) == nullptr);
    return std::string(engram_error());
  };
  CHECK(refused(6, pixels).ends_with("reduction.npz: need codes of 5 numbers, as the decoder takes them, got 6"));
  CHECK(refused(5, 100).find("reduction.npz: ") != std::string::npos);
}

TEST_CASE("engram.h: a denoiser takes frames of any size and makes no codes") {
  const TemporaryFolder folder;
  Rng rng(9);
  denoising::BlindSpotDenoiser<float> denoiser(models::BlindSpotUnet<float>({.width = 2, .depth = 2}, rng));
  const Tensor<float> frames = random_frames(30, 10);
  denoiser.fit_noise(frames);
  denoiser.save(folder / "model.npz");
  const Model loaded = load(folder.path());
  CHECK(engram_height(loaded.get()) == 0);
  CHECK(engram_code_size(loaded.get()) == 0);
  const auto wide = frames.reshaped({1, 1, 30, pixels});
  std::vector<float> image(30 * pixels);
  REQUIRE(engram_run_f32(loaded.get(), wide.data(), 30, pixels, nullptr, image.data()) == ENGRAM_OK);
  const Tensor<float> expected = denoiser(wide);
  for (Index i = 0; i < expected.size(); ++i) {
    CHECK(image[static_cast<std::size_t>(i)] == doctest::Approx(std::clamp(expected[i], 0.0F, 1.0F)).epsilon(1e-4));
  }
  float code = 0;
  CHECK(engram_run_f32(loaded.get(), wide.data(), 30, pixels, &code, nullptr) == ENGRAM_BAD_ARGUMENT);
  CHECK(engram_error() == std::string("engram_run_f32: need a model that makes codes, got a blind_spot_unet"));
}

TEST_CASE("engram.h: copies work at the same time in threads of their own") {
  const TemporaryFolder folder;
  save_network<models::ConvAutoencoder<float>>(folder / "ae", "conv_autoencoder");
  const Model first = load(folder / "ae");
  const Tensor<float> frames = random_frames(50, 11);
  std::vector<float> alone(50 * 5);
  for (Index i = 0; i < 50; ++i) {
    REQUIRE(engram_run_f32(first.get(), frames.data() + i * pixels, side, side, alone.data() + 5 * i, nullptr) ==
            ENGRAM_OK);
  }
  std::vector<std::vector<float>> together(3, std::vector<float>(50 * 5));
  std::vector<std::thread> threads;
  for (auto& codes : together) {
    threads.emplace_back([&codes, &frames, copy = Model(engram_copy(first.get()))] {
      for (Index i = 0; i < 50; ++i) {
        engram_run_f32(copy.get(), frames.data() + i * pixels, side, side, codes.data() + 5 * i, nullptr);
      }
    });
  }
  std::ranges::for_each(threads, &std::thread::join);
  CHECK(std::ranges::all_of(together, [&](const auto& codes) { return codes == alone; }));
}

TEST_CASE("engram.h: what goes wrong has a status and a text, and changes nothing") {
  CHECK(engram_version() == text(ENGRAM_VERSION_MAJOR, '.', ENGRAM_VERSION_MINOR, '.', ENGRAM_VERSION_PATCH));
  const TemporaryFolder folder;
  CHECK(engram_load((folder / "none").c_str()) == nullptr);
  CHECK(std::string(engram_error()).starts_with("engram_load: " + (folder / "none").string() + ": "));
  CHECK(engram_load(nullptr) == nullptr);
  CHECK(engram_error() == std::string("engram_load: need a path, got NULL"));
  std::ofstream(folder / "model.npz") << "no model";
  CHECK(engram_load(folder.path().c_str()) == nullptr);
  CHECK(std::string(engram_error()).find("model.npz: ") != std::string::npos);

  save_network<models::ConvAutoencoder<float>>(folder / "ae", "conv_autoencoder");
  const Model model = load(folder / "ae");
  Tensor<float> frame = random_frames(1, 12);
  std::vector<float> code(5, 7);
  CHECK(engram_run_f32(nullptr, frame.data(), side, side, code.data(), nullptr) == ENGRAM_BAD_ARGUMENT);
  CHECK(engram_run_f32(model.get(), nullptr, side, side, code.data(), nullptr) == ENGRAM_BAD_ARGUMENT);
  CHECK(engram_error() == std::string("engram_run_f32: need a frame, got NULL"));
  CHECK(engram_run_f32(model.get(), frame.data(), 17, side, code.data(), nullptr) == ENGRAM_BAD_SHAPE);
  CHECK(engram_error() == std::string("engram_run_f32: need frames of 18 x 18 pixels (height x width), as the "
                                      "conv_autoencoder has learnt, got 17 x 18"));
  frame[5] = 12;
  CHECK(engram_run_f32(model.get(), frame.data(), side, side, code.data(), nullptr) == ENGRAM_BAD_ARGUMENT);
  CHECK(engram_error() ==
        std::string("engram_run_f32: need pixels up to 1, as the training had no --maximum, got 12 at 5"));
  frame[5] = std::numeric_limits<float>::quiet_NaN();
  CHECK(engram_run_f32(model.get(), frame.data(), side, side, code.data(), nullptr) == ENGRAM_BAD_ARGUMENT);
  CHECK(engram_error() == std::string("engram_run_f32: need finite pixels, got nan at 5"));
  CHECK(code == std::vector<float>(5, 7));
  CHECK(engram_copy(nullptr) == nullptr);
  CHECK(engram_code_size(nullptr) == 0);
  engram_free(nullptr);
  std::thread([] { CHECK(engram_error() == std::string()); }).join();  // each thread has its own
}

TEST_CASE("engram.h: libengram shows nothing but its functions; C and Python programs use it") {
  const auto symbols = support::run_command("nm", {"-D", "--defined-only", ENGRAM_LIBRARY});
  REQUIRE(symbols.status == 0);
  std::istringstream lines(symbols.output);
  Index functions = 0;
  for (std::string address, type, name; lines >> address >> type >> name; ++functions) {
    CHECK_MESSAGE(name.starts_with("engram_"), name);
  }
#if !defined(ENGRAM_SANITIZED)
  CHECK(functions == 16);
#endif

  const TemporaryFolder folder;
  save_network<models::ConvAutoencoder<float>>(folder / "ae", "conv_autoencoder");
  const auto latency = support::run_program("frame_latency", {(folder / "ae").string(), "100", "1000"});
  CHECK_MESSAGE(latency.status == 0, latency.output);
  CHECK(latency.output.find("conv_autoencoder, 100 frames of 18 x 18, 1000 in a second") != std::string::npos);
  CHECK(latency.output.find("99.9 % within") != std::string::npos);
  CHECK(latency.output.find("####") != std::string::npos);
  CHECK(support::run_program("frame_latency", {(folder / "none").string()}).status == 1);

#if defined(ENGRAM_SANITIZED)
  return;  // Python cannot load a library with sanitizers
#endif
  if (!std::filesystem::exists("/usr/lib/python3/dist-packages/numpy")) {
    MESSAGE("the Python program is not run: needs NumPy (Debian: apt-get install python3-numpy)");
    return;
  }
  const Tensor<float> frames = random_frames(6, 13);
  {
    io::NpzWriter file(folder / "frames.npz");
    file.add("images", Tensor<std::uint8_t>::from({6, side, side}, recorded(frames)));
    file.commit();
  }
  const std::string out = (folder / "out.npz").string();
  const auto python =
      support::run_command("/usr/bin/python3", {ENGRAM_TEST_DIR "/../examples/c_api/denoise_frames.py", ENGRAM_LIBRARY,
                                                (folder / "ae").string(), (folder / "frames.npz").string(), out});
  REQUIRE_MESSAGE(python.status == 0, python.output);
  const io::NpzReader made(out);
  const Model model = load(folder / "ae");
  const auto codes = made.read("codes").as<float>();
  REQUIRE(codes.shape() == Shape{6, 5});
  const auto images = made.read("images").as<std::uint8_t>();
  REQUIRE(images.shape() == Shape{6, side, side});
  for (Index i = 0; i < 6; ++i) {
    std::vector<float> code(5);
    const auto frame = recorded(
        Tensor<float>::from({pixels}, frames.elements().subspan(static_cast<std::size_t>(i * pixels), pixels)));
    std::vector<std::uint8_t> image(pixels);
    REQUIRE(engram_run_u8(model.get(), frame.data(), side, side, code.data(), image.data()) == ENGRAM_OK);
    CHECK(std::ranges::equal(image, images.elements().subspan(static_cast<std::size_t>(i * pixels), pixels)));
    CHECK(std::ranges::equal(code, codes.elements().subspan(static_cast<std::size_t>(5 * i), 5)));
  }
}
