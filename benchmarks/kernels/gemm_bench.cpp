// Matrix products of the study's shapes; gemm_against_openblas puts OpenBLAS's beside them.
#include "support/gemm_shapes.hpp"
#include "support/kernel_bench.hpp"

using namespace engram_bench;

int main(int argc, char** argv) {
  for (const GemmShape& s : gemm_shapes()) {
    add_kernel(text("gemm/", s.name, "/", s.m, "x", s.n, "x", s.k), {.flops = s.flops()}, [s] {
      return [s, a = random_tensor({s.m * s.k}, 1), b = random_tensor({s.k * s.n}, 2),
              c = Tensor<float>::uninitialized({s.m * s.n})]() mutable { multiply(s, a.data(), b.data(), c.data()); };
    });
  }
  return run_benchmarks(argc, argv);
}
