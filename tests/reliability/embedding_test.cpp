#include <doctest/doctest.h>

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

#include <engram/core/parallel.hpp>
#include <engram/embed/pca.hpp>
#include <engram/embed/umap.hpp>
#include <engram/infer/runner.hpp>
#include <engram/models/conv_autoencoder.hpp>

#include "reliability/results.hpp"
#include "support/run_program.hpp"

using namespace engram;

namespace {

/// What programs set for all of OpenMP.
std::vector<int> openmp_settings() {
  omp_sched_t schedule{};
  int chunk = 0;
  omp_get_schedule(&schedule, &chunk);
  return {omp_get_max_threads(), omp_get_dynamic(), omp_get_max_active_levels(), static_cast<int>(schedule), chunk};
}

/// Calls `compute` on 8 threads at once, three times on each.
/// @returns whether all gave what it gives alone
template <class Compute>
bool same_on_8_threads(const Compute& compute) {
  const std::uint32_t alone = compute();
  std::vector<int> same(8);
  {
    std::vector<std::jthread> threads;
    for (int& all : same) {
      threads.emplace_back([&] {
        all = 1;
        for (int i = 0; i < 3; ++i) {
          all = all != 0 && compute() == alone ? 1 : 0;
        }
      });
    }
  }
  return std::ranges::count(same, 1) == 8;
}

std::uint32_t checksum(std::span<const float> values) {
  return reliability::Checksum().add(values).value();
}

}  // namespace

TEST_CASE("embedding: one model is read by 8 threads at once") {
  Rng rng(1);
  const models::ConvAutoencoder<float> model(reliability::network, rng);
  const Tensor<float> frames = reliability::frames();
  CHECK(same_on_8_threads([&] { return checksum(model(Variable<float>(frames)).value().elements()); }));
  const infer::Plan<float> plan(model, {1, 18, 18});
  CHECK(same_on_8_threads([&] { return checksum(infer::Runner<float>(plan, 24).run(frames.elements())); }));
  const Tensor<float> rows = reliability::rows();
  embed::Pca<float> pca({.n_components = 5});
  pca.fit(rows);
  CHECK(same_on_8_threads([&] { return checksum(std::as_const(pca).transform(rows).elements()); }));
  embed::Umap umap({.n_epochs = 30});
  umap.fit(rows);
  const Tensor<float> others = normal<float>({20, 12}, 3);
  CHECK(same_on_8_threads([&] { return checksum(std::as_const(umap).transform(others).elements()); }));
}

TEST_CASE("embedding: OpenMP's settings are as the program has left them") {
  const auto before = openmp_settings();
  for (const auto& result : reliability::results()) {
    INFO(result.first);
    {
      const ThreadScope scope(3);
      (void)result.second();
      CHECK(openmp_settings() == before);
    }
    (void)result.second();
    CHECK(openmp_settings() == before);
  }
}

#if defined(__linux__)
TEST_CASE("embedding: on one processor" * doctest::skip()) {
  CHECK(thread_count() == 1);
}

TEST_CASE("embedding: a process that may use one processor alone has one thread for its loops") {
  cpu_set_t allowed;
  REQUIRE(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
  int processor = 0;
  while (CPU_ISSET(processor, &allowed) == 0) {
    ++processor;
  }
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto run = support::run_command(
      "env -u OMP_NUM_THREADS taskset",
      {"--cpu-list", std::to_string(processor), self, "--no-skip", "--test-case=embedding: on one processor"});
  CHECK_MESSAGE(run.status == 0, run.output);
  CHECK(run.output.find("1 passed") != std::string::npos);
}
#endif
