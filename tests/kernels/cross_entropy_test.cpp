#include <engram/kernels/cross_entropy.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <engram/core/random.hpp>

#include "support/numbers.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using kernels::AxisGeometry;
using kernels::ClassTargets;

namespace {

/// Random log-probabilities and classes of a geometry, every fifth place ignored.
struct Problem {
  AxisGeometry g;
  std::vector<double> logs;
  std::vector<std::int64_t> target;
  std::vector<double> weights;
  std::vector<double> slopes;

  explicit Problem(const AxisGeometry& geometry) : g(geometry) {
    Rng rng(7);
    std::vector<double> x(static_cast<std::size_t>(g.outer * g.size * g.inner));
    for (double& v : x) {
      v = rng.normal();
    }
    logs = unwritten<double>(std::ssize(x));
    kernels::log_softmax(g, x.data(), logs.data());
    for (Index i = 0; i < g.outer * g.inner; ++i) {
      target.push_back(i % 5 == 3 ? -100 : rng.below(g.size));
      slopes.push_back(rng.normal());
    }
    for (Index c = 0; c < g.size; ++c) {
      weights.push_back(rng.uniform(0.5, 2));
    }
  }
  ClassTargets<double> targets(double smoothing) const { return {g, target.data(), weights.data(), -100, smoothing}; }
  double share(Index place, Index c, double smoothing) const {
    const double hit = target[static_cast<std::size_t>(place)] == c ? 1 - smoothing : 0;
    return weights[static_cast<std::size_t>(c)] * (hit + smoothing / static_cast<double>(g.size));
  }
};

const std::vector<AxisGeometry> logit_shapes{{7, 5, 1}, {2, 3, 17}, {3, 4, 64}, {1, 33, 130}, {70, 17, 1}};

}  // namespace

TEST_CASE("cross_entropy kernel: the losses of a naive loop, for rows and for images") {
  for (const AxisGeometry& g : logit_shapes) {
    for (const double smoothing : {0.0, 0.3}) {
      const Problem p(g);
      auto losses = unwritten<double>(g.outer * g.inner);
      kernels::cross_entropy(p.targets(smoothing), p.logs.data(), losses.data());
      std::vector<double> expected(losses.size(), 0);
      for (Index place = 0; place < g.outer * g.inner; ++place) {
        for (Index c = 0; c < g.size && p.target[static_cast<std::size_t>(place)] != -100; ++c) {
          const Index at = (place / g.inner * g.size + c) * g.inner + place % g.inner;
          expected[static_cast<std::size_t>(place)] -=
              p.share(place, c, smoothing) * p.logs[static_cast<std::size_t>(at)];
        }
      }
      CHECK(largest_difference(losses, expected) < 1e-13);
    }
  }
}

TEST_CASE("cross_entropy_grad kernel: slope (p W - share) of a naive loop, 0 where ignored") {
  for (const AxisGeometry& g : logit_shapes) {
    for (const double smoothing : {0.0, 0.3}) {
      const Problem p(g);
      auto dx = unwritten<double>(std::ssize(p.logs));
      kernels::cross_entropy_grad(p.targets(smoothing), p.logs.data(), p.slopes.data(), dx.data());
      std::vector<double> expected(dx.size(), 0);
      for (Index place = 0; place < g.outer * g.inner; ++place) {
        double all = 0;
        for (Index c = 0; c < g.size; ++c) {
          all += p.share(place, c, smoothing);
        }
        for (Index c = 0; c < g.size && p.target[static_cast<std::size_t>(place)] != -100; ++c) {
          const auto at = static_cast<std::size_t>((place / g.inner * g.size + c) * g.inner + place % g.inner);
          expected[at] =
              p.slopes[static_cast<std::size_t>(place)] * (std::exp(p.logs[at]) * all - p.share(place, c, smoothing));
        }
      }
      CHECK(largest_difference(dx, expected) < 1e-13);
    }
  }
}

TEST_CASE("cross_entropy kernels: the same bits on any number of threads") {
  const Problem p({5, 9, 700});
  CHECK(same_bits_on_any_threads([&] {
    auto losses = unwritten<double>(5 * 700);
    kernels::cross_entropy(p.targets(0.1), p.logs.data(), losses.data());
    return losses;
  }));
  CHECK(same_bits_on_any_threads([&] {
    auto dx = unwritten<double>(std::ssize(p.logs));
    kernels::cross_entropy_grad(p.targets(0.1), p.logs.data(), p.slopes.data(), dx.data());
    return dx;
  }));
}
