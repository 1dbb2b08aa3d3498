#pragma once

// Plain loops compiled for several instruction sets; which one runs is decided by what the processor has, so users
// need no -march flag.

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"  // a body that calls the standard library stays a plain loop
#endif

namespace engram::kernels::simd {

namespace detail {

#if defined(__x86_64__)
template <class F>
__attribute__((target("avx512f,avx512dq,avx512vl,fma"), flatten)) void call_avx512(F& f) {
  f();
}
template <class F>
__attribute__((target("avx2,fma"), flatten)) void call_avx2(F& f) {
  f();
}
#endif

}  // namespace detail

/// Calls f(), whose loops then use the widest vectors of this processor as far as they can be inlined into it.
template <class F>
void with_widest(F f) {
#if defined(__x86_64__)
  static const int level =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") ? 2
      : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")                                             ? 1
                                                                                                                    : 0;
  if (level == 2) {
    return detail::call_avx512(f);
  }
  if (level == 1) {
    return detail::call_avx2(f);
  }
#endif
  f();
}

}  // namespace engram::kernels::simd

#if defined(__clang__)
#pragma clang diagnostic pop
#endif
