#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/edge_schedule.hpp>
#include <engram/embed/umap/forces.hpp>
#include <engram/embed/umap/layout_options.hpp>
#include <engram/embed/umap/sampled_forces.hpp>

namespace engram::embed {

namespace detail {

/// Adam's step of one epoch (Kingma and Ba 2015, in the form of its section 2 end), with uwot's constants.
struct AdamStep {
  static constexpr float beta_1 = 0.5F;
  static constexpr float beta_2 = 0.9F;
  float rate;
  float epsilon;

  AdamStep(double learning_rate, Index epoch, Index n_epochs) {
    const auto t = static_cast<double>(epoch + 1);
    const double second = std::sqrt(1 - std::pow(0.9, t));
    const double decay = 1 - static_cast<double>(epoch) / static_cast<double>(n_epochs);
    rate = static_cast<float>(learning_rate * decay * second / (1 - std::pow(0.5, t)));
    epsilon = static_cast<float>(1e-7 * second);
  }

  /// By how much a coordinate on which `force` acts moves.
  [[gnu::always_inline]] float operator()(float force, float& first, float& second) const {
    first += (1 - beta_1) * (force - first);
    second += (1 - beta_2) * (force * force - second);
    return rate * first / (std::sqrt(second) + epsilon);
  }
};

}  // namespace detail

/// Moves the points of a graph until near ones of the graph are near in the plane: UMAP's optimisation, epoch by epoch.
///
/// In each epoch every point sums what pulls and pushes it where all points were at the epoch's start, and Adam moves
/// it. So the result has the same bits on any number of threads. An edge of a symmetric graph pulls both its ends,
/// which each point counts by taking its own edges twice; pushing points are drawn by a hash of seed, epoch and point.
///
/// Sources: McInnes, Healy, Melville 2018 (arXiv:1802.03426), algorithm 5; the moment constants and the gathering
/// are those of uwot's batch mode (Melville, "uwot", R package).
class Layout {
 public:
  Layout() = default;

  /// @param graph    symmetric, N rows
  /// @param initial  where the points start, [N, d]
  /// @throws ShapeError unless initial has N rows and d >= 1, ArgumentError for options out of range
  Layout(const SparseGraph& graph, Tensor<float> initial, const LayoutOptions& options) : options_(options) {
    options.check();
    ensure<ShapeError>(initial.rank() == 2 && initial.dim(0) == graph.rows() && graph.column_count == graph.rows() &&
                           initial.dim(1) >= 1,
                       "Umap: need a start [", graph.rows(), ", d] for a graph of ", graph.rows(), " x ",
                       graph.column_count, " points, got ", initial.shape());
    if (options.n_epochs > 0) {
      schedule_ = EdgeSchedule(graph, options.n_epochs);
    }
    next_ = Tensor<float>::uninitialized(initial.shape());
    first_moments_ = Tensor<float>::zeros(initial.shape());
    second_moments_ = Tensor<float>::zeros(initial.shape());
    coordinates_ = std::move(initial);
  }

  /// Where the points are, [N, d].
  const Tensor<float>& coordinates() const { return coordinates_; }
  /// Epochs that have been done.
  Index epoch() const { return epoch_; }
  Index n_epochs() const { return options_.n_epochs; }
  bool done() const { return epoch_ >= options_.n_epochs; }

  /// One epoch; nothing once all are done.
  /// @param extra  extra(i, force), if given, may add to the force [d] on point i. It is called for all points, from
  /// several threads, and may read coordinates(), which stay as they are meanwhile.
  void step(const std::function<void(Index, float*)>& extra = {}) {
    if (done()) {
      return;
    }
    const Index d = coordinates_.dim(1);
    const Forces forces(options_.curve, options_.repulsion_strength);
    const detail::AdamStep adam(options_.learning_rate, epoch_, options_.n_epochs);
    parallel_ranges(coordinates_.dim(0), 256, [&](Index begin, Index end) {
      SampledForces sampled(schedule_, forces, options_.negative_sample_rate, 2, options_.seed, coordinates_);
      Buffer<float> force(static_cast<std::size_t>(d));
      for (Index i = begin; i < end; ++i) {
        sampled(i, epoch_, static_cast<std::uint32_t>(i), coordinates_.data() + i * d, force.data());
        if (extra) {
          extra(i, force.data());
        }
        for (Index c = 0; c < d; ++c) {
          const Index at = i * d + c;
          next_[at] = coordinates_[at] + adam(force.data()[c], first_moments_[at], second_moments_[at]);
        }
      }
    });
    std::swap(coordinates_, next_);
    ++epoch_;
  }

 private:
  LayoutOptions options_;
  EdgeSchedule schedule_;
  Tensor<float> coordinates_;
  Tensor<float> next_;
  Tensor<float> first_moments_;
  Tensor<float> second_moments_;
  Index epoch_ = 0;
};

}  // namespace engram::embed
