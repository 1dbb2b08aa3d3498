#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/simd/instruction_sets.hpp>

// What this machine can do at most, measured: the yardstick of the kernels' benchmarks.

namespace engram::kernels::simd {

/// See machine_peaks.inl.
template <class T>
struct PeakLoops {
  T (*fma_chains)(std::ptrdiff_t rounds, T a, T b) = nullptr;
  double flops_per_round = 0;
  void (*triad)(std::ptrdiff_t size, T s, const T* b, const T* c, T* a) = nullptr;
};

#define ENGRAM_SIMD_SOURCE <support/machine_peaks.inl>
#include <engram/kernels/simd/each_instruction_set.inl>

}  // namespace engram::kernels::simd

namespace engram_bench {

using namespace engram;

/// On a number of threads.
struct MachinePeaks {
  double flops = 0;  ///< float multiplications and additions a second, with the widest vectors
  double bytes = 0;  ///< moved a second between memory and cores: a[i] = b[i] + s c[i], each element counted once
};

inline const char* instruction_set_name() {
  switch (kernels::simd::instruction_set()) {
    case kernels::simd::InstructionSet::avx512:
      return "AVX-512";
    case kernels::simd::InstructionSet::avx2:
      return "AVX2";
    case kernels::simd::InstructionSet::baseline:
      break;
  }
  return "baseline";
}

/// The shortest of `passes` runs, in seconds.
template <class F>
double least_seconds(int passes, F run) {
  double least = 1e30;
  for (int pass = 0; pass < passes; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    run();
    least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return least;
}

inline kernels::simd::PeakLoops<float> peak_loops() {
  namespace simd = kernels::simd;
  return simd::best_of(simd::avx512::peak_loops<float>, simd::avx2::peak_loops<float>,
                       simd::baseline::peak_loops<float>);
}

/// Multiply-adds in registers, the best of ten times about 10 ms.
inline double peak_flops(int threads) {
  const auto loops = peak_loops();
  constexpr std::ptrdiff_t rounds = 4'000'000;
  Buffer<float> results(static_cast<std::size_t>(threads) * 16);  // a cache line each
  const double seconds = least_seconds(10, [&] {
    parallel_for(threads, [&](Index i) { results.data()[16 * i] = loops.fma_chains(rounds, 0.5F, 1.0F); });
  });
  return loops.flops_per_round * static_cast<double>(rounds) * threads / seconds;
}

/// The triad of STREAM over 3 arrays of 256 MiB, which no core's share of the caches holds; the best of five.
/// Source: McCalpin, "Memory bandwidth and machine balance in current high performance computers", 1995.
inline double peak_bytes() {
  const auto loops = peak_loops();
  constexpr Index size = Index{1} << 26;
  Buffer<float> a(size);
  Buffer<float> b(size);
  Buffer<float> c(size);
  std::fill_n(b.data(), size, 1.0F);
  std::fill_n(c.data(), size, 2.0F);
  const double seconds = least_seconds(6, [&] {  // the first one also touches the pages of a
    parallel_ranges(size, 1 << 16, [&](Index begin, Index end) {
      loops.triad(end - begin, 3.0F, b.data() + begin, c.data() + begin, a.data() + begin);
    });
  });
  return 3.0 * size * sizeof(float) / seconds;
}

/// Takes about a second.
inline MachinePeaks measure_peaks(int threads) {
  const ThreadScope scope(threads);
  MachinePeaks peaks{peak_flops(threads), peak_bytes()};
  BufferPool::shared().trim();
  return peaks;
}

}  // namespace engram_bench
