#pragma once

#include <algorithm>
#include <cmath>

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

template <class T>
void batch_norm(Index batch, Index channels, const BatchNormInputs<T>& given, T* y) {
  const T* x = given.x;
  for_each_block(channels, [&](Index first, Index count) {
    T scales[block];
    T shifts[block];
    T* scale = scales;
    T* shift = shifts;
    for (Index j = 0; j < count; ++j) {
      scale[j] = given.weight[first + j] / std::sqrt(given.variance[first + j] + given.eps);
      shift[j] = given.bias[first + j] - given.mean[first + j] * scale[j];
    }
    for (Index n = 0; n < batch; ++n) {
      const Index begin = n * channels + first;
      for_each_lane(0, count, [=, in = x + begin, out = y + begin](Index j) { out[j] = in[j] * scale[j] + shift[j]; });
    }
  });
}

template <class T>
void batch_norm_grad(Index batch, Index channels, const T* dy, const BatchNormInputs<T>& given, bool training,
                     const BatchNormGradients<T>& gradients) {
  const T* x = given.x;
  T* dx = gradients.dx;
  for_each_block(channels, [&](Index first, Index count) {
    double sums[2 * block] = {};
    double* sum_dy = sums;
    double* sum_dy_xhat = sums + block;
    const T* centre = given.mean + first;
    for (Index n = 0; n < batch; ++n) {
      const Index begin = n * channels + first;
      for_each_lane(0, count, [=, d = dy + begin, in = x + begin](Index j) {
        sum_dy[j] += static_cast<double>(d[j]);
        sum_dy_xhat[j] += static_cast<double>(d[j] * (in[j] - centre[j]));
      });
    }
    T factors[3 * block];
    T* scale = factors;
    T* mean_dy = factors + block;
    T* mean_dy_xhat = factors + 2 * block;
    for (Index j = 0; j < count; ++j) {
      const T inverse = T{1} / std::sqrt(given.variance[first + j] + given.eps);
      const T weight_slope = static_cast<T>(static_cast<double>(inverse) * sum_dy_xhat[j]);
      gradients.dbias[first + j] = static_cast<T>(sum_dy[j]);
      gradients.dweight[first + j] = weight_slope;
      scale[j] = given.weight[first + j] * inverse;
      mean_dy[j] = training ? static_cast<T>(sum_dy[j] / static_cast<double>(batch)) : T{0};
      mean_dy_xhat[j] = training ? weight_slope / static_cast<T>(batch) * inverse : T{0};
    }
    for (Index n = 0; n < batch && dx != nullptr; ++n) {
      const Index begin = n * channels + first;
      for_each_lane(0, count, [=, d = dy + begin, in = x + begin, out = dx + begin](Index j) {
        out[j] = scale[j] * (d[j] - mean_dy[j] - (in[j] - centre[j]) * mean_dy_xhat[j]);
      });
    }
  });
}

}  // namespace engram::kernels::columns
