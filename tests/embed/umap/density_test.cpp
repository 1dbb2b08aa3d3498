#include <engram/embed/umap/density.hpp>
#include <engram/embed/umap/fuzzy_graph.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/embed/umap/layout.hpp>
#include <engram/embed/umap/local_radii.hpp>

#include "support/same_bits.hpp"

using namespace engram;
using embed::DensityTerm;
using embed::local_radii;
using embed::NeighborLists;
using embed::SparseGraph;

namespace {

constexpr embed::Curve umap_curve{1.577, 0.895};

Tensor<float> normal_points(Index rows, Index columns, std::uint64_t seed) {
  Rng rng(seed);
  auto x = Tensor<float>::uninitialized({rows, columns});
  std::ranges::generate(x.elements(), [&] { return static_cast<float>(rng.normal()); });
  return x;
}

NeighborLists<float> neighbors(const Tensor<float>& x, Index k) {
  const Index n = x.dim(0);
  NeighborLists<float> lists{Tensor<std::int32_t>::uninitialized({n, k}), Tensor<float>::uninitialized({n, k})};
  for (Index i = 0; i < n; ++i) {
    std::vector<std::pair<double, std::int32_t>> all;
    for (Index j = 0; j < n; ++j) {
      double square = 0;
      for (Index c = 0; c < x.dim(1); ++c) {
        square += std::pow(static_cast<double>(x[i * x.dim(1) + c] - x[j * x.dim(1) + c]), 2);
      }
      all.emplace_back(j == i ? -1.0 : std::sqrt(square), static_cast<std::int32_t>(j));
    }
    std::ranges::sort(all);
    for (Index j = 0; j < k; ++j) {
      lists.distances[i * k + j] = static_cast<float>(std::max(0.0, all[static_cast<std::size_t>(j)].first));
      lists.indices[i * k + j] = all[static_cast<std::size_t>(j)].second;
    }
  }
  return lists;
}

SparseGraph union_of(const NeighborLists<float>& lists) {
  return fuzzy_union(membership_graph(lists, embed::smooth_knn(lists.distances)));
}

/// What point i is drawn by, of all points [N, d].
Tensor<float> forces(DensityTerm& term, const Tensor<float>& x) {
  auto sum = Tensor<float>::zeros(x.shape());
  term.prepare(x);
  for (Index i = 0; i < x.dim(0); ++i) {
    term.add(i, sum.data() + i * x.dim(1));
  }
  return sum;
}

/// The objective from its definition, in double.
double objective(const SparseGraph& graph, const Tensor<float>& radii, const std::vector<double>& x, Index d,
                 double var_shift) {
  const Index n = graph.rows();
  std::vector<double> r;
  for (Index i = 0; i < n; ++i) {
    double weights = 0;
    double squares = 0;
    for (Index e = graph.offsets[static_cast<std::size_t>(i)]; e < graph.offsets[static_cast<std::size_t>(i) + 1];
         ++e) {
      double t = 1.2e-7;
      for (Index c = 0; c < d; ++c) {
        t += std::pow(x[static_cast<std::size_t>(i * d + c)] -
                          x[static_cast<std::size_t>(graph.columns[static_cast<std::size_t>(e)] * d + c)],
                      2);
      }
      const double phi = 1 / (1 + umap_curve.a * std::pow(t, umap_curve.b));
      weights += phi;
      squares += phi * t;
    }
    r.push_back(std::log(squares / weights));
  }
  double mean = 0, target_mean = 0, variance = 0, target_variance = 0, covariance = 0;
  for (Index i = 0; i < n; ++i) {
    mean += r[static_cast<std::size_t>(i)] / static_cast<double>(n);
    target_mean += static_cast<double>(radii[i]) / static_cast<double>(n);
  }
  for (Index i = 0; i < n; ++i) {
    const double a = r[static_cast<std::size_t>(i)] - mean;
    const double b = static_cast<double>(radii[i]) - target_mean;
    variance += a * a / static_cast<double>(n);
    target_variance += b * b / static_cast<double>(n);
    covariance += a * b / static_cast<double>(n);
  }
  return covariance / std::sqrt(target_variance * (variance + var_shift));
}

/// Three clusters that are 0.1, 1 and 10 wide, of 60 points each.
Tensor<float> clusters() {
  auto x = normal_points(180, 5, 3);
  for (Index i = 0; i < 180; ++i) {
    for (Index c = 0; c < 5; ++c) {
      x[i * 5 + c] *= i < 60 ? 0.1F : i < 120 ? 1.0F : 10.0F;
      x[i * 5 + c] += c == i / 60 ? 100.0F : 0.0F;
    }
  }
  return x;
}

/// A map of the clusters, made with a density term of this weight in the last 90 of 300 epochs.
Tensor<float> map_of_clusters(const SparseGraph& graph, const Tensor<float>& radii, double dens_lambda) {
  auto start = normal_points(180, 2, 4);
  for (Index i = 0; i < 180; ++i) {
    start[2 * i] += static_cast<float>(i / 60) * 5.0F;
  }
  embed::Layout layout(graph, std::move(start), {.curve = umap_curve, .n_epochs = 300});
  DensityTerm term(graph, radii, umap_curve, {.dens_lambda = dens_lambda});
  while (!layout.done()) {
    if (layout.epoch() < 210) {
      layout.step();
    } else {
      term.prepare(layout.coordinates());
      layout.step([&](Index i, float* force) { term.add(i, force); });
    }
  }
  return layout.coordinates();
}

}  // namespace

