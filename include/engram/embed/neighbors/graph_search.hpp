#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include <engram/core/shape.hpp>
#include <engram/embed/neighbors/prepared_rows.hpp>
#include <engram/embed/neighbors/search_graph.hpp>

namespace engram::embed::detail {

/// The best-first search of one query after another.
template <class T>
class GraphSearch {
 public:
  /// @param width  the nearest so many rows are kept and gone on from
  GraphSearch(const PreparedRows<T>& rows, const SearchGraph& graph, Index width)
      : rows_(rows), graph_(graph), width_(width), met_(static_cast<std::size_t>(rows.count()), false) {
    beam_.reserve(static_cast<std::size_t>(width + 1));
  }

  /// The rows near the query: at least k of them.
  void find(const T* query, Index k, std::vector<std::int32_t>& found) {
    beam_.clear();
    visited_.clear();
    meet(query, graph_.entries.data(), std::ssize(graph_.entries));
    for (Index next = 0; next < std::ssize(beam_);) {
      Step& step = beam_[static_cast<std::size_t>(next)];
      if (step.taken) {
        ++next;
        continue;
      }
      step.taken = true;
      const Index begin = graph_.offsets[static_cast<std::size_t>(step.row)];
      const Index end = graph_.offsets[static_cast<std::size_t>(step.row) + 1];
      next = std::min(next, meet(query, graph_.targets.data() + begin, end - begin));
    }
    if (std::ssize(beam_) < k) {  // what the graph leads to was not enough
      std::vector<std::int32_t> all(static_cast<std::size_t>(rows_.count()));
      std::iota(all.begin(), all.end(), 0);
      meet(query, all.data(), rows_.count());
    }
    found.clear();
    for (const Step& step : beam_) {
      found.push_back(step.row);
    }
    for (const std::int32_t row : visited_) {
      met_[static_cast<std::size_t>(row)] = false;
    }
  }

 private:
  struct Step {
    T distance;
    std::int32_t row;
    bool taken;
  };

  /// Compares the query with those rows that it has not met yet.
  /// @returns the first place of the beam that changed
  Index meet(const T* query, const std::int32_t* some, Index count) {
    const std::size_t first = visited_.size();
    pointers_.clear();
    for (Index i = 0; i < count; ++i) {
      const auto row = static_cast<std::size_t>(some[i]);
      if (!met_[row]) {
        met_[row] = true;
        visited_.push_back(some[i]);
        pointers_.push_back(rows_.row(some[i]));
      }
    }
    distances_.resize(pointers_.size());
    const Index fresh = std::ssize(pointers_);
    rows_.distances(&query, 1, pointers_.data(), fresh, distances_.data(), fresh);
    Index changed = std::ssize(beam_);
    for (std::size_t i = 0; i < pointers_.size(); ++i) {
      const Step step{distances_[i], visited_[first + i], false};
      if (std::ssize(beam_) == width_) {
        if (!(step.distance < beam_.back().distance)) {
          continue;
        }
        beam_.pop_back();
      }
      const auto place = std::upper_bound(beam_.begin(), beam_.end(), step,
                                          [](const Step& a, const Step& b) { return a.distance < b.distance; });
      changed = std::min<Index>(changed, place - beam_.begin());
      beam_.insert(place, step);
    }
    return changed;
  }

  const PreparedRows<T>& rows_;
  const SearchGraph& graph_;
  Index width_;
  std::vector<bool> met_;
  std::vector<std::int32_t> visited_;
  std::vector<Step> beam_;  ///< nearest first
  std::vector<const T*> pointers_;
  std::vector<T> distances_;
};

}  // namespace engram::embed::detail
