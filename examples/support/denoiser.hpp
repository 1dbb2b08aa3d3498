// What train_denoiser makes and denoise uses: a network that was trained with blind spots, and what it takes for noise.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <engram/analysis/noise_correlation.hpp>
#include <engram/analysis/noise_curve.hpp>
#include <engram/core/settings.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/blind_spots.hpp>
#include <engram/data/frames.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/train/predict_blind_spots.hpp>

namespace support {

using engram::Index;

/// The names of data::BlindSpotFill, in its order, and the one of a name.
inline constexpr std::array blind_spot_fills{"mean", "median", "neighbor"};
/// @throws FormatError for a name that is none
engram::data::BlindSpotFill blind_spot_fill(const std::string& name);

/// The blind spots, beside a model's own settings, and back.
void write_options(engram::Settings& settings, const engram::data::BlindSpotOptions& o);
engram::data::BlindSpotOptions read_blind_spots(const engram::Settings& settings);

struct Noise {
  std::vector<engram::analysis::NoiseCurve> curves;  ///< of each channel
  engram::analysis::NoiseCorrelation correlation;
};

/// Frames of which the noise is told by themselves.
struct Denoised {
  engram::Tensor<float> images;  ///< [n, C, H, W], clipped to 0..1
  Noise noise;
};

/// Estimates the noise of the listed frames, which are predicted at once, and takes it away.
Denoised estimate_noise(const engram::models::BlindSpotUnet<float>& net, const engram::data::BlindSpotOptions& spots,
                        const engram::data::Frames& frames, const std::vector<Index>& items);

/// Warns on standard error if the noise of neighbouring pixels goes together and the blind spots do not allow for it.
void warn_of_correlation(const engram::analysis::NoiseCorrelation& correlation,
                         const engram::data::BlindSpotOptions& spots);

/// The listed frames without noise that is known, clipped to 0..1: [n, C, H, W].
engram::Tensor<float> without_noise(const engram::models::BlindSpotUnet<float>& net,
                                    const engram::data::BlindSpotOptions& spots,
                                    const std::vector<engram::analysis::NoiseCurve>& noise,
                                    const engram::data::Frames& frames, const std::vector<Index>& items);

/// A table of channels, levels and deviations, of which 1 is the brightest pixel that the frames can have, and a figure
/// of it, in 255ths of that; and the table back.
void write_noise_curve(const std::filesystem::path& csv, const std::filesystem::path& figure,
                       const std::vector<engram::analysis::NoiseCurve>& noise);
std::vector<engram::analysis::NoiseCurve> read_noise_curve(const std::filesystem::path& csv);

}  // namespace support
