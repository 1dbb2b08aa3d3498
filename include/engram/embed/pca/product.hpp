#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/pca/centred.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/tiles.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed::detail {

/// Vectors side by side as the tiles' right operand: [panels, width, columns], the rest of the last panel 0.
template <class T>
class PackedVectors {
 public:
  /// @param vectors  [count, width]
  explicit PackedVectors(const Tensor<double>& vectors) : count_(vectors.dim(0)), width_(vectors.dim(1)) {
    values_ = Tensor<T>::zeros({panels(), width_, tile().columns});
    for (Index v = 0; v < count_; ++v) {
      T* out = values_.data() + v / tile().columns * width_ * tile().columns + v % tile().columns;
      for (Index s = 0; s < width_; ++s) {
        out[s * tile().columns] = static_cast<T>(vectors[v * width_ + s]);
      }
    }
  }

  static const kernels::simd::Tile<T>& tile() { return kernels::simd::tiles<T>().tall; }
  Index count() const { return count_; }
  Index panels() const { return (count_ + tile().columns - 1) / tile().columns; }
  const T* panel(Index p) const { return values_.data() + p * width_ * tile().columns; }

 private:
  Index count_;
  Index width_;
  Tensor<T> values_;
};

/// The products of blocks of rows of a with vectors q, y = a q^T, and with the result, z += y^T a, while the block is
/// in the cache.
template <class T>
class BlockProduct {
 public:
  BlockProduct(const CentredMatrix<T>& a, const PackedVectors<T>& q, bool both)
      : a_(a),
        q_(q),
        rows_(block_rows(a)),
        stride_(kernels::detail::round_up(a.width, wide().columns)),
        block_(static_cast<std::size_t>(rows_ * stride_)),
        y_(static_cast<std::size_t>(q.panels() * rows_ * tall().columns)) {
    if (both) {
      const Index vectors = kernels::detail::round_up(q.count(), wide().rows);
      packed_y_.resize(static_cast<std::size_t>(vectors * rows_));
      z_.resize(static_cast<std::size_t>(vectors * stride_));
    }
    for (Index i = 0; i < std::max(depth, rows_); ++i) {
      places_.push_back(i);
      row_places_.push_back(i * stride_);
    }
  }

  /// Rows of a block: about 512 KiB of a.
  static Index block_rows(const CentredMatrix<T>& a) {
    const Index fitting = (Index{1} << 19) / static_cast<Index>(sizeof(T)) / std::max<Index>(1, a.width);
    return std::clamp<Index>(fitting / 12 * 12, 12, 96);
  }

  /// Writes y for the rows from `begin` on, [rows, count] with row stride `stride`, and adds to z.
  void operator()(Index begin, T* y, Index stride) {
    load_block(a_, begin, rows_, block_.data(), stride_);
    multiply();
    const Index used = std::min(rows_, a_.length - begin);
    for (Index r = 0; r < used; ++r) {
      for (Index v = 0; v < q_.count(); v += tall().columns) {
        std::copy_n(y_.data() + v * rows_ + r * tall().columns, std::min(tall().columns, q_.count() - v),
                    y + r * stride + v);
      }
    }
    if (!z_.empty()) {
      multiply_transposed();
    }
  }

  /// z [count, width] in double.
  Tensor<double> z() const {
    auto out = Tensor<double>::uninitialized({q_.count(), a_.width});
    for (Index v = 0; v < q_.count(); ++v) {
      std::copy_n(z_.data() + v * stride_, a_.width, out.data() + v * a_.width);
    }
    return out;
  }

 private:
  static constexpr Index depth = 256;
  static const kernels::simd::Tile<T>& tall() { return PackedVectors<T>::tile(); }
  static const kernels::simd::Tile<T>& wide() { return kernels::simd::tiles<T>().wide; }

  /// Adds count rows of `width` elements to rows with a stride of their own.
  static void add_rows(const T* more, Index count, Index width, T* sums, Index stride) {
    kernels::simd::with_widest([=] {
      for (Index i = 0; i < count; ++i) {
        kernels::for_each_lane(0, width,
                               [=, sum = sums + i * stride, row = more + i * width](Index j) { sum[j] += row[j]; });
      }
    });
  }

