// What this machine can do at most: GFLOP/s of multiply-adds in registers and GB/s of memory, on 1 thread, 2 and all.
//   machine_peaks [--json]
#include <cstdio>
#include <set>
#include <string_view>

#include "support/machine_peaks.hpp"

using namespace engram_bench;

int main(int argc, char** argv) {
  const bool json = argc > 1 && std::string_view(argv[1]) == "--json";
  const char* separator = "";
  std::printf(json ? "{\"instruction_set\": \"%s\", \"peaks\": [" : "%s, float\nthreads  GFLOP/s     GB/s\n",
              instruction_set_name());
  for (const int threads : std::set<int>{1, 2, thread_count()}) {
    const MachinePeaks peaks = measure_peaks(threads);
    if (json) {
      std::printf("%s{\"threads\": %d, \"gflops\": %.1f, \"gigabytes\": %.1f}", separator, threads, peaks.flops / 1e9,
                  peaks.bytes / 1e9);
    } else {
      std::printf("%7d %8.1f %8.1f\n", threads, peaks.flops / 1e9, peaks.bytes / 1e9);
    }
    separator = ", ";
  }
  std::printf(json ? "]}\n" : "");
}
