#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/eigenpairs.hpp>
#include <engram/embed/umap/coarsen.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/embed/umap/random_walk.hpp>
#include <engram/embed/umap/rayleigh_ritz.hpp>

namespace engram::embed {

/// Eigenpairs of a normalised Laplacian L = I - D^-1/2 W D^-1/2, smallest eigenvalues first, without the very first,
/// whose eigenvalue is 0 and whose eigenvector is D^1/2 1.
struct LaplacianEigenpairs {
  Tensor<float> vectors;          ///< in columns, unit length, of either sign: [N, count]
  std::vector<double> values;     ///< 0 .. 2
  std::vector<double> residuals;  ///< |L u - value u| of each
};

struct SpectralOptions {
  double tolerance = 5e-3;  ///< residual of an eigenpair at which its iteration ends
  std::uint64_t seed = 0;   ///< of whatever is random
};

namespace detail {

/// Graphs of up to this many rows are solved as dense matrices.
inline Index dense_rows(Index width) {
  return std::max<Index>(128, 8 * width);
}

/// Random numbers in columns `first` and beyond.
inline void fill_random(Tensor<float>& x, Index first, std::uint64_t seed) {
  const Index width = x.dim(1);
  parallel_ranges(x.dim(0), walk_grain, [&](Index begin, Index end) {
    Rng rng = Rng(seed).split(static_cast<std::uint64_t>(begin));
    for (Index i = begin; i < end; ++i) {
      for (Index j = first; j < width; ++j) {
        x[i * width + j] = static_cast<float>(rng.uniform(-1, 1));
      }
    }
  });
}

/// All eigenvectors of a small graph's walk but the constant one, or the leading `width` if there are more.
inline WalkBlock dense_block(const SparseGraph& graph, const std::vector<float>& degree, Index width,
                             std::uint64_t seed) {
  const Index n = graph.rows();
  const auto root = [&](Index i) { return std::sqrt(static_cast<double>(degree[static_cast<std::size_t>(i)])); };
  auto matrix = Tensor<double>::zeros({n, n});
  for (Index i = 0; i < n; ++i) {
    for (Index e = graph.offsets[static_cast<std::size_t>(i)]; e < graph.offsets[static_cast<std::size_t>(i) + 1];
         ++e) {
      const Index j = graph.columns[static_cast<std::size_t>(e)];
      matrix[i * n + j] = static_cast<double>(graph.weights[static_cast<std::size_t>(e)]) / (root(i) * root(j));
    }
  }
  const SymmetricEigen eigen = eigen_symmetric(matrix.data(), n);
  const Index known = std::min(width, n - 1);
  WalkBlock block{Tensor<float>::uninitialized({n, width}), std::vector<double>(static_cast<std::size_t>(width), 0.0),
                  std::vector<double>(static_cast<std::size_t>(width), 0.0)};
  for (Index k = 0; k < known; ++k) {
    block.values[static_cast<std::size_t>(k)] = eigen.values[k + 1];
    for (Index i = 0; i < n; ++i) {
      block.vectors[i * width + k] = static_cast<float>(eigen.vectors[(k + 1) * n + i] / root(i));
    }
  }
  fill_random(block.vectors, known, seed);
  return block;
}

/// The highest order of a filter that multiplies the constant vector, of which rounding always leaves something, by no
/// more than 1e4 times what it does to vectors at `cut`.
inline int filter_order(double cut) {
  return std::max(1, static_cast<int>(std::acosh(1e4) / std::acosh((3 - cut) / (1 + cut))));
}

/// Filters and Rayleigh-Ritz steps until the first `wanted` residuals are within the tolerance, `sweeps` at the most.
inline void refine(const SparseGraph& graph, const std::vector<float>& degree, Index wanted, double tolerance,
                   int sweeps, WalkBlock& block) {
  auto work = Tensor<float>::uninitialized(block.vectors.shape());
  std::fill_n(work.data(), work.size(), 0.0F);
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const double cut = std::clamp(block.values.back(), 0.0, 1 - 1e-6);
    chebyshev_filter(graph, degree, cut, std::min(sweep == 0 ? 16 : 32, filter_order(cut)), block.vectors, work);
    rayleigh_ritz(graph, degree, block, work);
    if (*std::max_element(block.residuals.begin(), block.residuals.begin() + wanted) <= tolerance) {
      return;
    }
  }
}

/// The leading vectors of a connected graph's walk from those of ever coarser graphs.
inline WalkBlock leading_block(const SparseGraph& graph, Index width, Index wanted, const SpectralOptions& options) {
  constexpr int most_sweeps = 20;
  std::deque<CoarseGraph> coarser;  // the n-th is made from the one before
  const auto level = [&](std::size_t n) -> const SparseGraph& { return n == 0 ? graph : coarser[n - 1].graph; };
  while (level(coarser.size()).rows() > dense_rows(width)) {
    coarser.push_back(coarsen(level(coarser.size())));
  }
  const SparseGraph& coarsest = level(coarser.size());
  std::vector<float> degree = degrees(coarsest);
  WalkBlock block = dense_block(coarsest, degree, width, options.seed);
  for (std::size_t n = coarser.size(); n-- > 0;) {
    const SparseGraph& finer = level(n);
    auto spread = Tensor<float>::uninitialized({finer.rows(), width});
    parallel_ranges(finer.rows(), walk_grain, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        std::copy_n(block.vectors.data() + coarser[n].groups[static_cast<std::size_t>(i)] * width, width,
                    spread.data() + i * width);
      }
    });
    block.vectors = std::move(spread);
    coarser.pop_back();
    degree = degrees(finer);
    const double tolerance = n == 0 ? options.tolerance : std::max(options.tolerance, SpectralOptions{}.tolerance);
    refine(finer, degree, wanted, tolerance, n == 0 ? most_sweeps : 2, block);
  }
  return block;
}

}  // namespace detail

