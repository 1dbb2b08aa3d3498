#pragma once

#include <algorithm>
#include <concepts>
#include <span>
#include <type_traits>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/parallel.hpp>

namespace engram {

/// Pixels added on each side of an image.
struct Padding2d {
  Index left = 0;
  Index right = 0;
  Index top = 0;
  Index bottom = 0;

  constexpr Padding2d() = default;
  constexpr Padding2d(Index all) : left(all), right(all), top(all), bottom(all) {}  // NOLINT: 1 means 1 on every side
  constexpr Padding2d(Index l, Index r, Index t, Index b) : left(l), right(r), top(t), bottom(b) {}

  /// Makes the sides multiples: as much on one side as on the other, an odd pixel more at the right and the bottom.
  static constexpr Padding2d to_multiple(Index height, Index width, Index multiple) {
    const Index more_y = (multiple - height % multiple) % multiple;
    const Index more_x = (multiple - width % multiple) % multiple;
    return {more_x / 2, more_x - more_x / 2, more_y / 2, more_y - more_y / 2};
  }
};

/// What the added pixels are, by PyTorch's names: one value, the image mirrored about its border pixels (which are not
/// repeated), its border pixels repeated, or the image repeated.
enum class PadMode { constant, reflect, replicate, circular };

namespace detail {

/// The pixel that each padded pixel along one axis shows; -1 for the constant.
inline std::vector<Index> pad_sources(Index size, Index before, Index after, PadMode mode) {
  std::vector<Index> sources;
  for (Index i = -before; i < size + after; ++i) {
    Index from = i;
    if (i < 0 || i >= size) {
      switch (mode) {
        case PadMode::constant:
          from = -1;
          break;
        case PadMode::reflect:
          from = i < 0 ? -i : 2 * (size - 1) - i;
          break;
        case PadMode::replicate:
          from = i < 0 ? 0 : size - 1;
          break;
        case PadMode::circular:
          from = i < 0 ? i + size : i - size;
          break;
      }
    }
    sources.push_back(from);
  }
  return sources;
}

inline void check_pad(const Shape& x, const Padding2d& p, PadMode mode) {
  ensure<ShapeError>(x.rank() >= 2, "pad: need x [..., H, W], got x ", x);
  const Index most_y = std::max(p.top, p.bottom);
  const Index most_x = std::max(p.left, p.right);
  const bool fits = mode == PadMode::constant || (mode == PadMode::replicate && x[-1] > 0 && x[-2] > 0) ||
                    (mode == PadMode::reflect && most_y < x[-2] && most_x < x[-1]) ||
                    (mode == PadMode::circular && most_y <= x[-2] && most_x <= x[-1]);
  ensure<ArgumentError>(p.left >= 0 && p.right >= 0 && p.top >= 0 && p.bottom >= 0 && fits,
                        "pad: need padding >= 0, and less than the image for reflect or at most the image for "
                        "circular, got left ",
                        p.left, ", right ", p.right, ", top ", p.top, ", bottom ", p.bottom, " and x ", x);
}

}  // namespace detail

/// Adds pixels around images.
/// @param x      [..., H, W]
/// @param value  of the added pixels in PadMode::constant
/// @returns      [..., top + H + bottom, left + W + right]
/// @throws ShapeError if x has less than two axes; ArgumentError for a negative padding, or one that the image is too
/// small for
template <std::floating_point T>
Variable<T> pad(const Variable<T>& x, const Padding2d& padding, PadMode mode = PadMode::constant,
                std::type_identity_t<T> value = T(0)) {
  const Shape shape = x.shape();
  detail::check_pad(shape, padding, mode);
  const auto rows = detail::pad_sources(shape[-2], padding.top, padding.bottom, mode);
  const auto columns = detail::pad_sources(shape[-1], padding.left, padding.right, mode);
  std::vector<Index> extents(shape.begin(), shape.end());
  extents[extents.size() - 2] = std::ssize(rows);
  extents[extents.size() - 1] = std::ssize(columns);
  const Index area = shape[-2] * shape[-1];
  const Index padded_area = std::ssize(rows) * std::ssize(columns);
  auto y = Tensor<T>::uninitialized(Shape(std::span<const Index>(extents)));
  const Index planes = padded_area == 0 ? 0 : y.size() / padded_area;
  // f(to, from, count) for runs of the padded plane's pixels, which show `count` pixels of the plane or (-1) the
  // constant
  const auto for_each_run = [rows, columns, left = padding.left, width = shape[-1]](auto f) {
    Index to = 0;
    for (const Index row : rows) {
      for (Index column = 0; column < std::ssize(columns);) {
        const Index from = columns[static_cast<std::size_t>(column)];
        const Index count = row < 0 ? std::ssize(columns) : column == left ? std::max<Index>(1, width) : 1;
        f(to, row < 0 || from < 0 ? Index{-1} : row * width + from, count);
        column += count;
        to += count;
      }
    }
  };
  parallel_ranges(planes, 16, [&](Index begin, Index end) {
    for (Index plane = begin; plane < end; ++plane) {
      const T* in = x.value().data() + plane * area;
      T* out = y.data() + plane * padded_area;
      for_each_run([&](Index to, Index from, Index count) {
        if (from < 0) {
          std::fill_n(out + to, count, value);
        } else {
          std::copy_n(in + from, count, out + to);
        }
      });
    }
  });
  return differentiable("pad", std::move(y), wrt(x, [=](const Tensor<T>& dy) {
                          auto dx = Tensor<T>::zeros(shape);
                          parallel_ranges(planes, 16, [&](Index begin, Index end) {
                            for (Index plane = begin; plane < end; ++plane) {
                              const T* in = dy.data() + plane * padded_area;
                              T* out = dx.data() + plane * area;
                              for_each_run([&](Index at, Index to, Index count) {
                                for (Index i = 0; i < count && to >= 0; ++i) {
                                  out[to + i] += in[at + i];
                                }
                              });
                            }
                          });
                          return dx;
                        }));
}

}  // namespace engram
