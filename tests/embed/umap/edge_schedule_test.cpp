#include <engram/embed/umap/edge_schedule.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include <engram/io/npy.hpp>

using namespace engram;
using namespace engram::embed;

namespace {

/// One row of edges to columns 0, 1, ...
SparseGraph star(const std::vector<float>& weights) {
  SparseGraph graph;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    graph.columns.push_back(static_cast<std::int32_t>(i));
  }
  graph.weights = weights;
  graph.offsets = {0, static_cast<Index>(weights.size())};
  graph.column_count = static_cast<Index>(weights.size());
  return graph;
}

/// How often each column of row 0 is due in all epochs.
std::vector<int> times_due(const EdgeSchedule& schedule, Index n_epochs) {
  std::vector<int> times(static_cast<std::size_t>(schedule.column_count()));
  std::vector<std::int32_t> due(static_cast<std::size_t>(schedule.most_edges()) + 1);
  for (Index epoch = 0; epoch < n_epochs; ++epoch) {
    const Index count = schedule.due(0, epoch, due.data());
    for (Index i = 0; i < count; ++i) {
      ++times[static_cast<std::size_t>(due[static_cast<std::size_t>(i)])];
    }
  }
  return times;
}

}  // namespace

TEST_CASE("EdgeSchedule: an edge is due in proportion to its weight") {
  const auto times = times_due(EdgeSchedule(star({1.0F, 0.5F, 0.25F, 0.1F}), 100), 100);
  CHECK(times == std::vector<int>{99, 50, 25, 10});  // the largest rate is 2^-32 below 1, so it misses the first epoch
}

TEST_CASE("EdgeSchedule: as often as umap-learn samples, for a graph of 300 points") {
  const auto weights = io::read_npy(ENGRAM_TEST_DIR "/golden_manifold/blobs_graph_val.npy").as<float>();
  const auto epochs_per_sample =
      io::read_npy(ENGRAM_TEST_DIR "/golden_manifold/blobs_epochs_per_sample_500.npy").as<double>();
  const EdgeSchedule schedule(star({weights.elements().begin(), weights.elements().end()}), 500);
  const auto times = times_due(schedule, 500);
  Index wrong = 0;
  for (Index i = 0; i < weights.size(); ++i) {
    const double expected = epochs_per_sample[i] > 0 ? 500 / epochs_per_sample[i] : 0;
    wrong += std::abs(times[static_cast<std::size_t>(i)] - expected) > 1.0001 ? 1 : 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("EdgeSchedule: edges that no epoch would sample are left out, and those of no weight") {
  const EdgeSchedule schedule(star({1.0F, 0.009F, 0.011F, 0.0F}), 100);
  CHECK(schedule.most_edges() == 2);
  CHECK(times_due(schedule, 100) == std::vector<int>{99, 0, 1, 0});
  CHECK(EdgeSchedule(star({0.0F, 0.0F}), 10).most_edges() == 0);
}

TEST_CASE("EdgeSchedule: an edge that is due once in all epochs is kept") {
  const EdgeSchedule schedule(star({1.0F, 0.25F, 0.2499F}), 4);
  CHECK(schedule.most_edges() == 2);
  CHECK(times_due(schedule, 4) == std::vector<int>{3, 1, 0});
}

TEST_CASE("EdgeSchedule: a graph without edges, and a number of epochs that there cannot be") {
  CHECK(EdgeSchedule(star({}), 10).rows() == 1);
  CHECK_THROWS_WITH_AS(EdgeSchedule(star({1.0F}), 0), "Umap: need n_epochs >= 1, got 0", ArgumentError);
}
