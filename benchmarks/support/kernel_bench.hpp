#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include <benchmark/benchmark.h>

#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>

#include "machine_peaks.hpp"

// What the kernels' benchmarks share: their threads, and speeds beside what the machine can do at most.

namespace engram_bench {

inline constexpr int thread_counts[] = {1, 2};

/// What run_benchmarks measured.
inline std::map<int, MachinePeaks>& measured_peaks() {
  static std::map<int, MachinePeaks> peaks;
  return peaks;
}

/// What a run of a kernel does: the yardstick is arithmetic if there is some to count, else memory.
struct Work {
  double flops = 0;  ///< multiplications and additions
  double bytes = 0;  ///< that it must read and write at least, each once
};

/// Counters: the rate, and its share of the peak on as many threads.
inline void report(benchmark::State& state, int threads, const Work& work, double seconds) {
  const MachinePeaks& peaks = measured_peaks()[threads];
  if (work.flops > 0) {
    state.counters["GFLOP/s"] = work.flops / seconds * 1e-9;
    state.counters["peak"] = work.flops / seconds / peaks.flops;
  } else {
    state.counters["GB/s"] = work.bytes / seconds * 1e-9;
    state.counters["peak"] = work.bytes / seconds / peaks.bytes;
  }
}

/// Times what make() returns, a callable without arguments; what that does before is not timed.
template <class Make>
void measure_kernel(benchmark::State& state, int threads, const Work& work, const Make& make) {
  const ThreadScope scope(threads);
  auto run = make();
  run();
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    run();
    benchmark::ClobberMemory();
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  report(state, threads, work, seconds.count() / static_cast<double>(state.iterations()));
}

/// Registers `name`/threads:1 and so on.
template <class Make>
void add_kernel(const std::string& name, const Work& work, Make make) {
  for (const int threads : thread_counts) {
    benchmark::RegisterBenchmark(text(name, "/threads:", threads).c_str(),
                                 [=](benchmark::State& state) { measure_kernel(state, threads, work, make); })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

/// Uniform in -1 .. 1.
inline Tensor<float> random_tensor(const Shape& shape, std::uint64_t seed = 1) {
  auto values = Tensor<float>::uninitialized(shape);
  Rng rng(seed);
  for (float& v : values.elements()) {
    v = static_cast<float>(2 * rng.uniform() - 1);
  }
  return values;
}

/// main of a kernel's benchmarks, after they are registered: measures the machine's peaks, then runs them.
inline int run_benchmarks(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  for (const int threads : thread_counts) {
    const MachinePeaks peaks = measure_peaks(threads);
    measured_peaks()[threads] = peaks;
    char line[64];
    std::snprintf(line, sizeof(line), "%.0f GFLOP/s, %.1f GB/s", peaks.flops / 1e9, peaks.bytes / 1e9);
    benchmark::AddCustomContext(text("peak on ", threads, " threads, ", instruction_set_name()), line);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace engram_bench
