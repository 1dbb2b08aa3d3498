#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>

#include <engram/core/buffer.hpp>
#include <engram/embed/umap/curve.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/power.hpp>

namespace engram::embed {

/// What UMAP's layout sums for one point: the pull of some points and the push of others, each clipped at 4 per
/// coordinate. With q = |x - y|^(-2 b)
///
///   pull of y on x:  -2 a b (x - y) / (|x - y|^2 (a + q))
///   push of y on x:   2 b g q (x - y) / ((0.001 + |x - y|^2) (a + q)),   g = repulsion_strength
///
/// Source: McInnes, Healy, Melville 2018 (arXiv:1802.03426), algorithm 5 and appendix C.
class Forces {
 public:
  /// Pairs that are handled together.
  static constexpr Index chunk = 8 * kernels::lanes;

  Forces(const Curve& curve, double repulsion_strength)
      : a_(static_cast<float>(curve.a)),
        minus_b_(static_cast<float>(-curve.b)),
        pull_(static_cast<float>(-2 * curve.a * curve.b)),
        push_(static_cast<float>(2 * curve.b * repulsion_strength)) {}

  /// Space that sum() needs: floats.
  static Index workspace(Index dimensions) { return chunk * (dimensions + 2); }

  /// Adds to force [d] what `count` points do to x [d], the first `pulls` of them pulling `pull_times` times, the
  /// others pushing once.
  /// @param targets  rows of `points` [*, d]
  /// @param d        a constant where the caller knows it
  template <class D>
  [[gnu::always_inline]] void sum(D d, const float* x, const float* points, const std::int32_t* targets, Index pulls,
                                  Index count, float pull_times, float* workspace, float* force) const {
    using kernels::for_each_lane;
    using kernels::lanes;
    float* const factor = workspace + chunk * d;
    float* const pull = factor + chunk;  // 1 for what pulls, 0 for what pushes: a choice would become a branch
    for (Index begin = 0; begin < count; begin += chunk) {
      const Index used = std::min(chunk, count - begin);
      const Index padded = (used + lanes - 1) / lanes * lanes;
      const std::int32_t* const rows = targets + begin;
      std::fill_n(factor, padded, least_distance);
      for (Index c = 0; c < d; ++c) {
        float* const difference = workspace + chunk * c;
        const float own = x[c];
        for (Index p = 0; p < used; ++p) {
          difference[p] = own - points[rows[p] * d + c];
        }
        std::fill(difference + used, difference + padded, 0.0F);  // no force
        for_each_lane(0, padded, [&](Index p) { factor[p] += difference[p] * difference[p]; });
      }
      const Index pulling = std::clamp<Index>(pulls - begin, 0, padded);
      std::fill_n(pull, pulling, 1.0F);
      std::fill(pull + pulling, pull + padded, 0.0F);
      for_each_lane(0, padded, [&](Index p) {
        const float push = 1.0F - pull[p];
        const float distance = factor[p];
        const float q = kernels::simd::positive_power(distance, minus_b_);
        factor[p] = (pull[p] * pull_times * pull_ + push * push_ * q) / ((distance + push * 0.001F) * (a_ + q));
      });
      for (Index c = 0; c < d; ++c) {
        const float* const difference = workspace + chunk * c;
        force[c] += kernels::sum_lanes<float>(0, padded, [&](Index p) {
          const float limit = 4.0F + (4.0F * pull_times - 4.0F) * pull[p];
          const float f = factor[p] * difference[p];
          const float low = f < -limit ? -limit : f;
          return low > limit ? limit : low;
        });
      }
    }
  }

 private:
  static constexpr float least_distance = 1.2e-7F;  ///< squared, added to all: 0 would have no power

  float a_;
  float minus_b_;
  float pull_;
  float push_;
};

}  // namespace engram::embed
