#pragma once

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/lists.hpp>
#include <engram/embed/neighbors/metric.hpp>

inline constexpr engram::embed::Metric all_metrics[] = {
    engram::embed::Metric::euclidean, engram::embed::Metric::squared_euclidean, engram::embed::Metric::cosine,
    engram::embed::Metric::correlation, engram::embed::Metric::manhattan};

inline engram::Tensor<float> multiplied(engram::Tensor<float> x, float factor) {
  for (float& v : x.elements()) {
    v *= factor;
  }
  return x;
}

/// Share of the neighbours found, columns 1 and on, that are as near as the farthest of the true ones.
template <class T>
double recall(const engram::embed::NeighborLists<T>& found, const engram::Tensor<T>& true_distances) {
  const engram::Index n = found.distances.dim(0);
  const engram::Index k = found.distances.dim(1);
  engram::Index hits = 0;
  for (engram::Index i = 0; i < n; ++i) {
    for (engram::Index j = 1; j < k; ++j) {
      hits += found.distances[i * k + j] <= true_distances[i * k + k - 1] * (1 + T{1e-6F}) ? 1 : 0;
    }
  }
  return static_cast<double>(hits) / static_cast<double>(n * (k - 1));
}

/// What is wrong with neighbours of rows among themselves: empty if each row is its own first with distance 0 and the
/// others are k - 1 different rows, nearest first.
template <class T>
std::string faults(const engram::embed::NeighborLists<T>& lists) {
  const engram::Index n = lists.indices.dim(0);
  const engram::Index k = lists.indices.dim(1);
  for (engram::Index i = 0; i < n; ++i) {
    std::set<std::int32_t> met;
    for (engram::Index j = 0; j < k; ++j) {
      const auto index = lists.indices[i * k + j];
      const T distance = lists.distances[i * k + j];
      const bool good = index >= 0 && index < n && met.insert(index).second && !std::isnan(distance) &&
                        (j == 0 ? index == i && distance == 0 : distance >= lists.distances[i * k + j - 1]);
      if (!good) {
        return engram::text("row ", i, ", column ", j, ": ", index, " at ", distance);
      }
    }
  }
  return "";
}

/// `count` rows of `columns` entries in twelve round clusters.
template <class T = double>
engram::Tensor<T> clusters(engram::Index count, engram::Index columns, std::uint64_t seed) {
  engram::Rng rng(seed);
  std::vector<double> centres(static_cast<std::size_t>(12 * columns));
  for (double& c : centres) {
    c = 4 * rng.normal();
  }
  auto x = engram::Tensor<T>::uninitialized({count, columns});
  for (engram::Index i = 0; i < count; ++i) {
    const engram::Index cluster = rng.below(12);
    for (engram::Index d = 0; d < columns; ++d) {
      x[i * columns + d] = static_cast<T>(centres[static_cast<std::size_t>(cluster * columns + d)] + rng.normal());
    }
  }
  return x;
}
