#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/denoising/blind_spot_denoiser.hpp>
#include <engram/infer/runner.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/ops/loss.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/blind_spots.hpp>

// One step of the study's networks, to be repeated: what study_bench and steady_step time.

namespace engram_bench {

using namespace engram;

/// Owns its network, optimiser and data.
using Step = std::function<void()>;

inline Variable<float> random_values(const Shape& shape, Rng& rng) {
  auto values = Tensor<float>::uninitialized(shape);
  for (float& v : values.elements()) {
    v = static_cast<float>(rng.uniform());
  }
  return Variable<float>(std::move(values));
}

inline Shape images(Index batch) {
  return {batch, 1, 50, 50};
}
inline Shape codes(Index batch) {
  return {batch, 16};
}
inline Shape directions(Index batch) {
  return {batch, 2};
}

/// Forward, backward and Adam on one random batch.
template <class Model>
Step training_step(const Shape& input, const Shape& target) {
  Rng rng(1);
  const auto model = std::make_shared<Model>(models::NetworkOptions{}, rng);
  const auto adam = std::make_shared<optim::Adam<float>>(nn::variables(*model));
  return [model, adam, x = random_values(input, rng), y = random_values(target, rng)] {
    auto loss = mse_loss((*model)(x, Mode::train), y);
    adam->step(backward(std::move(loss)));
  };
}

/// One random batch through a plan of the model, made on the threads that parallel loops have at this moment.
template <class Model>
Step inference_step(const Shape& input, const infer::PlanOptions& options = {}) {
  Rng rng(1);
  const Shape item(input.extents().subspan(1));
  const infer::Plan<float> plan(Model(models::NetworkOptions{}, rng), item, options);
  const auto runner = std::make_shared<infer::Runner<float>>(plan, input[0]);
  return [runner, x = random_values(input, rng)] { (void)runner->run(x.value().elements()); };
}

/// Blind spots into one random batch, forward, backward and Adam.
inline Step denoiser_training_step(Index batch) {
  Rng rng(1);
  const auto net = std::make_shared<models::BlindSpotUnet<float>>(models::BlindSpotUnetOptions{}, rng);
  const auto adam = std::make_shared<optim::Adam<float>>(nn::variables(*net));
  return [net, adam, x = random_values(images(batch), rng), hide = train::blind_spots<float>(), rng] {
    const train::Batch<float> hidden = hide({x, x}, rng);
    auto loss = train::blind_spot_loss((*net)(hidden.inputs), hidden.targets);
    adam->step(backward(std::move(loss)));
  };
}

/// Denoises one random batch: every pixel is foreseen without being seen, and joined with what was recorded.
inline Step denoiser_step(Index batch) {
  Rng rng(1);
  const denoising::BlindSpotDenoiser<float> denoiser(models::BlindSpotUnet<float>({}, rng), {}, {{{0.5}, {0.05}}});
  return [denoiser, x = random_values(images(batch), rng).value()] { (void)denoiser(x); };
}

/// What can be timed: the study's three networks, of the autoencoder also the half that makes codes, and the denoiser.
struct StudyCase {
  std::string name;  ///< as in train_step/autoencoder
  Step (*make)(Index batch);
};

inline std::vector<StudyCase> study_cases() {
  using Autoencoder = models::ConvAutoencoder<float>;
  using Tagger = models::DirectionTagger<float>;
  using Decoder = models::ReductionDecoder<float>;
  return {
      {"train_step/autoencoder", [](Index n) { return training_step<Autoencoder>(images(n), images(n)); }},
      {"train_step/decoder", [](Index n) { return training_step<Decoder>(codes(n), images(n)); }},
      {"train_step/tagger", [](Index n) { return training_step<Tagger>(images(n), directions(n)); }},
      {"infer/autoencoder", [](Index n) { return inference_step<Autoencoder>(images(n)); }},
      {"infer/encoder", [](Index n) { return inference_step<Autoencoder>(images(n), {.until = "code"}); }},
      {"infer/decoder", [](Index n) { return inference_step<Decoder>(codes(n)); }},
      {"infer/tagger", [](Index n) { return inference_step<Tagger>(images(n)); }},
      {"train_step/denoiser", denoiser_training_step},
      {"infer/denoiser", denoiser_step},
  };
}

}  // namespace engram_bench
