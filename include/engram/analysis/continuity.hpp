#pragma once

#include <concepts>

#include <engram/analysis/neighbor_ranks.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/neighbors/metric.hpp>

namespace engram::analysis {

/// How far neighbours in the data are neighbours in an embedding too, from 0 to 1; trustworthiness() with the two
/// spaces exchanged: C = 1 - 2 / (N K (2 N - 3 K - 1)) sum of max(0, r(i, j) - K) over all rows i and their K nearest
/// rows j in the data, where j is the r-th nearest of i in the embedding (equally near ones by index).
///
/// Low where the map tears apart what is together; trustworthiness() is low where it puts together what is apart.
/// @param x            data [N, D]
/// @param x_embedded   their embedding [N, d], compared by euclidean distance
/// @param n_neighbors  K, at least 1 and less than N / 2
/// @param metric       of the data
/// @throws as trustworthiness()
/// Source: Venna, Kaski, "Local multidimensional scaling", Neural Networks 19, 2006.
template <std::floating_point T, std::floating_point U>
double continuity(const Tensor<T>& x, const Tensor<U>& x_embedded, Index n_neighbors = 5,
                  embed::Metric metric = embed::Metric::euclidean) {
  detail::check_map("continuity", x, x_embedded);
  detail::check_rank_neighbors("continuity", n_neighbors, x.dim(0));
  return detail::rank_score(x_embedded, embed::Metric::euclidean,
                            embed::exact_neighbors(x, n_neighbors + 1, metric).indices);
}

}  // namespace engram::analysis
