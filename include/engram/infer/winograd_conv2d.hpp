#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/infer/convolution.hpp>
#include <engram/infer/finish.hpp>
#include <engram/infer/step.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/simd/tiles.hpp>
#include <engram/kernels/simd/winograd.hpp>
#include <engram/kernels/winograd/conv2d.hpp>

namespace engram::infer {

/// A 3 x 3 convolution by way of points (kernels/winograd/patches.hpp), the filters' computed once. Patches are read
/// from the maps themselves.
template <class T>
class WinogradConv2d final : public Step<T> {
 public:
  /// @param conv  with kernels::winograd::pays of its geometry, and whole vectors of channels
  static bool suits(const Convolution<T>& conv) {
    const Index lanes = kernels::simd::winograd_transforms<T>().lanes;
    return kernels::winograd::pays({.window = conv.window, .filters = conv.filters, .algorithm = conv.algorithm}) &&
           conv.window.channels % lanes == 0 && conv.filters % lanes == 0;
  }

  /// What the input needs around it: padding, and what the last squares of results reach beyond it.
  static Margins margins(const kernels::Window2d& w) {
    using kernels::winograd::result_extent;
    const auto beyond = [](Index results, Index padding, Index size) {
      return std::max<Index>(0, kernels::detail::round_up(results, result_extent) + 2 - padding - size);
    };
    return {w.padding.y, w.padding.x, beyond(w.out_height(), w.padding.y, w.height),
            beyond(w.out_width(), w.padding.x, w.width)};
  }

  WinogradConv2d(const Convolution<T>& conv, const Maps& in, const Maps& out)
      : Step<T>(in, out),
        window_(conv.window),
        filters_(conv.filters),
        bias_(conv.bias),
        lower_(conv.lower),
        pool_(conv.pool),
        down_(squares(conv.window.out_height())),
        across_(squares(conv.window.out_width())),
        tile_(kernels::simd::tiles<T>().best(wanted, conv.filters)),
        padded_filters_(kernels::detail::round_up(conv.filters, tile_.columns)),
        padded_patches_(kernels::detail::round_up(wanted, tile_.rows)),
        points_(static_cast<std::size_t>(kernels::winograd::points * conv.window.channels * padded_filters_)) {
    kernels::winograd::filters_to_points(conv.window.channels, conv.filters, padded_filters_, conv.weight.data(),
                                         points_.data());
  }

  Index scratch() const override {
    return kernels::winograd::points * padded_patches_ * (window_.channels + padded_filters_) +
           kernels::winograd::result_extent * kernels::winograd::result_extent * filters_;
  }

  void run(Index images, const T* in, T* out, T* scratch) const override {
    using namespace kernels::winograd;
    T* in_points = scratch;                                                   // [36, padded_patches, channels]
    T* out_points = in_points + points * padded_patches_ * window_.channels;  // [36, padded_patches, padded_filters]
    T* square = out_points + points * padded_patches_ * padded_filters_;      // [4, 4, filters]
    const Index patches = images * down_ * across_;
    for (Index begin = 0; begin < patches; begin += wanted) {
      const Index count = std::min(wanted, patches - begin);
      for (Index p = 0; p < count; ++p) {
        patch_to_points(begin + p, in, in_points + p * window_.channels);
      }
      multiply(count, in_points, out_points);
      for (Index p = 0; p < count; ++p) {
        points_to_results(begin + p, out_points + p * padded_filters_, square, out);
      }
    }
  }

 private:
  static constexpr Index wanted = 36;  // patches at a time: three rows of tiles, and the points fit in the cache

  static Index squares(Index results) {
    return (results + kernels::winograd::result_extent - 1) / kernels::winograd::result_extent;
  }

  void patch_to_points(Index patch, const T* in, T* points) const {
    using kernels::winograd::patch_extent, kernels::winograd::result_extent;
    const Maps& maps = this->in();
    const Index n = patch / (down_ * across_);
    const Index top = patch / across_ % down_ * result_extent - window_.padding.y;
    const Index left = patch % across_ * result_extent - window_.padding.x;
    const Index distance = padded_patches_ * window_.channels;
    transforms_.input(in + n * maps.image() + maps.pixel(top, left), maps.row(), maps.channels, points,
                      patch_extent * distance, distance, window_.channels);
  }

  void multiply(Index count, const T* in_points, T* out_points) const {
    const Index channels = window_.channels;
    for (Index point = 0; point < kernels::winograd::points; ++point) {
      const T* a = in_points + point * padded_patches_ * channels;
      const T* b = points_.data() + point * channels * padded_filters_;
      T* c = out_points + point * padded_patches_ * padded_filters_;
      for (Index f = 0; f < padded_filters_; f += tile_.columns) {
        for (Index p = 0; p < count; p += tile_.rows) {
          tile_.product(channels, a + p * channels, channels, b + f, padded_filters_, c + p * padded_filters_ + f,
                        padded_filters_);
        }
      }
    }
  }

  void points_to_results(Index patch, const T* points, T* square, T* out) const {
    using kernels::winograd::patch_extent, kernels::winograd::result_extent;
    const Index distance = padded_patches_ * padded_filters_;
    transforms_.output(points, patch_extent * distance, distance, square, result_extent * filters_, filters_, filters_);
    const Maps& maps = this->out();
    const Index step = pool_ ? 2 : 1;
    const Index top = patch / across_ % down_ * result_extent / step;
    const Index left = patch % across_ * result_extent / step;
    out += patch / (down_ * across_) * maps.image();
    const Index bottom = std::min(top + result_extent / step, maps.height);
    const Index right = std::min(left + result_extent / step, maps.width);
    kernels::simd::with_widest([&] {
      for (Index y = top; y < bottom; ++y) {
        for (Index x = left; x < right; ++x) {
          const T* sums = square + ((y - top) * result_extent + (x - left)) * step * filters_;
          T* to = out + maps.pixel(y, x);
          if (pool_) {
            finish_pool(sums, result_extent * filters_, filters_, bias_.data(), lower_, filters_, to);
          } else {
            finish_pixel(sums, bias_.data(), lower_, filters_, to);
          }
        }
      }
    });
  }

  kernels::Window2d window_;
  Index filters_;
  std::vector<T> bias_;
  T lower_;
  bool pool_;
  Index down_;    ///< squares of 4 x 4 results in a column of an image
  Index across_;  ///< in a row
  const kernels::simd::WinogradTransforms<T>& transforms_ = kernels::simd::winograd_transforms<T>();
  const kernels::simd::Tile<T>& tile_;
  Index padded_filters_;
  Index padded_patches_;
  Buffer<T> points_;  ///< of the filters: [36, channels, padded_filters]
};

}  // namespace engram::infer
