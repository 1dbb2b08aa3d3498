#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/kernels/conv_pool_patches.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/simd/tiles.hpp>
#include <engram/kernels/simd/transpose.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels {

/// What it is made of beside the images.
template <class T>
struct ConvPoolParameters {
  const T* filters;  ///< w [filters, taps]; the convolution's bias has no effect
  const T* weight;   ///< batch norm's, [filters]
  const T* bias;
  T eps;
};

namespace detail {

/// Batch norm of a filter's results y = w p: with moments m, C of the patches p its variance is w C w.
struct FilterStatistics {
  double mean = 0;                ///< w m
  double variance = 0;            ///< biased
  PoolVector<double> covariance;  ///< C w: of each tap with the result

  template <class T>
  FilterStatistics(const PatchMoments& moments, const T* filter) : covariance(moments.mean.size()) {
    for (std::size_t i = 0; i < covariance.size(); ++i) {
      for (std::size_t j = 0; j < covariance.size(); ++j) {
        covariance[i] += moments.covariance[i * covariance.size() + j] * static_cast<double>(filter[j]);
      }
      mean += static_cast<double>(filter[i]) * moments.mean[i];
      variance += static_cast<double>(filter[i]) * covariance[i];
    }
    variance = std::max(variance, 0.0);
  }
};

/// Convolution and batch norm as one, z = weight p + offset, done for a few windows of the pooling at a time.
template <class T>
class ConvPoolBlocks {
 public:
  static constexpr Index block = 48;  // windows: whole register tiles of 12, 8, 6 or 4 rows, results stay in the cache

  ConvPoolBlocks(const Conv2dGeometry& g, const PatchMoments& moments, const ConvPoolParameters<T>& p)
      : g_(g),
        taps_(g.window.taps()),
        tile_(simd::tiles<T>().best(block, g.filters)),
        padded_taps_(round_up(taps_, tile_.rows)),
        padded_filters_(round_up(g.filters, tile_.columns)),
        weight_(zeros(taps_ * padded_filters_)),
        offset_(zeros(padded_filters_)) {
    for (Index f = 0; f < g.filters; ++f) {
      const T* filter = p.filters + f * taps_;
      const FilterStatistics statistics(moments, filter);
      const double scale =
          static_cast<double>(p.weight[f]) / std::sqrt(statistics.variance + static_cast<double>(p.eps));
      for (Index i = 0; i < taps_; ++i) {
        weight_.data()[i * padded_filters_ + f] = static_cast<T>(scale * static_cast<double>(filter[i]));
      }
      offset_.data()[f] = static_cast<T>(static_cast<double>(p.bias[f]) - scale * statistics.mean);
    }
  }

  Index padded_taps() const { return padded_taps_; }
  Index padded_filters() const { return padded_filters_; }

  /// Room for one thread.
  struct Workspace {
    PooledPatches<T> patches;
    Buffer<T> rows;    ///< the patches of a block, [4, block, padded_taps]
    Buffer<T> z;       ///< their results, [4, block, padded_filters]
    Buffer<T> pooled;  ///< [block, padded_filters]
  };
  Workspace workspace() const {
    return {PooledPatches<T>(g_), zeros(4 * block * padded_taps_), zeros(4 * block * padded_filters_),
            zeros(block * padded_filters_)};
  }

  /// f(begin, count) for blocks of an image's windows, whose patches and results are then in the workspace.
  template <class F>
  void for_each_block(const T* image, T shift, Workspace& room, F f) const {
    room.patches.read(image, shift);
    const Index windows = room.patches.windows();
    for (Index begin = 0; begin < windows; begin += block) {
      const Index count = std::min(block, windows - begin);
      for (Index place = 0; place < 4; ++place) {
        T* rows = room.rows.data() + place * block * padded_taps_;
        T* z = room.z.data() + place * block * padded_filters_;
        simd::transpose(taps_, count, room.patches.place(place) + begin, windows, rows, padded_taps_);
        for (Index k = 0; k < padded_filters_; k += tile_.columns) {
          for (Index r = 0; r < count; r += tile_.rows) {
            tile_.product(taps_, rows + r * padded_taps_, padded_taps_, weight_.data() + k, padded_filters_,
                          z + r * padded_filters_ + k, padded_filters_);
          }
        }
      }
      f(begin, count);
    }
  }

  /// Room's pooled = max(0, max z + offset).
  void pool(Index count, Workspace& room) const {
    const T* a = room.z.data();
    const T* offset = offset_.data();
    T* out = room.pooled.data();
    const Index place = block * padded_filters_;
    const Index filters = padded_filters_;
    simd::with_widest([=] {
      for (Index at = 0; at < count * filters; at += filters) {
        for_each_lane(0, filters, [=](Index f) {
          const T* z = a + at + f;
          const T most = larger(larger(z[0], z[place]), larger(z[2 * place], z[3 * place])) + offset[f];
          out[at + f] = most < T{0} ? T{0} : most;
        });
      }
    });
  }

  /// z becomes its gradient where room's pooled is dy, which is added up in sums [padded_filters].
  void unpool(Index count, Workspace& room, T* sums) const {
    T* a = room.z.data();
    const T* offset = offset_.data();
    const T* dy = room.pooled.data();
    const Index place = block * padded_filters_;
    const Index filters = padded_filters_;
    simd::with_widest([=] {
      for (Index at = 0; at < count * filters; at += filters) {
        for_each_lane(0, filters, [=](Index f) {
          T* z = a + at + f;
          const T right_above = z[place] > z[0] ? T{1} : T{0};
          const T right_below = z[3 * place] > z[2 * place] ? T{1} : T{0};
          const T above = z[place] > z[0] ? z[place] : z[0];
          const T below = z[3 * place] > z[2 * place] ? z[3 * place] : z[2 * place];
          const T down = below > above ? T{1} : T{0};
          const T most = below > above ? below : above;
          const T passed = most + offset[f] > T{0} ? dy[at + f] : T{0};
          const T passed_down = passed * down;
          const T passed_up = passed - passed_down;
          sums[f] += passed;
          z[0] = passed_up * (T{1} - right_above);
          z[place] = passed_up * right_above;
          z[2 * place] = passed_down * (T{1} - right_below);
          z[3 * place] = passed_down * right_below;
        });
      }
    });
  }

  /// products [padded_taps, padded_filters] += patches^T dz over the block in the workspace.
  void add_products(Index count, const Workspace& room, T* products) const {
    for (Index place = 0; place < 4; ++place) {
      const T* rows = room.rows.data() + place * block * padded_taps_;
      const T* dz = room.z.data() + place * block * padded_filters_;
      for (Index k = 0; k < padded_filters_; k += tile_.columns) {
        for (Index i = 0; i < taps_; i += tile_.rows) {
          tile_.add_transposed(count, rows + i, padded_taps_, dz + k, padded_filters_,
                               products + i * padded_filters_ + k, padded_filters_);
        }
      }
    }
  }

  static Buffer<T> zeros(Index size) {
    Buffer<T> buffer(static_cast<std::size_t>(size));
    std::fill_n(buffer.data(), size, T{0});
    return buffer;
  }

 private:
  Conv2dGeometry g_;
  Index taps_;
  const simd::Tile<T>& tile_;
  Index padded_taps_;
  Index padded_filters_;
  Buffer<T> weight_;  ///< [taps, padded_filters]
  Buffer<T> offset_;  ///< [padded_filters]
};

}  // namespace detail

}  // namespace engram::kernels
