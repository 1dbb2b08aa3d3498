#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/components.hpp>
#include <engram/embed/umap/pca_coordinates.hpp>

namespace engram::embed::detail {

/// Where the components of a graph go.
struct ComponentCentres {
  Tensor<float> positions;    ///< [components, dimensions], within -1 .. 1
  std::vector<double> radii;  ///< half the distance to the nearest other centre
};

/// Mean of each component's rows of data [N, D]: [components, D].
inline Tensor<float> centroids(const Components& components, const Tensor<float>& data) {
  const Index columns = data.dim(1);
  auto sums = Tensor<double>::zeros({components.count, columns});
  std::vector<double> sizes(static_cast<std::size_t>(components.count), 0.0);
  for (Index i = 0; i < data.dim(0); ++i) {
    const std::int32_t label = components.labels[static_cast<std::size_t>(i)];
    sizes[static_cast<std::size_t>(label)] += 1;
    for (Index j = 0; j < columns; ++j) {
      sums[label * columns + j] += static_cast<double>(data[i * columns + j]);
    }
  }
  auto means = Tensor<float>::uninitialized(sums.shape());
  for (Index i = 0; i < means.size(); ++i) {
    means[i] = static_cast<float>(sums[i] / sizes[static_cast<std::size_t>(i / columns)]);
  }
  return means;
}

/// Evenly over the cube -1 .. 1, in reading order.
inline ComponentCentres centres_on_grid(Index count, Index dimensions) {
  const auto holds = [&](Index side) {
    Index cells = 1;
    for (Index j = 0; j < dimensions && cells < count; ++j) {
      cells *= side;
    }
    return cells >= count;
  };
  Index side = 1;
  while (!holds(side)) {
    ++side;
  }
  ComponentCentres centres{Tensor<float>::uninitialized({count, dimensions}),
                           std::vector<double>(static_cast<std::size_t>(count), 1.0 / static_cast<double>(side))};
  for (Index c = 0; c < count; ++c) {
    Index cell = c;
    for (Index j = 0; j < dimensions; ++j) {
      centres.positions[c * dimensions + j] =
          (2 * static_cast<float>(cell % side) + 1) / static_cast<float>(side) - 1.0F;
      cell /= side;
    }
  }
  return centres;
}

/// Two on each axis, at -1 and 1; for up to 2 dimensions of them.
inline Tensor<float> centres_on_axes(Index count, Index dimensions) {
  auto positions = Tensor<float>::zeros({count, dimensions});
  const Index axes = (count + 1) / 2;
  for (Index c = 0; c < count; ++c) {
    positions[c * dimensions + c % axes] = c < axes ? 1.0F : -1.0F;
  }
  return positions;
}

/// Half the distance from each position to the nearest other that is not the same; 0 if there is none.
inline std::vector<double> free_radii(const Tensor<float>& positions) {
  const Index count = positions.dim(0);
  const Index dimensions = positions.dim(1);
  std::vector<double> radii(static_cast<std::size_t>(count));
  parallel_ranges(count, 64, [&](Index begin, Index end) {
    for (Index a = begin; a < end; ++a) {
      double nearest = std::numeric_limits<double>::infinity();
      for (Index b = 0; b < count; ++b) {
        double square = 0;
        for (Index j = 0; j < dimensions; ++j) {
          const double step = static_cast<double>(positions[a * dimensions + j] - positions[b * dimensions + j]);
          square += step * step;
        }
        nearest = square > 0 ? std::min(nearest, square) : nearest;
      }
      radii[static_cast<std::size_t>(a)] = std::isfinite(nearest) ? std::sqrt(nearest) / 2 : 0.0;
    }
  });
  return radii;
}

/// Places two components or more. Up to 2 dimensions of them: on the axes, as umap-learn does. More: where a principal
/// component analysis puts the means of their rows of data; without data, or if the means are all the same, or
/// for more than 4,096 components: on a grid.
/// @param data  [N, D], finite, or nullptr
inline ComponentCentres component_centres(const Components& components, Index dimensions, const Tensor<float>* data) {
  if (components.count <= 2 * dimensions) {
    ComponentCentres centres{centres_on_axes(components.count, dimensions), {}};
    centres.radii = free_radii(centres.positions);
    return centres;
  }
  if (data != nullptr && data->dim(1) > 0 && components.count <= 4096) {
    ComponentCentres centres{pca_coordinates(centroids(components, *data), dimensions), {}};
    float largest = 0;
    for (const float v : centres.positions.elements()) {
      largest = std::max(largest, std::abs(v));
    }
    if (largest > 0) {
      for (float& v : centres.positions.elements()) {
        v /= largest;
      }
      centres.radii = free_radii(centres.positions);
      return centres;
    }
  }
  return centres_on_grid(components.count, dimensions);
}

}  // namespace engram::embed::detail
