#include <engram/analysis/trustworthiness.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <engram/io/npy.hpp>

#include "support/golden_manifold.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using analysis::trustworthiness;
using support::golden_manifold;

TEST_CASE("trustworthiness: four points by hand") {
  // 0 1 2 and 7 on a line; the embedding exchanges 1 and 7. Nearest in it: of 0 the point at 7 (rank 3 in the data), of
  // the point at 1 that at 2 (rank 2 after 0, which is as near and first), of 2 that at 7 (rank 3), of 7 that at 0
  // (rank 3). The excess over K = 1 is 2 + 1 + 2 + 2.
  const auto x = Tensor<double>::from({4, 1}, {0, 1, 2, 7});
  const auto embedded = Tensor<double>::from({4, 1}, {0, 7, 2, 1});
  CHECK(trustworthiness(x, embedded, 1) == doctest::Approx(1 - 2.0 / (4 * (8 - 3 - 1)) * 7));
}

TEST_CASE("trustworthiness: of the data themselves, and of them scaled, is 1") {
  const auto x = normal<float>({203, 4}, 1);
  CHECK(trustworthiness(x, x) == 1);
  auto larger = cast<double>(x);
  for (double& v : larger.elements()) {
    v *= 3;
  }
  CHECK(trustworthiness(x, larger, 30) == 1);
}

TEST_CASE("trustworthiness: umap-learn's embeddings, as scikit-learn found") {
  const auto digits = golden_manifold("digits_X");
  const auto embedded = golden_manifold("digits_umaplearn_emb_seed0");
  // Of whole numbers many distances are equal, and scikit-learn orders those by chance: by index it is 0.9875029...
  CHECK(trustworthiness(digits, embedded, 15) == doctest::Approx(0.987502909458894).epsilon(1e-12));
  CHECK(trustworthiness(digits, embedded, 15) == doctest::Approx(0.9875034740978168).epsilon(1e-6));
  CHECK(trustworthiness(cast<double>(digits), cast<double>(embedded), 15) == trustworthiness(digits, embedded, 15));
  CHECK(trustworthiness(golden_manifold("blobs_X"), golden_manifold("blobs_umaplearn_emb_seed0"), 15) ==
        doctest::Approx(0.9766610509426394).epsilon(1e-12));
  CHECK(trustworthiness(golden_manifold("roll_X"), golden_manifold("roll_umaplearn_emb_seed0"), 15) ==
        doctest::Approx(0.9961371841155234).epsilon(1e-12));
}

TEST_CASE("trustworthiness: an embedding at random scores about one half") {
  CHECK(std::abs(trustworthiness(normal({600, 5}, 2), normal({600, 2}, 3)) - 0.5) < 0.05);
}

TEST_CASE("trustworthiness: the data's metric counts") {
  auto x = normal<double>({300, 3}, 4);
  const auto rows = embed::prepare(x, embed::Metric::cosine);
  CHECK(trustworthiness(x, rows, 5, embed::Metric::cosine) == 1);
  CHECK(trustworthiness(x, rows, 5) < 0.99);
}

TEST_CASE("trustworthiness: of data of any magnitude, and of data of many, as in double") {
  const auto x = normal<float>({300, 4}, 9);
  const auto embedded = normal<float>({300, 2}, 10);
  const double expected = trustworthiness(x, embedded);
  for (const float factor : {0x1p-100F, 0x1p-73F, 0x1p66F, 0x1p120F}) {
    auto scaled = x;
    for (float& v : scaled.elements()) {
      v *= factor;
    }
    CHECK(trustworthiness(scaled, embedded) == expected);
    CHECK(trustworthiness(scaled, scaled) == 1);
  }
  auto wide = x;
  for (Index i = 0; i < 800; ++i) {
    wide[i] *= i < 400 ? 1e37F : 1e-30F;
  }
  CHECK(trustworthiness(wide, wide) == 1);
  CHECK(trustworthiness(wide, embedded) == trustworthiness(cast<double>(wide), embedded));
}

TEST_CASE("trustworthiness: the same bits on any number of threads") {
  const auto x = normal<float>({400, 6}, 5);
  const auto embedded = normal<float>({400, 2}, 6);
  CHECK(same_bits_on_any_threads([&] { return Tensor<double>::from({1}, {trustworthiness(x, embedded)}); }));
}

TEST_CASE("trustworthiness: errors say what was needed and what was got") {
  const auto x = normal<float>({10, 3}, 7);
  CHECK_THROWS_WITH_AS(trustworthiness(x, x), "trustworthiness: need 1 <= n_neighbors < N / 2 for N = 10, got 5",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(trustworthiness(x, x, 0), "trustworthiness: need 1 <= n_neighbors < N / 2 for N = 10, got 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(trustworthiness(x, normal<float>({9, 2}, 8), 3),
                       "trustworthiness: need as many rows in x as in x_embedded, got [10, 3] and [9, 2]", ShapeError);
  auto bad = x;
  bad[4] = INFINITY;
  CHECK_THROWS_WITH_AS(trustworthiness(x, bad, 3),
                       "trustworthiness: need finite x_embedded, got inf in row 1, column 1", ArgumentError);
}
