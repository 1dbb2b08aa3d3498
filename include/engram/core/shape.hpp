#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>

#include <engram/core/error.hpp>

namespace engram {

/// Sizes, positions and differences of them; signed because padding arithmetic goes negative.
using Index = std::ptrdiff_t;

/// Extents of a row-major array, outermost first; a batch of images is [N, C, H, W], a scalar [].
class Shape {
 public:
  static constexpr Index max_rank = 8;

  Shape() = default;
  Shape(std::initializer_list<Index> extents) : Shape(std::span<const Index>(extents.begin(), extents.size())) {}

  /// @throws ShapeError if there are more than 8 extents, one is negative, or their product overflows
  explicit Shape(std::span<const Index> extents) {
    ensure<ShapeError>(std::ssize(extents) <= max_rank, "Shape: need at most ", max_rank, " extents, got ",
                       extents.size());
    for (const Index extent : extents) {
      ensure<ShapeError>(extent >= 0, "Shape: need extents >= 0, got ", extent);
      extents_[static_cast<std::size_t>(rank_++)] = extent;
      if (extent != 0 && size_ > std::numeric_limits<Index>::max() / extent) {
        fail<ShapeError>("Shape: the number of elements of ", text(), " overflows");
      }
      size_ *= extent;
    }
  }

  Index rank() const { return rank_; }

  /// Number of elements; 1 for a scalar.
  Index size() const { return size_; }

  /// Extent of `axis`; negative axes count from the end.
  Index operator[](Index axis) const { return extents_[static_cast<std::size_t>(axis < 0 ? axis + rank_ : axis)]; }

  std::span<const Index> extents() const { return {extents_.data(), static_cast<std::size_t>(rank_)}; }
  const Index* begin() const { return extents_.data(); }
  const Index* end() const { return extents_.data() + rank_; }

  bool operator==(const Shape&) const = default;

  /// "[8, 3, 28, 28]".
  std::string text() const {
    std::string out = "[";
    for (Index axis = 0; axis < rank_; ++axis) {
      if (axis > 0) {
        out += ", ";
      }
      detail::append_text(out, (*this)[axis]);
    }
    return out += ']';
  }

 private:
  std::array<Index, static_cast<std::size_t>(max_rank)> extents_{};
  Index rank_ = 0;
  Index size_ = 1;
};

}  // namespace engram
