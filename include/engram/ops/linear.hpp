#pragma once

#include <algorithm>
#include <concepts>
#include <span>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/pool_allocator.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/reduce.hpp>

namespace engram {

/// y = x weight^T + bias.
/// @param x       [..., in], usually [N, in]
/// @param weight  [out, in]
/// @param bias    [out], or none
/// @returns       [..., out]
/// @throws ShapeError if the extents disagree
template <std::floating_point T>
Variable<T> linear(const Variable<T>& x, const Variable<T>& weight, const Optional<T>& bias = {}) {
  ensure<ShapeError>(x.shape().rank() >= 1 && weight.shape().rank() == 2 && x.shape()[-1] == weight.shape()[1],
                     "linear: need x [..., in] and weight [out, in], got x ", x.shape(), " and weight ",
                     weight.shape());
  const Index in = weight.shape()[1];
  const Index out = weight.shape()[0];
  PoolVector<Index> extents(x.shape().begin(), x.shape().end());
  extents.back() = out;
  const Shape result{std::span<const Index>(extents)};
  const Index n = in > 0 ? x.shape().size() / in : result.size() / std::max<Index>(1, out);
  ensure<ShapeError>(!bias || bias->shape() == Shape{out}, "linear: need bias [", out, "] for weight ", weight.shape(),
                     ", got bias ", bias ? bias->shape() : Shape{});
  using kernels::row_major;
  auto y = Tensor<T>::uninitialized(result);
  kernels::gemm(n, out, in, row_major(x.value().data(), in), row_major(weight.value().data(), in).transposed(),
                y.data(), out);
  if (bias) {
    parallel_ranges(n, 1 + (1 << 15) / std::max<Index>(1, out), [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        kernels::simd::with_widest([&, to = y.data() + i * out, b = bias->value().data()] {
          kernels::for_each_lane(0, out, [=](Index j) { to[j] += b[j]; });
        });
      }
    });
  }
  auto to_x = wrt(x, [weight, n, in, out, shape = x.shape()](const Tensor<T>& dy) {
    auto dx = Tensor<T>::uninitialized(shape);
    kernels::gemm(n, in, out, row_major(dy.data(), out), row_major(weight.value().data(), in), dx.data(), in);
    return dx;
  });
  auto to_weight = wrt(weight, [x, n, in, out](const Tensor<T>& dy) {
    auto dw = Tensor<T>::uninitialized({out, in});
    kernels::gemm(out, in, n, row_major(dy.data(), out).transposed(), row_major(x.value().data(), in), dw.data(), in);
    return dw;
  });
  if (!bias) {
    return differentiable("linear", std::move(y), std::move(to_x), std::move(to_weight));
  }
  return differentiable("linear", std::move(y), std::move(to_x), std::move(to_weight),
                        wrt(*bias, [out](Tensor<T> dy) { return kernels::sum_to_shape(std::move(dy), {out}); }));
}

}  // namespace engram