TEST_CASE("DensityTerm: the force is the objective's gradient by central differences") {
  for (const Index d : {1, 2, 5}) {
    CAPTURE(d);
    const auto lists = neighbors(normal_points(50, 3, 1), 40);  // more edges than are handled together
    const auto graph = union_of(lists);
    const auto radii = local_radii(graph, lists);
    const auto x = normal_points(50, d, 2);
    DensityTerm term(graph, radii, umap_curve, {.dens_lambda = 3, .dens_var_shift = 0.2});
    const auto force = forces(term, x);
    std::vector<double> moved(x.data(), x.data() + x.size());
    const double value = objective(graph, radii, moved, d, 0.2);
    CHECK(term.correlation() == doctest::Approx(value).epsilon(1e-5));
    double total = 0;
    for (const float weight : graph.weights) {
      total += static_cast<double>(weight);
    }
    const double scale = 3 * total / static_cast<double>(*std::ranges::max_element(graph.weights));
    double largest = 0;
    double error = 0;
    for (Index at = 0; at < x.size(); ++at) {
      double& value_at = moved[static_cast<std::size_t>(at)];
      const double before = value_at;
      value_at = before + 1e-5;
      const double above = objective(graph, radii, moved, d, 0.2);
      value_at = before - 1e-5;
      const double slope = scale * (above - objective(graph, radii, moved, d, 0.2)) / 2e-5;
      value_at = before;
      largest = std::max(largest, std::abs(slope));
      error = std::max(error, std::abs(slope - static_cast<double>(force[at])));
    }
    CHECK(largest > 0.1);
    CHECK(error < 1e-4 * largest);
  }
}

TEST_CASE("DensityTerm: clusters 0.1, 1 and 10 wide become clusters of different width") {
  const auto lists = neighbors(clusters(), 15);
  const auto graph = union_of(lists);
  const auto radii = local_radii(graph, lists);
  const auto agreement = [&](double dens_lambda) {
    const auto map = map_of_clusters(graph, radii, dens_lambda);
    const auto map_lists = neighbors(map, 15);
    const auto map_radii = local_radii(union_of(map_lists), map_lists);
    std::vector<double> x(map.data(), map.data() + map.size());
    DensityTerm term(graph, radii, umap_curve, {.dens_var_shift = 0});
    term.prepare(map);
    const double width_ratio = static_cast<double>(map_radii[150] - map_radii[30]);
    CAPTURE(width_ratio);
    CHECK((dens_lambda > 0) == (width_ratio > 2));
    return term.correlation();
  };
  CHECK(agreement(0) < 0.5);
  CHECK(agreement(2) > 0.9);
}

