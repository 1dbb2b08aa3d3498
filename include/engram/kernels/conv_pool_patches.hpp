#pragma once

#include <algorithm>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/conv2d_geometry.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels {

/// The patches that a convolution of stride 1 sees in one image, sorted by where their results stand in the 2 x 2
/// windows of a pooling that follows: [4, taps, windows], upper ones first. `shift` is subtracted from each pixel.
template <class T>
class PooledPatches {
 public:
  /// @param g  of one group, with an even number of results down and across
  explicit PooledPatches(const Conv2dGeometry& g)
      : window_(with_padding_written(g.window)),
        original_(g.window),
        taps_(tap_offsets(window_)),
        image_(static_cast<std::size_t>(window_.pixels())),
        patches_(static_cast<std::size_t>(window_.taps() * window_.positions())) {}

  Index taps() const { return std::ssize(taps_); }
  Index windows() const { return window_.positions() / 4; }
  /// [taps, windows] of one of the four places in the windows.
  const T* place(Index i) const { return patches_.data() + i * taps() * windows(); }

  void read(const T* image, T shift) {
    write_padding(original_, image, image_.data());
    const Index across = window_.out_width() / 2;
    const Index down = window_.out_height() / 2;
    simd::with_widest([&] {
      T* pixels = image_.data();
      for_each_lane(0, window_.pixels(), [=](Index i) { pixels[i] -= shift; });
      T* out = patches_.data();
      for (Index place = 0; place < 4; ++place) {
        for (const Index tap : taps_) {
          const T* from = image_.data() + tap + place / 2 * window_.width + place % 2;
          for (Index y = 0; y < down; ++y, from += 2 * window_.width, out += across) {
            T* to = out;
            for_each_lane(0, across, [=](Index x) { to[x] = from[2 * x]; });
          }
        }
      }
    });
  }

 private:
  Window2d window_;
  Window2d original_;
  PoolVector<Index> taps_;
  Buffer<T> image_;
  Buffer<T> patches_;
};

/// Means and covariances of the pixels of a convolution's patches over a batch. Those of its results w p + b follow:
/// the mean w m + b, the variance w C w.
struct PatchMoments {
  double shift = 0;               ///< mean pixel, which patches are relative to
  PoolVector<double> mean;        ///< m [taps], relative to the shift
  PoolVector<double> covariance;  ///< C [taps, taps], biased
};

namespace detail {

/// piece(number, begin, end) for at most 16 consecutive pieces of a batch, in parallel; their number.
template <class F>
Index for_each_piece(Index batch, F piece) {
  const Index step = (batch + 15) / 16;
  const Index pieces = (batch + step - 1) / step;
  parallel_for(pieces, [&](Index p) { piece(p, p * step, std::min(batch, (p + 1) * step)); });
  return pieces;
}

}  // namespace detail

/// The moments of the patches of x [batch, C, H, W], summed in double: of a filter that takes differences of smooth
/// images little is left of them.
template <class T>
PatchMoments patch_moments(const Conv2dGeometry& g, const T* x) {
  const auto taps = static_cast<std::size_t>(g.window.taps());
  const std::size_t pairs = taps * (taps + 1) / 2;
  const Index pixels = g.batch * g.window.pixels();
  PatchMoments moments{0, PoolVector<double>(taps), PoolVector<double>(taps * taps)};
  simd::with_widest([&] {
    for (Index n = 0; n < g.batch; ++n) {
      const T* image = x + n * g.window.pixels();
      moments.shift += static_cast<double>(sum_lanes<T>(0, g.window.pixels(), [=](Index i) { return image[i]; }));
    }
  });
  moments.shift /= static_cast<double>(pixels);
  PoolVector<double> sums(16 * (taps + pairs));  // per piece: taps, then pairs of taps
  const Index pieces = detail::for_each_piece(g.batch, [&](Index piece, Index begin, Index end) {
    PooledPatches<T> patches(g);
    for (Index n = begin; n < end; ++n) {
      patches.read(x + n * g.window.pixels(), static_cast<T>(moments.shift));
      simd::with_widest([&] {
        const Index windows = patches.windows();
        for (Index place = 0; place < 4; ++place) {
          double* sum = sums.data() + static_cast<std::size_t>(piece) * (taps + pairs);
          for (Index i = 0; i < patches.taps(); ++i) {
            const T* a = patches.place(place) + i * windows;
            *sum++ += sum_lanes<double>(0, windows, [=](Index k) { return static_cast<double>(a[k]); });
            for (Index j = 0; j <= i; ++j) {
              const T* b = patches.place(place) + j * windows;
              *sum++ += sum_lanes<double>(
                  0, windows, [=](Index k) { return static_cast<double>(a[k]) * static_cast<double>(b[k]); });
            }
          }
        }
      });
    }
  });
  const double count = static_cast<double>(g.batch * g.window.positions());
  const auto total = [&](std::size_t i) {
    double sum = 0;
    for (std::size_t piece = 0; piece < static_cast<std::size_t>(pieces); ++piece) {
      sum += sums[piece * (taps + pairs) + i];
    }
    return sum / count;
  };
  for (std::size_t i = 0, at = 0; i < taps; ++i) {
    moments.mean[i] = total(at++);
    for (std::size_t j = 0; j <= i; ++j) {
      const double covariance = total(at++) - moments.mean[i] * moments.mean[j];
      moments.covariance[i * taps + j] = covariance;
      moments.covariance[j * taps + i] = covariance;
    }
  }
  return moments;
}

}  // namespace engram::kernels
