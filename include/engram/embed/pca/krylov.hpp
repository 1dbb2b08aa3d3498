#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/eigenpairs.hpp>
#include <engram/embed/linear_algebra/orthonormalize.hpp>
#include <engram/embed/pca/exact.hpp>
#include <engram/embed/pca/product.hpp>
#include <engram/kernels/gemm.hpp>

namespace engram::embed::detail {

/// Block Krylov iteration for the leading eigenpairs: Rayleigh and Ritz's pairs in the space of a block of vectors, its
/// image under a^T a, and so on, restarted from the best pairs when that has grown to four blocks.
///
/// A pair is good when its residual |a^T a v - value v| is below eps^0.6 of its value (7e-5 for float, 4e-10 for
/// double) or lost in rounding errors; the value's own error is about the square of that. A step shrinks the residual
/// by about (first value left out) / value: if that will do, the last step computes a v alone. Sources: Musco, Musco,
/// "Randomized block Krylov methods for stronger and faster approximate singular value decomposition", NIPS 2015; Saad,
/// "Numerical methods for large eigenvalue problems", 2011, sections 6.6 and 7.2.
template <class T>
class BlockKrylov {
 public:
  BlockKrylov(const CentredMatrix<T>& a, Index count)
      : a_(a),
        count_(count),
        block_(block_size(count)),
        vectors_(Tensor<double>::zeros({blocks * block_, a.width})),
        images_(Tensor<double>::zeros({blocks * block_, a.width})),
        products_(Tensor<T>::zeros({a.length, blocks * block_})) {}

  /// The fewest columns for which this is worth while.
  static Index least_width(Index count) { return 2 * blocks * block_size(count); }

