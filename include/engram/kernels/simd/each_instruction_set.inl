// Included inside namespace engram::kernels::simd: includes ENGRAM_SIMD_SOURCE once per instruction set, inside its
// namespace (instruction_sets.hpp) and under the matching target pragma. No include guard on purpose.

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,fma")
#endif
namespace avx512 {
#include ENGRAM_SIMD_SOURCE
}  // namespace avx512
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
namespace avx2 {
#include ENGRAM_SIMD_SOURCE
}  // namespace avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

namespace baseline {
#include ENGRAM_SIMD_SOURCE
}  // namespace baseline

#undef ENGRAM_SIMD_SOURCE
