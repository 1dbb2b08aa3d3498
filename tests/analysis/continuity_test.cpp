#include <engram/analysis/continuity.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include <engram/analysis/trustworthiness.hpp>
#include <engram/io/npy.hpp>

#include "support/golden_manifold.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using analysis::continuity;
using analysis::trustworthiness;
using support::golden_manifold;

TEST_CASE("continuity: four points by hand") {
  // 0 1 2 and 7 on a line; the embedding puts 7 between 1 and 2. Nearest in the data: of 0 the point at 1 (rank 1 in
  // the embedding), of 1 that at 0 (rank 2 after 7), of 2 that at 1 (rank 2 after 7), of 7 that at 2 (rank 2 after 1).
  // The excess over K = 1 is 0 + 1 + 1 + 1; trustworthiness finds 0 + 2 + 2 + 1.
  const auto x = Tensor<double>::from({4, 1}, {0, 1, 2, 7});
  const auto embedded = Tensor<double>::from({4, 1}, {0, 1, 2, 1.4});
  CHECK(continuity(x, embedded, 1) == doctest::Approx(1 - 3.0 / 8));
  CHECK(trustworthiness(x, embedded, 1) == doctest::Approx(1 - 5.0 / 8));
}

TEST_CASE("continuity: umap-learn's embeddings, as scikit-learn found") {
  // scikit-learn 1.2.1, arrays as float64: trustworthiness(embedding, x, n_neighbors=15), with x and the embedding
  // exchanged.
  CHECK(continuity(golden_manifold("blobs_X"), golden_manifold("blobs_umaplearn_emb_seed0"), 15) ==
        doctest::Approx(0.9793188929001203).epsilon(1e-12));
  CHECK(continuity(golden_manifold("roll_X"), golden_manifold("roll_umaplearn_emb_seed0"), 15) ==
        doctest::Approx(0.992979542719615).epsilon(1e-12));
}

TEST_CASE("continuity: trustworthiness with the spaces exchanged, to the bit") {
  const auto x = normal<float>({203, 4}, 1);
  const auto y = normal<double>({203, 2}, 2);
  CHECK(continuity(x, y, 7) == trustworthiness(y, x, 7));
  CHECK(continuity(x, x) == 1);
}

TEST_CASE("continuity: low where a map tears, while trustworthiness is high") {
  // A circle cut open is a line: neighbours on the line were neighbours on the circle, but not the other way round.
  auto circle = Tensor<double>::uninitialized({200, 2});
  auto line = Tensor<double>::uninitialized({200, 1});
  for (Index i = 0; i < 200; ++i) {
    const double angle = 2 * 3.14159265358979 * (static_cast<double>(i) + 0.1 * std::sin(7.0 * static_cast<double>(i)));
    circle[2 * i] = std::cos(angle / 200);
    circle[2 * i + 1] = std::sin(angle / 200);
    line[i] = angle;
  }
  // 5 + 4 + 3 + 2 + 1 neighbours on either side of the cut lie across it, about 195 - K ranks too far away each.
  CHECK(1 - continuity(circle, line, 10) == doctest::Approx(2 * 15 * 185 * 2.0 / (200 * 10 * 369)).epsilon(0.05));
  CHECK(trustworthiness(circle, line, 10) > 0.999);
}

TEST_CASE("continuity: the data's metric counts") {
  const auto x = normal<double>({300, 3}, 4);
  const auto rows = embed::prepare(x, embed::Metric::cosine);
  CHECK(continuity(x, rows, 5, embed::Metric::cosine) == 1);
  CHECK(continuity(x, rows, 5) < 0.99);
}

TEST_CASE("continuity: the same bits on any number of threads") {
  const auto x = normal<float>({400, 6}, 5);
  const auto embedded = normal<float>({400, 2}, 6);
  CHECK(same_bits_on_any_threads([&] { return Tensor<double>::from({1}, {continuity(x, embedded)}); }));
}

TEST_CASE("continuity: errors say what was needed and what was got") {
  const auto x = normal<float>({10, 3}, 7);
  CHECK_THROWS_WITH_AS(continuity(x, x), "continuity: need 1 <= n_neighbors < N / 2 for N = 10, got 5", ArgumentError);
  CHECK_THROWS_WITH_AS(continuity(x, normal<float>({9, 2}, 8), 3),
                       "continuity: need as many rows in x as in x_embedded, got [10, 3] and [9, 2]", ShapeError);
  auto bad = x;
  bad[4] = INFINITY;
  CHECK_THROWS_WITH_AS(continuity(bad, x, 3), "continuity: need finite x, got inf in row 1, column 1", ArgumentError);
}
