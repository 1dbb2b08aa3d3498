#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/shape.hpp>
#include <engram/kernels/lanes.hpp>

namespace engram::embed {

/// A neighbour found: nearer ones first, of equally near ones the smaller index.
struct Found {
  double distance;
  std::int32_t index;

  bool operator<(const Found& other) const {
    return distance < other.distance || (distance == other.distance && index < other.index);
  }
};

/// For each of a number of rows, a short list that surely holds its k nearest, from bounds of their distances.
///
/// The k-th smallest upper bound so far is the row's limit: whose lower bound is above it is not among the k nearest.
/// Candidates that pass are noted; those that the falling limit overtakes are dropped when the list is full, and if
/// that is not enough (equal rows, bounds that say nothing), distances are computed and all but k dropped. So memory is
/// bounded, and the result does not depend on the order of candidates.
template <class T>
class TopK {
 public:
  /// The limit while fewer than k candidates are known. Lower bounds above it never pass.
  static constexpr T no_limit = std::numeric_limits<T>::max() / 8;

  /// @param k  at least 1
  TopK(Index rows, Index k)
      : k_(k),
        capacity_(2 * k + 32),
        stride_((k + kernels::lanes - 1) / kernels::lanes * kernels::lanes + kernels::lanes),
        limits_(static_cast<std::size_t>(rows)),
        counts_(static_cast<std::size_t>(rows)),
        worst_(static_cast<std::size_t>(rows)),
        highs_(static_cast<std::size_t>(rows * stride_)),
        entries_(static_cast<std::size_t>(rows * capacity_)) {
    std::fill_n(limits_.data(), rows, no_limit);
    std::fill_n(counts_.data(), rows, 0);
    std::fill_n(worst_.data(), rows, Found{0, -1});
    std::fill_n(highs_.data(), rows * stride_, no_limit);
    for (Index row = 0; row < rows; ++row) {
      highs_.data()[row * stride_ + kernels::lanes - 1] = std::numeric_limits<T>::lowest();
    }
  }

  /// Of each row: candidates whose lower bound is above it are of no use.
  const T* limits() const { return limits_.data(); }
  T* limits() { return limits_.data(); }

  /// Notes a candidate whose distance from the row lies in low .. high, where low <= limits()[row].
  /// @param measure  measure(row, index) is the candidate's distance; called where bounds alone leave too many
  /// @param upwards  upwards(distance) is not below it, in the units of the bounds
  template <class Measure, class Upwards>
  void add(Index row, T low, T high, std::int32_t index, const Measure& measure, const Upwards& upwards) {
    if (const Found& worst = worst_.data()[row]; worst.index >= 0) {  // bounds have failed here: measure at once
      const Found candidate{measure(row, index), index};
      if (!(candidate < worst)) {
        return;
      }
      high = std::min(high, upwards(candidate.distance));
    }
    insert_high(row, high);
    Entry* entries = entries_.data() + row * capacity_;
    std::int32_t& count = counts_.data()[row];
    entries[count++] = {low, index};
    if (count == capacity_) {
      make_room(row, measure, upwards);
    }
  }

  /// The k nearest of the row, or as many as there are.
  template <class Measure>
  void nearest(Index row, const Measure& measure, std::vector<Found>& found) {
    drop_beyond_limit(row);
    const Entry* entries = entries_.data() + row * capacity_;
    found.clear();
    for (Index e = 0; e < counts_.data()[row]; ++e) {
      found.push_back({measure(row, entries[e].index), entries[e].index});
    }
    if (std::ssize(found) > k_) {
      std::nth_element(found.begin(), found.begin() + k_, found.end());
      found.resize(static_cast<std::size_t>(k_));
    }
    std::sort(found.begin(), found.end());
  }

 private:
  struct Entry {
    T low;
    std::int32_t index;
  };

  /// The row's smallest upper bounds, ascending; the element before the first is the lowest number.
  T* highs(Index row) { return highs_.data() + row * stride_ + kernels::lanes; }

  /// Sorted insertion without branches: of what stands at j and the larger of `high` and what stands before it, the
  /// smaller.
  void insert_high(Index row, T high) {
    T* sorted = highs(row);
    for (Index begin = stride_ - 2 * kernels::lanes; begin >= 0; begin -= kernels::lanes) {
      T* at = sorted + begin;
      T shifted[kernels::lanes];
      for (Index j = 0; j < kernels::lanes; ++j) {
        shifted[j] = at[j - 1] < high ? high : at[j - 1];
      }
      for (Index j = 0; j < kernels::lanes; ++j) {
        at[j] = shifted[j] < at[j] ? shifted[j] : at[j];
      }
    }
    limits_.data()[row] = sorted[k_ - 1];
  }

  void drop_beyond_limit(Index row) {
    Entry* entries = entries_.data() + row * capacity_;
    const T limit = limits_.data()[row];
    std::int32_t kept = 0;
    for (std::int32_t e = 0; e < counts_.data()[row]; ++e) {
      const Entry entry = entries[e];
      entries[kept] = entry;
      kept += entry.low <= limit ? 1 : 0;
    }
    counts_.data()[row] = kept;
  }

  template <class Measure, class Upwards>
  [[gnu::noinline]] void make_room(Index row, const Measure& measure, const Upwards& upwards) {
    drop_beyond_limit(row);
    if (counts_.data()[row] <= k_ + (capacity_ - k_) / 2) {
      return;
    }
    std::vector<Found> found;
    nearest(row, measure, found);
    Entry* entries = entries_.data() + row * capacity_;
    T* sorted = highs(row);
    for (std::size_t e = 0; e < found.size(); ++e) {
      const T high = upwards(found[e].distance);
      entries[e] = {std::numeric_limits<T>::lowest(), found[e].index};
      sorted[e] = high < sorted[e] ? high : sorted[e];
    }
    counts_.data()[row] = static_cast<std::int32_t>(found.size());
    worst_.data()[row] = found.back();
    limits_.data()[row] = sorted[k_ - 1];
  }

  Index k_;
  Index capacity_;
  Index stride_;
  Buffer<T> limits_;
  Buffer<std::int32_t> counts_;
  Buffer<Found> worst_;  ///< the k-th of those measured when the list was last full; index -1 before
  Buffer<T> highs_;      ///< the smallest upper bounds, see highs()
  Buffer<Entry> entries_;
};

}  // namespace engram::embed
