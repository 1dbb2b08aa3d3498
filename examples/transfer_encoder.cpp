// Transfer: an autoencoder learns from frames without labels, its encoder then tags body directions from few labels.
// On the way: is the model able to learn at all, which learning rate, augmentation whose labels turn with the frames,
// freezing and thawing, parameter groups, a running mean of the weights, and early stopping.
#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

#include <engram/data/arena.hpp>
#include <engram/data/labels.hpp>
#include <engram/data/split.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/nn/freeze.hpp>
#include <engram/nn/state.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/augment.hpp>
#include <engram/train/early_stopping.hpp>
#include <engram/train/exponential_moving_average.hpp>
#include <engram/train/fit.hpp>
#include <engram/train/lr_finder.hpp>
#include <engram/train/overfit.hpp>
#include <engram/train/progress.hpp>

using namespace engram;

/// Directions in degrees as unit vectors [N, 2], which have no jump at 360.
Tensor<float> unit_vectors(const Tensor<double>& degrees) {
  auto vectors = Tensor<float>::uninitialized({degrees.size(), 2});
  for (Index i = 0; i < degrees.size(); ++i) {
    const double angle = degrees[i] * (std::numbers::pi / 180);
    vectors[2 * i] = static_cast<float>(std::cos(angle));
    vectors[2 * i + 1] = static_cast<float>(std::sin(angle));
  }
  return vectors;
}

/// Mean angle between predicted and true directions, in degrees.
double mean_error(const models::DirectionTagger<float>& tagger, const train::Dataset<float>& data) {
  const NoGrad no_grad;
  double sum = 0;
  for (Index i = 0; i < data.size; ++i) {
    const auto batch = data.batch(std::vector<Index>{i});
    const auto found = tagger(batch.inputs).value();
    const auto& truth = batch.targets.value();
    sum += std::abs(std::atan2(found[0] * truth[1] - found[1] * truth[0], found[0] * truth[0] + found[1] * truth[1]));
  }
  return sum / static_cast<double>(data.size) * (180 / std::numbers::pi);
}

int main() {
  const auto recording = data::make_arena({.frames = 2000, .seed = 1});
  const data::Frames frames(recording.images);
  const data::Labels labels{recording.labels, recording.columns};
  const data::Split split = data::block_split(frames.size(), 10, std::vector<Index>{2, 7});
  std::vector<Index> labelled;
  for (std::size_t i = 0; i < split.training.size(); i += 4) {
    labelled.push_back(split.training[i]);
  }
  const auto directions = unit_vectors(labels.column("body_angle"));
  const auto few = train::frames_to_rows<float>(frames, directions, labelled);
  const auto held_out = train::frames_to_rows<float>(frames, directions, split.held_out);
  const auto adam_at = [](double lr) {
    return [lr](auto parameters) { return optim::Adam<float>(std::move(parameters), {.lr = lr}); };
  };

  // 1. All frames teach the autoencoder; the running mean of its weights is what goes on.
  Rng rng(0);
  models::ConvAutoencoder<float> autoencoder({.width = 8}, rng);
  train::ExponentialMovingAverage average(autoencoder, 0.99);
  auto adam = adam_at(2e-3)(nn::variables(autoencoder));
  const data::AugmentOptions any_direction{.quarter_turns = true, .degrees = 45};
  train::TrainingState state;
  train::fit(autoencoder, adam, train::reconstruction<float>(frames, split.training),
             {.epochs = 6,
              .batch_size = 16,
              .augment = train::augment_reconstruction(any_direction),
              .callbacks = {train::progress(), average.callback(autoencoder)}},
             state);

  // 2. Before the tagger: can it learn one batch by heart, and at which rate does its loss fall?
  const models::DirectionTagger<float> untrained({.width = 8}, rng);
  train::FitOptions<float> options{
      .epochs = 60,
      .batch_size = 16,
      .augment = train::augment_labelled(any_direction, {.vectors = {{0, 1}}}),  // columns 0, 1: a vector that turns
      .validation = held_out};
  const auto one_batch = few.batch(std::vector<Index>{0, 20, 40, 60, 80, 100, 120, 140});
  std::puts(train::overfit_one_batch(untrained, adam_at(1e-3), one_batch).text().c_str());
  const double rate = train::find_learning_rate(untrained, adam_at(1e-3), few, options).suggestion;
  std::printf("a rate to try first: %.2g\n\nmean error on held-out frames, degrees\n", rate);

  const auto learn = [&](const char* what, models::DirectionTagger<float>& tagger, auto optimizer) {
    train::EarlyStopping stopping(tagger, {.patience = 12});
    options.callbacks = {stopping.callback(tagger)};
    options.stop = [&] { return stopping.stop(); };
    train::TrainingState progress;
    train::fit(tagger, optimizer, few, options, progress);
    stopping.restore(tagger);
    std::printf("%6.1f  %s (best of %td epochs: %td)\n", mean_error(tagger, held_out), what, progress.epoch,
                stopping.best_epoch());
  };

  // 3. The convolutions move into the tagger and stay as they are while the layers behind them learn.
  auto tagger = untrained;
  nn::copy_state(average.model(), tagger, {"encoder"});
  nn::freeze(tagger, "encoder");
  learn("the autoencoder's convolutions, frozen", tagger, adam_at(rate)(nn::variables(tagger)));

  // 4. Thawed, the convolutions learn too, at a lower rate than the rest.
  nn::unfreeze(tagger);
  std::vector<Variable<float>> encoder;
  std::vector<Variable<float>> rest;
  for (const auto& p : tagger.parameters()) {
    (p.name.starts_with("encoder.") ? encoder : rest).push_back(p.variable);
  }
  learn("then thawed", tagger, optim::Adam<float>({{rest, {.lr = rate / 2}}, {encoder, {.lr = rate / 8}}}));

  // 5. What for? The same labels without the transfer, and without augmentation.
  auto from_scratch = untrained;
  learn("from scratch", from_scratch, adam_at(rate)(nn::variables(from_scratch)));
  options.augment = {};
  from_scratch = untrained;
  learn("from scratch, not augmented", from_scratch, adam_at(rate)(nn::variables(from_scratch)));
}
