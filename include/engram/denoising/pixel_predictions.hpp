#pragma once

#include <algorithm>
#include <concepts>

#include <engram/analysis/check_finite.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::denoising {

/// What is foreseen of images' pixels, each from those around it alone: normal distributions.
template <std::floating_point T>
struct PixelPredictions {
  Tensor<T> means;      ///< [N, C, H, W]
  Tensor<T> variances;  ///< [N, C, H, W]: of the pixel as recorded, so the noise's and the doubt about the truth
};

namespace detail {

/// @throws ShapeError unless images and what is foreseen of them are [N, C, H, W] of one shape; ArgumentError for NaN
/// or infinity
template <class T>
void check_predictions(const char* operation, const Tensor<T>& noisy, const PixelPredictions<T>& told) {
  const Shape& s = noisy.shape();
  ensure<ShapeError>(s.rank() == 4 && s == told.means.shape() && s == told.variances.shape(), operation,
                     ": need images, means and variances [N, C, H, W] of one shape, got ", s, ", ", told.means.shape(),
                     " and ", told.variances.shape());
  analysis::detail::check_finite(operation, "images", noisy);
  analysis::detail::check_finite(operation, "means", told.means);
  analysis::detail::check_finite(operation, "variances", told.variances);
}

/// A channel of images [N, C, H, W]: [N, 1, H, W].
template <class T>
Tensor<T> channel(const Tensor<T>& images, Index number) {
  const Shape& s = images.shape();
  auto out = Tensor<T>::uninitialized({s[0], 1, s[2], s[3]});
  const Index size = s[2] * s[3];
  for (Index i = 0; i < s[0]; ++i) {
    std::copy_n(images.data() + (i * s[1] + number) * size, size, out.data() + i * size);
  }
  return out;
}

/// What is foreseen of one channel.
template <class T>
PixelPredictions<T> channel(const PixelPredictions<T>& told, Index number) {
  return {channel(told.means, number), channel(told.variances, number)};
}

}  // namespace detail

}  // namespace engram::denoising
