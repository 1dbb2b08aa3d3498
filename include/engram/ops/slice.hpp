#pragma once

#include <algorithm>
#include <concepts>
#include <limits>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/strided.hpp>
#include <engram/ops/reduce.hpp>

namespace engram {

/// Which entries of a dim to take, as in Python's x[start:stop:step]; negative ends count from the end, and what lies
/// beyond is cut off.
struct SliceRange {
  Index start = 0;
  Index stop = std::numeric_limits<Index>::max();
  Index step = 1;
};

/// The entries start, start + step, ... before stop of one dim: [.., n, ..] to [.., ceil((stop - start) / step), ..].
/// @throws ArgumentError for a dim that x does not have or a step below 1
template <std::floating_point T>
Variable<T> slice(const Variable<T>& x, Index dim, const SliceRange& range) {
  const Index axis = detail::checked_axis("slice", dim, x.shape().rank());
  ensure<ArgumentError>(range.step >= 1, "slice: need a step >= 1, got ", range.step);
  const Index size = x.shape()[axis];
  const auto bounded = [size](Index end) { return std::clamp<Index>(end < 0 ? end + size : end, 0, size); };
  const Index start = bounded(range.start);
  const Index length = std::max<Index>(0, bounded(range.stop) - start);
  const Index step = std::min(range.step, std::max<Index>(1, length));  // longer ones take one entry, too
  const Index count = (length + step - 1) / step;
  std::vector<Index> extents(x.shape().begin(), x.shape().end());
  extents[static_cast<std::size_t>(axis)] = count;
  const Shape shape{std::span<const Index>(extents)};
  const kernels::Strides own = kernels::row_major_strides(x.shape());
  kernels::Strides inside = own;
  inside[static_cast<std::size_t>(axis)] *= step;
  const Index first = shape.size() == 0 ? 0 : start * own[static_cast<std::size_t>(axis)];
  const kernels::Strides result = kernels::row_major_strides(shape);
  auto y = Tensor<T>::uninitialized(shape);
  kernels::copy_strided({shape, {inside, result}}, x.value().data() + first, y.data());
  return differentiable("slice", std::move(y), wrt(x, [=, whole = x.shape()](const Tensor<T>& dy) {
                          auto dx = Tensor<T>::zeros(whole);
                          kernels::copy_strided({shape, {result, inside}}, dy.data(), dx.data() + first);
                          return dx;
                        }));
}

}  // namespace engram
