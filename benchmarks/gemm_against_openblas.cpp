// Matrix products of the study's shapes here and by OpenBLAS, in turn; medians of rounds.
//   gemm_against_openblas [--rounds N] [--json]
//
// OpenBLAS is loaded when the program runs (Debian: libopenblas0-pthread) and free to choose the kernels made for this
// processor. Threads of both sides go on spinning for a while after a product on two of them, so each side waits
// until the other one's sleep.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>

#include "support/gemm_shapes.hpp"

using namespace engram_bench;

namespace {

/// The functions of libopenblas that are needed; CBLAS's numbers for orders and transposes.
class OpenBlas {
 public:
  OpenBlas() {
    for (const char* name : {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS"}) {
      unsetenv(name);
    }
    void* library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    ensure<IoError>(library != nullptr, "no libopenblas.so.0");
    const auto find = [library](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
      ensure<IoError>(function != nullptr, "no ", name, " in libopenblas.so.0");
    };
    find(sgemm_, "cblas_sgemm");
    find(set_threads_, "openblas_set_num_threads");
    find(config_, "openblas_get_config");
    find(core_, "openblas_get_corename");
  }

  std::string about() const { return text(config_(), ", kernels for ", core_()); }
  void use_threads(int count) const { set_threads_(count); }
  void multiply(const GemmShape& s, const float* a, const float* b, float* c) const {
    const auto extent = [](Index i) { return static_cast<int>(i); };
    constexpr int row_major = 101;
    constexpr int as_it_is = 111;
    constexpr int transposed = 112;
    sgemm_(row_major, s.a_transposed ? transposed : as_it_is, s.b_transposed ? transposed : as_it_is, extent(s.m),
           extent(s.n), extent(s.k), 1.0F, a, extent(s.a_transposed ? s.m : s.k), b, extent(s.b_transposed ? s.k : s.n),
           0.0F, c, extent(s.n));
  }

 private:
  void (*sgemm_)(int order, int a_transpose, int b_transpose, int m, int n, int k, float alpha, const float* a, int lda,
                 const float* b, int ldb, float beta, float* c, int ldc) = nullptr;
  void (*set_threads_)(int) = nullptr;
  const char* (*config_)() = nullptr;
  const char* (*core_)() = nullptr;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Median time of one run during about 20 ms, after as many for warming up.
template <class F>
double time(F run) {
  std::vector<double> seconds;
  for (const bool counted : {false, true}) {
    for (const auto begin = std::chrono::steady_clock::now(); seconds_since(begin) < 0.02;) {
      const auto start = std::chrono::steady_clock::now();
      run();
      if (counted) {
        seconds.push_back(seconds_since(start));
      }
    }
  }
  return median(std::move(seconds));
}

Tensor<float> random_matrix(Index size, std::uint64_t seed) {
  auto values = Tensor<float>::uninitialized({size});
  Rng rng(seed);
  for (float& v : values.elements()) {
    v = static_cast<float>(2 * rng.uniform() - 1);
  }
  return values;
}

struct Comparison {
  GemmShape shape;
  int threads;
  double engram_seconds;
  double openblas_seconds;
};

Comparison compare(const OpenBlas& openblas, const GemmShape& s, int threads, int rounds) {
  const ThreadScope scope(threads);
  openblas.use_threads(threads);
  const auto a = random_matrix(s.m * s.k, 1);
  const auto b = random_matrix(s.k * s.n, 2);
  auto ours = Tensor<float>::zeros({s.m * s.n});
  auto theirs = Tensor<float>::zeros({s.m * s.n});
  const auto others_sleep = [&] { std::this_thread::sleep_for(std::chrono::milliseconds(threads > 1 ? 60 : 0)); };
  std::vector<double> engram_seconds;
  std::vector<double> openblas_seconds;
  for (int round = 0; round < rounds; ++round) {
    others_sleep();
    engram_seconds.push_back(time([&] { multiply(s, a.data(), b.data(), ours.data()); }));
    others_sleep();
    openblas_seconds.push_back(time([&] { openblas.multiply(s, a.data(), b.data(), theirs.data()); }));
  }
  for (Index i = 0; i < ours.size(); ++i) {
    ensure<ArgumentError>(std::abs(ours[i] - theirs[i]) < 1e-4F * static_cast<float>(s.k), s.name,
                          ": the two results differ");
  }
  return {s, threads, median(std::move(engram_seconds)), median(std::move(openblas_seconds))};
}

void print_line(const Comparison& c, bool json, bool first) {
  const GemmShape& s = c.shape;
  if (json) {
    std::printf(
        "%s\n  {\"name\": \"%s\", \"m\": %td, \"n\": %td, \"k\": %td, \"threads\": %d, \"engram_ms\": %.5f, "
        "\"openblas_ms\": %.5f}",
        first ? "" : ",", s.name.c_str(), s.m, s.n, s.k, c.threads, 1e3 * c.engram_seconds, 1e3 * c.openblas_seconds);
    return;
  }
  if (first) {
    std::printf("%-18s %20s %7s %15s %15s %6s\n", "product", "m x n x k", "threads", "engram GFLOP/s", "OpenBLAS",
                "ratio");
  }
  std::printf("%-18s %20s %7d %15.1f %15.1f %6.2f\n", s.name.c_str(), text(s.m, " x ", s.n, " x ", s.k).c_str(),
              c.threads, s.flops() / c.engram_seconds / 1e9, s.flops() / c.openblas_seconds / 1e9,
              c.openblas_seconds / c.engram_seconds);
}

void run(int rounds, bool json) {
  const OpenBlas openblas;
  std::printf(json ? "{\"peer\": \"%s\", \"products\": [" : "%s\n", openblas.about().c_str());
  bool first = true;
  for (const int threads : {1, 2}) {
    for (const GemmShape& s : gemm_shapes()) {
      print_line(compare(openblas, s, threads, rounds), json, first);
      std::fflush(stdout);
      first = false;
    }
  }
  std::printf(json ? "\n]}\n" : "");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    int rounds = 5;
    bool json = false;
    for (int i = 1; i < argc; ++i) {
      const std::string_view option = argv[i];
      if (option == "--json") {
        json = true;
      } else if (option == "--rounds" && i + 1 < argc) {
        rounds = std::stoi(argv[++i]);
      } else {
        ensure<ArgumentError>(false, "unknown option ", option);
      }
    }
    run(rounds, json);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gemm_against_openblas [--rounds N] [--json]: %s\n", error.what());
    return 1;
  }
}
