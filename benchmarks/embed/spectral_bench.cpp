// The spectral start of UMAP: time by rows of the graph. Argument: threads.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <benchmark/benchmark.h>

#include <engram/core/random.hpp>
#include <engram/embed/umap/coarsen.hpp>
#include <engram/embed/umap/components.hpp>
#include <engram/embed/umap/random_walk.hpp>
#include <engram/embed/umap/spectral.hpp>

using namespace engram;
using namespace engram::embed;

namespace {

/// Random points of a square, each joined to all within a distance in which 20 others lie on average; in random order,
/// as rows of real data are.
SparseGraph square(Index rows) {
  const double radius = std::sqrt(20 / (std::numbers::pi * static_cast<double>(rows)));
  const auto cells = static_cast<Index>(1 / radius);
  std::vector<double> x(static_cast<std::size_t>(2 * rows));
  std::vector<std::vector<std::int32_t>> inside(static_cast<std::size_t>(cells * cells));
  const auto cell = [&](double v) { return std::min(cells - 1, static_cast<Index>(v * static_cast<double>(cells))); };
  Rng rng(1);
  for (Index i = 0; i < rows; ++i) {
    double* point = x.data() + 2 * i;
    point[0] = rng.uniform();
    point[1] = rng.uniform();
    inside[static_cast<std::size_t>(cell(point[0]) * cells + cell(point[1]))].push_back(static_cast<std::int32_t>(i));
  }
  SparseGraph graph;
  graph.column_count = rows;
  for (Index i = 0; i < rows; ++i) {
    const double* point = x.data() + 2 * i;
    for (Index a = std::max<Index>(0, cell(point[0]) - 1); a <= std::min(cells - 1, cell(point[0]) + 1); ++a) {
      for (Index b = std::max<Index>(0, cell(point[1]) - 1); b <= std::min(cells - 1, cell(point[1]) + 1); ++b) {
        for (const std::int32_t j : inside[static_cast<std::size_t>(a * cells + b)]) {
          const double distance = std::hypot(point[0] - x[2 * static_cast<std::size_t>(j)],
                                             point[1] - x[2 * static_cast<std::size_t>(j) + 1]);
          if (j != i && distance < radius) {
            graph.columns.push_back(j);
            graph.weights.push_back(static_cast<float>(std::exp(-2 * distance / radius)));
          }
        }
      }
    }
    graph.offsets.push_back(graph.edges());
  }
  return graph;
}

void layout(benchmark::State& state) {
  const SparseGraph graph = square(state.range(0));
  const ThreadScope threads(static_cast<int>(state.range(1)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(spectral_layout(graph, 2));
  }
  state.counters["edges"] = static_cast<double>(graph.edges());
}

/// One product of the graph's walk with 8 vectors.
void walk(benchmark::State& state) {
  const SparseGraph graph = square(state.range(0));
  const ThreadScope threads(static_cast<int>(state.range(1)));
  const std::vector<float> degree = embed::detail::degrees(graph);
  const auto x = Tensor<float>::full({graph.rows(), 8}, 1.0F);
  auto y = Tensor<float>::zeros({graph.rows(), 8});
  for (auto _ : state) {
    embed::detail::walk_step(graph, degree, x, y, 1.0F, 0.0F, 0.0F);
  }
  state.counters["FLOP/s"] =
      benchmark::Counter(16 * static_cast<double>(graph.edges()), benchmark::Counter::kIsIterationInvariantRate);
}

void coarsening(benchmark::State& state) {
  const SparseGraph graph = square(state.range(0));
  const ThreadScope threads(static_cast<int>(state.range(1)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(embed::detail::coarsen(graph));
  }
}

void components(benchmark::State& state) {
  const SparseGraph graph = square(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(connected_components(graph));
  }
}

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"rows", "threads"})
      ->ArgsProduct({{1797, 20'000, 70'000}, {1, 2}})
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

BENCHMARK(layout)->Apply(sizes)->Args({1'000'000, 2});
BENCHMARK(walk)->Apply(sizes);
BENCHMARK(coarsening)->Apply(sizes);
BENCHMARK(components)->ArgNames({"rows", "threads"})->Args({70'000, 1})->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