TEST_CASE("DensityTerm: same bits on any number of threads") {
  const auto lists = neighbors(normal_points(700, 3, 5), 10);
  const auto graph = union_of(lists);
  const auto radii = local_radii(graph, lists);
  CHECK(same_bits_on_any_threads([&] {
    DensityTerm term(graph, local_radii(graph, lists), umap_curve);
    embed::Layout layout(graph, normal_points(700, 2, 6), {.curve = umap_curve, .n_epochs = 5});
    while (!layout.done()) {
      term.prepare(layout.coordinates());
      layout.step([&](Index i, float* force) { term.add(i, force); });
    }
    return layout.coordinates();
  }));
}

TEST_CASE("DensityTerm: finite for points in one place, equal radii, points without edges and no edges at all") {
  const auto finite = [](const Tensor<float>& x) {
    return std::ranges::all_of(x.elements(), [](float v) { return std::isfinite(v); });
  };
  const SparseGraph graph{{0, 1, 3, 4, 4}, {1, 0, 2, 1}, {1, 1, 1, 1}, 4};
  const auto radii = Tensor<float>::from({4}, {0, 1, 2, 100});
  for (const double var_shift : {0.0, 0.1}) {
    DensityTerm term(graph, radii, umap_curve, {.dens_var_shift = var_shift});
    CHECK(finite(forces(term, Tensor<float>::zeros({4, 2}))));
    const auto force = forces(term, Tensor<float>::from({4, 2}, {0, 0, 1, 0, 4, 0, 5, 5}));
    CHECK(finite(force));
    CHECK(force[0] != 0);
    CHECK(force[6] == 0);
    DensityTerm equal(graph, Tensor<float>::zeros({4}), umap_curve, {.dens_var_shift = var_shift});
    CHECK(std::ranges::all_of(forces(equal, normal_points(4, 2, 7)).elements(), [](float v) { return v == 0; }));
    DensityTerm none(SparseGraph{{0, 0}, {}, {}, 1}, Tensor<float>::zeros({1}), umap_curve,
                     {.dens_var_shift = var_shift});
    CHECK(finite(forces(none, Tensor<float>::zeros({1, 2}))));
    CHECK(none.correlation() == 0);
  }
}

TEST_CASE("DensityTerm: what does not fit is named") {
  const SparseGraph graph{{0, 1, 2}, {1, 0}, {1, 1}, 2};
  const auto radii = Tensor<float>::from({2}, {0, 1});
  CHECK_THROWS_WITH_AS(DensityTerm(graph, Tensor<float>::zeros({3}), umap_curve),
                       "densmap: need radii [N] of a graph [N, N], got [3] and [2, 2]", ShapeError);
  CHECK_THROWS_WITH_AS(DensityTerm(graph, radii, umap_curve, {.dens_lambda = -1}),
                       "densmap: need dens_lambda and dens_var_shift from 0 to 1e6, got -1 and 0.1", ArgumentError);
  CHECK_THROWS_AS(DensityTerm(graph, radii, umap_curve, {.dens_var_shift = NAN}), ArgumentError);
  CHECK_THROWS_WITH_AS(DensityTerm(graph, Tensor<float>::from({2}, {0, NAN}), umap_curve),
                       "densmap: need finite radii, got nan in row 1", ArgumentError);
  DensityTerm term(graph, radii, umap_curve);
  CHECK_THROWS_WITH_AS(term.prepare(Tensor<float>::zeros({3, 2})), "densmap: need 2 points [N, d], got [3, 2]",
                       ShapeError);
}
