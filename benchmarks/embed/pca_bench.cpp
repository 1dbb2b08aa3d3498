// PCA of [16000, 2500] float data: a signal of rank 64, whose deviations fall by 0.85 from each direction to the next,
// and noise. These are the data that scikit-learn's figures in docs are of. `variance_error` is the largest relative
// error of the variances found, against all eigenvalues of the covariance matrix in double.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <benchmark/benchmark.h>

#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/embed/linear_algebra/eigenpairs.hpp>
#include <engram/embed/incremental_pca.hpp>
#include <engram/embed/pca.hpp>

using namespace engram;
using embed::IncrementalPca;
using embed::Pca;
using embed::PcaSolver;

namespace {

constexpr Index components = 16;

/// Standard normal numbers; row i is drawn from its own stream.
Tensor<float> normal_rows(Index rows, Index columns, std::uint64_t seed) {
  auto x = Tensor<float>::uninitialized({rows, columns});
  parallel_for(rows, [&](Index i) {
    Rng rng = Rng(seed).split(static_cast<std::uint64_t>(i));
    std::generate_n(x.data() + i * columns, columns, [&] { return static_cast<float>(rng.normal()); });
  });
  return x;
}

Tensor<float> signal_and_noise(Index rows, Index columns) {
  constexpr Index rank = 64;
  auto x = normal_rows(rows, columns, 1);
  auto scores = normal_rows(rows, rank, 2);
  const auto directions = normal_rows(rank, columns, 3);
  for (Index i = 0; i < scores.size(); ++i) {
    scores[i] *= static_cast<float>(10 * std::pow(0.85, static_cast<double>(i % rank)));
  }
  kernels::gemm(rows, columns, rank, kernels::row_major<float>(scores.data(), rank),
                kernels::row_major<float>(directions.data(), columns), x.data(), columns, kernels::Store::add);
  return x;
}

const Tensor<float>& data() {
  static const auto x = signal_and_noise(16000, 2500);
  return x;
}

/// Variances along all components, in double.
const Tensor<double>& exact_variances() {
  static const Tensor<double> variances = [] {
    const auto moments = embed::detail::column_moments("bench", data());
    const auto covariance = embed::detail::gram(embed::detail::centred(data(), moments.mean.data(), true));
    auto values = embed::eigen_symmetric(covariance.data(), data().dim(1)).values;
    for (double& v : values.elements()) {
      v /= static_cast<double>(data().dim(0) - 1);
    }
    return values;
  }();
  return variances;
}

double variance_error(const Tensor<float>& found) {
  double largest = 0;
  for (Index k = 0; k < found.size(); ++k) {
    largest = std::max(largest, std::abs(static_cast<double>(found[k]) / exact_variances()[k] - 1));
  }
  return largest;
}

void fit_transform(benchmark::State& state, PcaSolver solver) {
  const Tensor<float>& x = data();
  Pca<float> pca({.n_components = components, .svd_solver = solver});
  for (auto _ : state) {
    benchmark::DoNotOptimize(pca.fit_transform(x));
  }
  state.counters["variance_error"] = variance_error(pca.explained_variance());
}
BENCHMARK_CAPTURE(fit_transform, truncated, PcaSolver::truncated)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(fit_transform, exact, PcaSolver::exact)->Unit(benchmark::kMillisecond)->UseRealTime();

void transform(benchmark::State& state) {
  const Tensor<float>& x = data();
  const Pca<float> pca(x, {.n_components = components});
  for (auto _ : state) {
    benchmark::DoNotOptimize(pca.transform(x));
  }
}
BENCHMARK(transform)->Unit(benchmark::kMillisecond)->UseRealTime();

void incremental_fit(benchmark::State& state) {
  const Tensor<float>& x = data();
  IncrementalPca<float> pca({.n_components = components, .batch_size = state.range(0)});
  for (auto _ : state) {
    benchmark::DoNotOptimize(pca.fit(x));
  }
  state.counters["variance_error"] = variance_error(pca.explained_variance());
}
BENCHMARK(incremental_fit)->ArgName("batch")->Arg(500)->Arg(4000)->Unit(benchmark::kMillisecond)->UseRealTime();

void eigenpairs(benchmark::State& state) {
  const Index n = state.range(0);
  auto a = Tensor<double>::zeros({n, n});
  Rng rng(4);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j <= i; ++j) {
      a[i * n + j] = a[j * n + i] = rng.normal();
    }
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(embed::eigen_symmetric(a.data(), n));
  }
}
BENCHMARK(eigenpairs)->ArgName("n")->Arg(64)->Arg(784)->Arg(2500)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
