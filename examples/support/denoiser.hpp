// What train_denoiser and denoise make of a denoiser and of the noise that it finds.
#pragma once

#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/data/blind_spots.hpp>
#include <engram/data/frames.hpp>
#include <engram/denoising/blind_spot_denoiser.hpp>
#include <engram/denoising/noise_correlation.hpp>
#include <engram/denoising/noise_curve.hpp>
#include <engram/models/blind_spot_unet.hpp>

namespace support {

using engram::Index;

/// Mean and standard deviation of pixels; by Welford, whose sums are 0 to the bit for pixels that are all alike.
class PixelMoments {
 public:
  template <class T>
  void add(const engram::Tensor<T>& pixels) {
    for (const T pixel : pixels.elements()) {
      const double distance = static_cast<double>(pixel) - mean_;
      mean_ += distance / ++count_;
      squares_ += distance * (static_cast<double>(pixel) - mean_);
    }
  }
  double mean() const { return mean_; }
  double deviation() const { return std::sqrt(squares_ / count_); }

 private:
  double mean_ = 0;
  double squares_ = 0;  ///< of the distances from it
  double count_ = 0;
};

/// Pixels a side of the parts of frames that a training learns from where nothing is said: 0, whole ones, or 64 of
/// large frames.
Index usual_crop(const engram::data::Frames& frames);

/// Up to `most` of the listed frames, of large ones a part: what noise is estimated on. With what `targets` has there,
/// if there are any.
struct Sample {
  engram::Tensor<float> frames;                  ///< [n, C, h, w]
  std::optional<engram::Tensor<float>> targets;  ///< [n, C, h, w]
};
Sample sample_frames(const engram::data::Frames& frames, const std::vector<Index>& items, std::size_t most, Index crop,
                     const engram::data::Frames* targets = nullptr);

/// Frames of which the noise is told by themselves.
struct Denoised {
  engram::Tensor<float> images;  ///< [n, C, H, W], clipped to 0..1
  std::vector<engram::denoising::NoiseCurve> noise;
  engram::denoising::NoiseCorrelation correlation;
};

/// Estimates the noise of frames [n, C, H, W] and takes it away.
Denoised denoise_by_themselves(const engram::denoising::BlindSpotDenoiser<float>& denoiser,
                               const engram::Tensor<float>& noisy);

/// What is to be said of noise whose neighbouring pixels go together where the blind spots do not allow for it.
std::vector<std::string> correlation_warnings(const engram::denoising::NoiseCorrelation& correlation,
                                              const engram::data::BlindSpotOptions& spots);

/// What is to be said of frames [n, C, H, W] whose pixels differ from those of the training as of another scale; empty
/// if they do not.
std::string unlike_training(const engram::Tensor<float>& frames, const engram::models::BlindSpotUnetOptions& network);

/// How many times as strong as `known` the noise is: the median over the levels that both have; none if there are none.
std::optional<double> strength_beside(const std::vector<engram::denoising::NoiseCurve>& noise,
                                      const std::vector<engram::denoising::NoiseCurve>& known);

/// The listed frames without noise, clipped to 0..1: [n, C, H, W]. Shows on a terminal how far it is.
engram::Tensor<float> without_noise(const engram::denoising::BlindSpotDenoiser<float>& denoiser,
                                    const engram::data::Frames& frames, const std::vector<Index>& items);

/// A table of channels, levels and deviations, of which 1 is the brightest pixel that the frames can have, and a figure
/// of it, in 255ths of that.
void write_noise_curve(const std::filesystem::path& csv, const std::filesystem::path& figure,
                       const std::vector<engram::denoising::NoiseCurve>& noise);

/// A table of the correlation of pixels 1, 2 and 3 apart, and the table back.
void write_noise_correlation(const std::filesystem::path& csv, const engram::denoising::NoiseCorrelation& correlation);
engram::denoising::NoiseCorrelation read_noise_correlation(const std::filesystem::path& csv);

}  // namespace support
