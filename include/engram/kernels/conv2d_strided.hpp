#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/conv2d_geometry.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels {

namespace detail {

/// Neighbouring positions of a window in one row: `count` of them from position `position`, whose first tap reads the
/// pixels pixel, pixel + stride, ...
struct PositionRun {
  Index position;
  Index pixel;
  Index count;
};

/// As many of them as a register tile may have columns.
class PositionRuns {
 public:
  void push_back(const PositionRun& run) { runs_[static_cast<std::size_t>(count_++)] = run; }
  const PositionRun* begin() const { return runs_.data(); }
  const PositionRun* end() const { return runs_.data() + count_; }

 private:
  std::array<PositionRun, static_cast<std::size_t>(simd::most_tile_columns)> runs_;
  Index count_ = 0;
};

/// The runs of positions begin .. end-1, at most a register tile's columns, on an image whose padding is written out.
inline PositionRuns position_runs(const Window2d& w, Index begin, Index end) {
  PositionRuns runs;
  const Index across = w.out_width();
  for (Index p = begin; p < end;) {
    const Index x = p % across;
    const Index count = std::min(end - p, across - x);
    runs.push_back({p, p / across * w.stride.y * w.width + x * w.stride.x, count});
    p += count;
  }
  return runs;
}

/// Calls f(i, i stride) for i = 0 .. count-1; the compiler knows the usual strides.
template <class F>
[[gnu::always_inline]] inline void for_each_step(Index count, Index stride, F f) {
  if (stride == 2) {
    for_each_lane(0, count, [&](Index i) { f(i, 2 * i); });
  } else {
    for (Index i = 0; i < count; ++i) {
      f(i, i * stride);
    }
  }
}

/// The columns of im2col at positions begin .. end-1: panel [taps, width], the rest of each row 0.
template <class T>
void gather_panel(const Window2d& w, const T* image, const PoolVector<Index>& taps, Index begin, Index end, Index width,
                  T* panel) {
  const PositionRuns runs = position_runs(w, begin, end);
  simd::with_widest([&] {
    for (const Index tap : taps) {
      for (const PositionRun& run : runs) {
        const T* from = image + tap + run.pixel;
        T* to = panel + (run.position - begin);
        for_each_step(run.count, w.stride.x, [&](Index i, Index step) { to[i] = from[step]; });
      }
      std::fill(panel + (end - begin), panel + width, T{0});
      panel += width;
    }
  });
}

/// Whether the windows cover the image without gaps or overlaps, as those of a transposed convolution whose stride is
/// its kernel.
inline bool covers_once(const Window2d& w) {
  return w.kernel == w.stride && w.padding == Pair(0) && w.dilation == Pair(1) &&
         w.height == w.out_height() * w.stride.y && w.width == w.out_width() * w.stride.x;
}

}  // namespace detail

/// conv2d for any stride: the columns of im2col are gathered for as many positions as a register tile has columns.
template <class T>
void conv2d_strided(const Conv2dGeometry& g, const T* x, const T* weight, const T* bias, T* y) {
  const Window2d w = with_padding_written(g.window);
  const PoolVector<Index> offsets = tap_offsets(w);
  const Index taps = w.taps();
  const Index positions = w.positions();
  const simd::Tile<T>& tile = simd::tiles<T>().best(g.filters, positions);
  const Index panels_size = detail::round_up(g.filters, tile.rows) * taps;
  const Buffer<T> panels =
      detail::pack_matrices(g.groups, row_major(weight, taps), g.filters * taps, taps, g.filters, tile.rows);
  const bool copy = g.window.padding != Pair(0);
  const Index pieces = copy ? 1 : detail::pieces_of_image(g, positions, tile.columns);
  const Index piece_size = detail::round_up((positions + pieces - 1) / pieces, tile.columns);
  parallel_for(g.batch * g.groups * pieces, [&](Index piece) {
    const Index task = piece / pieces;  // an image's channels of a group
    const Index begin = piece % pieces * piece_size;
    const Index group = task % g.groups;
    const T* image = x + task * g.window.pixels();
    Buffer<T> padded;
    if (copy) {
      padded = Buffer<T>(static_cast<std::size_t>(w.pixels()));
      write_padding(g.window, image, padded.data());
      image = padded.data();
    }
    Buffer<T> columns(static_cast<std::size_t>(taps * tile.columns));
    alignas(64) T sums[simd::largest_tile];
    for (Index p = begin; p < std::min(positions, begin + piece_size); p += tile.columns) {
      const Index used = std::min(tile.columns, positions - p);
      detail::gather_panel(w, image, offsets, p, p + used, tile.columns, columns.data());
      for (Index f = 0; f < g.filters; f += tile.rows) {
        tile.packed(taps, panels.data() + group * panels_size + f * taps, columns.data(), sums, tile.columns);
        for (Index r = 0; r < std::min(tile.rows, g.filters - f); ++r) {
          const T b = bias == nullptr ? T{0} : bias[group * g.filters + f + r];
          T* out = y + (task * g.filters + f + r) * positions + p;
          const T* in = sums + r * tile.columns;
          for_each_lane(0, used, [&](Index i) { out[i] = in[i] + b; });
        }
      }
    }
  });
}

