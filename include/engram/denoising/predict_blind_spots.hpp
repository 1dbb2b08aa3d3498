#pragma once

#include <algorithm>
#include <concepts>
#include <utility>

#include <engram/autograd/variable.hpp>
#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/blind_spots.hpp>
#include <engram/denoising/pixel_predictions.hpp>

namespace engram::denoising {

/// Asks a network for each pixel of images [N, C, H, W] without showing it: with the blind spots at each of their
/// options.places() in turn, so that it works as in its training with these options. What it tells of an image does not
/// depend on the others.
/// @param net  images [n, C, H, W] to means and variances [n, 2 C, H, W], such as BlindSpotUnet
/// @throws ShapeError for other shapes or images of no visible pixel; ArgumentError for options out of range
template <std::floating_point T, class Net>
PixelPredictions<T> predict_blind_spots(const Net& net, const Tensor<T>& images,
                                        const data::BlindSpotOptions& options = {}) {
  const NoGrad no_grad;
  const Shape& s = images.shape();
  ensure<ShapeError>(s.rank() == 4, "predict_blind_spots: need images [N, C, H, W], got ", s);
  data::detail::check_blind_spots(options);
  PixelPredictions<T> out{Tensor<T>::uninitialized(s), Tensor<T>::uninitialized(s)};
  const Index size = s[1] * s[2] * s[3];
  const Index at_once = std::clamp<Index>(80000 / std::max<Index>(s[2] * s[3], 1), 1, 32);  // bounds memory
  const Index places = options.places();
  for (Index begin = 0; begin < s[0] * places; begin += at_once) {  // each image once for each place
    const Index count = std::min(at_once, s[0] * places - begin);
    auto repeated = Tensor<T>::uninitialized({count, s[1], s[2], s[3]});
    for (Index i = 0; i < count; ++i) {
      std::copy_n(images.data() + (begin + i) / places * size, size, repeated.data() + i * size);
    }
    auto [hidden, spots] = data::hide_pixels(
        repeated, options, [&](Index i, Rng&) { return (begin + i) % places; }, [](Index) { return Rng(0); });
    const Tensor<T> told = net(Variable<T>(std::move(hidden))).value();
    ensure<ShapeError>(told.shape() == Shape({count, 2 * s[1], s[2], s[3]}),
                       "predict_blind_spots: need a network to [N, 2 C, H, W] from ", repeated.shape(), ", got ",
                       told.shape());
    for (Index i = 0; i < count; ++i) {
      const Index image = (begin + i) / places * size;
      for (Index at = 0; at < size; ++at) {
        if (spots[i * size + at] == T{1}) {
          out.means[image + at] = told[2 * i * size + at];
          out.variances[image + at] = told[(2 * i + 1) * size + at];
        }
      }
    }
  }
  return out;
}

}  // namespace engram::denoising
