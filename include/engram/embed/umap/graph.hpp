#pragma once

#include <cstdint>
#include <vector>

#include <engram/core/shape.hpp>

namespace engram::embed {

/// Weighted edges by row (CSR): those of row i lie at offsets[i] .. offsets[i + 1] - 1, columns ascending, none twice.
struct SparseGraph {
  std::vector<Index> offsets = {0};        ///< rows + 1
  std::vector<std::int32_t> columns = {};  ///< one per edge
  std::vector<float> weights = {};         ///< one per edge
  Index column_count = 0;

  Index rows() const { return static_cast<Index>(offsets.size()) - 1; }
  Index edges() const { return static_cast<Index>(columns.size()); }
};

}  // namespace engram::embed
