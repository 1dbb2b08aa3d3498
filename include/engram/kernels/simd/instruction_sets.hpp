#pragma once

// Kernels that are compiled for several instruction sets; which one runs is decided by what the processor has, so users
// need no -march flag. A header defines ENGRAM_SIMD_SOURCE as the file that has them and includes
// each_instruction_set.inl: they are then in the namespaces avx512, avx2 and baseline, of which best_of chooses.

namespace engram::kernels::simd {

namespace baseline {
inline constexpr int vector_bytes = 16;
}  // namespace baseline

#if defined(__x86_64__)
namespace avx2 {
inline constexpr int vector_bytes = 32;
}  // namespace avx2
namespace avx512 {
inline constexpr int vector_bytes = 64;
}  // namespace avx512
#else
namespace avx2 = baseline;
namespace avx512 = baseline;
#endif

enum class InstructionSet { baseline, avx2, avx512 };

/// The widest one that this processor has.
inline InstructionSet instruction_set() {
#if defined(__x86_64__)
  static const InstructionSet widest = __builtin_cpu_supports("avx512f") ? InstructionSet::avx512
                                       : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                                           ? InstructionSet::avx2
                                           : InstructionSet::baseline;
  return widest;
#else
  return InstructionSet::baseline;
#endif
}

/// The one for this processor.
template <class V>
V best_of(const V& for_avx512, const V& for_avx2, const V& for_baseline) {
  return instruction_set() == InstructionSet::avx512 ? for_avx512
         : instruction_set() == InstructionSet::avx2 ? for_avx2
                                                     : for_baseline;
}

}  // namespace engram::kernels::simd
