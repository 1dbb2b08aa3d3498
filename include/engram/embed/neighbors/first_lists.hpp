#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>
#include <engram/embed/neighbors/pivot_tree.hpp>
#include <engram/embed/neighbors/prepared_rows.hpp>
#include <engram/embed/neighbors/running_lists.hpp>

namespace engram::embed::detail {

/// Pairs of rows are measured so many rows at a time; those of a triangle waste less with fewer.
inline constexpr Index strip = 4;

/// Writes each row's list: the rows that follow it, after the last one the first. Lists are full from then on.
template <class T>
void list_next_rows(const PreparedRows<T>& rows, RunningLists<T>& lists) {
  const Index n = rows.count();
  const Index length = lists.length;
  parallel_ranges(n, 256, [&](Index begin, Index end) {
    std::vector<const T*> next(static_cast<std::size_t>(length));
    std::vector<T> distances(next.size());
    std::vector<std::pair<T, std::int32_t>> found(next.size());
    for (Index i = begin; i < end; ++i) {
      for (Index j = 0; j < length; ++j) {
        next[static_cast<std::size_t>(j)] = rows.row((i + 1 + j) % n);
      }
      const T* self = rows.row(i);
      rows.distances(&self, 1, next.data(), length, distances.data(), length);
      for (Index j = 0; j < length; ++j) {
        const auto at = static_cast<std::size_t>(j);
        found[at] = {distances[at], static_cast<std::int32_t>((i + 1 + j) % n)};
      }
      std::ranges::sort(found);
      for (std::size_t j = 0; j < found.size(); ++j) {
        const std::size_t at = static_cast<std::size_t>(i * length) + j;
        lists.distances[at] = found[j].first;
        lists.indices[at] = found[j].second;
      }
    }
  });
}

/// Distances of some rows from each other, [m, m].
template <class T>
Buffer<T> all_pairs(const PreparedRows<T>& rows, const std::vector<const T*>& some) {
  const Index m = std::ssize(some);
  Buffer<T> distances(static_cast<std::size_t>(m * m));
  T* d = distances.data();
  for (Index i = 0; i < m; i += strip) {
    const Index end = std::min(i + strip, m);
    rows.distances(some.data() + i, end - i, some.data() + i, m - i, d + i * m + i, m);
    for (Index j = end; j < m; ++j) {
      for (Index r = i; r < end; ++r) {
        d[j * m + r] = d[r * m + j];
      }
    }
  }
  return distances;
}

/// Compares all rows of each leaf with each other. A row is in one leaf only, so leaves do not meet.
template <class T>
void join_leaves(const PreparedRows<T>& rows, const RowPartition& partition, RunningLists<T>& lists) {
  parallel_for(std::ssize(partition.leaves), [&](Index leaf) {
    const Span places = partition.leaves[static_cast<std::size_t>(leaf)];
    const std::int32_t* members = partition.order.data() + places.begin;
    const Index m = places.size();
    std::vector<const T*> some(static_cast<std::size_t>(m));
    for (Index i = 0; i < m; ++i) {
      some[static_cast<std::size_t>(i)] = rows.row(members[i]);
    }
    const Buffer<T> distances = all_pairs(rows, some);
    for (Index i = 0; i < m; ++i) {
      const T* to = distances.data() + i * m;
      T worst = lists.worst(members[i]);
      for (Index j = 0; j < m; ++j) {
        if (to[j] < worst && j != i) {
          lists.insert(members[i], members[j], to[j]);
          worst = lists.worst(members[i]);
        }
      }
    }
  });
}

}  // namespace engram::embed::detail