  void multiply() {
    const kernels::simd::Tile<T>& tile = tall();
    alignas(64) T sums[kernels::simd::largest_tile];
    const T* rows[kernels::simd::most_tile_rows];
    std::ranges::fill(y_, T{0});
    for (Index s = 0; s < a_.width; s += depth) {
      for (Index panel = 0; panel < q_.panels(); ++panel) {
        for (Index r = 0; r < rows_; r += tile.rows) {
          for (Index i = 0; i < tile.rows; ++i) {
            rows[i] = block_.data() + (r + i) * stride_ + s;
          }
          tile.gathered(std::min(depth, a_.width - s), rows, places_.data(), q_.panel(panel) + s * tile.columns, sums);
          add_rows(sums, 1, tile.rows * tile.columns, y_.data() + (panel * rows_ + r) * tile.columns, 0);
        }
      }
    }
  }

  void multiply_transposed() {
    const kernels::simd::Tile<T>& tile = wide();
    alignas(64) T sums[kernels::simd::largest_tile];
    for (Index v = 0; v < q_.count(); ++v) {
      const T* from = y_.data() + v / tall().columns * tall().columns * rows_ + v % tall().columns;
      T* to = packed_y_.data() + v / tile.rows * tile.rows * rows_ + v % tile.rows;
      for (Index r = 0; r < rows_; ++r) {
        to[r * tile.rows] = from[r * tall().columns];
      }
    }
    for (Index s = 0; s < a_.width; s += tile.columns) {
      for (Index v = 0; v < q_.count(); v += tile.rows) {
        tile.shifted(rows_, packed_y_.data() + v * rows_, block_.data() + s, row_places_.data(), sums);
        add_rows(sums, tile.rows, tile.columns, z_.data() + v * stride_ + s, stride_);
      }
    }
  }

  const CentredMatrix<T>& a_;
  const PackedVectors<T>& q_;
  Index rows_;
  Index stride_;                        // of the rows of block_ and z_: the width and zeros
  std::vector<T> block_;                // [rows, stride]
  std::vector<T> y_;                    // [panels of q, rows, columns of a tall tile]
  std::vector<T> packed_y_;             // [vectors / rows of a wide tile, rows, rows of a wide tile]
  std::vector<T> z_;                    // [vectors, stride]
  std::vector<std::ptrdiff_t> places_;  // 0, 1, ...
  std::vector<std::ptrdiff_t> row_places_;
};

/// y = a vectors^T [length, count] with row stride `stride`, and z = y^T a [count, width] if asked for, in one pass
/// over a. Sums of pieces that depend on a's size alone are added in order.
/// @param vectors  [count, width]
template <class T>
void multiply(const CentredMatrix<T>& a, const Tensor<double>& vectors, T* y, Index stride, Tensor<double>* z) {
  constexpr Index most_pieces = 32;
  const PackedVectors<T> packed(vectors);
  const Index rows = BlockProduct<T>::block_rows(a);
  const Index blocks = (a.length + rows - 1) / rows;
  const Index pieces = std::min(blocks, most_pieces);
  std::vector<Tensor<double>> sums(static_cast<std::size_t>(pieces));
  parallel_for(pieces, [&](Index piece) {
    BlockProduct<T> own(a, packed, z != nullptr);
    for (Index block = piece * blocks / pieces; block < (piece + 1) * blocks / pieces; ++block) {
      own(block * rows, y + block * rows * stride, stride);
    }
    if (z != nullptr) {
      sums[static_cast<std::size_t>(piece)] = own.z();
    }
  });
  if (z != nullptr) {
    *z = Tensor<double>::zeros(vectors.shape());
    parallel_ranges(z->size(), 1 << 14, [&](Index begin, Index end) {
      for (const Tensor<double>& sum : sums) {
        for (Index i = begin; i < end; ++i) {
          (*z)[i] += sum[i];
        }
      }
    });
  }
}

}  // namespace engram::embed::detail