/// The `count` eigenpairs that follow the first, of a connected graph with symmetric weights >= 0.
///
/// Graphs of up to 128 rows: exactly. Larger ones are coarsened until they are that small; from the coarsest on, each
/// graph's vectors start as those of the coarser one and are refined by Chebyshev-filtered subspace iteration. On the
/// k-nearest-neighbour graphs of data that have structure the first filter meets the default tolerance, and the vectors
/// are then within some 0.005 rad of the exact ones; where eigenvalues are closer to each other than the tolerance, as
/// for normal noise in many dimensions, vectors are mixtures of the exact ones. The work is bounded (20 filters on
/// the whole graph); what has not converged by then is returned with its residual. Residuals below 1e-6 are beyond
/// single precision.
/// @throws ArgumentError unless 0 <= count < rows
/// Sources: Zhou, Saad, Tiago, Chelikowsky, "Self-consistent-field calculations using Chebyshev-filtered subspace
/// iteration", 2006; Barnard and Simon, "Fast multilevel implementation of recursive spectral bisection", 1994.
inline LaplacianEigenpairs laplacian_eigenpairs(const SparseGraph& graph, Index count,
                                                const SpectralOptions& options = {}) {
  const Index rows = graph.rows();
  ensure<ArgumentError>(count >= 0 && count < std::max<Index>(rows, 1),
                        "laplacian_eigenpairs: need a count from 0 to rows - 1, got ", count, " of ", rows, " rows");
  const Index width = (count + 4 + 7) / 8 * 8;  // some vectors more than asked for make the iteration converge faster
  const detail::WalkBlock block = detail::leading_block(graph, width, count, options);
  const std::vector<float> degree = detail::degrees(graph);
  LaplacianEigenpairs pairs{Tensor<float>::uninitialized({rows, count}), {}, {}};
  for (Index k = 0; k < count; ++k) {
    pairs.values.push_back(1 - block.values[static_cast<std::size_t>(k)]);
    pairs.residuals.push_back(block.residuals[static_cast<std::size_t>(k)]);
  }
  for (Index i = 0; i < rows; ++i) {
    const float root = std::sqrt(degree[static_cast<std::size_t>(i)]);
    for (Index k = 0; k < count; ++k) {
      pairs.vectors[i * count + k] = root * block.vectors[i * width + k];
    }
  }
  return pairs;
}

}  // namespace engram::embed
