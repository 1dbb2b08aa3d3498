#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>

namespace engram::data {

/// The batches of one epoch: 0 .. count-1 in an order of their own, each once, `batch_size` at a time. What is left
/// makes a smaller last batch; a single one left joins the batch before, since batch norm cannot learn from one.
class Batches {
 public:
  /// @param rng  decides the order; a function of the run's seed and the epoch makes it repeatable
  /// @throws ArgumentError unless batch_size >= 1
  Batches(Index count, Index batch_size, Rng rng) : order_(rng.permutation(count)), batch_size_(batch_size) {
    ensure<ArgumentError>(batch_size >= 1, "Batches: need batch_size >= 1, got ", batch_size);
  }

  /// Number of batches.
  static Index count(Index items, Index batch_size) {
    const Index whole = items / batch_size;
    const Index left = items % batch_size;
    return whole + (left > 1 || (left == 1 && (whole == 0 || batch_size == 1)) ? 1 : 0);
  }
  Index size() const { return count(std::ssize(order_), batch_size_); }

  std::span<const Index> operator[](Index batch) const {
    const auto begin = static_cast<std::size_t>(batch * batch_size_);
    const std::span<const Index> from_here = std::span(order_).subspan(begin);
    return batch + 1 == size() ? from_here : from_here.first(static_cast<std::size_t>(batch_size_));
  }

 private:
  std::vector<Index> order_;
  Index batch_size_;
};

}  // namespace engram::data
