#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/curve.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/power.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed {

struct DensityOptions {
  double dens_lambda = 2;       ///< weight of the density's part
  double dens_var_shift = 0.1;  ///< added to the variance of the radii in the map
};

/// densMAP's part of the force on the points of a Layout: what makes radii in the map go with those of the data.
///
/// The radius of point i in the map is r_i = log(sum phi t / sum phi) over its edges, with t = |y_i - y_j|^2 and
/// phi = 1 / (1 + a t^b). Point i is drawn along the gradient of
///
///   dens_lambda * (sum of the graph's weights / the largest) * cov(R, r) / sqrt(var(r) + dens_var_shift),
///
/// R the data's radii with mean 0 and variance 1. That is what umap-learn's sampled edges amount to on average, over
/// all edges at once. Points without edges take no part.
///
///   density.prepare(layout.coordinates());
///   layout.step([&](Index i, float* force) { density.add(i, force); });
///
/// Source: Narayan, Berger, Cho 2021 (see local_radii), and its implementation in umap-learn.
class DensityTerm {
 public:
  /// @param graph  symmetric, N rows
  /// @param radii  of the data [N], see local_radii
  /// @throws ShapeError unless radii is [N]; ArgumentError for options out of range or a radius that is not finite
  DensityTerm(const SparseGraph& graph, const Tensor<float>& radii, const Curve& curve,
              const DensityOptions& options = {})
      : offsets_(graph.offsets),
        columns_(graph.columns),
        a_(static_cast<float>(curve.a)),
        b_(static_cast<float>(curve.b)),
        var_shift_(options.dens_var_shift) {
    ensure<ShapeError>(radii.shape() == Shape{graph.rows()} && graph.column_count == graph.rows(),
                       "densmap: need radii [N] of a graph [N, N], got ", radii.shape(), " and [", graph.rows(), ", ",
                       graph.column_count, "]");
    ensure<ArgumentError>(
        options.dens_lambda >= 0 && options.dens_lambda <= 1e6 && var_shift_ >= 0 && var_shift_ <= 1e6,
        "densmap: need dens_lambda and dens_var_shift from 0 to 1e6, got ", options.dens_lambda, " and ", var_shift_);
    const double total = std::accumulate(graph.weights.begin(), graph.weights.end(), 0.0);
    const float largest = graph.weights.empty() ? 0.0F : *std::ranges::max_element(graph.weights);
    scale_ = largest > 0 ? options.dens_lambda * total / static_cast<double>(largest) : 0;
    points_.resize(static_cast<std::size_t>(radii.size()));
    slopes_.resize(points_.size());
    for (Index i = 0; i < radii.size(); ++i) {
      ensure<ArgumentError>(std::isfinite(radii[i]), "densmap: need finite radii, got ", radii[i], " in row ", i);
      points_[static_cast<std::size_t>(i)].target = static_cast<double>(radii[i]);
      connected_ += has_edges(static_cast<std::size_t>(i)) ? 1 : 0;
    }
    const double mean = mean_of([](const Point& p) { return p.target; });
    const double variance = mean_of([mean](const Point& p) { return (p.target - mean) * (p.target - mean); });
    for (Point& point : points_) {
      point.target = variance > 0 ? (point.target - mean) / std::sqrt(variance) : 0;
    }
  }

  /// Measures the map. `coordinates` [N, d] must stay as they are until add() has been called for all points.
  /// @throws ShapeError unless there are N rows
  void prepare(const Tensor<float>& coordinates) {
    ensure<ShapeError>(coordinates.rank() == 2 && coordinates.dim(0) == std::ssize(points_), "densmap: need ",
                       points_.size(), " points [N, d], got ", coordinates.shape());
    coordinates_ = coordinates.data();
    dimensions_ = coordinates.dim(1);
    parallel_ranges(coordinates.dim(0), 256, [&](Index begin, Index end) {
      kernels::simd::with_widest([&] {
        for (Index i = begin; i < end; ++i) {
          measure(i);
        }
      });
    });
    const double mean = mean_of([](const Point& p) { return p.radius; });
    const double variance = mean_of([mean](const Point& p) { return (p.radius - mean) * (p.radius - mean); });
    const double covariance = mean_of([mean](const Point& p) { return p.target * (p.radius - mean); });
    const double deviation = std::sqrt(variance + var_shift_);
    const double inverse = deviation > 0 ? 1 / deviation : 0;
    correlation_ = covariance * inverse;
    std::ranges::transform(points_, slopes_.begin(), [&](const Point& p) {
      const double of_radius =
          scale_ / std::max(connected_, 1.0) * inverse * (p.target - correlation_ * inverse * (p.radius - mean));
      const double of_weights = p.weights > 0 ? of_radius / p.weights : 0;
      return Slopes{static_cast<float>(of_weights * std::exp(-p.radius)), static_cast<float>(of_weights)};
    });
  }

