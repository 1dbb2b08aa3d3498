// Training steps and inference of the study's three networks. steady_step times the same with more to tell;
// peers/compare_study.py puts PyTorch and ONNX Runtime beside it.
#include <benchmark/benchmark.h>

#include <engram/core/parallel.hpp>

#include "support/process.hpp"
#include "support/study_steps.hpp"

using namespace engram_bench;

namespace {

void measure(benchmark::State& state, const StudyCase& c) {
  const ThreadScope threads(static_cast<int>(state.range(1)));
  const Step step = c.make(state.range(0));
  for (int warm_up = 0; warm_up < 2; ++warm_up) {
    step();
  }
  for (auto _ : state) {
    step();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["peak_MiB"] = peak_mebibytes();  // of the process: run one case alone
}

}  // namespace

int main(int argc, char** argv) {
  for (const StudyCase& c : study_cases()) {
    const bool trains = c.name.starts_with("train");
    benchmark::RegisterBenchmark(c.name.c_str(), [c](benchmark::State& state) { measure(state, c); })
        ->ArgNames({"batch", "threads"})
        ->ArgsProduct({trains ? std::vector<std::int64_t>{64} : std::vector<std::int64_t>{1, 64}, {1, 2}})
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
}
