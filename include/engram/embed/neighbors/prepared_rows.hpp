#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/embed/neighbors/pairs.hpp>
#include <engram/embed/neighbors/row_scale.hpp>
#include <engram/embed/neighbors/top_k.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed {

/// Rows prepared at their own scale, and what is measured between them.
template <std::floating_point T>
struct PreparedRows {
  Metric metric = Metric::euclidean;
  detail::RowScale scale;
  Tensor<T> values;  ///< [N, W], see prepare()

  PreparedRows(const Tensor<T>& x, Metric m)
      : metric(m), scale(detail::row_scale(x, m)), values(prepare(x, m, scale.exponent)) {}

  Index count() const { return values.dim(0); }
  Index width() const { return values.dim(1); }
  const T* row(Index i) const { return values.data() + i * values.dim(1); }

  /// Many at once, see pair_distances.
  void distances(const T* const* a, Index rows, const T* const* b, Index columns, T* out, Index ld) const {
    pair_distances(metric, width(), a, rows, b, columns, out, ld);
  }

  /// Another row of `columns` entries, as given, prepared as these are.
  template <class Out>
  std::vector<Out> prepared(const T* other, Index columns) const {
    std::vector<Out> out(static_cast<std::size_t>(width()));
    detail::prepare_row(other, columns, metric, scale.exponent, out.data());
    return out;
  }

  /// Inner distances of a prepared row from some of the rows, summed in double as an exact search does; found is
  /// overwritten.
  template <class From>
  void measure(const From* from, std::span<const std::int32_t> some, std::vector<Found>& found) const {
    found.resize(some.size());
    with_inner_distance(metric, [&](auto inner) {
      kernels::simd::with_widest([&] {
        for (std::size_t i = 0; i < some.size(); ++i) {
          found[i] = {inner.template operator()<double>(from, row(some[i]), width()), some[i]};
        }
      });
    });
  }

  /// The metric's distance of rows as given from the inner distance of prepared ones.
  T finished(double inner) const {
    const int exponent = metric == Metric::squared_euclidean ? 2 * scale.exponent : scale.exponent;
    return static_cast<T>(std::ldexp(finish(metric, inner), exponent));
  }
};

}  // namespace engram::embed
