#pragma once

#include <algorithm>
#include <concepts>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/ops/pad.hpp>
#include <engram/ops/slice.hpp>

namespace engram::infer {

/// How images are cut up for a network that looks at each pixel's surroundings alone.
struct TileOptions {
  Index reach = 0;      ///< pixels on every side of a pixel that the network looks at for it
  Index multiple = 1;   ///< the network wants sides that are multiples of it, such as 2^(halvings)
  Index largest = 256;  ///< pixels along a tile's side, at most
};

namespace detail {

/// Tiles along one side of images.
struct TilesAlong {
  Index size;                 ///< of each tile
  std::vector<Index> begins;  ///< where it lies
};

/// As few tiles as can be, of one size, that overlap by what their edges cannot know.
inline TilesAlong tiles_along(Index side, const TileOptions& o) {
  const auto up = [&](Index length) { return (length + o.multiple - 1) / o.multiple * o.multiple; };
  const Index reach = up(o.reach);
  if (side <= o.largest) {
    return {side, {0}};
  }
  const Index count = (side - 2 * reach + o.largest - 2 * reach - 1) / (o.largest - 2 * reach);
  const Index known = up((side - 2 * reach + count - 1) / count);
  TilesAlong out{known + 2 * reach, {}};
  for (Index i = 0; i < count; ++i) {
    out.begins.push_back(std::min(i * known, side - out.size));
  }
  return out;
}

inline void check_tiles(const Shape& images, const TileOptions& o) {
  ensure<ArgumentError>(
      o.reach >= 0 && o.multiple >= 1 && o.largest % o.multiple == 0 && o.largest > 2 * (o.reach + o.multiple),
      "in_tiles: need reach >= 0, multiple >= 1 and a largest that is a multiple of it and above 2 "
      "(reach + multiple), got ",
      o.reach, ", ", o.multiple, " and ", o.largest);
  ensure<ShapeError>(images.rank() == 4 && images[0] >= 1 && images[2] >= o.multiple && images[3] >= o.multiple,
                     "in_tiles: need images [N >= 1, C, H >= ", o.multiple, ", W >= ", o.multiple, "], got ", images);
}

/// What a network makes of images [n, C, h, w]: [n, K, h, w].
template <class T, class Net>
Tensor<T> made_of(const Net& net, const Tensor<T>& images) {
  Tensor<T> made = net(Variable<T>(images)).value();
  const Shape& s = images.shape();
  ensure<ShapeError>(made.rank() == 4 && made.dim(0) == s[0] && made.dim(2) == s[2] && made.dim(3) == s[3],
                     "in_tiles: need a network to [N, K, H, W] of the same H and W, got ", made.shape(), " from ", s);
  return made;
}

/// Image `i`'s pixels from (top, left) on: [1, C, height, width].
template <class T>
Tensor<T> cut_tile(const Tensor<T>& images, Index i, Index top, Index left, Index height, Index width) {
  const Shape& s = images.shape();
  auto tile = Tensor<T>::uninitialized({1, s[1], height, width});
  for (Index k = 0; k < s[1]; ++k) {
    for (Index row = 0; row < height; ++row) {
      std::copy_n(images.data() + ((i * s[1] + k) * s[2] + top + row) * s[3] + left, width,
                  tile.data() + (k * height + row) * width);
    }
  }
  return tile;
}

/// Writes a tile [1, C, h, w] but its first `above` rows and `before` columns, which the tiles beside it know better.
template <class T>
void put_tile(Tensor<T>& images, Index i, Index top, Index left, const Tensor<T>& tile, Index above, Index before) {
  const Shape& s = images.shape();
  const Shape& t = tile.shape();
  for (Index k = 0; k < s[1]; ++k) {
    for (Index row = above; row < t[2]; ++row) {
      std::copy_n(tile.data() + (k * t[2] + row) * t[3] + before, t[3] - before,
                  images.data() + ((i * s[1] + k) * s[2] + top + row) * s[3] + left + before);
    }
  }
}

}  // namespace detail

/// What a network makes of images, large ones tile by tile, so that memory does not go with their size. The result is
/// that of whole images, whose sides are mirrored to multiples as Padding2d::to_multiple() says.
/// @param net     images [n, C, h, w] to [n, K, h, w]: any function of a Variable
/// @param images  [N, C, H, W]
/// @returns       [N, K, H, W]; it has no history
/// @throws ShapeError for images of another rank or with a side below the multiple, or a network that changes the
/// sides; ArgumentError for options out of range
template <std::floating_point T, class Net>
Tensor<T> in_tiles(const Net& net, const Tensor<T>& images, const TileOptions& options) {
  detail::check_tiles(images.shape(), options);
  const NoGrad no_grad;
  const Shape whole = images.shape();
  const Padding2d border = Padding2d::to_multiple(whole[2], whole[3], options.multiple);
  const Tensor<T> padded = pad(Variable<T>(images), border, PadMode::reflect).value();
  const Shape& s = padded.shape();
  const detail::TilesAlong rows = detail::tiles_along(s[2], options);
  const detail::TilesAlong columns = detail::tiles_along(s[3], options);
  const bool one_tile = rows.begins.size() == 1 && columns.begins.size() == 1;
  Tensor<T> out = one_tile ? detail::made_of(net, padded) : Tensor<T>();
  for (Index i = 0; i < s[0] && !one_tile; ++i) {
    for (const Index top : rows.begins) {
      for (const Index left : columns.begins) {
        const auto made = detail::made_of(net, detail::cut_tile(padded, i, top, left, rows.size, columns.size));
        if (out.size() == 0) {
          out = Tensor<T>::uninitialized({s[0], made.dim(1), s[2], s[3]});
        }
        detail::put_tile(out, i, top, left, made, top == 0 ? 0 : options.reach, left == 0 ? 0 : options.reach);
      }
    }
  }
  const Variable<T> rows_cut = slice(Variable<T>(std::move(out)), 2, {border.top, border.top + whole[2]});
  return slice(rows_cut, 3, {border.left, border.left + whole[3]}).value();
}

}  // namespace engram::infer
