// Exact nearest neighbours of random rows: rows x columns, k = 15, threads; pairs per second.
#include <benchmark/benchmark.h>

#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/embed/neighbors/exact.hpp>

using namespace engram;

namespace {

Tensor<float> random_rows(Index rows, Index columns) {
  Rng rng(1);
  auto x = Tensor<float>::uninitialized({rows, columns});
  for (float& v : x.elements()) {
    v = static_cast<float>(rng.uniform());
  }
  return x;
}

void among_themselves(benchmark::State& state, embed::Metric metric) {
  const ThreadScope threads(static_cast<int>(state.range(2)));
  const auto x = random_rows(state.range(0), state.range(1));
  for (auto _ : state) {
    benchmark::DoNotOptimize(embed::exact_neighbors(x, 15, metric));
  }
  state.SetItemsProcessed(state.iterations() * x.dim(0) * x.dim(0));
}

void queries(benchmark::State& state) {
  const ThreadScope threads(static_cast<int>(state.range(2)));
  const auto x = random_rows(state.range(0), state.range(1));
  const auto wanted = random_rows(1000, state.range(1));
  for (auto _ : state) {
    benchmark::DoNotOptimize(embed::exact_neighbors(wanted, x, 15));
  }
  state.SetItemsProcessed(state.iterations() * wanted.dim(0) * x.dim(0));
}

void cases(benchmark::internal::Benchmark* b) {
  b->ArgNames({"rows", "columns", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime();
  for (const int threads : {1, 2}) {
    b->Args({1797, 64, threads})->Args({20000, 16, threads})->Args({10000, 784, threads});
  }
}

BENCHMARK_CAPTURE(among_themselves, euclidean, embed::Metric::euclidean)->Apply(cases);
BENCHMARK_CAPTURE(among_themselves, cosine, embed::Metric::cosine)->Apply(cases);
BENCHMARK_CAPTURE(among_themselves, manhattan, embed::Metric::manhattan)->Apply(cases);
BENCHMARK(queries)->Apply(cases);

}  // namespace

BENCHMARK_MAIN();