namespace detail {

/// Spreads sums [rows, columns] of taps first .. first+rows-1 at the positions of `runs` over the image.
/// With `once` no pixel gets a second sum: the result, with bias, is stored; else it is added.
template <class T>
void spread_sums(const Window2d& w, const PositionRuns& runs, Index begin, const PoolVector<Index>& taps, Index first,
                 Index rows, const T* sums, Index columns, bool once, const T* bias, T* image) {
  const Index area = w.kernel.y * w.kernel.x;
  simd::with_widest([&] {
    for (Index r = 0; r < rows;) {
      const bool pair = once && w.kernel.x == 2 && r + 1 < rows && (first + r) % 2 == 0;
      const T b = once && bias != nullptr ? bias[(first + r) / area] : T{0};
      for (const PositionRun& run : runs) {
        const T* left = sums + r * columns + (run.position - begin);
        T* to = image + taps[static_cast<std::size_t>(first + r)] + run.pixel;
        if (pair) {  // two taps side by side fill whole rows
          const T* right = left + columns;
          for_each_lane(0, run.count, [&](Index i) {
            to[2 * i] = left[i] + b;
            to[2 * i + 1] = right[i] + b;
          });
        } else if (once) {
          for_each_step(run.count, w.stride.x, [&](Index i, Index step) { to[step] = left[i] + b; });
        } else {
          for_each_step(run.count, w.stride.x, [&](Index i, Index step) { to[step] += left[i]; });
        }
      }
      r += pair ? 2 : 1;
    }
  });
}

/// Copies the inner part of an image [C, H + 2 padding, W + 2 padding] to one without padding.
template <class T>
void cut_padding(const Window2d& w, const T* padded, T* image) {
  const Index width = w.width + 2 * w.padding.x;
  const Index height = w.height + 2 * w.padding.y;
  for (Index c = 0; c < w.channels; ++c) {
    for (Index y = 0; y < w.height; ++y, image += w.width) {
      std::copy_n(padded + (c * height + y + w.padding.y) * width + w.padding.x, w.width, image);
    }
  }
}

}  // namespace detail

/// conv2d_grad_input for any stride: each register tile's sums are spread over the pixels that their taps had read.
template <class T>
void conv2d_grad_input_strided(const Conv2dGeometry& g, const T* dy, const T* weight, const T* bias, T* dx) {
  const Window2d w = with_padding_written(g.window);
  const PoolVector<Index> offsets = tap_offsets(w);
  const Index taps = w.taps();
  const Index positions = w.positions();
  const Index area = w.height * w.width;
  const bool once = detail::covers_once(g.window);
  PoolVector<Index> rows(static_cast<std::size_t>(g.filters));
  for (Index f = 0; f < g.filters; ++f) {
    rows[static_cast<std::size_t>(f)] = f * positions;
  }
  const simd::Tile<T>& tile = simd::tiles<T>().best(taps, positions);
  const Index panels_size = detail::round_up(taps, tile.rows) * g.filters;
  const Buffer<T> panels = detail::pack_matrices(g.groups, row_major(weight, taps).transposed(), g.filters * taps,
                                                 g.filters, taps, tile.rows);
  const Index pieces = once ? detail::pieces_of_image(g, positions, tile.columns) : 1;
  const Index piece_size = detail::round_up((positions + pieces - 1) / pieces, tile.columns);
  parallel_for(g.batch * g.groups * pieces, [&](Index piece) {
    const Index task = piece / pieces;  // an image's channels of a group
    const Index begin = piece % pieces * piece_size;
    const Index group = task % g.groups;
    const T* group_bias = bias == nullptr ? nullptr : bias + group * w.channels;
    const bool padding = g.window.padding != Pair(0);
    Buffer<T> padded(static_cast<std::size_t>(padding ? w.pixels() : 0));
    T* image = padding ? padded.data() : dx + task * w.pixels();
    for (Index c = 0; c < w.channels && !once; ++c) {
      std::fill_n(image + c * area, area, group_bias == nullptr ? T{0} : group_bias[c]);
    }
    const T* from = dy + task * g.filters * positions;
    Buffer<T> columns(static_cast<std::size_t>(g.filters * tile.columns));
    alignas(64) T sums[simd::largest_tile];
    for (Index p = begin; p < std::min(positions, begin + piece_size); p += tile.columns) {
      const Index used = std::min(tile.columns, positions - p);
      const bool whole = used == tile.columns;  // else the tile would read beyond the last row
      if (!whole) {
        detail::pack_panels(row_major(from, positions).transposed(), 0, g.filters, p, used, tile.columns,
                            columns.data());
      }
      const detail::PositionRuns runs = detail::position_runs(w, p, p + used);
      for (Index t = 0; t < taps; t += tile.rows) {
        const T* taps_panel = panels.data() + group * panels_size + t * g.filters;
        if (whole) {
          tile.shifted(g.filters, taps_panel, from + p, rows.data(), sums);
        } else {
          tile.packed(g.filters, taps_panel, columns.data(), sums, tile.columns);
        }
        detail::spread_sums(w, runs, p, offsets, t, std::min(tile.rows, taps - t), static_cast<const T*>(sums),
                            tile.columns, once, group_bias, image);
      }
    }
    if (padding) {
      detail::cut_padding(g.window, static_cast<const T*>(padded.data()), dx + task * g.window.pixels());
    }
  });
}

}  // namespace engram::kernels