  /// Nothing if the pairs are not good after `steps` steps.
  std::optional<LeadingPairs<T>> run(Index steps) {
    Tensor<double> next = start();
    for (Index step = 0; step < steps; ++step) {
      append(next, true);
      const SymmetricEigen ritz = ritz_pairs();
      next = residuals(ritz);
      const std::vector<double> lengths = row_lengths(next);
      if (step > 0 && good(ritz, lengths, 0)) {
        return pairs(ritz);
      }
      const bool last = good(ritz, lengths, 1);
      if (size_ == blocks * block_ || (size_ + block_ == blocks * block_ && !last)) {
        restart(ritz);
      }
      orthonormalize(next, vectors_, size_);
      if (last) {
        append(next, false);
        const SymmetricEigen better = ritz_pairs();
        if (expected(ritz, lengths, better)) {
          return pairs(better);
        }
        size_ -= block_;
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr Index blocks = 4;
  /// Some more than are wanted, and whole vector registers.
  static Index block_size(Index count) { return kernels::detail::round_up(count + 8, 32); }

  /// Random vectors, after two power steps on a sample of the rows if there are many: cheap, and close already. Some
  /// stay random, since the sample may lack whole directions.
  Tensor<double> start() const {
    auto vectors = Tensor<double>::uninitialized({block_, a_.width});
    Rng rng(0);
    std::ranges::generate(vectors.elements(), [&] { return rng.normal(); });
    orthonormalize(vectors, vectors, 0);
    const Index every = std::min<Index>(16, a_.length / (16 * block_));
    if (every >= 4) {
      const CentredMatrix<T> sample = a_.sampled(every);
      auto unused = Tensor<T>::uninitialized({sample.length, block_});
      for (int power = 0; power < 2; ++power) {
        const Tensor<double> before = std::move(vectors);
        multiply(sample, before, unused.data(), block_, &vectors);
        orthonormalize(vectors, vectors, 0);
      }
      std::ranges::generate(vectors.elements().last(static_cast<std::size_t>(4 * a_.width)),
                            [&] { return rng.normal(); });
      orthonormalize(vectors, vectors, 0);
    }
    return vectors;
  }

  void append(const Tensor<double>& next, bool both) {
    std::ranges::copy(next.elements(), vectors_.data() + size_ * a_.width);
    Tensor<double> image;
    multiply(a_, next, products_.data() + size_, products_.dim(1), both ? &image : nullptr);
    if (both) {
      std::ranges::copy(image.elements(), images_.data() + size_ * a_.width);
    }
    size_ += block_;
  }

  /// Pairs in the space of vectors_, as combinations of them: [size, size].
  SymmetricEigen ritz_pairs() const {
    const std::vector<double> no_mean(static_cast<std::size_t>(size_), 0.0);
    const CentredMatrix<T> products{products_.data(), a_.length, size_, products_.dim(1), 1, no_mean.data()};
    return eigen_symmetric(gram(products).data(), size_);
  }

  /// a^T a v - value v of the best pairs: [block, width].
  Tensor<double> residuals(const SymmetricEigen& ritz) const {
    auto rows = combine(ritz, block_, images_);
    const auto vectors = combine(ritz, block_, vectors_);
    for (Index k = 0; k < block_; ++k) {
      add_scaled(-ritz.values[k], vectors.data() + k * a_.width, rows.data() + k * a_.width, 0, a_.width);
    }
    return rows;
  }

  /// Whether the pairs will be good after so many steps more, given the lengths of their residuals.
  bool good(const SymmetricEigen& ritz, const std::vector<double>& residuals, int steps) const {
    constexpr double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    const double largest = std::max(0.0, ritz.values[0]);
    const double left_out = std::max(0.0, ritz.values[block_ - 1]);
    const double root_width = std::sqrt(static_cast<double>(a_.width));
    for (Index k = 0; k < count_; ++k) {
      const double value = std::max(0.0, ritz.values[k]);
      const double rounding = 2 * eps * (std::sqrt(value * largest) + largest / root_width);
      const double shrinks = value > 0 ? std::pow(left_out / value, steps) : 1.0;
      if (!(shrinks * residuals[static_cast<std::size_t>(k)] <= std::pow(eps, 0.6) * value + rounding)) {
        return false;
      }
    }
    return true;
  }

  /// Whether values grew by their residuals at most, as they do unless a direction appears that was not seen before.
  bool expected(const SymmetricEigen& ritz, const std::vector<double>& residuals, const SymmetricEigen& better) const {
    for (Index k = 0; k < count_; ++k) {
      const double growth = better.values[k] - ritz.values[k];
      if (growth > residuals[static_cast<std::size_t>(k)] + 1e-6 * better.values[k]) {
        return false;
      }
    }
    return true;
  }

  /// The first `count` Ritz vectors' combinations of the rows of `x`: [count, width].
  Tensor<double> combine(const SymmetricEigen& ritz, Index count, const Tensor<double>& x) const {
    auto out = Tensor<double>::uninitialized({count, x.dim(1)});
    kernels::gemm(count, x.dim(1), size_, kernels::row_major(ritz.vectors.data(), size_),
                  kernels::row_major(x.data(), x.dim(1)), out.data(), x.dim(1));
    return out;
  }

  /// The first `count` Ritz vectors' products with a: [length, count].
  Tensor<T> combine_products(const SymmetricEigen& ritz, Index count) const {
    auto weights = Tensor<T>::uninitialized({count, size_});
    std::ranges::transform(ritz.vectors.elements().first(static_cast<std::size_t>(count * size_)), weights.data(),
                           [](double v) { return static_cast<T>(v); });
    auto out = Tensor<T>::uninitialized({a_.length, count});
    kernels::gemm(a_.length, count, size_, kernels::row_major(products_.data(), products_.dim(1)),
                  kernels::row_major(weights.data(), size_).transposed(), out.data(), count);
    return out;
  }

  void restart(const SymmetricEigen& ritz) {
    std::ranges::copy(combine(ritz, block_, vectors_).elements(), vectors_.data());
    std::ranges::copy(combine(ritz, block_, images_).elements(), images_.data());
    const auto products = combine_products(ritz, block_);
    for (Index i = 0; i < a_.length; ++i) {
      std::copy_n(products.data() + i * block_, block_, products_.data() + i * products_.dim(1));
    }
    size_ = block_;
  }

  LeadingPairs<T> pairs(const SymmetricEigen& ritz) const {
    LeadingPairs<T> found{Tensor<double>::uninitialized({count_}), combine(ritz, count_, vectors_),
                          combine_products(ritz, count_)};
    std::ranges::transform(ritz.values.elements().first(static_cast<std::size_t>(count_)), found.values.data(),
                           [](double v) { return std::max(0.0, v); });
    return found;
  }

  const CentredMatrix<T>& a_;
  Index count_;
  Index block_;
  Index size_ = 0;          // rows of vectors_ in use
  Tensor<double> vectors_;  // [4 blocks, width], orthonormal
  Tensor<double> images_;   // a^T a vectors: [4 blocks, width]
  Tensor<T> products_;      // a vectors^T: [length, 4 blocks]
};

}  // namespace engram::embed::detail
