#pragma once

#include <algorithm>
#include <cstdint>

#include <engram/core/parallel.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/math.hpp>
#include <engram/kernels/simd/widest.hpp>
#include <engram/kernels/softmax.hpp>

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"  // a body that calls the standard library stays a plain loop
#endif

namespace engram::kernels {

/// One class for each place of logits [outer, size, inner]. What the logarithm of class c counts at a place whose class
/// is t: share(t, c) = weights[c] ((1 - smoothing) [c = t] + smoothing / size); nothing where t is `ignored`.
template <class T>
struct ClassTargets {
  AxisGeometry g;
  const std::int64_t* target = nullptr;  ///< [outer, inner]
  const T* weights = nullptr;            ///< [size]
  std::int64_t ignored = -100;
  T smoothing = 0;

  Index places() const { return g.outer * g.inner; }
  bool counts(Index place) const { return target[place] != ignored; }
  T spread() const { return smoothing / static_cast<T>(g.size); }
  /// share(t, t) without the part that all classes get.
  T hit(Index place) const { return weights[target[place]] * (T{1} - smoothing); }
  /// Position of a place's first logit.
  Index base(Index place) const { return place / g.inner * g.size * g.inner + place % g.inner; }
};

/// losses[place] = -sum over classes of share * logs, 0 where ignored. logs [outer, size, inner] are log-probabilities;
/// losses [outer, inner] (overwritten).
template <class T>
void cross_entropy(const ClassTargets<T>& c, const T* logs, T* losses) {
  parallel_ranges(c.places(), 1 << 10, [&](Index begin, Index end) {
    for (Index place = begin; place < end; ++place) {
      T loss{0};
      if (c.counts(place)) {
        const T* log = logs + c.base(place);
        loss = -c.hit(place) * log[c.target[place] * c.g.inner];
        for (Index k = 0; k < c.g.size && c.smoothing > T{0}; ++k) {
          loss -= c.spread() * c.weights[k] * log[k * c.g.inner];
        }
      }
      losses[place] = loss;
    }
  });
}

/// Gradient with respect to the logits (overwritten): slope (p W - share), p the probabilities and W the sum of a
/// place's shares. slopes [outer, inner] holds each place's, 0 where ignored.
template <class T>
void cross_entropy_grad(const ClassTargets<T>& c, const T* logs, const T* slopes, T* dx) {
  const Index n = c.g.size;
  const Index inner = c.g.inner;
  const T spread = c.spread();
  T all_weights{0};
  for (Index k = 0; k < n; ++k) {
    all_weights += c.weights[k];
  }
  constexpr Index block = 64;
  const Index blocks = (inner + block - 1) / block;
  parallel_ranges(c.g.outer * blocks, inner == 1 ? 64 : 1, [&](Index begin, Index end) {
    for (Index task = begin; task < end; ++task) {
      const Index first = task / blocks * inner + task % blocks * block;
      const Index count = std::min(block, inner - task % blocks * block);
      T of_probability[block];  // slope W
      T of_weight[block];       // slope spread
      for (Index i = 0; i < count; ++i) {
        const bool counts = c.counts(first + i);
        const T slope = counts ? slopes[first + i] : T{0};
        of_probability[i] = counts ? slope * (c.hit(first + i) + spread * all_weights) : T{0};
        of_weight[i] = slope * spread;
      }
      const Index base = c.base(first);
      simd::with_widest([&] {
        const T* p = of_probability;
        const T* q = of_weight;
        if (inner == 1) {
          for_each_lane(0, n, [=, log = logs + base, out = dx + base, w = c.weights](Index k) {
            out[k] = p[0] * simd::exp(log[k]) - q[0] * w[k];
          });
        } else {
          for (Index k = 0; k < n; ++k) {
            for_each_lane(0, count,
                          [=, log = logs + base + k * inner, out = dx + base + k * inner, w = c.weights[k]](Index i) {
                            out[i] = p[i] * simd::exp(log[i]) - q[i] * w;
                          });
          }
        }
      });
      for (Index i = 0; i < count; ++i) {
        if (c.counts(first + i)) {
          dx[base + i + c.target[first + i] * inner] -= slopes[first + i] * c.hit(first + i);
        }
      }
    }
  });
}

}  // namespace engram::kernels

#if defined(__clang__)
#pragma clang diagnostic pop
#endif
