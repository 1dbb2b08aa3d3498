#pragma once

#include <algorithm>
#include <concepts>
#include <filesystem>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/blind_spots.hpp>
#include <engram/denoising/noise_curve.hpp>
#include <engram/denoising/pixel_predictions.hpp>
#include <engram/denoising/posterior_mean.hpp>
#include <engram/denoising/predict_blind_spots.hpp>
#include <engram/denoising/settings.hpp>
#include <engram/infer/tiles.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/models/settings.hpp>
#include <engram/train/model_file.hpp>

namespace engram::denoising {

/// What denoises images of one camera: a network, the blind spots that it was trained with (train::blind_spots()), and
/// the noise. Images may have any size, other than in the training too; large ones are worked on tile by tile.
///
///     denoising::BlindSpotDenoiser<float> denoiser(net, spots);  // the trained network
///     denoiser.fit_noise(noisy);                                 // some images tell how strong the noise is
///     const Tensor<float> clean = denoiser(noisy);
///     denoiser.save("denoiser.npz");                             // BlindSpotDenoiser<float>::load("denoiser.npz")
///
/// Source: Laine, Karras, Lehtinen, Aila, "High-quality self-supervised deep image denoising", NeurIPS 2019.
template <std::floating_point T>
class BlindSpotDenoiser {
 public:
  /// @param network  trained; it is copied, weights and all
  /// @param noise    of each channel, if it is known; see fit_noise()
  /// @throws ArgumentError for options out of range
  explicit BlindSpotDenoiser(models::BlindSpotUnet<T> network, const data::BlindSpotOptions& spots = {},
                             std::vector<NoiseCurve> noise = {})
      : network_(std::move(network)), spots_(spots), noise_(std::move(noise)) {
    data::detail::check_blind_spots(spots);
  }

  const models::BlindSpotUnet<T>& network() const { return network_; }
  const data::BlindSpotOptions& spots() const { return spots_; }
  /// Of each channel; empty before fit_noise().
  const std::vector<NoiseCurve>& noise() const { return noise_; }

  /// What is foreseen of each pixel from those around it.
  /// @param noisy  [N, C, H, W]
  /// @throws ShapeError for other channels, or images with a side below 2^depth
  PixelPredictions<T> predict(const Tensor<T>& noisy) const {
    const infer::TileOptions tiles{.reach = network_.reach(),
                                   .multiple = network_.multiple(),
                                   .largest = std::max<Index>(256, 32 * network_.multiple())};
    return predict_blind_spots(
        [&](const Variable<T>& images) { return Variable<T>(infer::in_tiles(network_, images.value(), tiles)); }, noisy,
        spots_);
  }

  /// Estimates the noise from images [N, C, H, W] as they are recorded; a hundred or so of 50 x 50 pixels will do.
  /// @throws as predict() and noise_curves()
  void fit_noise(const Tensor<T>& noisy) { noise_ = noise_curves(noisy, predict(noisy)); }

  /// Images without their noise: what is foreseen of each pixel, joined with the pixel.
  /// @param noisy  [N, C, H, W], in the unit of the training's images: 0..1 for those of train_denoiser, as
  ///               data::Frames gives them
  /// @returns      the same shape; nothing is clipped
  /// @throws ArgumentError before fit_noise(); else as predict()
  Tensor<T> operator()(const Tensor<T>& noisy) const {
    ensure<ArgumentError>(!noise_.empty(), "BlindSpotDenoiser: need the noise, which fit_noise() finds, got none");
    return posterior_mean(noisy, predict(noisy), noise_);
  }

  /// Writes all of it to one .npz.
  /// @param more  settings that are kept beside its own
  /// @throws IoError if the file cannot be written; a file that was there before is then still whole
  void save(const std::filesystem::path& path, Settings more = {}) const {
    more.set("model", "blind_spot_unet");
    models::write_options(more, network_.options());
    write_options(more, spots_);
    write_noise(more, noise_);
    train::save_model(path, network_, more);
  }

  /// What save() wrote.
  /// @throws IoError, FormatError naming the file
  static BlindSpotDenoiser load(const std::filesystem::path& path) {
    const Settings settings = train::load_settings(path);
    const models::BlindSpotUnetOptions options = naming(path.string(), [&] {
      ensure<FormatError>(settings.get("model") == "blind_spot_unet", "need a blind_spot_unet, got a ",
                          settings.get("model"));
      return models::read_unet_options(settings);
    });
    auto network = train::load_new_model<models::BlindSpotUnet<T>>(path, options);
    return naming(path.string(), [&] {
      const Index channels = settings.find("noise.0.points") == nullptr ? 0 : options.channels;
      return BlindSpotDenoiser(std::move(network), read_blind_spots(settings), read_noise(settings, channels));
    });
  }

 private:
  models::BlindSpotUnet<T> network_;
  data::BlindSpotOptions spots_;
  std::vector<NoiseCurve> noise_;
};

}  // namespace engram::denoising
