#include <engram/embed/umap/smooth_knn.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/io/npy.hpp>

#include "support/golden_manifold.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::smooth_knn;
using embed::SmoothKnnOptions;
using support::golden_manifold;

namespace {

constexpr float without_end = std::numeric_limits<float>::infinity();

/// Largest |a / b - 1|, where b is not 0, or |a|, where it is; infinite where shapes differ.
double relative_difference(const Tensor<float>& a, const Tensor<float>& b) {
  double largest = a.shape() == b.shape() ? 0 : INFINITY;
  for (Index i = 0; i < a.size() && i < b.size(); ++i) {
    const auto x = static_cast<double>(a[i]);
    const auto y = static_cast<double>(b[i]);
    largest = std::max(largest, y == 0 ? std::abs(x) : std::abs(x / y - 1));
  }
  return largest;
}

/// Sorted distances from a row to itself and k - 1 others [rows, k].
Tensor<float> random_distances(Index rows, Index k, std::uint64_t seed) {
  Rng rng(seed);
  auto d = Tensor<float>::zeros({rows, k});
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 1; j < k; ++j) {
      d[i * k + j] = static_cast<float>(rng.uniform(1, 3));
    }
    std::sort(d.data() + i * k, d.data() + (i + 1) * k);
  }
  return d;
}

/// Size of row i's fuzzy set without its column 0.
double set_size(const Tensor<float>& d, const embed::SmoothKnn& fit, Index i) {
  double sum = 0;
  for (Index j = 1; j < d.dim(1); ++j) {
    const double gap = static_cast<double>(d[i * d.dim(1) + j] - fit.rhos[i]);
    sum += std::exp(-std::max(0.0, gap) / static_cast<double>(fit.sigmas[i]));
  }
  return sum;
}

}  // namespace

TEST_CASE("smooth_knn: as umap-learn 0.5.3 (Debian), of blobs, a roll and digits") {
  for (const std::string set : {"blobs", "roll"}) {
    const auto distances = golden_manifold(set + "_knn_dist");
    for (const auto& [ending, options] :
         std::vector<std::pair<std::string, SmoothKnnOptions>>{{"", {}},
                                                               {"_lc1.0_bw2.0", {.bandwidth = 2}},
                                                               {"_lc1.5_bw1.0", {.local_connectivity = 1.5}},
                                                               {"_lc2.0_bw1.0", {.local_connectivity = 2}}}) {
      const std::string suffix = ending;  // Clang 14 cannot capture a structured binding
      CAPTURE(set + suffix);
      const auto fit = smooth_knn(distances, options);
      CHECK(relative_difference(fit.sigmas, golden_manifold(set + "_sigmas" + suffix)) < 3e-5);
      CHECK(relative_difference(fit.rhos, golden_manifold(set + "_rhos" + suffix)) < 1e-6);
    }
  }
  const auto digits = smooth_knn(golden_manifold("digits_knn_dist"));
  CHECK(relative_difference(digits.sigmas, golden_manifold("digits_sigmas")) < 3e-5);
  CHECK(relative_difference(digits.rhos, golden_manifold("digits_rhos")) < 1e-6);
}

TEST_CASE("smooth_knn: 15 and 8 duplicates, equal distances and a wide range as umap-learn") {
  const auto fit = smooth_knn(golden_manifold("edge_dist"));
  CHECK(relative_difference(fit.sigmas, golden_manifold("edge_sigmas")) < 1e-5);
  CHECK(relative_difference(fit.rhos, golden_manifold("edge_rhos")) == 0);
}

TEST_CASE("smooth_knn: neighbours of new points, with local_connectivity one less, as umap-learn") {
  const auto fit = smooth_knn(golden_manifold("transform_digits_knn_dist"), {.local_connectivity = 0});
  CHECK(relative_difference(fit.sigmas, golden_manifold("transform_digits_sigmas")) < 3e-5);
  CHECK(relative_difference(fit.rhos, golden_manifold("transform_digits_rhos")) == 0);
}

TEST_CASE("smooth_knn: the fuzzy set has the size asked for") {
  const auto d = random_distances(37, 20, 1);
  const auto fit = smooth_knn(d, {.n_neighbors = 10, .bandwidth = 1.5});
  for (Index i = 0; i < 37; ++i) {
    CHECK(set_size(d, fit, i) == doctest::Approx(1.5 * std::log2(10)).epsilon(1e-5));
  }
}

