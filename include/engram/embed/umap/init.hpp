#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/embed/umap/pca_coordinates.hpp>
#include <engram/embed/umap/spectral.hpp>

namespace engram::embed {

/// Where a layout starts.
enum class UmapInit {
  spectral,  ///< eigenvectors of the graph's Laplacian, components apart (spectral_layout)
  pca,       ///< the data's principal components
  random,    ///< uniform
};

struct UmapInitOptions {
  UmapInit init = UmapInit::spectral;
  std::uint64_t seed = 0;
  const Tensor<float>* given = nullptr;  ///< [N, n_components] in place of init
};

namespace detail {

/// Calls change(element, rng) for every element; what rng gives follows from seed, stream and the element's place.
template <class F>
void for_each_with_random(Tensor<float>& x, std::uint64_t seed, std::uint64_t stream, F change) {
  constexpr Index grain = 4096;
  parallel_ranges(x.size(), grain, [&](Index begin, Index end) {
    Rng rng = Rng(seed, stream).split(static_cast<std::uint64_t>(begin / grain));
    for (Index i = begin; i < end; ++i) {
      change(x[i], rng);
    }
  });
}

inline void add_normal_noise(Tensor<float>& x, double deviation, std::uint64_t seed) {
  for_each_with_random(x, seed, 1, [=](float& v, Rng& rng) { v += static_cast<float>(deviation * rng.normal()); });
}

/// Scales x so that its largest element has size 10.
inline void scale_to_ten(Tensor<float>& x) {
  float largest = 0;
  for (const float v : x.elements()) {
    largest = std::max(largest, std::abs(v));
  }
  for (float& v : x.elements()) {
    v = largest > 0 ? 10 * (v / largest) : 0.0F;
  }
}

/// Least and largest element of a column.
struct AxisRange {
  double low;
  double high;
};

inline AxisRange axis_range(const Tensor<float>& x, Index axis) {
  AxisRange range{INFINITY, -INFINITY};
  for (Index i = axis; i < x.size(); i += x.dim(1)) {
    range.low = std::min(range.low, static_cast<double>(x[i]));
    range.high = std::max(range.high, static_cast<double>(x[i]));
  }
  return range;
}

/// Maps each axis to 0 .. 10; a constant one to 5.
inline void rescale_axes(Tensor<float>& x) {
  for (Index axis = 0; axis < x.dim(1); ++axis) {
    const AxisRange range = axis_range(x, axis);
    const double extent = range.high - range.low;
    for (Index i = axis; i < x.size(); i += x.dim(1)) {
      x[i] = extent > 0 ? static_cast<float>(10 * ((static_cast<double>(x[i]) - range.low) / extent)) : 5.0F;
    }
  }
}

inline bool has_equal_rows(const Tensor<float>& x) {
  const Index width = x.dim(1);
  const auto row = [&](Index i) {
    return std::span<const float>(x.data() + i * width, static_cast<std::size_t>(width));
  };
  std::vector<Index> order(static_cast<std::size_t>(x.dim(0)));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::sort(order, [&](Index a, Index b) { return std::ranges::lexicographical_compare(row(a), row(b)); });
  return std::ranges::adjacent_find(order, [&](Index a, Index b) { return std::ranges::equal(row(a), row(b)); }) !=
         order.end();
}

/// The caller's positions. If some rows are the same, all get normal noise of a thousandth of the spacing that as many
/// rows would have that fill as large a cube evenly, so that forces can part them.
inline Tensor<float> given_positions(const Tensor<float>& given, std::uint64_t seed) {
  Tensor<float> x = given;
  if (!has_equal_rows(x)) {
    return x;
  }
  double extent = 0;
  for (Index axis = 0; axis < x.dim(1); ++axis) {
    const AxisRange range = axis_range(x, axis);
    extent += (range.high - range.low) / static_cast<double>(x.dim(1));
  }
  const double spacing = extent * std::pow(static_cast<double>(x.dim(0)), -1 / static_cast<double>(x.dim(1)));
  add_normal_noise(x, 0.001 * (spacing > 0 ? spacing : 1.0), seed);
  return x;
}

inline void check_given(const Tensor<float>& x, Index rows, Index n_components) {
  ensure<ShapeError>(x.rank() == 2 && x.dim(0) == rows && x.dim(1) == n_components, "initial_positions: need given [",
                     rows, ", ", n_components, "], got ", x.shape());
  const auto bad = std::ranges::find_if_not(x.elements(), [](float v) { return std::isfinite(v); });
  if (bad != x.elements().end()) {
    fail<ArgumentError>("initial_positions: need finite given, got ", *bad, " in row ",
                        (bad - x.elements().begin()) / n_components);
  }
}

}  // namespace detail

/// Positions from which a layout starts, each axis from 0 to 10 (a constant one: 5), as umap-learn's.
///
/// Spectral and pca: scaled to a largest coordinate of 10 and parted by normal noise of standard deviation 1e-4.
/// Random: uniform. Given: as they are, with noise if rows are the same. The bits follow from the arguments and the
/// seed, not from the number of threads.
/// @param graph  the fuzzy graph of N rows
/// @param data   [N, D] or nullptr: needed for pca; for spectral it places the graph's components
/// @returns [N, n_components]
/// @throws ArgumentError if n_components < 1, given is not finite, or pca has no data;
/// ShapeError if given is not [N, n_components] or data has not N rows; and what spectral_layout and Pca throw
inline Tensor<float> initial_positions(const SparseGraph& graph, Index n_components,
                                       const UmapInitOptions& options = {}, const Tensor<float>* data = nullptr) {
  ensure<ArgumentError>(n_components >= 1, "initial_positions: need n_components >= 1, got ", n_components);
  const Index rows = graph.rows();
  if (options.given != nullptr) {
    detail::check_given(*options.given, rows, n_components);
    Tensor<float> given = detail::given_positions(*options.given, options.seed);
    detail::rescale_axes(given);
    return given;
  }
  Tensor<float> x;
  switch (options.init) {
    case UmapInit::random:
      x = Tensor<float>::uninitialized({rows, n_components});
      detail::for_each_with_random(x, options.seed, 2,
                                   [](float& v, Rng& rng) { v = static_cast<float>(rng.uniform(-10, 10)); });
      break;
    case UmapInit::pca:
      ensure<ArgumentError>(data != nullptr, "initial_positions: need data for UmapInit::pca, got none");
      ensure<ShapeError>(data->rank() == 2 && data->dim(0) == rows, "initial_positions: need data [", rows,
                         ", D], got ", data->shape());
      x = detail::pca_coordinates(*data, n_components);
      break;
    case UmapInit::spectral:
      x = spectral_layout(graph, n_components, {.seed = options.seed}, data);
      break;
  }
  if (options.init != UmapInit::random) {
    detail::scale_to_ten(x);
    detail::add_normal_noise(x, 1e-4, options.seed);
  }
  detail::rescale_axes(x);
  return x;
}

}  // namespace engram::embed
