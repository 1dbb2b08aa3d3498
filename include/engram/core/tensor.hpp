#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <utility>

#include <engram/core/buffer.hpp>
#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram {

/// A dense, contiguous, row-major array that owns its elements. Copies are deep, moves are free.
template <class T>
class Tensor {
 public:
  using value_type = T;

  /// No elements, shape [0]; what is left of a tensor that was moved from.
  Tensor() : shape_{0} {}
  Tensor(const Tensor&) = default;
  Tensor(Tensor&& other) noexcept : shape_(std::exchange(other.shape_, Shape{0})), buffer_(std::move(other.buffer_)) {}
  Tensor& operator=(const Tensor&) = default;
  Tensor& operator=(Tensor&& other) noexcept {
    Tensor taken(std::move(other));
    std::swap(shape_, taken.shape_);
    std::swap(buffer_, taken.buffer_);
    return *this;
  }

  /// Elements have indeterminate values: for results that a kernel overwrites.
  static Tensor uninitialized(const Shape& shape) { return Tensor(shape); }
  static Tensor zeros(const Shape& shape) { return full(shape, T{}); }
  static Tensor full(const Shape& shape, T value) {
    Tensor t(shape);
    std::fill_n(t.data(), t.size(), value);
    return t;
  }

  /// Copies `elements`, row by row.
  /// @throws ShapeError unless there are exactly shape.size() of them
  static Tensor from(const Shape& shape, std::span<const T> elements) {
    ensure<ShapeError>(shape.size() == std::ssize(elements), "Tensor: shape ", shape, " needs ", shape.size(),
                       " elements, got ", elements.size());
    Tensor t(shape);
    std::copy_n(elements.data(), t.size(), t.data());
    return t;
  }
  static Tensor from(const Shape& shape, std::initializer_list<T> elements) {
    return from(shape, std::span<const T>(elements.begin(), elements.size()));
  }

  const Shape& shape() const { return shape_; }
  Index rank() const { return shape_.rank(); }
  Index size() const { return shape_.size(); }
  Index dim(Index axis) const { return shape_[axis]; }

  T* data() { return buffer_.data(); }
  const T* data() const { return buffer_.data(); }
  std::span<T> elements() { return {buffer_.data(), buffer_.size()}; }
  std::span<const T> elements() const { return {buffer_.data(), buffer_.size()}; }

  /// Element at a position in row-major order; not checked.
  T& operator[](Index position) { return buffer_.data()[position]; }
  const T& operator[](Index position) const { return buffer_.data()[position]; }

  /// The only element.
  /// @throws ShapeError if there is not exactly one
  T item() const {
    ensure<ShapeError>(size() == 1, "item: need one element, got shape ", shape_);
    return buffer_.data()[0];
  }

  /// The same elements under another shape; free for an rvalue. One extent may be -1: what is left.
  /// @throws ShapeError if the number of elements differs
  Tensor reshaped(std::initializer_list<Index> extents) const& { return Tensor(*this).reshaped(extents); }
  Tensor reshaped(std::initializer_list<Index> extents) && {
    return std::move(*this).reshaped(inferred(std::span<const Index>(extents.begin(), extents.size())));
  }
  Tensor reshaped(const Shape& shape) const& { return Tensor(*this).reshaped(shape); }
  Tensor reshaped(const Shape& shape) && {
    ensure<ShapeError>(shape.size() == size(), "reshape: need ", size(), " elements as in ", shape_, ", got ", shape);
    shape_ = shape;
    return std::move(*this);
  }

  /// `extents` with a -1 replaced by what makes the sizes agree.
  Shape inferred(std::span<const Index> extents) const {
    Index unknown = -1;
    Index resolved[Shape::max_rank] = {};
    ensure<ShapeError>(std::ssize(extents) <= Shape::max_rank, "reshape: need at most ", Shape::max_rank,
                       " extents, got ", extents.size());
    for (std::size_t i = 0; i < extents.size(); ++i) {
      resolved[i] = extents[i];
      if (extents[i] == -1) {
        ensure<ShapeError>(unknown < 0, "reshape: need at most one extent -1");
        unknown = static_cast<Index>(i);
        resolved[i] = 1;
      }
    }
    if (unknown >= 0) {
      const Index known = Shape(std::span<const Index>(resolved, extents.size())).size();
      ensure<ShapeError>(known > 0 && size() % known == 0, "reshape: ", shape_, " cannot be divided by ", known);
      resolved[unknown] = size() / known;
    }
    return Shape(std::span<const Index>(resolved, extents.size()));
  }

 private:
  explicit Tensor(const Shape& shape) : shape_(shape), buffer_(static_cast<std::size_t>(shape.size())) {}

  Shape shape_;
  Buffer<T> buffer_;
};

/// Element by element conversion to another type.
template <class U, class T>
Tensor<U> cast(const Tensor<T>& x) {
  auto y = Tensor<U>::uninitialized(x.shape());
  std::transform(x.data(), x.data() + x.size(), y.data(), [](T v) { return static_cast<U>(v); });
  return y;
}

}  // namespace engram
