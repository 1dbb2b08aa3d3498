#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/embed/neighbors/pairs.hpp>
#include <engram/embed/neighbors/top_k.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed {

/// Prepared rows and what is measured between them.
template <std::floating_point T>
struct PreparedRows {
  Tensor<T> values;  ///< [N, W], see prepare()
  Metric metric = Metric::euclidean;

  PreparedRows(const Tensor<T>& x, Metric m) : values(prepare(x, m)), metric(m) {}

  Index count() const { return values.dim(0); }
  Index width() const { return values.dim(1); }
  const T* row(Index i) const { return values.data() + i * values.dim(1); }

  /// Many at once, see pair_distances.
  void distances(const T* const* a, Index rows, const T* const* b, Index columns, T* out, Index ld) const {
    pair_distances(metric, width(), a, rows, b, columns, out, ld);
  }

  /// Inner distances of a prepared row from some of the rows, summed in double as an exact search does; found is
  /// overwritten.
  void measure(const T* from, std::span<const std::int32_t> some, std::vector<Found>& found) const {
    found.resize(some.size());
    with_inner_distance(metric, [&](auto inner) {
      kernels::simd::with_widest([&] {
        for (std::size_t i = 0; i < some.size(); ++i) {
          found[i] = {inner.template operator()<double>(from, row(some[i]), width()), some[i]};
        }
      });
    });
  }
};

}  // namespace engram::embed