  /// Adds to force [d] what draws point i of the coordinates that prepare() saw.
  [[gnu::always_inline]] void add(Index i, float* force) const {
    const Slopes own = slopes_[static_cast<std::size_t>(i)];
    for_each_chunk(i, [&](const std::int32_t* targets, Index used, Index padded, const float* t, const float* power) {
      float of_radius[chunk] = {};
      float of_weights[chunk] = {};
      float pull[chunk];
      for (Index p = 0; p < used; ++p) {
        const Slopes other = slopes_[static_cast<std::size_t>(targets[p])];
        of_radius[p] = own.radius + other.radius;
        of_weights[p] = own.weights + other.weights;
      }
      kernels::for_each_lane(0, padded, [&](Index p) {
        const float phi = 1.0F / (1.0F + power[p]);
        pull[p] =
            2.0F * phi * (of_radius[p] * (1.0F - b_ * (1.0F - phi)) + of_weights[p] * (b_ * phi * power[p] / t[p]));
      });
      for (Index p = 0; p < used; ++p) {
        for (Index c = 0; c < dimensions_; ++c) {
          force[c] += pull[p] * (coordinates_[i * dimensions_ + c] - coordinates_[targets[p] * dimensions_ + c]);
        }
      }
    });
  }

  /// Of the map that prepare() saw: cov(R, r) / sqrt(var(r) + dens_var_shift).
  double correlation() const { return correlation_; }

 private:
  static constexpr Index chunk = 2 * kernels::lanes;  ///< edges that are handled together
  static constexpr float least_distance = 1.2e-7F;    ///< squared, added to all, as in Forces

  struct Point {
    double target = 0;   ///< radius in the data, standardised
    double radius = 0;   ///< in the map
    double weights = 0;  ///< sum of phi; 0 of a point without edges
  };
  /// What the objective gains where a phi t or, other things equal, a phi of the point's sums grows.
  struct Slopes {
    float radius = 0;
    float weights = 0;
  };

  bool has_edges(std::size_t i) const { return offsets_[i] < offsets_[i + 1]; }
  /// Mean of f over points with edges.
  template <class F>
  double mean_of(F f) const {
    double sum = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      sum += has_edges(i) ? f(points_[i]) : 0.0;
    }
    return sum / std::max(connected_, 1.0);
  }

  /// Calls f(targets, used, padded, t, a t^b) for the edges of point i in chunks, with squared lengths t [padded].
  template <class F>
  [[gnu::always_inline]] void for_each_chunk(Index i, F f) const {
    const Index end = offsets_[static_cast<std::size_t>(i) + 1];
    for (Index begin = offsets_[static_cast<std::size_t>(i)]; begin < end; begin += chunk) {
      const std::int32_t* targets = columns_.data() + begin;
      const Index used = std::min(chunk, end - begin);
      const Index padded = (used + kernels::lanes - 1) / kernels::lanes * kernels::lanes;
      float t[chunk];
      float power[chunk];
      for (Index p = 0; p < used; ++p) {
        float square = least_distance;
        for (Index c = 0; c < dimensions_; ++c) {
          const float difference = coordinates_[i * dimensions_ + c] - coordinates_[targets[p] * dimensions_ + c];
          square += difference * difference;
        }
        t[p] = square;
      }
      std::fill(t + used, t + padded, least_distance);
      kernels::for_each_lane(0, padded, [&](Index p) { power[p] = a_ * kernels::simd::positive_power(t[p], b_); });
      f(targets, used, padded, t, power);
    }
  }

  [[gnu::always_inline]] void measure(Index i) {
    double weights = 0;
    double squares = 0;
    for_each_chunk(i, [&](const std::int32_t*, Index used, Index, const float* t, const float* power) {
      weights +=
          static_cast<double>(kernels::sum_lanes<float>(0, used, [=](Index p) { return 1.0F / (1.0F + power[p]); }));
      squares +=
          static_cast<double>(kernels::sum_lanes<float>(0, used, [=](Index p) { return t[p] / (1.0F + power[p]); }));
    });
    points_[static_cast<std::size_t>(i)].weights = weights;
    points_[static_cast<std::size_t>(i)].radius = weights > 0 ? std::log(squares / weights) : 0;
  }

  std::vector<Index> offsets_ = {0};
  std::vector<std::int32_t> columns_;
  std::vector<Point> points_;
  std::vector<Slopes> slopes_;
  float a_ = 1;
  float b_ = 1;
  double var_shift_ = 0;
  double connected_ = 0;  ///< points with edges
  double scale_ = 0;      ///< of the correlation in the objective
  double correlation_ = 0;
  const float* coordinates_ = nullptr;
  Index dimensions_ = 0;
};

}  // namespace engram::embed
