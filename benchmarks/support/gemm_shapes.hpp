#pragma once

#include <string>
#include <vector>

#include <engram/kernels/gemm.hpp>

namespace engram_bench {

using namespace engram;

/// c [m, n] = a [m, k] b [k, n], all contiguous, each of a and b as it is or stored transposed.
struct GemmShape {
  std::string name;
  Index m;
  Index n;
  Index k;
  bool a_transposed = false;
  bool b_transposed = false;

  double flops() const { return 2.0 * static_cast<double>(m * n * k); }
};

/// Products of the study's networks at a batch of 64, and two that are none of theirs.
inline std::vector<GemmShape> gemm_shapes() {
  const Index batch = 64;
  const Index features = 10368;
  const Index code = 16;
  return {{.name = "fc_1/forward", .m = batch, .n = code, .k = features, .b_transposed = true},
          {.name = "fc_1/grad_input", .m = batch, .n = features, .k = code},
          {.name = "fc_1/grad_weight", .m = code, .n = features, .k = batch, .a_transposed = true},
          {.name = "fc_2/forward", .m = batch, .n = features, .k = code, .b_transposed = true},
          {.name = "fc_2/grad_input", .m = batch, .n = code, .k = features},
          {.name = "fc_2/grad_weight", .m = features, .n = code, .k = batch, .a_transposed = true},
          {.name = "encoder_1/image", .m = 64, .n = 2304, .k = 9},
          {.name = "encoder_2/image", .m = 64, .n = 484, .k = 576},
          {.name = "encoder_3/image", .m = 128, .n = 81, .k = 576},
          {.name = "encoder_2/batch", .m = 64, .n = 30976, .k = 576},
          {.name = "decoder_1/image", .m = 576, .n = 81, .k = 128, .a_transposed = true},
          {.name = "decoder_4/image", .m = 256, .n = 576, .k = 64, .a_transposed = true},
          {.name = "encoder_2/points", .m = 2304, .n = 64, .k = 64},
          {.name = "square/512", .m = 512, .n = 512, .k = 512},
          {.name = "square/1024", .m = 1024, .n = 1024, .k = 1024}};
}

/// The shape's product, by this library.
inline void multiply(const GemmShape& s, const float* a, const float* b, float* c) {
  using kernels::row_major;
  kernels::gemm(s.m, s.n, s.k, s.a_transposed ? row_major(a, s.m).transposed() : row_major(a, s.k),
                s.b_transposed ? row_major(b, s.k).transposed() : row_major(b, s.n), c, s.n);
}

}  // namespace engram_bench