TEST_CASE("smooth_knn: a worked example") {
  // rho is 1; 1 + exp(-1 / sigma) = log2(3)
  const auto fit = smooth_knn(Tensor<float>::from({1, 3}, {0, 1, 2}));
  CHECK(fit.rhos[0] == 1);
  CHECK(fit.sigmas[0] == doctest::Approx(-1 / std::log(std::log2(3.0) - 1)).epsilon(1e-4));
  CHECK(fit.mean_distance == 1);
}

TEST_CASE("smooth_knn: rho lies between two distances, or is the largest where there are fewer") {
  const auto d = Tensor<float>::from({2, 4}, {0, 2, 3, 7, 0, 0, 0, 5});
  const auto rhos = [&](double local_connectivity) {
    return smooth_knn(d, {.local_connectivity = local_connectivity}).rhos;
  };
  CHECK(rhos(2.25)[0] == 4);
  CHECK(rhos(0.5)[0] == 1);
  CHECK(rhos(0)[0] == 0);
  CHECK(rhos(3)[0] == 7);
  CHECK(rhos(9)[0] == 7);
  CHECK(rhos(2.25)[1] == 5);
}

TEST_CASE("smooth_knn: infinite distances do not count") {
  const auto d = Tensor<float>::from({3, 5}, {0, 1, 2, 3, without_end, 0, without_end, without_end, without_end,
                                              without_end, 0, 4, without_end, without_end, without_end});
  const auto fit = smooth_knn(d);
  CHECK(std::ranges::all_of(fit.sigmas.elements(), [](float s) { return std::isfinite(s) && s > 0; }));
  CHECK(std::vector<float>(fit.rhos.data(), fit.rhos.data() + 3) == std::vector<float>{1, 0, 4});
  CHECK(set_size(d, fit, 0) == doctest::Approx(std::log2(5)).epsilon(1e-5));
  CHECK(fit.mean_distance == doctest::Approx(10.0 / 7));
}

TEST_CASE("smooth_knn: a row's fit does not depend on the others where mean_distance is given") {
  const auto d = random_distances(40, 12, 2);
  const SmoothKnnOptions options{.local_connectivity = 0, .mean_distance = 2};
  const auto all = smooth_knn(d, options);
  CHECK(all.mean_distance == 2);
  for (const Index i : {0, 17, 39}) {
    const auto one = smooth_knn(Tensor<float>::from({1, 12}, {d.data() + i * 12, 12}), options);
    CHECK(one.sigmas[0] == all.sigmas[i]);
  }
}

TEST_CASE("smooth_knn: lists of one, and none") {
  const auto alone = smooth_knn(Tensor<float>::zeros({3, 1}));
  CHECK(alone.rhos[2] == 0);
  CHECK(std::isfinite(alone.sigmas[2]));
  CHECK(smooth_knn(Tensor<float>::zeros({0, 5})).sigmas.shape() == Shape{0});
}

TEST_CASE("smooth_knn: same bits on any number of threads") {
  const auto d = random_distances(2500, 6, 3);
  CHECK(same_bits_on_any_threads([&] { return smooth_knn(d).sigmas; }));
}

TEST_CASE("smooth_knn: what cannot be is named") {
  const auto d = random_distances(3, 4, 4);
  CHECK_THROWS_WITH_AS(smooth_knn(Tensor<float>::zeros({4})), "smooth_knn: need distances [N, K], got [4]", ShapeError);
  CHECK_THROWS_WITH_AS(smooth_knn(Tensor<float>::zeros({4, 0})), "smooth_knn: need distances [N, K], got [4, 0]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(smooth_knn(d, {.local_connectivity = -1}), "smooth_knn: need local_connectivity >= 0, got -1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(smooth_knn(d, {.n_neighbors = 0.5}), "smooth_knn: need n_neighbors >= 1, got 0.5",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(smooth_knn(d, {.bandwidth = NAN}), "smooth_knn: need bandwidth >= 0, got nan", ArgumentError);
  auto bad = d;
  bad[6] = -1;
  CHECK_THROWS_WITH_AS(smooth_knn(bad), "smooth_knn: need distances >= 0, got -1 in row 1", ArgumentError);
  bad[6] = NAN;
  CHECK_THROWS_WITH_AS(smooth_knn(bad), "smooth_knn: need distances >= 0, got nan in row 1", ArgumentError);
}
