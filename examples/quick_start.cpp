// The library in thirty lines: train a small autoencoder on the synthetic arena, then look at its codes.
#include <cstdio>
#include <vector>

#include <engram/data/arena.hpp>
#include <engram/data/split.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/fit.hpp>
#include <engram/train/progress.hpp>

int main() {
  using namespace engram;
  const data::Frames frames(data::make_arena({.frames = 1000, .seed = 1}).images);  // data/load.hpp reads yours
  const data::Split split = data::block_split(frames.size(), 10, std::vector<Index>{2, 7});

  Rng rng(0);
  models::ConvAutoencoder<float> model({.latent_dim = 16, .width = 8}, rng);
  optim::Adam<float> adam(nn::variables(model), {.lr = 1e-3});
  train::TrainingState state;
  train::fit(model, adam, train::reconstruction<float>(frames, split.training),
             {.epochs = 5,
              .batch_size = 16,
              .validation = train::reconstruction<float>(frames, split.held_out),
              .callbacks = {train::progress()}},
             state);

  const NoGrad no_grad;
  const Tensor<float> codes = model.encode(Variable<float>(frames.batch<float>(split.held_out))).value();
  std::printf("codes of the held-out frames: %s, the first one:", codes.shape().text().c_str());
  for (Index i = 0; i < codes.dim(1); ++i) {
    std::printf(" %.2f", static_cast<double>(codes[i]));
  }
  std::printf("\n");
}
