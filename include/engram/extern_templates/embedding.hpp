#pragma once

// Neighbour searches and PCA for float and double, declared as compiled elsewhere: for projects of many source
// files, each of which would compile them again. Every file includes this header first, or is compiled with -include
// engram/extern_templates/embedding.hpp; exactly one file defines ENGRAM_INSTANTIATE_TEMPLATES before that and so
// holds the code.

#include <engram/analysis/trustworthiness.hpp>
#include <engram/embed/incremental_pca.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/neighbors/nn_descent.hpp>
#include <engram/embed/neighbors/search.hpp>
#include <engram/embed/pca.hpp>

#if defined(ENGRAM_INSTANTIATE_TEMPLATES)
#define ENGRAM_TEMPLATE template
#else
#define ENGRAM_TEMPLATE extern template
#endif

// clang-format off
#define ENGRAM_EMBEDDING_TEMPLATES(T) \
  ENGRAM_TEMPLATE embed::NeighborLists<T> embed::exact_neighbors(const Tensor<T>&, Index, embed::Metric); \
  ENGRAM_TEMPLATE embed::NeighborLists<T> embed::exact_neighbors(const Tensor<T>&, const Tensor<T>&, Index, embed::Metric); \
  ENGRAM_TEMPLATE embed::NeighborLists<T> embed::nn_descent(const Tensor<T>&, Index, const embed::NnDescentOptions&); \
  ENGRAM_TEMPLATE void embed::pair_distances(embed::Metric, Index, const T* const*, Index, const T* const*, Index, T*, Index); \
  ENGRAM_TEMPLATE class embed::NeighborIndex<T>; \
  ENGRAM_TEMPLATE class embed::Pca<T>; \
  ENGRAM_TEMPLATE class embed::IncrementalPca<T>; \
  ENGRAM_TEMPLATE double analysis::trustworthiness(const Tensor<T>&, const Tensor<T>&, Index, embed::Metric);
// clang-format on

namespace engram {

ENGRAM_EMBEDDING_TEMPLATES(float)
ENGRAM_EMBEDDING_TEMPLATES(double)

}  // namespace engram

#undef ENGRAM_EMBEDDING_TEMPLATES
#undef ENGRAM_TEMPLATE
