// Whether memory stays flat: trains an autoencoder for a while, then fits, uses, saves and loads PCA and UMAP again and
// again.
//   memory_soak STEPS CYCLES   fails if either needs more than 1 MB more at its end than after its first fifth
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <engram/embed/pca.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/embed/umap.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/augment.hpp>
#include <engram/train/fit.hpp>

#include "support/random_tensor.hpp"
#include "support/resident_memory.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

/// Looks at the memory after the first fifth of a loop and at its end.
class Watch {
 public:
  Watch(const char* what, Index rounds) : what_(what), rounds_(rounds) {}

  void round(Index done) {
    if (done == rounds_ / 5) {
      early_ = support::resident_bytes();
    }
  }
  bool flat() const {
    const Index now = support::resident_bytes();
    std::printf("%td %s: %.1f MB after a fifth, %.1f MB at the end\n", rounds_, what_,
                static_cast<double>(early_) / 1e6, static_cast<double>(now) / 1e6);
    return now - early_ <= 1'000'000;
  }

 private:
  const char* what_;
  Index rounds_;
  Index early_ = 0;
};

bool train_for(Index steps) {
  Rng rng(1);
  models::ConvAutoencoder<float> model({.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 4}, rng);
  optim::Adam<float> adam(nn::variables(model), {.lr = 1e-3});
  const Tensor<float> frames = normal<float>({800, 1, 18, 18}, 2);
  Watch watch("steps of a training", steps);
  train::FitOptions<float> options{.epochs = steps / 200, .batch_size = 4};
  options.augment = train::augment_reconstruction({.flip_horizontal = 0.5, .degrees = 30, .noise = 0.1});
  options.callbacks.push_back({.batch_end = [&](const train::BatchReport& now) { watch.round(now.state.step); }});
  train::TrainingState state;
  train::fit(model, adam, train::pairs(frames, frames), options, state);
  return watch.flat();
}

bool reduce_for(Index cycles) {
  const TemporaryFolder folder;
  Watch watch("cycles of PCA and UMAP", cycles);
  for (Index i = 1; i <= cycles; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    const Tensor<float> rows = normal<float>({250 + i % 50, 12}, seed);
    const Tensor<float> others = normal<float>({30, 12}, seed + 1);
    embed::Pca<float> pca({.n_components = 5});
    pca.fit(rows);
    embed::save_pca(folder / "pca.npz", pca);
    (void)embed::load_pca<float>(folder / "pca.npz").transform(others);
    embed::Umap umap({.n_epochs = 20});
    (void)umap.fit_transform(rows);
    umap.save(folder / "umap.npz");
    (void)embed::Umap::load(folder / "umap.npz").transform(others);
    watch.round(i);
  }
  return watch.flat();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: memory_soak STEPS CYCLES\n");
    return 2;
  }
  const bool flat_training = train_for(std::atol(argv[1]));
  const bool flat_reduction = reduce_for(std::atol(argv[2]));
  return flat_training && flat_reduction ? 0 : 1;
}
