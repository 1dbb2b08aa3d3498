#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/infer/convolution.hpp>
#include <engram/infer/finish.hpp>
#include <engram/infer/step.hpp>
#include <engram/kernels/conv2d_strided.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/simd/tiles.hpp>

namespace engram::infer {

/// A transposed convolution of any stride: for each tap of the filters the product of all pixels with its weights,
/// which goes to the pixels of the result that the tap reaches. (With a stride of 1 it is a convolution, see
/// lowering.hpp.)
template <class T>
class StridedConvTranspose2d final : public Step<T> {
 public:
  StridedConvTranspose2d(const Convolution<T>& conv, const Maps& in, const Maps& out)
      : Step<T>(in, out),
        window_(conv.window),
        bias_(conv.bias),
        lower_(conv.lower),
        once_(kernels::detail::covers_once(window_)),
        tile_(kernels::simd::tiles<T>().best(in.height * in.width, conv.filters)),
        panels_(pack(conv, in.channels, tile_.columns)),
        channels_(static_cast<std::size_t>(in.channels)) {
    std::iota(channels_.begin(), channels_.end(), Index{0});
    for (Index y = 0; y < in.height; ++y) {
      for (Index x = 0; x < in.width; ++x) {
        from_.push_back(in.pixel(y, x));
      }
    }
  }

  void run(Index images, const T* in, T* out, T*) const override {
    const Index filters = std::ssize(bias_);
    const Index area = window_.kernel.y * window_.kernel.x;
    const Index panel = std::ssize(channels_) * tile_.columns;
    for (Index n = 0; n < images; ++n, in += this->in().image(), out += this->out().image()) {
      if (!once_) {
        for_each_pixel(out, [&](T* pixel) { std::fill_n(pixel, filters, T{0}); });
      }
      for (Index f = 0; f < filters; f += tile_.columns) {
        for (Index tap = 0; tap < area; ++tap) {
          const T* weight = panels_.data() + (f / tile_.columns * area + tap) * panel;
          run_tap(tap, f, std::min(tile_.columns, filters - f), weight, in, out);
        }
      }
      if (!once_) {
        kernels::simd::with_widest(
            [&] { for_each_pixel(out, [&](T* pixel) { finish_pixel(pixel, bias_.data(), lower_, filters, pixel); }); });
      }
    }
  }

 private:
  /// Panels [in channels, columns] for each block of filters and each tap, from weight [in, filters, KH, KW].
  static Buffer<T> pack(const Convolution<T>& conv, Index in_channels, Index columns) {
    const Index area = conv.window.kernel.y * conv.window.kernel.x;
    const Index blocks = (conv.filters + columns - 1) / columns;
    Buffer<T> panels(static_cast<std::size_t>(blocks * area * in_channels * columns));
    T* out = panels.data();
    for (Index f = 0; f < conv.filters; f += columns) {
      for (Index tap = 0; tap < area; ++tap, out += in_channels * columns) {
        const kernels::Matrix<T> of_tap{conv.weight.data() + tap, area, conv.filters * area};
        kernels::detail::pack_panels(of_tap, 0, in_channels, f, std::min(columns, conv.filters - f), columns, out);
      }
    }
    return panels;
  }

  /// What filters f .. f+count-1 make of all pixels of an image under one tap.
  void run_tap(Index tap, Index f, Index count, const T* weight, const T* in, T* out) const {
    const Index ky = tap / window_.kernel.x * window_.dilation.y - window_.padding.y;
    const Index kx = tap % window_.kernel.x * window_.dilation.x - window_.padding.x;
    const Maps& to = this->out();
    const Index width = this->in().width;
    const T* pointers[kernels::simd::most_tile_rows];
    alignas(64) T sums[kernels::simd::largest_tile];
    const Index last = std::ssize(from_) - 1;
    for (Index p = 0; p <= last; p += tile_.rows) {
      for (Index r = 0; r < tile_.rows; ++r) {
        pointers[r] = in + from_[static_cast<std::size_t>(std::min(p + r, last))];
      }
      tile_.gathered(std::ssize(channels_), pointers, channels_.data(), weight, sums);
      kernels::simd::with_widest([&] {
        for (Index r = 0, x = p % width, y = p / width; r < std::min(tile_.rows, last + 1 - p); ++r) {
          const Index to_y = y * window_.stride.y + ky;
          const Index to_x = x * window_.stride.x + kx;
          const T* from = sums + r * tile_.columns;
          T* pixel = out + to.pixel(to_y, to_x) + f;
          if (once_) {
            finish_pixel(from, bias_.data() + f, lower_, count, pixel);
          } else if (to_y >= 0 && to_y < to.height && to_x >= 0 && to_x < to.width) {
            kernels::for_each_lane(0, count, [&](Index c) { pixel[c] += from[c]; });
          }
          if (++x == width) {
            x = 0;
            ++y;
          }
        }
      });
    }
  }

  template <class F>
  void for_each_pixel(T* image, F f) const {
    const Maps& to = this->out();
    for (Index y = 0; y < to.height; ++y) {
      for (Index x = 0; x < to.width; ++x) {
        f(image + to.pixel(y, x));
      }
    }
  }

  kernels::Window2d window_;  ///< on the result
  std::vector<T> bias_;
  T lower_;
  bool once_;  ///< each pixel of the result is reached by one tap of one pixel
  const kernels::simd::Tile<T>& tile_;
  Buffer<T> panels_;
  std::vector<Index> channels_;  ///< 0, 1, 2 ...
  std::vector<Index> from_;      ///< each pixel of an image
};

}  // namespace engram::infer
