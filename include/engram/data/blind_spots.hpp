#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>

namespace engram::data {

/// What stands in a hidden pixel's place.
enum class BlindSpotFill {
  mean,      ///< the mean of the visible pixels of its window: Noise2Self
  median,    ///< their median: N2V2
  neighbor,  ///< a random one of them: Noise2Void
};

/// Pixels that a network is to predict without seeing them, so that it cannot learn the noise, which no other pixel
/// tells. They lie on a grid: one in each `spacing` x `spacing` pixels, so that the mask rate is 1 / spacing^2 and a
/// spot's neighbours are visible. Where noise goes along lines, as of a camera's rows, so must the blind spots:
/// `along_rows` and `along_columns` pixels on either side are hidden too, and not predicted; the spots lie twice as
/// many further apart.
/// Sources: Batson, Royer, "Noise2Self", ICML 2019 (the grid); Krull, Buchholz, Jug, "Noise2Void", CVPR 2019; Broaddus,
/// Krull, Weigert, Schmidt, Myers, "Removing structured noise with self-supervised blind-spot networks", ISBI 2020;
/// Höck, Buchholz, Brachmann, Jug, Freytag, "N2V2", ECCV workshops 2022.
struct BlindSpotOptions {
  Index spacing = 3;  ///< pixels from spot to spot
  BlindSpotFill fill = BlindSpotFill::mean;
  Index radius = 1;         ///< of the window, 2 radius + 1 pixels a side; it grows where all of it is hidden
  Index along_rows = 0;     ///< pixels to the left and to the right of a spot that are hidden with it
  Index along_columns = 0;  ///< pixels above and below

  Index rows_apart() const { return spacing + 2 * along_columns; }
  Index columns_apart() const { return spacing + 2 * along_rows; }
  /// Places of the grid: after as many, each pixel has been a spot once.
  Index places() const { return rows_apart() * columns_apart(); }
};

namespace detail {

inline void check_blind_spots(const BlindSpotOptions& o) {
  const auto fits = [](Index pixels, Index least) { return pixels >= least && pixels <= 32; };
  ensure<ArgumentError>(fits(o.spacing, 2) && fits(o.radius, 1) && fits(o.along_rows, 0) && fits(o.along_columns, 0),
                        "blind_spots: need spacing >= 2, radius >= 1, along_rows >= 0 and along_columns >= 0, all "
                        "<= 32, got ",
                        o.spacing, ", ", o.radius, ", ", o.along_rows, " and ", o.along_columns);
}

/// Which pixels a grid hides, whose first spot is pixel (place / columns_apart, place % columns_apart).
class BlindGrid {
 public:
  BlindGrid(const BlindSpotOptions& o, Index place)
      : options_(o), row_(place / o.columns_apart()), column_(place % o.columns_apart()) {}

  bool spot(Index row, Index column) const { return rows_off(row) == 0 && columns_off(column) == 0; }
  bool hidden(Index row, Index column) const {
    const Index rows = rows_off(row);
    const Index columns = columns_off(column);
    return (rows == 0 && columns <= options_.along_rows) || (columns == 0 && rows <= options_.along_columns);
  }

 private:
  static Index off(Index distance, Index apart) {
    const Index beyond = ((distance % apart) + apart) % apart;
    return std::min(beyond, apart - beyond);
  }
  Index rows_off(Index row) const { return off(row - row_, options_.rows_apart()); }
  Index columns_off(Index column) const { return off(column - column_, options_.columns_apart()); }

  BlindSpotOptions options_;
  Index row_;
  Index column_;
};

/// One image's channels [C, H, W], and which of its pixels are spots.
template <class T>
class BlindImage {
 public:
  BlindImage(const T* seen, T* hidden, T* mask, Index channels, Index height, Index width)
      : seen_(seen), hidden_(hidden), mask_(mask), channels_(channels), height_(height), width_(width) {}

  void hide(const BlindSpotOptions& o, const BlindGrid& grid, Rng& rng) {
    for (Index row = 0; row < height_; ++row) {
      for (Index column = 0; column < width_; ++column) {
        if (grid.hidden(row, column)) {
          fill(o, grid, row, column, rng);
        }
      }
    }
  }

