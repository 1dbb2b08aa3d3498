#pragma once

#include <algorithm>
#include <limits>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/math.hpp>
#include <engram/kernels/simd/widest.hpp>

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"  // a body that calls the standard library stays a plain loop
#endif

namespace engram::kernels {

/// An array [outer, size, inner] whose middle axis is normalised.
struct AxisGeometry {
  Index outer = 1;
  Index size = 1;
  Index inner = 1;
};

namespace detail {

/// The largest element. NaN is passed over: it spoils the sum of exponentials, and with it the line, anyway.
template <class T>
[[gnu::always_inline]] inline T row_maximum(Index size, const T* x) {
  T best[lanes];
  std::fill_n(best, lanes, -std::numeric_limits<T>::infinity());
  Index i = 0;
  for (; i + lanes <= size; i += lanes) {
    for (Index j = 0; j < lanes; ++j) {
      best[j] = x[i + j] > best[j] ? x[i + j] : best[j];
    }
  }
  for (Index j = 0; i + j < size; ++j) {
    best[j] = x[i + j] > best[j] ? x[i + j] : best[j];
  }
  return *std::max_element(best, best + lanes);
}

/// Calls row(in1, in2, out) for each line along the middle axis, laid out contiguously; in2 may be null. Lines that
/// are not contiguous in memory are copied in and out in blocks of neighbours.
template <class T, class Row>
void for_each_line(const AxisGeometry& g, const T* in1, const T* in2, T* out, Row row) {
  if (g.inner == 1) {
    parallel_ranges(g.outer, std::max<Index>(1, (1 << 14) / std::max<Index>(1, g.size)), [&](Index begin, Index end) {
      simd::with_widest([&] {
        for (Index o = begin; o < end; ++o) {
          row(in1 + o * g.size, in2 == nullptr ? nullptr : in2 + o * g.size, out + o * g.size);
        }
      });
    });
    return;
  }
  constexpr Index width = 64;
  const Index blocks = (g.inner + width - 1) / width;
  parallel_for(g.outer * blocks, [&](Index task) {
    const Index first = task % blocks * width;
    const Index columns = std::min(width, g.inner - first);
    const Index base = task / blocks * g.size * g.inner + first;
    Buffer<T> lines(static_cast<std::size_t>(3 * width * g.size));
    const auto line = [&](Index which, Index column) { return lines.data() + (which * width + column) * g.size; };
    const auto gather = [&](const T* from, Index which) {
      for (Index i = 0; i < g.size; ++i) {
        for (Index c = 0; c < columns; ++c) {
          line(which, c)[i] = from[base + i * g.inner + c];
        }
      }
    };
    gather(in1, 0);
    if (in2 != nullptr) {
      gather(in2, 1);
    }
    simd::with_widest([&] {
      for (Index c = 0; c < columns; ++c) {
        row(line(0, c), in2 == nullptr ? nullptr : line(1, c), line(2, c));
      }
    });
    for (Index i = 0; i < g.size; ++i) {
      for (Index c = 0; c < columns; ++c) {
        out[base + i * g.inner + c] = line(2, c)[i];
      }
    }
  });
}

}  // namespace detail

/// y = e^(x - m) / sum e^(x - m) along the axis, m the line's maximum. x, y [outer, size, inner]; y is overwritten.
template <class T>
void softmax(const AxisGeometry& g, const T* x, T* y) {
  detail::for_each_line<T>(g, x, nullptr, y, [n = g.size](const T* in, const T*, T* out) {
    const T shift = detail::row_maximum(n, in);
    for_each_lane(0, n, [=](Index i) { out[i] = simd::exp(in[i] - shift); });
    const T scale = T{1} / sum_lanes<T>(0, n, [=](Index i) { return out[i]; });
    for_each_lane(0, n, [=](Index i) { out[i] *= scale; });
  });
}

/// Adjoint of softmax at the result y: dx = y (dy - sum y dy).
template <class T>
void softmax_grad(const AxisGeometry& g, const T* y, const T* dy, T* dx) {
  detail::for_each_line<T>(g, y, dy, dx, [n = g.size](const T* p, const T* d, T* out) {
    const T dot = sum_lanes<T>(0, n, [=](Index i) { return p[i] * d[i]; });
    for_each_lane(0, n, [=](Index i) { out[i] = p[i] * (d[i] - dot); });
  });
}

/// y = x - m - log sum e^(x - m) along the axis. x, y [outer, size, inner]; y is overwritten.
template <class T>
void log_softmax(const AxisGeometry& g, const T* x, T* y) {
  detail::for_each_line<T>(g, x, nullptr, y, [n = g.size](const T* in, const T*, T* out) {
    const T shift = detail::row_maximum(n, in);
    for_each_lane(0, n, [=](Index i) { out[i] = simd::exp(in[i] - shift); });
    const T total = simd::log(sum_lanes<T>(0, n, [=](Index i) { return out[i]; }));
    for_each_lane(0, n, [=](Index i) { out[i] = in[i] - shift - total; });
  });
}

/// Adjoint of log_softmax at the result y: dx = dy - e^y sum dy.
template <class T>
void log_softmax_grad(const AxisGeometry& g, const T* y, const T* dy, T* dx) {
  detail::for_each_line<T>(g, y, dy, dx, [n = g.size](const T* p, const T* d, T* out) {
    const T total = sum_lanes<T>(0, n, [=](Index i) { return d[i]; });
    for_each_lane(0, n, [=](Index i) { out[i] = d[i] - simd::exp(p[i]) * total; });
  });
}

}  // namespace engram::kernels

#if defined(__clang__)
#pragma clang diagnostic pop
#endif
