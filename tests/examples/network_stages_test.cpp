#include "../../examples/support/network_stages.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/nn/activation.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>

using namespace engram;

namespace {

/// One line per stage.
std::string lines(const std::vector<plot::NetworkStage>& stages) {
  std::string out;
  for (const auto& stage : stages) {
    for (std::size_t i = 0; i < stage.operations.size(); ++i) {
      out += (i > 0 ? ", " : "") + stage.operations[i];
    }
    out += engram::text(stage.operations.empty() ? "" : " ", stage.shape, stage.name.empty() ? "" : " ", stage.name,
                        stage.marked ? "!\n" : "\n");
  }
  return out;
}

}  // namespace

TEST_CASE("network_stages: the autoencoder, layer by layer, with its code marked") {
  // Extents by hand: 22 - 2 = 20, halved 10, - 2 = 8, halved 4, - 2 = 2; back 2 + 2, times 2, + 2, times 2, + 2.
  Rng rng(1);
  const models::ConvAutoencoder<float> model({.image_height = 22, .image_width = 22, .latent_dim = 3, .width = 4}, rng);
  CHECK(lines(support::network_stages<float>(model, {1, 1, 22, 22})) ==
        "[1, 22, 22] input\n"
        "conv 3 × 3, batch norm, ReLU, max pool 2 × 2 [4, 10, 10]\n"
        "conv 3 × 3, batch norm, ReLU, max pool 2 × 2 [4, 4, 4]\n"
        "conv 3 × 3, batch norm, ReLU [8, 2, 2]\n"
        "flatten, linear, batch norm, ReLU [3] code!\n"
        "linear, batch norm, ReLU [32]\n"
        "reshape [8, 2, 2]\n"
        "transposed conv 3 × 3, batch norm, ReLU [4, 4, 4]\n"
        "transposed conv 2 × 2, stride 2, batch norm, ReLU [4, 8, 8]\n"
        "transposed conv 3 × 3, batch norm, ReLU [4, 10, 10]\n"
        "transposed conv 2 × 2, stride 2, batch norm, ReLU [4, 20, 20]\n"
        "transposed conv 3 × 3 [1, 22, 22] output\n");
}

TEST_CASE("network_stages: a layer that does not describe itself is a function") {
  Rng rng(1);
  const nn::Linear<float> layer({.in_features = 4, .out_features = 2}, rng);
  const auto model = [layer](const Variable<float>& x) { return layer(x); };
  CHECK(lines(support::network_stages<float>(model, {1, 4})) == "[4] input\nfunction [2] output\n");
}
