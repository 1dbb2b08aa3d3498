#pragma once

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"  // a body that calls the standard library stays a plain loop
#endif

namespace engram::kernels {

/// Elements that one task of an element-wise loop handles.
inline constexpr Index elementwise_grain = 1 << 15;

/// y[i] = f(x[i]); x is any of the operands, all of one shape.
template <class T, class F, class... More>
Tensor<T> map(F f, const Tensor<T>& x, const More&... more) {
  auto y = Tensor<T>::uninitialized(x.shape());
  T* out = y.data();
  const T* in = x.data();
  parallel_ranges(x.size(), elementwise_grain, [&](Index begin, Index end) {
    simd::with_widest([&] { for_each_lane(begin, end, [&](Index i) { out[i] = f(in[i], more.data()[i]...); }); });
  });
  return y;
}

/// x[i] = f(x[i], more[i]...), in x's own memory.
template <class T, class F, class... More>
Tensor<T> map_in_place(F f, Tensor<T> x, const More&... more) {
  T* out = x.data();
  parallel_ranges(x.size(), elementwise_grain, [&](Index begin, Index end) {
    simd::with_widest([&] { for_each_lane(begin, end, [&](Index i) { out[i] = f(out[i], more.data()[i]...); }); });
  });
  return x;
}

/// Sum in double over fixed pieces, added in order.
template <class T, class F, class... More>
double map_sum(F f, const Tensor<T>& x, const More&... more) {
  const Index pieces = (x.size() + elementwise_grain - 1) / elementwise_grain;
  Buffer<double> partial(static_cast<std::size_t>(pieces));
  parallel_ranges(x.size(), elementwise_grain, [&](Index begin, Index end) {
    double* sum = partial.data() + begin / elementwise_grain;
    simd::with_widest([&] {
      *sum = sum_lanes<double>(begin, end,
                               [&](Index i) { return static_cast<double>(f(x.data()[i], more.data()[i]...)); });
    });
  });
  double total = 0;
  for (Index piece = 0; piece < pieces; ++piece) {
    total += partial.data()[piece];
  }
  return total;
}

}  // namespace engram::kernels

#if defined(__clang__)
#pragma clang diagnostic pop
#endif
