#include <engram/analysis/neighborhood_preservation.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include <engram/io/npy.hpp>

#include "support/golden_manifold.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using analysis::neighborhood_preservation;
using support::golden_manifold;

TEST_CASE("neighborhood_preservation: four points by hand") {
  // 0 1 2 and 7 on a line; the embedding puts 7 between 1 and 2. Nearest in the data: points 1 0 1 2, in the
  // embedding: 1 3 3 1. The two nearest: {1 2} {0 2} {0 1} {1 2} and {1 3} {0 3} {1 3} {1 2}.
  const auto x = Tensor<double>::from({4, 1}, {0, 1, 2, 7});
  const auto embedded = Tensor<double>::from({4, 1}, {0, 1, 2, 1.4});
  CHECK(neighborhood_preservation(x, embedded, 1) == doctest::Approx(1.0 / 4));
  CHECK(neighborhood_preservation(x, embedded, 2) == doctest::Approx(5.0 / 8));
  CHECK(neighborhood_preservation(x, embedded, 3) == 1);
}

TEST_CASE("neighborhood_preservation: umap-learn's embeddings, as scikit-learn's neighbours give") {
  // scikit-learn 1.2.1, arrays as float64: a = NearestNeighbors(n_neighbors=15).fit(x).kneighbors(
  // return_distance=False), b likewise of the embedding, numpy.mean([len(set(s) & set(t)) / 15 for s, t in zip(a, b)])
  CHECK(neighborhood_preservation(golden_manifold("blobs_X"), golden_manifold("blobs_umaplearn_emb_seed0")) ==
        doctest::Approx(0.5526666666666666).epsilon(1e-12));
  CHECK(neighborhood_preservation(golden_manifold("roll_X"), golden_manifold("roll_umaplearn_emb_seed0")) ==
        doctest::Approx(0.8297777777777778).epsilon(1e-12));
}

TEST_CASE("neighborhood_preservation: 1 of the data themselves, K / (N - 1) of an embedding at random") {
  const auto x = normal<float>({501, 4}, 1);
  CHECK(neighborhood_preservation(x, x) == 1);
  // 501 x 20 draws, each kept with probability 0.04: standard deviation 0.002
  CHECK(std::abs(neighborhood_preservation(x, normal({501, 2}, 2), 20) - 0.04) < 0.006);
}

TEST_CASE("neighborhood_preservation: symmetric, and the data's metric counts") {
  const auto x = normal<double>({300, 3}, 4);
  const auto rows = embed::prepare(x, embed::Metric::cosine);
  CHECK(neighborhood_preservation(x, rows) == neighborhood_preservation(rows, x));
  CHECK(neighborhood_preservation(x, rows, 15, embed::Metric::cosine) == 1);
  CHECK(neighborhood_preservation(x, rows) < 0.9);
}

TEST_CASE("neighborhood_preservation: the same bits on any number of threads") {
  const auto x = normal<float>({400, 6}, 5);
  const auto embedded = normal<float>({400, 2}, 6);
  CHECK(same_bits_on_any_threads([&] { return Tensor<double>::from({1}, {neighborhood_preservation(x, embedded)}); }));
}

TEST_CASE("neighborhood_preservation: errors say what was needed and what was got") {
  const auto x = normal<float>({10, 3}, 7);
  CHECK_THROWS_WITH_AS(neighborhood_preservation(x, x),
                       "neighborhood_preservation: need 1 <= n_neighbors < N for N = 10, got 15", ArgumentError);
  CHECK_THROWS_WITH_AS(neighborhood_preservation(x, normal<float>({9, 2}, 8), 3),
                       "neighborhood_preservation: need as many rows in x as in x_embedded, got [10, 3] and [9, 2]",
                       ShapeError);
  auto bad = x;
  bad[4] = NAN;
  CHECK_THROWS_WITH_AS(neighborhood_preservation(x, bad, 3),
                       "neighborhood_preservation: need finite x_embedded, got nan in row 1, column 1", ArgumentError);
}
