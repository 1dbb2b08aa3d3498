#pragma once

#include <algorithm>
#include <cmath>

#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels {

/// x [batch, groups, channels, area]: each row of channels * area elements is normalised by its own mean and variance,
/// then scaled and shifted by weight and bias [groups, channels]. Layer norm has one group and area 1; group norm cuts
/// the channels of an image into groups.
struct RowNormGeometry {
  Index batch = 1;
  Index groups = 1;
  Index channels = 1;  ///< of a group
  Index area = 1;

  Index rows() const { return batch * groups; }
  Index row_size() const { return channels * area; }
};

namespace detail {

/// row(number) for each row, in parallel; short rows share a task.
template <class F>
void for_each_row(const RowNormGeometry& g, F row) {
  parallel_ranges(g.rows(), std::max<Index>(1, (1 << 14) / std::max<Index>(1, g.row_size())),
                  [&](Index begin, Index end) {
                    for (Index i = begin; i < end; ++i) {
                      row(i);
                    }
                  });
}

/// Calls f(first, last, channel) for the pieces of a row that share a weight; with area 1 there is one piece, and the
/// weight's index runs with the element.
template <class F>
void for_each_channel_of_row(const RowNormGeometry& g, F f) {
  for (Index c = 0; c < g.channels; ++c) {
    f(c * g.area, (c + 1) * g.area, c);
  }
}

}  // namespace detail

/// y = (x - mean) / sqrt(variance + eps) * weight + bias for each row. weight and bias may be null (1 and 0).
///
/// mean, inverse [rows]: the rows' means and 1 / sqrt(biased variance + eps), for the gradient. All overwritten.
template <class T>
void row_norm(const RowNormGeometry& g, const T* x, const T* weight, const T* bias, T eps, T* y, T* mean, T* inverse) {
  const Index n = g.row_size();
  const double count = n > 0 ? static_cast<double>(n) : 1.0;  // of no pixels the mean is 0, so that gradients are
  detail::for_each_row(g, [&](Index row) {
    simd::with_widest([&] {
      const T* in = x + row * n;
      T* out = y + row * n;
      const T* w = weight == nullptr ? nullptr : weight + row % g.groups * g.channels;
      const T* b = bias == nullptr ? nullptr : bias + row % g.groups * g.channels;
      const T centre =
          static_cast<T>(sum_lanes<double>(0, n, [=](Index i) { return static_cast<double>(in[i]); }) / count);
      const double squares = sum_lanes<double>(
          0, n, [=](Index i) { return static_cast<double>(in[i] - centre) * static_cast<double>(in[i] - centre); });
      const T scale = T{1} / std::sqrt(static_cast<T>(squares / count) + eps);
      mean[row] = centre;
      inverse[row] = scale;
      if (g.area == 1) {
        for_each_lane(0, n, [=](Index i) {
          const T normal = (in[i] - centre) * scale;
          out[i] = (w == nullptr ? normal : normal * w[i]) + (b == nullptr ? T{0} : b[i]);
        });
        return;
      }
      detail::for_each_channel_of_row(g, [&](Index first, Index last, Index c) {
        const T slope = w == nullptr ? scale : scale * w[c];
        const T shift = b == nullptr ? T{0} : b[c];
        for_each_lane(first, last, [=](Index i) { out[i] = (in[i] - centre) * slope + shift; });
      });
    });
  });
}

/// Gradient of row_norm with respect to x (overwritten).
///
/// With xhat = (x - mean) * inverse and u = weight dy: dx = inverse (u - mean(u) - xhat mean(u xhat)) over the row.
/// Source: Ba, Kiros, Hinton, "Layer normalization", arXiv:1607.06450.
template <class T>
void row_norm_grad_input(const RowNormGeometry& g, const T* dy, const T* x, const T* mean, const T* inverse,
                         const T* weight, T* dx) {
  const Index n = g.row_size();
  detail::for_each_row(g, [&](Index row) {
    simd::with_widest([&] {
      const T* in = x + row * n;
      const T* d = dy + row * n;
      T* out = dx + row * n;
      const T* w = weight == nullptr ? nullptr : weight + row % g.groups * g.channels;
      const T centre = mean[row];
      const T scale = inverse[row];
      double sum = 0;
      double sum_xhat = 0;
      const auto accumulate = [&](Index first, Index last, auto weight_of) {
        sum += sum_lanes<double>(first, last, [=](Index i) { return static_cast<double>(weight_of(i) * d[i]); });
        sum_xhat += sum_lanes<double>(
            first, last, [=](Index i) { return static_cast<double>(weight_of(i) * d[i] * (in[i] - centre)); });
      };
      const auto write = [&](Index first, Index last, auto weight_of) {
        const T mean_u = static_cast<T>(sum / static_cast<double>(n));
        const T mean_u_xhat = static_cast<T>(sum_xhat / static_cast<double>(n)) * scale * scale;
        for_each_lane(first, last, [=](Index i) {
          out[i] = scale * (weight_of(i) * d[i] - mean_u - (in[i] - centre) * mean_u_xhat);
        });
      };
      const auto sweep = [&](auto visit) {
        if (w == nullptr) {
          visit(Index{0}, n, [](Index) { return T{1}; });
        } else if (g.area == 1) {
          visit(Index{0}, n, [w](Index i) { return w[i]; });
        } else {
          detail::for_each_channel_of_row(
              g, [&](Index first, Index last, Index c) { visit(first, last, [v = w[c]](Index) { return v; }); });
        }
      };
      sweep(accumulate);
      sweep(write);
    });
  });
}

/// Gradients of row_norm with respect to weight and bias [groups, channels] (overwritten):
/// dweight = sum dy xhat, dbias = sum dy over batch and area, in double.
template <class T>
void row_norm_grad_affine(const RowNormGeometry& g, const T* dy, const T* x, const T* mean, const T* inverse,
                          T* dweight, T* dbias) {
  const Index all = g.groups * g.channels;
  constexpr Index block = 64;
  parallel_ranges(all, block, [&](Index begin, Index end) {
    simd::with_widest([&] {
      double weight_sums[block] = {};
      double bias_sums[block] = {};
      for (Index n = 0; n < g.batch; ++n) {
        if (g.area == 1 && g.groups == 1) {
          const T centre = mean[n];
          const T scale = inverse[n];
          const T* d = dy + n * all + begin;
          const T* in = x + n * all + begin;
          double* weights = weight_sums;
          double* biases = bias_sums;
          for_each_lane(0, end - begin, [=](Index j) {
            weights[j] += static_cast<double>(d[j] * (in[j] - centre) * scale);
            biases[j] += static_cast<double>(d[j]);
          });
          continue;
        }
        for (Index channel = begin; channel < end; ++channel) {
          const Index row = n * g.groups + channel / g.channels;
          const T centre = mean[row];
          const T* d = dy + (n * all + channel) * g.area;
          const T* in = x + (n * all + channel) * g.area;
          weight_sums[channel - begin] +=
              static_cast<double>(inverse[row]) *
              static_cast<double>(sum_lanes<T>(0, g.area, [=](Index i) { return d[i] * (in[i] - centre); }));
          bias_sums[channel - begin] += static_cast<double>(sum_lanes<T>(0, g.area, [=](Index i) { return d[i]; }));
        }
      }
      for (Index channel = begin; channel < end; ++channel) {
        dweight[channel] = static_cast<T>(weight_sums[channel - begin]);
        dbias[channel] = static_cast<T>(bias_sums[channel - begin]);
      }
    });
  });
}

}  // namespace engram::kernels
