#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels {

/// What batch norm reads: x [batch, channels, area], the rest [channels].
template <class T>
struct BatchNormInputs {
  const T* x;
  const T* mean;
  const T* variance;
  const T* weight;
  const T* bias;
  T eps;
  /// Results below are raised to it, and let no gradient pass at it or below: 0 for a ReLU in the same pass. NaN, to
  /// which nothing compares: no floor.
  T floor = std::numeric_limits<T>::quiet_NaN();
};

/// Where its gradients go; all are overwritten, dx unless it is null.
template <class T>
struct BatchNormGradients {
  T* dx;       ///< [batch, channels, area]
  T* dweight;  ///< [channels]
  T* dbias;    ///< [channels]
};

}  // namespace engram::kernels

// Batch norm of vectors, x [batch, channels]: neighbours in memory belong to different channels, so that blocks of
// channels are handled side by side. The formulas are those of batch_norm.hpp.

namespace engram::kernels::columns {

inline constexpr Index block = 64;

/// body(first, count) for consecutive blocks of channels, in parallel and with the widest vectors.
template <class F>
void for_each_block(Index channels, F body) {
  parallel_ranges(channels, block,
                  [&](Index begin, Index end) { simd::with_widest([&] { body(begin, end - begin); }); });
}

template <class T>
void batch_statistics(Index batch, Index channels, const T* x, T* mean, T* variance) {
  for_each_block(channels, [&](Index first, Index count) {
    double sums[block] = {};
    double* sum = sums;
    for (Index n = 0; n < batch; ++n) {
      for_each_lane(0, count, [=, row = x + n * channels + first](Index j) { sum[j] += static_cast<double>(row[j]); });
    }
    T* centre = mean + first;
    const double share = 1 / static_cast<double>(batch);
    for_each_lane(0, count, [=](Index j) {
      centre[j] = static_cast<T>(sum[j] * share);
      sum[j] = 0;
    });
    for (Index n = 0; n < batch; ++n) {
      for_each_lane(0, count, [=, row = x + n * channels + first](Index j) {
        sum[j] += static_cast<double>((row[j] - centre[j]) * (row[j] - centre[j]));
      });
    }
    for_each_lane(0, count, [=, v = variance + first](Index j) { v[j] = static_cast<T>(sum[j] * share); });
  });
}

/// Batch norm of `count` channels as one multiplication and one addition.
template <class T>
struct Lines {
  T scale[block];
  T shift[block];

  Lines(const BatchNormInputs<T>& in, Index first, Index count) {
    for (Index j = 0; j < count; ++j) {
      scale[j] = in.weight[first + j] / std::sqrt(in.variance[first + j] + in.eps);
      shift[j] = in.bias[first + j] - in.mean[first + j] * scale[j];
    }
  }
};

template <class T>
void batch_norm(Index batch, Index channels, const BatchNormInputs<T>& given, T* y) {
  for_each_block(channels, [&](Index first, Index count) {
    const Lines<T> lines(given, first, count);
    const T* scale = lines.scale;
    const T* shift = lines.shift;
    for (Index n = 0; n < batch; ++n) {
      const Index begin = n * channels + first;
      for_each_lane(0, count, [=, floor = given.floor, x = given.x + begin, out = y + begin](Index j) {
        const T z = x[j] * scale[j] + shift[j];
        out[j] = z < floor ? floor : z;
      });
    }
  });
}

template <class T>
void batch_norm_grad(Index batch, Index channels, const T* dy, const BatchNormInputs<T>& given, bool training,
                     const BatchNormGradients<T>& gradients) {
  T* dx = gradients.dx;
  for_each_block(channels, [&](Index first, Index count) {
    double sums[2 * block] = {};
    double* sum_dy = sums;
    double* sum_dy_xhat = sums + block;
    const T* centre = given.mean + first;
    const Lines<T> lines(given, first, count);
    const auto passed = [scale = lines.scale, shift = lines.shift, floor = given.floor](T d, T x, Index j) {
      return x * scale[j] + shift[j] <= floor ? T{0} : d;
    };
    for (Index n = 0; n < batch; ++n) {
      const Index begin = n * channels + first;
      for_each_lane(0, count, [=, d = dy + begin, x = given.x + begin](Index j) {
        const T slope = passed(d[j], x[j], j);
        sum_dy[j] += static_cast<double>(slope);
        sum_dy_xhat[j] += static_cast<double>(slope * (x[j] - centre[j]));
      });
    }
    T factors[2 * block];
    T* mean_dy = factors;
    T* mean_dy_xhat = factors + block;
    for (Index j = 0; j < count; ++j) {
      const T inverse = T{1} / std::sqrt(given.variance[first + j] + given.eps);
      const T weight_slope = static_cast<T>(static_cast<double>(inverse) * sum_dy_xhat[j]);
      gradients.dbias[first + j] = static_cast<T>(sum_dy[j]);
      gradients.dweight[first + j] = weight_slope;
      mean_dy[j] = training ? static_cast<T>(sum_dy[j] / static_cast<double>(batch)) : T{0};
      mean_dy_xhat[j] = training ? weight_slope / static_cast<T>(batch) * inverse : T{0};
    }
    for (Index n = 0; n < batch && dx != nullptr; ++n) {
      const Index begin = n * channels + first;
      for_each_lane(0, count, [=, scale = lines.scale, d = dy + begin, x = given.x + begin, out = dx + begin](Index j) {
        out[j] = scale[j] * (passed(d[j], x[j], j) - mean_dy[j] - (x[j] - centre[j]) * mean_dy_xhat[j]);
      });
    }
  });
}

}  // namespace engram::kernels::columns
