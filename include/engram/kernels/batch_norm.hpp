#pragma once

#include <cmath>

#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>
#include <engram/kernels/batch_norm_columns.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels {

/// x [batch, channels, area]; area is 1 for vectors.
struct BatchNormGeometry {
  Index batch = 1;
  Index channels = 1;
  Index area = 1;

  Index per_channel() const { return batch * area; }
};

namespace detail {

/// channel(c) for each channel, in parallel and with the widest vectors.
template <class F>
void for_each_channel(Index channels, F channel) {
  parallel_for(channels, [&](Index c) { simd::with_widest([&] { channel(c); }); });
}

}  // namespace detail

/// mean[c] and biased variance[c] of each channel, in two passes; rows are summed in T, their sums in double.
template <class T>
void batch_statistics(const BatchNormGeometry& g, const T* x, T* mean, T* variance) {
  if (g.area == 1) {
    columns::batch_statistics(g.batch, g.channels, x, mean, variance);
    return;
  }
  detail::for_each_channel(g.channels, [&](Index c) {
    double sum = 0;
    for (Index n = 0; n < g.batch; ++n) {
      const T* row = x + (n * g.channels + c) * g.area;
      sum += static_cast<double>(sum_lanes<T>(0, g.area, [&](Index i) { return row[i]; }));
    }
    const double count = static_cast<double>(g.per_channel());
    const double m = sum / count;
    const T centre = static_cast<T>(m);
    double squares = 0;
    for (Index n = 0; n < g.batch; ++n) {
      const T* row = x + (n * g.channels + c) * g.area;
      squares +=
          static_cast<double>(sum_lanes<T>(0, g.area, [&](Index i) { return (row[i] - centre) * (row[i] - centre); }));
    }
    mean[c] = static_cast<T>(m);
    variance[c] = static_cast<T>(squares / count);
  });
}

/// y = (x - mean) / sqrt(variance + eps) * weight + bias, per channel. y is overwritten.
template <class T>
void batch_norm(const BatchNormGeometry& g, const T* x, const T* mean, const T* variance, const T* weight,
                const T* bias, T eps, T* y) {
  if (g.area == 1) {
    columns::batch_norm(g.batch, g.channels, x, mean, variance, weight, bias, eps, y);
    return;
  }
  detail::for_each_channel(g.channels, [&](Index c) {
    const T scale = weight[c] / std::sqrt(variance[c] + eps);
    const T shift = bias[c] - mean[c] * scale;
    for (Index n = 0; n < g.batch; ++n) {
      const T* in = x + (n * g.channels + c) * g.area;
      T* out = y + (n * g.channels + c) * g.area;
      for_each_lane(0, g.area, [&](Index i) { out[i] = in[i] * scale + shift; });
    }
  });
}

/// Gradients of batch_norm; all overwritten. With `training`, mean and variance are x's own and depend on it.
///
/// With xhat = (x - mean) / s, s = sqrt(variance + eps), over m elements of a channel:
/// dbias = sum dy, dweight = sum dy xhat, dx = weight / s (dy - [training] (dbias + xhat dweight) / m).
/// Source: Ioffe, Szegedy, "Batch normalization", ICML 2015, section 3.
template <class T>
void batch_norm_grad(const BatchNormGeometry& g, const T* dy, const T* x, const T* mean, const T* variance,
                     const T* weight, T eps, bool training, T* dx, T* dweight, T* dbias) {
  if (g.area == 1) {
    columns::batch_norm_grad(g.batch, g.channels, dy, x, mean, variance, weight, eps, training, dx, dweight, dbias);
    return;
  }
  detail::for_each_channel(g.channels, [&](Index c) {
    const T inverse = T{1} / std::sqrt(variance[c] + eps);
    const T centre = mean[c];
    double sum_dy = 0;
    double sum_dy_xhat = 0;
    for (Index n = 0; n < g.batch; ++n) {
      const Index begin = (n * g.channels + c) * g.area;
      sum_dy += static_cast<double>(sum_lanes<T>(begin, begin + g.area, [&](Index i) { return dy[i]; }));
      sum_dy_xhat += static_cast<double>(
          inverse * sum_lanes<T>(begin, begin + g.area, [&](Index i) { return dy[i] * (x[i] - centre); }));
    }
    dbias[c] = static_cast<T>(sum_dy);
    dweight[c] = static_cast<T>(sum_dy_xhat);
    if (dx == nullptr) {
      return;
    }
    const double count = static_cast<double>(g.per_channel());
    const T scale = weight[c] * inverse;
    const T mean_dy = training ? static_cast<T>(sum_dy / count) : T{0};
    const T mean_dy_xhat = training ? static_cast<T>(sum_dy_xhat / count) * inverse : T{0};
    for (Index n = 0; n < g.batch; ++n) {
      const Index begin = (n * g.channels + c) * g.area;
      for_each_lane(begin, begin + g.area,
                    [&](Index i) { dx[i] = scale * (dy[i] - mean_dy - (x[i] - centre) * mean_dy_xhat); });
    }
  });
}

}  // namespace engram::kernels
