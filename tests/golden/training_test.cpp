#include <doctest/doctest.h>

#include <optional>

#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/ops/loss.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/model_file.hpp>

#include "golden/cases.hpp"

using namespace engram;

namespace {

/// max |a - b|. Absolute, because the gradient of a bias before a batch norm is zero but for round-off, PyTorch's as
/// well as ours, which Adam turns into steps of about 1e-9.
double absolute_error(const Tensor<double>& a, const Tensor<double>& b) {
  REQUIRE(a.shape() == b.shape());
  double worst = 0;
  for (Index i = 0; i < a.size(); ++i) {
    REQUIRE(std::isfinite(a[i]));
    worst = std::max(worst, std::abs(a[i] - b[i]));
  }
  return worst;
}

/// Checks four steps of training from the case's initial state.
template <class Model>
void check_training(const nlohmann::json& one, Model model) {
  const io::NpzReader file(one["file"].get<std::string>());
  train::detail::StagedLoad<double> load(file, "golden");
  load.state("init.", nn::state(model));
  load.commit();
  optim::Adam<double> adam(nn::variables(model), {.lr = one["attrs"]["lr"]});
  const auto batches = file.read("batches").as<double>();
  const auto losses = file.read("losses").as<double>();
  const auto step_of = [](const Tensor<double>& all, Index step) {
    const std::vector<Index> extents(all.shape().begin() + 1, all.shape().end());
    const Shape shape{std::span<const Index>(extents)};
    return Variable<double>(Tensor<double>::from(
        shape,
        all.elements().subspan(static_cast<std::size_t>(step * shape.size()), static_cast<std::size_t>(shape.size()))));
  };
  std::optional<Tensor<double>> targets;
  if (file.contains("targets")) {
    targets = file.read("targets").as<double>();
  }
  for (Index step = 0; step < losses.size(); ++step) {
    const auto x = step_of(batches, step);
    auto loss = mse_loss(model(x, Mode::train), targets ? step_of(*targets, step) : x);
    CHECK(loss.value().item() == doctest::Approx(losses[step]).epsilon(1e-8));
    adam.step(backward(std::move(loss)));
  }
  double worst = 0;
  nn::for_each_state(
      model,
      [&](const std::string& name, const Tensor<double>& values) {
        CAPTURE(name);
        const double error = absolute_error(values, file.read("final." + name).as<double>());
        CHECK(error < 1e-8);
        worst = std::max(worst, error);
      },
      [&](const std::string& name, std::int64_t count) {
        CHECK(count == file.read("final." + name).as<std::int64_t>().item());
      });
  const auto x = step_of(batches, 0);
  const double latent = absolute_error(model.encode(x).value(), file.read("latent_eval").as<double>());
  const double output = absolute_error(model(x).value(), file.read("output_eval").as<double>());
  CHECK(latent < 1e-8);
  CHECK(output < 1e-8);
  MESSAGE(one["attrs"]["name"], ": largest error of the state ", worst, ", of code and output in evaluation ", latent,
          ", ", output);
}

}  // namespace

TEST_CASE("models: four losses, the final state and the evaluation as PyTorch's") {
  int checked = 0;
  for (const auto& one : golden::cases("model")) {
    const models::NetworkOptions options{.latent_dim = one["attrs"]["latent"], .width = one["attrs"]["width"]};
    Rng rng(0);
    if (one["attrs"]["name"] == "autoencoder") {
      check_training(one, models::ConvAutoencoder<double>(options, rng));
    } else {
      REQUIRE(one["attrs"]["name"] == "direction_tagger");
      check_training(one, models::DirectionTagger<double>(options, rng));
    }
    ++checked;
  }
  CHECK(checked == 2);
}
