#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include <engram/core/shape.hpp>

namespace engram::embed {

/// Sets of the numbers 0 .. n-1 that are joined step by step. Hangs the larger root below the smaller and halves paths:
/// time is all but linear in the calls.
/// Source: Tarjan and van Leeuwen, "Worst-case analysis of set union algorithms", 1984.
class UnionFind {
 public:
  /// Each number in a set of its own.
  explicit UnionFind(Index n) : parent_(static_cast<std::size_t>(n)) { std::iota(parent_.begin(), parent_.end(), 0); }

  /// The smallest number of the set of i.
  std::int32_t root(std::int32_t i) {
    while (parent(i) != i) {
      std::int32_t& up = parent(i);
      up = parent(up);
      i = up;
    }
    return i;
  }

  /// Makes one set of those of a and b.
  /// @returns its smallest number
  std::int32_t join(std::int32_t a, std::int32_t b) {
    a = root(a);
    b = root(b);
    if (b < a) {
      std::swap(a, b);
    }
    parent(b) = a;
    return a;
  }

 private:
  std::int32_t& parent(std::int32_t i) { return parent_[static_cast<std::size_t>(i)]; }

  std::vector<std::int32_t> parent_;
};

}  // namespace engram::embed
