#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>

namespace engram::data {

/// What stands in a blind spot in place of the pixel.
enum class BlindSpotFill {
  neighbor,  ///< a random other pixel of its window: Noise2Void
  mean,      ///< the mean of the others: Noise2Self
  median,    ///< the median of the others: N2V2
};

/// Pixels that a network is to predict without seeing them, so that it cannot learn the noise, which no other pixel
/// tells. Where noise goes along lines, as of a camera's rows, so must the blind spots: `along_rows` and
/// `along_columns` pixels on either side are replaced too, by random pixels, and not predicted.
/// Sources: Krull, Buchholz, Jug, "Noise2Void", CVPR 2019; Batson, Royer, "Noise2Self", ICML 2019; Broaddus, Krull,
/// Weigert, Schmidt, Myers, "Removing structured noise with self-supervised blind-spot networks", ISBI 2020; Höck,
/// Buchholz, Brachmann, Jug, Freytag, "N2V2", ECCV workshops 2022.
struct BlindSpotOptions {
  double rate = 0.04;  ///< share of the pixels that are predicted: one in each square of round(1 / sqrt(rate)) pixels
  BlindSpotFill fill = BlindSpotFill::neighbor;
  Index radius = 2;         ///< of the window, which has 2 radius + 1 pixels a side and ends at the image's edges
  Index along_rows = 0;     ///< pixels to the left and to the right of a spot that are hidden with it
  Index along_columns = 0;  ///< pixels above and below
};

namespace detail {

inline void check_blind_spots(const BlindSpotOptions& o) {
  ensure<ArgumentError>(o.rate > 0 && o.rate <= 0.25, "blind_spots: need 0 < rate <= 0.25, got ", o.rate);
  ensure<ArgumentError>(o.radius >= 1 && o.along_rows >= 0 && o.along_columns >= 0,
                        "blind_spots: need radius >= 1, along_rows >= 0 and along_columns >= 0, got ", o.radius, ", ",
                        o.along_rows, " and ", o.along_columns);
}

/// One image's channels [C, H, W], and which of its pixels are hidden.
template <class T>
class BlindImage {
 public:
  BlindImage(const T* seen, T* hidden, T* mask, Index channels, Index height, Index width)
      : seen_(seen), hidden_(hidden), mask_(mask), channels_(channels), height_(height), width_(width) {}

  void hide(const BlindSpotOptions& o, Rng rng) {
    const auto side = static_cast<Index>(std::lround(1 / std::sqrt(o.rate)));
    for (Index top = 0; top < height_; top += side) {
      for (Index left = 0; left < width_; left += side) {
        const Index row = top + rng.below(side);
        const Index column = left + rng.below(side);
        if (row < height_ && column < width_) {
          hide_spot(o, row, column, rng);
        }
      }
    }
  }

 private:
  void hide_spot(const BlindSpotOptions& o, Index row, Index column, Rng& rng) {
    for (Index r = std::max<Index>(0, row - o.along_columns); r <= std::min(height_ - 1, row + o.along_columns); ++r) {
      if (r != row) {
        fill(BlindSpotFill::neighbor, o.radius, r, column, rng);
      }
    }
    for (Index c = std::max<Index>(0, column - o.along_rows); c <= std::min(width_ - 1, column + o.along_rows); ++c) {
      if (c != column) {
        fill(BlindSpotFill::neighbor, o.radius, row, c, rng);
      }
    }
    fill(o.fill, o.radius, row, column, rng);
    for (Index k = 0; k < channels_; ++k) {
      mask_[(k * height_ + row) * width_ + column] = 1;
    }
  }

  /// All channels of a pixel, which a camera's noise may go through together.
  void fill(BlindSpotFill how, Index radius, Index row, Index column, Rng& rng) {
    others_.clear();
    for (Index r = std::max<Index>(0, row - radius); r <= std::min(height_ - 1, row + radius); ++r) {
      for (Index c = std::max<Index>(0, column - radius); c <= std::min(width_ - 1, column + radius); ++c) {
        if (r != row || c != column) {
          others_.push_back(r * width_ + c);
        }
      }
    }
    const Index chosen = rng.below(std::ssize(others_));
    for (Index k = 0; k < channels_; ++k) {
      const T* plane = seen_ + k * height_ * width_;
      hidden_[(k * height_ + row) * width_ + column] = how == BlindSpotFill::neighbor
                                                           ? plane[others_[static_cast<std::size_t>(chosen)]]
                                                       : how == BlindSpotFill::mean ? mean(plane)
                                                                                    : median(plane);
    }
  }

  T mean(const T* plane) const {
    double sum = 0;
    for (const Index at : others_) {
      sum += static_cast<double>(plane[at]);
    }
    return static_cast<T>(sum / static_cast<double>(others_.size()));
  }

  /// Of an even number the mean of the two in the middle.
  T median(const T* plane) {
    values_.clear();
    for (const Index at : others_) {
      values_.push_back(plane[at]);
    }
    std::ranges::sort(values_);
    return (values_[(values_.size() - 1) / 2] + values_[values_.size() / 2]) / 2;
  }

  const T* seen_;
  T* hidden_;
  T* mask_;
  Index channels_;
  Index height_;
  Index width_;
  std::vector<Index> others_;
  std::vector<T> values_;
};

}  // namespace detail

/// Images with pixels hidden, and which they are.
template <std::floating_point T>
struct HiddenPixels {
  Tensor<T> images;  ///< [N, C, H, W]: something else stands in the blind spots
  Tensor<T> spots;   ///< [N, C, H, W]: 1 in each blind spot, 0 elsewhere
};

/// Puts blind spots into images [N, C, H, W].
/// @param rng_of  a generator for image i: any function Index -> Rng
/// @throws ShapeError for other shapes or images of one pixel; ArgumentError for options out of range
template <std::floating_point T, class RngOf>
HiddenPixels<T> hide_pixels(const Tensor<T>& images, const BlindSpotOptions& options, RngOf rng_of) {
  detail::check_blind_spots(options);
  const Shape& s = images.shape();
  ensure<ShapeError>(s.rank() == 4 && s[2] * s[3] > 1,
                     "blind_spots: need images [N, C, H, W] of 2 pixels or more, got ", s);
  HiddenPixels<T> out{images, Tensor<T>::zeros(s)};
  const Index size = s[1] * s[2] * s[3];
  for (Index i = 0; i < s[0]; ++i) {
    detail::BlindImage<T>(images.data() + i * size, out.images.data() + i * size, out.spots.data() + i * size, s[1],
                          s[2], s[3])
        .hide(options, rng_of(i));
  }
  return out;
}

}  // namespace engram::data
