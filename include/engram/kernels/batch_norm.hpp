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
  Index width = 1;  ///< of an image, area = height x width: for what pools it in the same pass

  Index height() const { return area / width; }
  Index per_channel() const { return batch * area; }
};

namespace detail {

/// channel(c) for each channel, in parallel and with the widest vectors.
template <class F>
void for_each_channel(Index channels, F channel) {
  parallel_for(channels, [&](Index c) { simd::with_widest([&] { channel(c); }); });
}

}  // namespace detail

/// mean[c] and biased variance[c] of each channel, in one pass over memory: mean and squared deviations of each row of
/// `area` elements (which stays in the cache meanwhile) are summed in T and joined in double.
/// Source: Chan, Golub, LeVeque, "Algorithms for computing the sample variance", The American Statistician 37, 1983.
template <class T>
void batch_statistics(const BatchNormGeometry& g, const T* x, T* mean, T* variance) {
  if (g.area == 1) {
    columns::batch_statistics(g.batch, g.channels, x, mean, variance);
    return;
  }
  const auto area = static_cast<double>(g.area);
  detail::for_each_channel(g.channels, [&](Index c) {
    double all_mean = 0;
    double all_squares = 0;
    for (Index n = 0; n < g.batch; ++n) {
      const T* row = x + (n * g.channels + c) * g.area;
      const double row_mean = static_cast<double>(sum_lanes<T>(0, g.area, [&](Index i) { return row[i]; })) / area;
      const T centre = static_cast<T>(row_mean);
      const T squares = sum_lanes<T>(0, g.area, [&](Index i) { return (row[i] - centre) * (row[i] - centre); });
      const double before = static_cast<double>(n);  // rows
      const double step = row_mean - all_mean;
      all_mean += step / (before + 1);
      all_squares += static_cast<double>(squares) + step * step * area * before / (before + 1);
    }
    mean[c] = static_cast<T>(all_mean);
    variance[c] = static_cast<T>(all_squares / static_cast<double>(g.per_channel()));
  });
}

namespace detail {

/// Batch norm of one channel as one multiplication and one addition.
template <class T>
struct ChannelLine {
  T scale;
  T shift;

  ChannelLine(const BatchNormInputs<T>& in, Index c)
      : scale(in.weight[c] / std::sqrt(in.variance[c] + in.eps)), shift(in.bias[c] - in.mean[c] * scale) {}
  [[gnu::always_inline]] T operator()(T x) const { return x * scale + shift; }
};

/// The sums over a channel from which its gradients follow, and what dx takes from them.
///
/// With xhat = (x - mean) / s, s = sqrt(variance + eps), over m elements of a channel:
/// dbias = sum dy, dweight = sum dy xhat, dx = weight / s (dy - [training] (dbias + xhat dweight) / m).
/// Source: Ioffe, Szegedy, "Batch normalization", ICML 2015, section 3.
template <class T>
struct ChannelGradient {
  T centre;
  T inverse_deviation;
  double sum_dy = 0;
  double sum_dy_xhat = 0;
  T mean_dy = 0;  ///< 0 where mean and variance do not depend on x, as slope
  T slope = 0;    ///< dx = scale (dy - mean_dy - (x - centre) slope)

  ChannelGradient(const BatchNormInputs<T>& in, Index c)
      : centre(in.mean[c]), inverse_deviation(T{1} / std::sqrt(in.variance[c] + in.eps)) {}

  /// Adds the sums of dy and dy (x - centre) over some elements.
  void add(T dy, T dy_x) {
    sum_dy += static_cast<double>(dy);
    sum_dy_xhat += static_cast<double>(inverse_deviation * dy_x);
  }
  /// Once all is added, for a channel of `count` elements.
  void finish(Index count, bool training, T& dweight, T& dbias) {
    dbias = static_cast<T>(sum_dy);
    dweight = static_cast<T>(sum_dy_xhat);
    if (training) {
      mean_dy = static_cast<T>(sum_dy / static_cast<double>(count));
      slope = static_cast<T>(sum_dy_xhat / static_cast<double>(count)) * inverse_deviation;
    }
  }
};

}  // namespace detail

/// y = (x - mean) / sqrt(variance + eps) * weight + bias, per channel, raised to the floor. y is overwritten.
template <class T>
void batch_norm(const BatchNormGeometry& g, const BatchNormInputs<T>& in, T* y) {
  if (g.area == 1) {
    columns::batch_norm(g.batch, g.channels, in, y);
    return;
  }
  detail::for_each_channel(g.channels, [&](Index c) {
    const detail::ChannelLine<T> line(in, c);
    const T floor = in.floor;
    const T* x = in.x;
    for (Index n = 0; n < g.batch; ++n) {
      const Index begin = (n * g.channels + c) * g.area;
      for_each_lane(begin, begin + g.area, [=](Index i) {
        const T z = line(x[i]);
        y[i] = z < floor ? floor : z;
      });
    }
  });
}

/// Gradients of batch_norm. With `training`, mean and variance are x's own and depend on it. Which results the floor
/// raised is computed again from x, so that they need not be kept.
template <class T>
void batch_norm_grad(const BatchNormGeometry& g, const T* dy, const BatchNormInputs<T>& in, bool training,
                     const BatchNormGradients<T>& out) {
  if (g.area == 1) {
    columns::batch_norm_grad(g.batch, g.channels, dy, in, training, out);
    return;
  }
  detail::for_each_channel(g.channels, [&](Index c) {
    const T* x = in.x;
    T* dx = out.dx;
    const detail::ChannelLine<T> line(in, c);
    const auto passed = [dy, x, line, floor = in.floor](Index i) {
      const T d = dy[i];
      return line(x[i]) <= floor ? T{0} : d;
    };
    detail::ChannelGradient<T> gradient(in, c);
    const T centre = gradient.centre;
    for (Index n = 0; n < g.batch; ++n) {
      const Index begin = (n * g.channels + c) * g.area;
      gradient.add(sum_lanes<T>(begin, begin + g.area, passed),
                   sum_lanes<T>(begin, begin + g.area, [=](Index i) { return passed(i) * (x[i] - centre); }));
    }
    gradient.finish(g.per_channel(), training, out.dweight[c], out.dbias[c]);
    const T mean_dy = gradient.mean_dy;
    const T slope = gradient.slope;
    for (Index n = 0; n < g.batch && dx != nullptr; ++n) {
      const Index begin = (n * g.channels + c) * g.area;
      for_each_lane(begin, begin + g.area,
                    [=](Index i) { dx[i] = line.scale * (passed(i) - mean_dy - (x[i] - centre) * slope); });
    }
  });
}

}  // namespace engram::kernels
