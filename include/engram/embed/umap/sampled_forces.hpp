#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include <engram/core/buffer.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/edge_schedule.hpp>
#include <engram/embed/umap/forces.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed {

namespace detail {

/// A well-mixed function of 32 bits, cheap enough to draw a sample for each pair of points.
/// Source: the "lowbias32" constants of Wellons, "Prospecting for hash functions", 2018.
[[gnu::always_inline]] inline std::uint32_t mix_bits(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7FEB352Du;
  x = (x ^ (x >> 15)) * 0x846CA68Bu;
  return x ^ (x >> 16);
}

/// A key for the random numbers of one point at one epoch.
inline std::uint32_t sample_key(std::uint64_t seed, Index epoch, std::uint32_t point) {
  const std::uint32_t run =
      mix_bits(static_cast<std::uint32_t>(seed) ^ mix_bits(static_cast<std::uint32_t>(seed >> 32)));
  return mix_bits(point * 0x9E3779B1u ^ mix_bits(static_cast<std::uint32_t>(epoch) + run));
}

/// Fills `targets` with `count` of 0 .. points - 1 that follow from the key alone.
[[gnu::always_inline]] inline void draw_points(std::uint32_t key, Index points, Index count, std::int32_t* targets) {
  const auto range = static_cast<std::uint64_t>(points);
  kernels::for_each_lane(0, count, [&](Index s) {
    const std::uint32_t bits = mix_bits(key + static_cast<std::uint32_t>(s) * 0x9E3779B9u);
    targets[s] = static_cast<std::int32_t>(bits * range >> 32);
  });
}

}  // namespace detail

/// The force on one point at one epoch: the pull of those that its edges due then lead to and, for each of them, the
/// push of negative_sample_rate points drawn from all. One per thread: it holds what is needed meanwhile.
class SampledForces {
 public:
  /// @param points      [N, d], which the schedule's edges lead to
  /// @param pull_times  how often a pull counts: 2 where each edge is also the other end's
  SampledForces(const EdgeSchedule& schedule, const Forces& forces, Index negative_sample_rate, float pull_times,
                std::uint64_t seed, const Tensor<float>& points)
      : schedule_(schedule),
        forces_(forces),
        negative_sample_rate_(negative_sample_rate),
        pull_times_(pull_times),
        seed_(seed),
        points_(points),
        targets_(static_cast<std::size_t>((schedule.most_edges() + 1) * (negative_sample_rate + 1))),
        workspace_(static_cast<std::size_t>(Forces::workspace(points.dim(1)))) {}

  /// @param row    of the schedule
  /// @param point  a number that the random points follow from, together with seed and epoch
  /// @param x      where the point is, [d]
  /// @param force  [d], overwritten
  void operator()(Index row, Index epoch, std::uint32_t point, const float* x, float* force) {
    const std::uint32_t key = detail::sample_key(seed_, epoch, point);
    if (points_.dim(1) == 2) {
      sum(std::integral_constant<Index, 2>{}, row, epoch, key, x, force);
    } else {
      sum(points_.dim(1), row, epoch, key, x, force);
    }
  }

 private:
  template <class D>
  void sum(D d, Index row, Index epoch, std::uint32_t key, const float* x, float* force) {
    kernels::simd::with_widest([&] {
      std::int32_t* const targets = targets_.data();
      const Index pulls = schedule_.due(row, epoch, targets);
      const Index pushes = pulls * negative_sample_rate_;
      detail::draw_points(key, points_.dim(0), pushes, targets + pulls);
      std::fill_n(force, Index{d}, 0.0F);
      forces_.sum(d, x, points_.data(), targets, pulls, pulls + pushes, pull_times_, workspace_.data(), force);
    });
  }

  const EdgeSchedule& schedule_;
  const Forces& forces_;
  Index negative_sample_rate_;
  float pull_times_;
  std::uint64_t seed_;
  const Tensor<float>& points_;
  Buffer<std::int32_t> targets_;
  Buffer<float> workspace_;
};

}  // namespace engram::embed
