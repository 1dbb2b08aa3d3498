// One case of study_steps.hpp again and again, each step timed: what a step takes and asks of the system once all
// memory is there. Prints one line of JSON.
//   steady_step CASE [batch 64] [threads 2] [steps 12]      CASE: train_step/autoencoder, infer/encoder, ...
// Heap calls and page faults are those of an average step; a tenth of the steps, but at least 5, go before as warm-up.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <engram/core/parallel.hpp>

#include "support/heap_calls.hpp"
#include "support/process.hpp"
#include "support/study_steps.hpp"

using namespace engram_bench;

namespace {

Step make_step(const std::string& name, Index batch) {
  std::string names;
  for (const StudyCase& c : study_cases()) {
    if (c.name == name) {
      return c.make(batch);
    }
    names += " " + c.name;
  }
  throw ArgumentError("no case '" + name + "'; there are" + names);
}

/// The value that `share` of the sorted values do not exceed.
double quantile(const std::vector<double>& sorted, double share) {
  const auto count = static_cast<double>(sorted.size());
  return sorted[static_cast<std::size_t>(std::max(0.0, std::ceil(share * count) - 1))];
}

void measure(const std::string& name, Index batch, int threads, int steps) {
  const ThreadScope scope(threads);
  const Step step = make_step(name, batch);
  for (int warm_up = 0; warm_up < std::max(5, steps / 10); ++warm_up) {
    step();
  }
  std::vector<double> milliseconds(static_cast<std::size_t>(steps));
  const long heap_before = heap_calls();
  const long faults_before = page_faults();
  for (double& time : milliseconds) {
    const auto start = std::chrono::steady_clock::now();
    step();
    time = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  const long faults = page_faults() - faults_before;
  const long heap = heap_calls() - heap_before;
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf(
      "{\"case\": \"%s\", \"batch\": %td, \"threads\": %d, \"steps\": %d, \"median_ms\": %.4f, "
      "\"least_ms\": %.4f, \"p999_ms\": %.4f, \"heap_calls\": %.2f, \"page_faults\": %.2f, \"peak_MiB\": %.1f}\n",
      name.c_str(), batch, threads, steps, quantile(milliseconds, 0.5), milliseconds.front(),
      quantile(milliseconds, 0.999), static_cast<double>(heap) / steps, static_cast<double>(faults) / steps,
      peak_mebibytes());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    ensure<ArgumentError>(argc > 1, "need a case");
    const auto option = [&](int position, int otherwise) {
      return argc > position ? std::stoi(argv[position]) : otherwise;
    };
    measure(argv[1], option(2, 64), option(3, 2), option(4, 12));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steady_step CASE [batch 64] [threads 2] [steps 12]: %s\n", error.what());
    return 1;
  }
}
