#pragma once

// Matrix products for float and double, which training.hpp and embedding.hpp both declare as compiled elsewhere.

#include <engram/kernels/gemm.hpp>

#if defined(ENGRAM_INSTANTIATE_TEMPLATES)
#define ENGRAM_TEMPLATE template
#else
#define ENGRAM_TEMPLATE extern template
#endif

// clang-format off
#define ENGRAM_GEMM_TEMPLATES(T) \
  ENGRAM_TEMPLATE void kernels::gemm(Index, Index, Index, kernels::Matrix<T>, kernels::Matrix<T>, T*, Index, kernels::Store);
// clang-format on

namespace engram {

ENGRAM_GEMM_TEMPLATES(float)
ENGRAM_GEMM_TEMPLATES(double)

}  // namespace engram

#undef ENGRAM_GEMM_TEMPLATES
#undef ENGRAM_TEMPLATE