 private:
  /// All channels of a pixel, which a camera's noise may go through together.
  void fill(const BlindSpotOptions& o, const BlindGrid& grid, Index row, Index column, Rng& rng) {
    look_around(o, grid, row, column);
    const Index chosen = o.fill == BlindSpotFill::neighbor ? rng.below(std::ssize(visible_)) : 0;
    for (Index k = 0; k < channels_; ++k) {
      const T* plane = seen_ + k * height_ * width_;
      const Index at = (k * height_ + row) * width_ + column;
      hidden_[at] = o.fill == BlindSpotFill::neighbor ? plane[visible_[static_cast<std::size_t>(chosen)]]
                    : o.fill == BlindSpotFill::mean   ? mean(plane)
                                                      : median(plane);
      mask_[at] = grid.spot(row, column) ? T{1} : T{0};
    }
  }

  /// Finds the visible pixels of the smallest window that has any.
  void look_around(const BlindSpotOptions& o, const BlindGrid& grid, Index row, Index column) {
    visible_.clear();
    const Index largest = std::max(height_, width_);
    for (Index radius = std::min(o.radius, largest); visible_.empty() && radius <= largest; ++radius) {
      for (Index r = std::max<Index>(0, row - radius); r <= std::min(height_ - 1, row + radius); ++r) {
        for (Index c = std::max<Index>(0, column - radius); c <= std::min(width_ - 1, column + radius); ++c) {
          if (!grid.hidden(r, c)) {
            visible_.push_back(r * width_ + c);
          }
        }
      }
    }
    ensure<ShapeError>(!visible_.empty(), "blind_spots: need images that have more pixels than are hidden, got ",
                       height_, " x ", width_);
  }

  T mean(const T* plane) const {
    double sum = 0;
    for (const Index at : visible_) {
      sum += static_cast<double>(plane[at]);
    }
    return static_cast<T>(sum / static_cast<double>(visible_.size()));
  }

  /// Of an even number the mean of the two in the middle.
  T median(const T* plane) {
    values_.clear();
    for (const Index at : visible_) {
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
  std::vector<Index> visible_;
  std::vector<T> values_;
};

}  // namespace detail

/// Images with pixels hidden, and which of them are to be predicted.
template <std::floating_point T>
struct HiddenPixels {
  Tensor<T> images;  ///< [N, C, H, W]: something else stands in the hidden pixels
  Tensor<T> spots;   ///< [N, C, H, W]: 1 in each blind spot, 0 elsewhere
};

/// Puts blind spots into images [N, C, H, W].
/// @param place_of  the grid's place in image i, in [0, options.places()): any function (Index i, Rng&) -> Index
/// @param rng_of    a generator for image i: any function Index -> Rng; both are called from several threads
/// @throws ShapeError for other shapes or images of no visible pixel; ArgumentError for options out of range
template <std::floating_point T, class PlaceOf, class RngOf>
HiddenPixels<T> hide_pixels(const Tensor<T>& images, const BlindSpotOptions& options, PlaceOf place_of, RngOf rng_of) {
  detail::check_blind_spots(options);
  const Shape& s = images.shape();
  ensure<ShapeError>(s.rank() == 4, "blind_spots: need images [N, C, H, W], got ", s);
  HiddenPixels<T> out{images, Tensor<T>::zeros(s)};
  const Index size = s[1] * s[2] * s[3];
  parallel_for(s[0], [&](Index i) {
    Rng rng = rng_of(i);
    const detail::BlindGrid grid(options, place_of(i, rng));
    detail::BlindImage<T>(images.data() + i * size, out.images.data() + i * size, out.spots.data() + i * size, s[1],
                          s[2], s[3])
        .hide(options, grid, rng);
  });
  return out;
}

/// The same with the grid at a random place in each image: to learn from.
template <std::floating_point T, class RngOf>
HiddenPixels<T> hide_random_pixels(const Tensor<T>& images, const BlindSpotOptions& options, RngOf rng_of) {
  return hide_pixels(
      images, options, [&](Index, Rng& rng) { return rng.below(options.places()); }, rng_of);
}

}  // namespace engram::data
