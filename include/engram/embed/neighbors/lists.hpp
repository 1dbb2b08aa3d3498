#pragma once

#include <concepts>
#include <cstdint>

#include <engram/core/tensor.hpp>

namespace engram::embed {

/// For each of N rows its K nearest, nearest first.
template <std::floating_point T>
struct NeighborLists {
  Tensor<std::int32_t> indices;  ///< [N, K]
  Tensor<T> distances;           ///< [N, K]
};

}  // namespace engram::embed
