#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram {

/// The listed entries of the first axis: [N, ...] to [n, ...].
/// @throws ShapeError for a scalar, ArgumentError for a row that there is not
template <class T>
Tensor<T> take_rows(const Tensor<T>& x, std::span<const Index> rows) {
  ensure<ShapeError>(x.rank() >= 1, "take_rows: need x [N, ...], got x ", x.shape());
  for (const Index row : rows) {
    ensure<ArgumentError>(row >= 0 && row < x.dim(0), "take_rows: need rows in 0..", x.dim(0) - 1, ", got ", row);
  }
  std::vector<Index> extents(x.shape().begin(), x.shape().end());
  const Index size = x.dim(0) == 0 ? 0 : x.size() / x.dim(0);
  extents[0] = std::ssize(rows);
  auto out = Tensor<T>::uninitialized(Shape(std::span<const Index>(extents)));
  for (Index i = 0; i < std::ssize(rows); ++i) {
    std::copy_n(x.data() + rows[static_cast<std::size_t>(i)] * size, size, out.data() + i * size);
  }
  return out;
}

}  // namespace engram
