#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <type_traits>

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

// Loops over many pairs know two distances only: squared euclidean and manhattan. prepare() makes rows for which one of
// them, and finish() after it, is any metric's distance:
//
//   const Tensor<T> rows = prepare(x, metric);            // [N, W]
//   with_inner_distance(metric, [&](auto inner) {         // once, outside the loops
//     kernels::simd::with_widest([&] { ... inner(a, b, rows.dim(1)) ... });
//   });
//   finish(metric, value)                                 // of the pairs that are kept

namespace engram::embed {

namespace detail {

/// Sum of n numbers, halves added to halves.
template <class T, Index n>
[[gnu::always_inline]] inline T folded(const T (&terms)[n]) {
  if constexpr (n == 1) {
    return terms[0];
  } else {
    T half[n / 2];
    for (Index j = 0; j < n / 2; ++j) {
      half[j] = terms[j] + terms[j + n / 2];
    }
    return folded<T, n / 2>(half);
  }
}

/// |x| without a call, which would keep a loop from vector instructions.
template <class T>
[[gnu::always_inline]] inline T magnitude(T x) {
  return x < 0 ? -x : x;
}

/// Sum of term(a_d - b_d) in type Sum; `width` is a multiple of kernels::lanes.
template <class Sum, class A, class B, class Term>
[[gnu::always_inline]] inline Sum sum_differences(const A* a, const B* b, Index width, Term term) {
  Sum partial[kernels::lanes] = {};
  for (Index i = 0; i < width; i += kernels::lanes) {
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#endif
    for (Index j = 0; j < kernels::lanes; ++j) {
      partial[j] += term(static_cast<Sum>(a[i + j]) - static_cast<Sum>(b[i + j]));
    }
  }
  return folded<Sum, kernels::lanes>(partial);
}

/// In double: the row's length after `centre` is subtracted; 0 if all entries equal a centre that is not 0.
template <class T>
double centred_norm(const T* row, Index columns, double centre) {
  if (centre != 0 && std::all_of(row, row + columns, [row](T v) { return v == row[0]; })) {
    return 0;
  }
  double largest = 0;  // scaled by it: squares of 1e-200 are not 0
  for (Index d = 0; d < columns; ++d) {
    largest = std::max(largest, std::abs(static_cast<double>(row[d]) - centre));
  }
  double sum = 0;
  for (Index d = 0; d < columns && largest > 0; ++d) {
    const double ratio = (static_cast<double>(row[d]) - centre) / largest;
    sum += ratio * ratio;
  }
  return largest * std::sqrt(sum);
}

template <class T>
double row_mean(const T* row, Index columns) {
  double sum = 0;
  for (Index d = 0; d < columns; ++d) {
    sum += static_cast<double>(row[d]);
  }
  return sum / static_cast<double>(columns);
}

/// One row as prepare() makes it; `out` is zero and has room for the padded width.
template <class T, class Out>
void prepare_row(const T* row, Index columns, Metric metric, int exponent, Out* out) {
  if (metric != Metric::cosine && metric != Metric::correlation) {
    const double scale = std::ldexp(1.0, -exponent);
    for (Index d = 0; d < columns; ++d) {
      out[d] = static_cast<Out>(static_cast<double>(row[d]) * scale);
    }
    return;
  }
  const double centre = metric == Metric::correlation ? row_mean(row, columns) : 0;
  const double norm = centred_norm(row, columns, centre);
  if (norm == 0) {
    out[columns] = Out{1};  // at right angles to all unit rows, and equal to other zero rows
    return;
  }
  for (Index d = 0; d < columns; ++d) {
    out[d] = static_cast<Out>((static_cast<double>(row[d]) - centre) / norm);
  }
}

}  // namespace detail

/// Sum of (a_d - b_d)^2 over rows of `width` entries, a multiple of kernels::lanes; summed in lanes of type Sum (B
/// unless given). For callers compiled for wide vectors (kernels/simd/widest.hpp).
struct SquaredDistance {
  template <class Sum = void, class A, class B>
  [[gnu::always_inline]] auto operator()(const A* a, const B* b, Index width) const {
    using S = std::conditional_t<std::is_void_v<Sum>, B, Sum>;
    return detail::sum_differences<S>(a, b, width, [](S difference) { return difference * difference; });
  }
};

/// Sum of |a_d - b_d|, otherwise as SquaredDistance.
struct ManhattanDistance {
  template <class Sum = void, class A, class B>
  [[gnu::always_inline]] auto operator()(const A* a, const B* b, Index width) const {
    using S = std::conditional_t<std::is_void_v<Sum>, B, Sum>;
    return detail::sum_differences<S>(a, b, width, [](S difference) { return detail::magnitude(difference); });
  }
};

/// f(SquaredDistance) or f(ManhattanDistance): the inner distance of a metric's prepared rows.
template <class F>
decltype(auto) with_inner_distance(Metric metric, F f) {
  if (metric == Metric::manhattan) {
    return f(ManhattanDistance{});
  }
  return f(SquaredDistance{});
}

/// The metric's distance from the inner distance of two prepared rows.
template <std::floating_point T>
T finish(Metric metric, T inner) {
  switch (metric) {
    case Metric::euclidean:
      return std::sqrt(inner);
    case Metric::cosine:
    case Metric::correlation:
      return inner / 2;
    case Metric::squared_euclidean:
    case Metric::manhattan:
      break;
  }
  return inner;
}

/// Entries in use of a prepared row of `columns`: one more marks zero rows under cosine and correlation.
inline Index used_columns(Index columns, Metric metric) {
  return columns + (metric == Metric::cosine || metric == Metric::correlation ? 1 : 0);
}

/// Entries of a prepared row: those in use, filled up with zeros to whole lanes.
inline Index prepared_width(Index columns, Metric metric) {
  return (used_columns(columns, metric) + kernels::lanes - 1) / kernels::lanes * kernels::lanes;
}

/// Rows x [N, D] as the inner distances want them: [N, prepared_width(D)]; of unit length for cosine and correlation,
/// for which |a - b|^2 = 2 - 2 a.b. The same whatever other rows are in x.
/// @param exponent  the other metrics' rows are divided by 2^exponent
template <std::floating_point T>
Tensor<T> prepare(const Tensor<T>& x, Metric metric, int exponent = 0) {
  const Index columns = x.dim(1);
  const Index width = prepared_width(columns, metric);
  auto rows = Tensor<T>::uninitialized({x.dim(0), width});
  parallel_ranges(x.dim(0), std::max<Index>(1, (1 << 14) / width), [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      std::fill_n(rows.data() + i * width, width, T{0});
      detail::prepare_row(x.data() + i * columns, columns, metric, exponent, rows.data() + i * width);
    }
  });
  return rows;
}

/// Distance of two rows a and b of `columns` entries as they are given; the sums in double. For few pairs.
template <std::floating_point T>
T distance(Metric metric, const T* a, const T* b, Index columns) {
  const Index width = prepared_width(columns, metric);
  auto rows = Tensor<T>::zeros({2, width});
  detail::prepare_row(a, columns, metric, 0, rows.data());
  detail::prepare_row(b, columns, metric, 0, rows.data() + width);
  return with_inner_distance(metric, [&](auto inner) {
    double value = 0;
    kernels::simd::with_widest(
        [&] { value = inner.template operator()<double>(rows.data(), rows.data() + width, width); });
    return static_cast<T>(finish(metric, value));
  });
}

}  // namespace engram::embed
