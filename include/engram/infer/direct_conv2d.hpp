#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/infer/convolution.hpp>
#include <engram/infer/finish.hpp>
#include <engram/infer/step.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/simd/dots.hpp>
#include <engram/kernels/simd/tiles.hpp>

namespace engram::infer {

/// Filters [filters, C, KH, KW] in the order of channels-last windows: [filters, KH, KW, C].
template <class T>
std::vector<T> channels_last_filters(const Convolution<T>& conv) {
  const auto& w = conv.window;
  const Index area = w.kernel.y * w.kernel.x;
  std::vector<T> out(conv.weight.size());
  for (Index f = 0; f < conv.filters; ++f) {
    for (Index c = 0; c < w.channels; ++c) {
      for (Index tap = 0; tap < area; ++tap) {
        out[static_cast<std::size_t>((f * area + tap) * w.channels + c)] =
            conv.weight[static_cast<std::size_t>((f * w.channels + c) * area + tap)];
      }
    }
  }
  return out;
}

/// A convolution as products of register tiles: a tile's rows are positions of the window, which are read in place, and
/// its columns filters. With pooling four positions in a row are those that are pooled.
template <class T>
class DirectConv2d final : public Step<T> {
 public:
  /// What the input needs around it.
  static Margins margins(const kernels::Window2d& w) {
    const auto beyond = [](Index positions, Index stride, Index dilation, Index kernel, Index padding, Index size) {
      return std::max<Index>(0, (positions - 1) * stride + dilation * (kernel - 1) + 1 - padding - size);
    };
    return {w.padding.y, w.padding.x,
            beyond(w.out_height(), w.stride.y, w.dilation.y, w.kernel.y, w.padding.y, w.height),
            beyond(w.out_width(), w.stride.x, w.dilation.x, w.kernel.x, w.padding.x, w.width)};
  }

  DirectConv2d(const Convolution<T>& conv, const Maps& in, const Maps& out)
      : Step<T>(in, out), bias_(conv.bias), lower_(conv.lower), pool_(conv.pool) {
    const auto& w = conv.window;
    const Index group = pool_ ? 2 : 1;
    for (Index y = 0; y < out.height; ++y) {
      for (Index x = 0; x < out.width; ++x) {
        to_.push_back(out.pixel(y, x));
        for (Index part = 0; part < group * group; ++part) {
          const Index top = (group * y + part / 2) * w.stride.y - w.padding.y;
          const Index left = (group * x + part % 2) * w.stride.x - w.padding.x;
          from_.push_back(in.pixel(top, left));
        }
      }
    }
    for (Index ky = 0; ky < w.kernel.y; ++ky) {
      for (Index kx = 0; kx < w.kernel.x; ++kx) {
        for (Index c = 0; c < w.channels; ++c) {
          taps_.push_back(ky * w.dilation.y * in.row() + kx * w.dilation.x * w.channels + c);
        }
      }
    }
    tile_ = &kernels::simd::tiles<T>().best(std::ssize(from_), conv.filters);
    const Index taps = std::ssize(taps_);
    const std::vector<T> filters = channels_last_filters(conv);
    panels_ = kernels::detail::pack_matrices(1, kernels::row_major(filters.data(), taps), 0, taps, conv.filters,
                                             tile_->columns);
  }

  void run(Index images, const T* in, T* out, T*) const override {
    const Index filters = std::ssize(bias_);
    for (Index f = 0; f < filters; f += tile_->columns) {
      for (Index n = 0; n < images; ++n) {
        run_panel(f, std::min(tile_->columns, filters - f), in + n * this->in().image(), out + n * this->out().image());
      }
    }
  }

 private:
  /// Filters f .. f+count-1 at all positions of an image.
  void run_panel(Index f, Index count, const T* in, T* out) const {
    const Index taps = std::ssize(taps_);
    const Index parts = pool_ ? 4 : 1;
    const Index rows = std::lcm(tile_->rows, parts);  // at most 12
    const T* panel = panels_.data() + f * taps;
    const T* bias = bias_.data() + f;
    const T* pointers[kernels::simd::most_tile_rows];
    alignas(64) T sums[kernels::simd::most_tile_rows * kernels::simd::most_tile_columns];
    const Index last = std::ssize(from_) - 1;
    for (Index p = 0; p <= last; p += rows) {
      for (Index r = 0; r < rows; ++r) {
        pointers[r] = in + from_[static_cast<std::size_t>(std::min(p + r, last))];
      }
      for (Index r = 0; r < rows; r += tile_->rows) {
        tile_->gathered(taps, pointers + r, taps_.data(), panel, sums + r * tile_->columns);
      }
      const Index* to = to_.data() + p / parts;
      const Index results = std::min(rows, last + 1 - p) / parts;
      const Index width = tile_->columns;
      kernels::simd::with_widest([&] {
        for (Index r = 0; r < results; ++r) {
          if (pool_) {
            finish_pool(sums + 4 * r * width, 2 * width, width, bias, lower_, count, out + to[r] + f);
          } else {
            finish_pixel(sums + r * width, bias, lower_, count, out + to[r] + f);
          }
        }
      });
    }
  }

  std::vector<T> bias_;
  T lower_;
  bool pool_;
  std::vector<Index> from_;  ///< where the window's first tap is at each position
  std::vector<Index> to_;    ///< where each result goes
  std::vector<Index> taps_;
  const kernels::simd::Tile<T>* tile_ = nullptr;
  Buffer<T> panels_;
};

/// A convolution to few channels: inner products of windows with each filter. No pooling.
template <class T>
class FewFiltersConv2d final : public Step<T> {
 public:
  /// Whether inner products need fewer instructions than register tiles, of which most columns would be empty.
  static bool suits(const Convolution<T>& conv) {
    return conv.filters <= 4 && conv.window.channels >= 16 && conv.window.dilation.x == 1 && !conv.pool;
  }

  FewFiltersConv2d(const Convolution<T>& conv, const Maps& in, const Maps& out)
      : Step<T>(in, out),
        window_(conv.window),
        filters_(channels_last_filters(conv)),
        bias_(conv.bias),
        lower_(conv.lower) {}

  Index scratch() const override { return this->out().width; }

  void run(Index images, const T* in, T* out, T* scratch) const override {
    const auto& w = window_;
    const Maps& from = this->in();
    const Maps& to = this->out();
    const Index run = w.kernel.x * w.channels;
    for (Index row = 0; row < images * to.height; ++row) {
      const Index n = row / to.height;
      const Index y = row % to.height;
      const T* window = in + n * from.image() + from.pixel(y * w.stride.y - w.padding.y, -w.padding.x);
      T* result = out + n * to.image() + to.pixel(y, 0);
      for (Index f = 0; f < to.channels; ++f) {
        kernels::simd::dots(to.width, w.kernel.y, run, window, w.stride.x * w.channels, w.dilation.y * from.row(),
                            filters_.data() + f * w.kernel.y * run, scratch);
        const T bias = bias_[static_cast<std::size_t>(f)];
        for (Index x = 0; x < to.width; ++x) {
          const T value = scratch[x] + bias;
          result[x * to.channels + f] = value < lower_ ? lower_ : value;
        }
      }
    }
  }

 private:
  kernels::Window2d window_;
  std::vector<T> filters_;
  std::vector<T> bias_;
  T lower_;
};

}  // namespace engram::infer
