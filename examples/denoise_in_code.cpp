// The denoiser in code: a network learns from noisy frames alone, then what it foresees of each pixel is joined with
// the pixel by the noise that the frames themselves tell.
#include <cstdio>
#include <vector>

#include <engram/analysis/psnr.hpp>
#include <engram/data/arena.hpp>
#include <engram/data/split.hpp>
#include <engram/denoising/blind_spot_denoiser.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/blind_spots.hpp>
#include <engram/train/fit.hpp>
#include <engram/train/progress.hpp>

int main() {
  using namespace engram;
  const data::ArenaRecording arena = data::make_arena({.frames = 1000, .seed = 1});
  const data::Frames frames(arena.images);  // data/load.hpp reads yours
  const data::Split split = data::block_split(frames.size(), 10, std::vector<Index>{2, 7});
  const data::BlindSpotOptions spots{.spacing = 3};

  Rng rng(0);
  models::BlindSpotUnet<float> net({.width = 12, .mean = 0.3, .deviation = 0.2}, rng);  // of the pixels, about
  optim::Adam<float> adam(nn::variables(net), {.lr = 4e-3});
  train::TrainingState state;
  train::fit(net, adam, train::reconstruction<float>(frames, split.training),
             {.epochs = 12,
              .batch_size = 16,
              .loss = train::blind_spot_loss<float>,
              .augment = train::blind_spots<float>(spots),
              .validation = train::blind_spot_validation(train::reconstruction<float>(frames, split.held_out), spots),
              .callbacks = {train::progress()}},
             state);

  const Tensor<float> noisy = frames.batch<float>(split.held_out);
  denoising::BlindSpotDenoiser<float> denoiser(net, spots);
  denoiser.fit_noise(noisy);
  const Tensor<float> denoised = denoiser(noisy);
  denoiser.save("denoiser.npz");  // BlindSpotDenoiser<float>::load("denoiser.npz") denoises frames of any size

  const Tensor<float> truth = data::Frames(arena.clean).batch<float>(split.held_out);  // only an arena has it
  std::printf("noise of a pixel at level 50: %.1f; PSNR as recorded %.1f dB, denoised %.1f dB\n",
              255 * denoiser.noise()[0](50 / 255.0), analysis::psnr(noisy, truth), analysis::psnr(denoised, truth));
}
