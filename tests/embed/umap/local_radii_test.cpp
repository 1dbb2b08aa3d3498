#include <engram/embed/umap/local_radii.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>

#include <engram/embed/umap/fuzzy_graph.hpp>
#include <engram/embed/umap/smooth_knn.hpp>
#include <engram/io/npy.hpp>

using namespace engram;
using embed::local_radii;
using embed::NeighborLists;
using embed::SparseGraph;

TEST_CASE("local_radii: three points on a line, worked out by hand") {
  const NeighborLists<float> lists{Tensor<std::int32_t>::from({3, 2}, {0, 1, 1, 0, 2, 1}),
                                   Tensor<float>::from({3, 2}, {0, 1, 0, 1, 0, 3})};
  const SparseGraph graph{{0, 1, 3, 4}, {1, 0, 2, 1}, {1, 1, 0.5F, 0.5F}, 3};
  const auto radii = local_radii(graph, lists);
  CHECK(radii[0] == doctest::Approx(0));
  CHECK(radii[1] == doctest::Approx(std::log((1 + 0.5 * 9) / 1.5)));  // 1's list has no 2; 2's has 1
  CHECK(radii[2] == doctest::Approx(std::log(9)));
}

TEST_CASE("local_radii: as umap-learn 0.5.3 (Debian), of blobs") {
  const auto golden = [](const char* name) {
    return io::read_npy(std::string(ENGRAM_TEST_DIR "/golden_manifold/blobs_") + name + ".npy");
  };
  const NeighborLists<float> lists{golden("knn_idx").as<std::int32_t>(), golden("knn_dist").as<float>()};
  const auto radii =
      local_radii(embed::fuzzy_union(embed::membership_graph(lists, embed::smooth_knn(lists.distances))), lists);
  const auto expected = golden("radii").as<float>();
  REQUIRE(radii.shape() == expected.shape());
  for (Index i = 0; i < radii.size(); ++i) {
    CHECK(radii[i] == doctest::Approx(expected[i]).epsilon(1e-4));  // which leaves out edges below 1 / 3000
  }
}

TEST_CASE("local_radii: a row without edges gets the mean of the others, copies a finite radius") {
  const NeighborLists<float> lists{Tensor<std::int32_t>::from({5, 2}, {0, 1, 1, 0, 2, 3, 3, 2, 4, 0}),
                                   Tensor<float>::from({5, 2}, {0, 2, 0, 2, 0, 0, 0, 0, 0, 1})};
  const SparseGraph graph{{0, 1, 2, 3, 4, 4}, {1, 0, 3, 2}, {1, 1, 1, 1}, 5};
  const auto radii = local_radii(graph, lists);
  CHECK(radii[2] == doctest::Approx(std::log(1e-8)));
  CHECK(radii[4] == doctest::Approx((std::log(4) + std::log(1e-8)) / 2));
  CHECK_THROWS_WITH_AS(local_radii(SparseGraph{{0, 1, 2, 2, 2, 2}, {4, 3}, {1, 1}, 5}, lists),
                       "local_radii: need lists that the graph was made of, got an edge of 1 and 3, neither in the "
                       "other's list",
                       ArgumentError);
}
