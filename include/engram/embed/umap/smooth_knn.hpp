#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/math.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed {

struct SmoothKnnOptions {
  double n_neighbors = 0;         ///< size of each row's fuzzy set before log2, itself counted; 0: K
  double local_connectivity = 1;  ///< how many nearest are wholly connected; between whole numbers interpolated
  double bandwidth = 1;           ///< factor of the set's size
  std::optional<double> mean_distance = std::nullopt;  ///< see SmoothKnn; none: that of the distances given
};

/// What makes distances of different rows comparable: exp(-max(0, distance - rho) / sigma).
struct SmoothKnn {
  Tensor<float> sigmas;      ///< [N]
  Tensor<float> rhos;        ///< [N], distance within which neighbours are wholly connected
  double mean_distance = 0;  ///< of all finite distances: where rho is 0, sigma is at least a thousandth of it
};

namespace detail {

inline constexpr double smooth_knn_tolerance = 1e-5;
inline constexpr int smooth_knn_iterations = 64;
inline constexpr double least_sigma = 1e-3;  ///< as share of a mean distance

/// Sum and number of the finite distances.
struct FiniteDistances {
  double sum = 0;
  Index count = 0;
  double mean() const { return count > 0 ? sum / static_cast<double>(count) : 0; }
};

inline FiniteDistances finite_distances(const float* row, Index k, Index number) {
  FiniteDistances finite;
  for (Index j = 0; j < k; ++j) {
    ensure<ArgumentError>(row[j] >= 0, "smooth_knn: need distances >= 0, got ", row[j], " in row ", number);
    const bool is_finite = row[j] <= std::numeric_limits<float>::max();
    finite.sum += is_finite ? static_cast<double>(row[j]) : 0.0;
    finite.count += is_finite ? 1 : 0;
  }
  return finite;
}

/// The local_connectivity-th distance that is neither 0 nor infinite; the largest if there are fewer, 0 if none.
inline float local_rho(const float* row, Index k, double local_connectivity) {
  const auto whole = static_cast<Index>(local_connectivity);
  const double part = local_connectivity - static_cast<double>(whole);
  Index count = 0;
  float below = 0;
  float above = 0;
  float largest = 0;
  for (Index j = 0; j < k; ++j) {
    if (row[j] > 0 && row[j] <= std::numeric_limits<float>::max()) {
      below = count + 1 == whole ? row[j] : below;
      above = count == whole ? row[j] : above;
      largest = std::max(largest, row[j]);
      ++count;
    }
  }
  if (static_cast<double>(count) < local_connectivity) {
    return largest;
  }
  return part > smooth_knn_tolerance
             ? static_cast<float>(static_cast<double>(below) + part * static_cast<double>(above - below))
             : below;
}

/// For each lane the sigma at which the sum over columns of exp(-gap / sigma) is the target, by doubling and halving.
/// A lane that has arrived finds the same sum again and stays.
/// @param gaps  max(0, distance - rho) [columns, lanes]
inline void bisect_sigmas(const float* gaps, Index columns, double target, double* sigmas) {
  using kernels::lanes;
  kernels::simd::with_widest([=] {
    double low[lanes] = {};
    double high[lanes];
    double middle[lanes];
    std::fill_n(high, lanes, std::numeric_limits<double>::infinity());
    std::fill_n(middle, lanes, 1.0);
    for (int iteration = 0; iteration < smooth_knn_iterations; ++iteration) {
      float slope[lanes];
      double sum[lanes] = {};
      kernels::for_each_lane(0, lanes, [&](Index l) { slope[l] = static_cast<float>(-1.0 / middle[l]); });
      for (Index j = 0; j < columns; ++j) {
        const float* gap = gaps + j * lanes;
        kernels::for_each_lane(0, lanes,
                               [&](Index l) { sum[l] += static_cast<double>(kernels::simd::exp(gap[l] * slope[l])); });
      }
      int open = 0;
      for (Index l = 0; l < lanes; ++l) {
        const double excess = sum[l] - target;
        const bool arrived = std::abs(excess) < smooth_knn_tolerance;
        high[l] = excess > 0 ? middle[l] : high[l];
        low[l] = excess > 0 ? low[l] : middle[l];
        const double halfway = (low[l] + high[l]) / 2;
        const double next = halfway <= std::numeric_limits<double>::max() ? halfway : 2 * middle[l];
        middle[l] = arrived ? middle[l] : next;
        open += arrived ? 0 : 1;
      }
      if (open == 0) {
        break;
      }
    }
    std::copy_n(middle, lanes, sigmas);
  });
}

}  // namespace detail

