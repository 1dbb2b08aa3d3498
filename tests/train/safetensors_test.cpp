#include <engram/train/safetensors.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include <engram/autograd/variable.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/nn/affine.hpp>
#include <engram/nn/batch_norm.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/nn/shape.hpp>
#include <engram/train/model_file.hpp>

#include "support/largest_difference.hpp"
#include "support/numbers.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

constexpr models::NetworkOptions small_study{
    .image_height = 50, .image_width = 50, .channels = 1, .latent_dim = 6, .width = 4};

bool have_torch() {
  return std::filesystem::exists("/usr/lib/python3/dist-packages/torch");
}

template <class Model, class Options>
auto maker(const Options& options) {
  return [options](std::uint64_t seed) {
    Rng rng(seed);
    return Model(options, rng);
  };
}

/// Calls f(name, make) for each network of interchange.py; make(seed) gives one.
template <class F>
void for_each_network(F f) {
  f("autoencoder", maker<models::ConvAutoencoder<float>>(small_study));
  f("decoder", maker<models::ReductionDecoder<float>>(small_study));
  f("tagger", maker<models::DirectionTagger<float>>(small_study));
  f("denoiser", maker<models::BlindSpotUnet<float>>(models::BlindSpotUnetOptions{.width = 4}));
}

nn::Sequential<float> small_network(std::uint64_t seed) {
  Rng rng(seed);
  return nn::Sequential<float>{nn::Conv2d<float>({.in_channels = 2, .out_channels = 3, .kernel = 3}, rng),
                               nn::BatchNorm2d<float>(3), nn::ReLU(), nn::Flatten(),
                               nn::Linear<float>({.in_features = 27, .out_features = 2}, rng)};
}

}  // namespace

TEST_CASE("load_safetensors: what PyTorch wrote, with its buffers, gives what PyTorch makes of it") {
  const std::filesystem::path folder = ENGRAM_TEST_DIR "/golden_more";
  auto net = small_network(1);
  train::load_safetensors(folder / "torch_sequential.safetensors", net);
  const auto x = io::read_npy(folder / "torch_sequential_x.npy").as<float>();
  CHECK(largest_difference(net(Variable<float>(x)).value(),
                           io::read_npy(folder / "torch_sequential_y.npy").as<float>()) < 1e-6);
  nn::for_each_state(
      net, [](const std::string&, const Tensor<float>&) {},
      [](const std::string& name, std::int64_t batches) {
        CHECK(name == "1.num_batches_tracked");
        CHECK(batches == 11);
      });
}

TEST_CASE("safetensors: models go to PyTorch and come from there, strictly" * doctest::skip(!have_torch())) {
  const TemporaryFolder folder;
  const auto python = [&](const std::string& action) {
    const auto result = support::run_command("/usr/bin/python3 " ENGRAM_TEST_DIR "/train/interchange.py",
                                             {action, folder.path().string()});
    CHECK_MESSAGE(result.status == 0, result.output);
  };
  python("make");
  for_each_network([&](const std::string& name, auto make) {
    CAPTURE(name);
    const auto x = io::read_npy(folder / (name + "_x.npy")).as<float>();
    const auto y = io::read_npy(folder / (name + "_y.npy")).as<float>();
    const NoGrad no_grad;
    auto from_safetensors = make(1);
    train::load_safetensors(folder / (name + ".safetensors"), from_safetensors);
    CHECK(largest_difference(from_safetensors(Variable<float>(x)).value(), y) < 1e-5);
    auto from_npz = make(2);
    train::load_model(folder / (name + ".npz"), from_npz);
    CHECK(largest_difference(from_npz(Variable<float>(x)).value(), y) < 1e-5);

    auto ours = make(3);
    for (const auto& entry : nn::state(ours)) {
      if (entry.counter != nullptr) {
        *entry.counter = 11;
      }
    }
    train::save_safetensors(folder / (name + ".safetensors"), ours);
    train::save_model(folder / (name + ".npz"), ours);
    io::write_npy(folder / (name + "_y.npy"), ours(Variable<float>(x)).value());
  });
  python("check");
}

TEST_CASE("safetensors: a model and its settings come back; what does not fit is refused and changes nothing") {
  const TemporaryFolder folder;
  const auto path = folder / "net.safetensors";
  auto saved = small_network(1);
  Settings settings;
  settings.set("maximum", 4095);
  train::save_safetensors(path, saved, settings);
  CHECK(train::load_safetensors_settings(path).number<int>("maximum") == 4095);
  auto loaded = small_network(2);
  train::load_safetensors(path, loaded);
  const Variable<float> x(Tensor<float>::full({1, 2, 5, 5}, 0.5F));
  CHECK(list(loaded(x).value()) == list(saved(x).value()));

  Rng rng(3);
  nn::Sequential<float> other{nn::Conv2d<float>({.in_channels = 2, .out_channels = 3, .kernel = 3}, rng),
                              nn::BatchNorm2d<float>(3), nn::ReLU(), nn::Flatten(),
                              nn::Linear<float>({.in_features = 27, .out_features = 3}, rng)};
  const auto before = list(other(x).value());
  CHECK_THROWS_WITH_AS(train::load_safetensors(path, other),
                       text(path.string(), ": need 4.weight [3, 27], got [2, 27]").c_str(), FormatError);
  CHECK(list(other(x).value()) == before);
  nn::Sequential<float> shorter{nn::Conv2d<float>({.in_channels = 2, .out_channels = 3, .kernel = 3}, rng)};
  CHECK_THROWS_WITH_AS(
      train::load_safetensors(path, shorter),
      text(path.string(), ": need the 2 arrays of the model alone, got 1.num_batches_tracked too").c_str(),
      FormatError);
  train::save_model(path, saved);
  CHECK_THROWS_WITH_AS(train::load_safetensors(path, loaded),
                       text(path.string(),
                            ": need a .safetensors file, got a ZIP archive, such as .npz files and those "
                            "of torch.save")
                           .c_str(),
                       FormatError);
}
