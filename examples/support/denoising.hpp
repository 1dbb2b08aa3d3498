#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <vector>

#include <engram/analysis/psnr.hpp>
#include <engram/autograd/variable.hpp>
#include <engram/data/load.hpp>
#include <engram/models/conv_autoencoder.hpp>

namespace support {

using engram::Index;

/// The clean frames behind a recording: the array `clean` of an .npz; nothing if there is none.
inline std::optional<engram::data::Frames> load_clean(const std::filesystem::path& images,
                                                      const engram::data::Frames& frames) {
  if (engram::data::detail::lower_extension(images) != ".npz" || !engram::io::NpzReader(images).contains("clean")) {
    return std::nullopt;
  }
  auto clean = engram::data::load_frames(images, {.array = "clean", .maximum = frames.maximum()});
  engram::ensure<engram::ShapeError>(clean.shape() == frames.shape(), images.string(), ": need clean ",
                                     frames.shape(), " as the images are, got ", clean.shape());
  return clean;
}

/// The model's output for the listed frames, clipped to 0..1: [n, C, H, W].
inline engram::Tensor<float> denoised(const engram::models::ConvAutoencoder<float>& model,
                                      const engram::data::Frames& frames, const std::vector<Index>& items) {
  const engram::NoGrad no_grad;
  const engram::Shape& s = frames.shape();
  auto out = engram::Tensor<float>::uninitialized({std::ssize(items), s[1], s[2], s[3]});
  const Index size = s.size() / s[0];
  constexpr std::size_t batch_size = 64;
  for (std::size_t begin = 0; begin < items.size(); begin += batch_size) {
    const auto batch = std::span(items).subspan(begin, std::min(batch_size, items.size() - begin));
    const auto y = model(engram::Variable<float>(frames.batch<float>(batch)));
    std::ranges::transform(y.value().elements(), out.data() + static_cast<Index>(begin) * size,
                           [](float v) { return std::clamp(v, 0.0F, 1.0F); });
  }
  return out;
}

}  // namespace support