/// Fits to each row of distances the scale at which its fuzzy set of neighbours has a given size:
/// sum over columns 1 .. K-1 of exp(-max(0, distance - rho) / sigma) = bandwidth log2(n_neighbors).
///
/// Column 0 is left out: the row itself where rows are neighbours among themselves. For neighbours of other points it
/// is left out as well, with local_connectivity one less (but not below 0), as umap-learn does. Infinite distances are
/// neighbours that do not count. sigma is at least a thousandth of the row's mean distance, or of all rows' where rho
/// is 0; so a row is fitted as if alone where mean_distance is given.
///
/// @param distances  [N, K], nearest first
/// @throws ShapeError unless distances is [N, K] with K >= 1
/// @throws ArgumentError if a distance is negative or NaN, n_neighbors is below 1, local_connectivity or bandwidth
///   negative
/// Source: McInnes, Healy, Melville, "UMAP: uniform manifold approximation and projection for dimension reduction",
/// arXiv:1802.03426, section 4.1 and algorithm 3.
inline SmoothKnn smooth_knn(const Tensor<float>& distances, const SmoothKnnOptions& options = {}) {
  ensure<ShapeError>(distances.rank() == 2 && distances.dim(1) >= 1, "smooth_knn: need distances [N, K], got ",
                     distances.shape());
  const Index n = distances.dim(0);
  const Index k = distances.dim(1);
  const double size = options.n_neighbors == 0 ? static_cast<double>(k) : options.n_neighbors;
  ensure<ArgumentError>(size >= 1 && size <= 1e9, "smooth_knn: need n_neighbors >= 1, got ", size);
  ensure<ArgumentError>(options.local_connectivity >= 0 && options.local_connectivity <= 1e9,
                        "smooth_knn: need local_connectivity >= 0, got ", options.local_connectivity);
  ensure<ArgumentError>(options.bandwidth >= 0 && options.bandwidth <= 1e9, "smooth_knn: need bandwidth >= 0, got ",
                        options.bandwidth);

  constexpr Index lanes = kernels::lanes;
  constexpr Index blocks_per_task = 64;
  const Index blocks = (n + lanes - 1) / lanes;
  SmoothKnn fit{Tensor<float>::uninitialized({n}), Tensor<float>::uninitialized({n})};
  std::vector<detail::FiniteDistances> finite(static_cast<std::size_t>(n));
  parallel_ranges(blocks, blocks_per_task, [&](Index first, Index last) {
    std::vector<float> gaps(static_cast<std::size_t>(k * lanes));
    double sigmas[lanes];
    for (Index block = first; block < last; ++block) {
      for (Index l = 0; l < lanes; ++l) {
        const Index row = std::min(block * lanes + l, n - 1);  // spare lanes repeat the last row
        const float* d = distances.data() + row * k;
        finite[static_cast<std::size_t>(row)] = detail::finite_distances(d, k, row);
        const float rho = detail::local_rho(d, k, options.local_connectivity);
        fit.rhos[row] = rho;
        for (Index j = 0; j < k; ++j) {
          gaps[static_cast<std::size_t>(j * lanes + l)] = std::max(0.0F, d[j] - rho);
        }
      }
      detail::bisect_sigmas(gaps.data() + lanes, k - 1, std::log2(size) * options.bandwidth, sigmas);
      for (Index l = 0; l < lanes && block * lanes + l < n; ++l) {
        fit.sigmas[block * lanes + l] = static_cast<float>(sigmas[l]);
      }
    }
  });

  detail::FiniteDistances all;
  for (const auto& row : finite) {
    all.sum += row.sum;
    all.count += row.count;
  }
  fit.mean_distance = options.mean_distance.value_or(all.mean());
  for (Index i = 0; i < n; ++i) {
    const double mean = fit.rhos[i] > 0 ? finite[static_cast<std::size_t>(i)].mean() : fit.mean_distance;
    fit.sigmas[i] = std::max(fit.sigmas[i], static_cast<float>(detail::least_sigma * mean));
  }
  return fit;
}

}  // namespace engram::embed
