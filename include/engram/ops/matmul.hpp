#pragma once

#include <concepts>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/pool_allocator.hpp>
#include <engram/kernels/broadcast.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/reduce.hpp>
#include <engram/ops/shape.hpp>

namespace engram {

namespace detail {

/// A batch of matrix products: the leading axes of a [..., m, k] and b [..., k, n] are broadcast.
struct MatmulGeometry {
  Shape batch;
  Index m = 0;
  Index n = 0;
  Index k = 0;
  kernels::StridedLoop<2> pairs;  ///< offsets of the matrices in a and b

  Shape with(Index rows, Index columns) const {
    PoolVector<Index> extents(batch.begin(), batch.end());
    extents.push_back(rows);
    extents.push_back(columns);
    return Shape(std::span<const Index>(extents));
  }
};

/// @throws ShapeError if they do not fit, in which vectors are named as such
inline MatmulGeometry matmul_geometry(const Shape& a, const Shape& b, bool row, bool column) {
  const auto leading = [](const Shape& s) {
    return Shape(s.extents().subspan(0, static_cast<std::size_t>(std::max<Index>(0, s.rank() - 2))));
  };
  const bool matrices = a.rank() >= 2 && b.rank() >= 2;
  const auto batch = kernels::broadcast_shape(leading(a), leading(b));
  ensure<ShapeError>(matrices && batch && a[-1] == b[-2],
                     "matmul: need a [..., m, k] and b [..., k, n] whose leading extents fit, got a ",
                     row ? Shape{a[-1]} : a, " and b ", column ? Shape{b[0]} : b);
  auto a_strides = kernels::broadcast_strides(leading(a), *batch);
  auto b_strides = kernels::broadcast_strides(leading(b), *batch);
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(batch->rank()); ++axis) {
    a_strides[axis] *= a[-2] * a[-1];
    b_strides[axis] *= b[-2] * b[-1];
  }
  return {.batch = *batch, .m = a[-2], .n = b[-1], .k = a[-1], .pairs = {*batch, {a_strides, b_strides}}};
}

/// f(number, offset in a, offset in b) for each product of the batch: side by side if there are several, since each
/// alone shares its work out too.
template <class F>
void for_each_product(const MatmulGeometry& g, F f) {
  g.pairs.parallel_runs(1, [&](Index number, const std::array<Index, 2>& at, Index) { f(number, at[0], at[1]); });
}

template <class T>
Variable<T> matrix_product(const Variable<T>& a, const Variable<T>& b, bool row, bool column) {
  using kernels::row_major;
  const MatmulGeometry g = matmul_geometry(a.shape(), b.shape(), row, column);
  auto y = Tensor<T>::uninitialized(g.with(g.m, g.n));
  for_each_product(g, [&](Index i, Index from_a, Index from_b) {
    kernels::gemm(g.m, g.n, g.k, row_major(a.value().data() + from_a, g.k), row_major(b.value().data() + from_b, g.n),
                  y.data() + i * g.m * g.n, g.n);
  });
  return differentiable("matmul", std::move(y),
                        wrt(a,
                            [g, b, shape = a.shape()](const Tensor<T>& dy) {
                              auto da = Tensor<T>::uninitialized(g.with(g.m, g.k));
                              for_each_product(g, [&](Index i, Index, Index from_b) {
                                kernels::gemm(g.m, g.k, g.n, row_major(dy.data() + i * g.m * g.n, g.n),
                                              row_major(b.value().data() + from_b, g.n).transposed(),
                                              da.data() + i * g.m * g.k, g.k);
                              });
                              return kernels::sum_to_shape(std::move(da), shape);
                            }),
                        wrt(b, [g, a, shape = b.shape()](const Tensor<T>& dy) {
                          auto db = Tensor<T>::uninitialized(g.with(g.k, g.n));
                          for_each_product(g, [&](Index i, Index from_a, Index) {
                            kernels::gemm(g.k, g.n, g.m, row_major(a.value().data() + from_a, g.k).transposed(),
                                          row_major(dy.data() + i * g.m * g.n, g.n), db.data() + i * g.k * g.n, g.n);
                          });
                          return kernels::sum_to_shape(std::move(db), shape);
                        }));
}

}  // namespace detail

/// Matrix product of a [m, k] and b [k, n]: [m, n]. Leading axes are batches and broadcast: [N, m, k] x [k, n]. A
/// vector [k] on the left is a row, on the right a column, and its extent of 1 is left out of the result, as in
/// PyTorch.
/// @throws ShapeError if the inner extents differ or the leading ones do not fit
template <std::floating_point T>
Variable<T> matmul(const Variable<T>& a, const Variable<T>& b) {
  if (a.shape().rank() > 2 && b.shape().rank() == 2 && a.shape()[-1] == b.shape()[0] && a.shape().size() > 0) {
    PoolVector<Index> extents(a.shape().begin(), a.shape().end());  // one product for all rows, not one per matrix
    extents.back() = b.shape()[1];
    return reshape(matmul(reshape(a, {-1, a.shape()[-1]}), b), std::span<const Index>(extents));
  }
  const bool row = a.shape().rank() == 1;
  const bool column = b.shape().rank() == 1;
  const auto product =
      detail::matrix_product(row ? reshape(a, {1, -1}) : a, column ? reshape(b, {-1, 1}) : b, row, column);
  if (!row && !column) {
    return product;
  }
  PoolVector<Index> extents(product.shape().begin(), product.shape().end());
  if (column) {
    extents.pop_back();
  }
  if (row) {
    extents.erase(extents.end() - (column ? 1 : 2));
  }
  return reshape(product, std::span<const Index>(extents));
}

}  // namespace engram
