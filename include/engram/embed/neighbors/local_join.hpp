#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>
#include <engram/embed/neighbors/candidates.hpp>
#include <engram/embed/neighbors/first_lists.hpp>
#include <engram/embed/neighbors/prepared_rows.hpp>
#include <engram/embed/neighbors/running_lists.hpp>

namespace engram::embed::detail {

/// One round of comparisons between the candidates of each row.
///
/// Blocks of rows are taken in turn. All joins of a block are computed from the same lists, and what they find goes to
/// the lists afterwards, each part of the rows in the order of the joins: so the result does not depend on threads.
template <class T>
class LocalJoin {
 public:
  LocalJoin(const PreparedRows<T>& rows, const JoinCandidates& candidates, RunningLists<T>& lists)
      : rows_(rows), candidates_(candidates), lists_(lists) {}

  /// @returns the number of entries that changed
  Index run() {
    Index changed = 0;
    for (Index begin = 0; begin < lists_.rows; begin += block) {
      const Index end = std::min(begin + block, lists_.rows);
      const Index tasks = (end - begin + task_rows - 1) / task_rows;
      std::vector<std::vector<Update>> updates(static_cast<std::size_t>(tasks * parts));
      parallel_for(tasks, [&](Index task) {
        const Index first = begin + task * task_rows;
        compare(first, std::min(first + task_rows, end), updates.data() + task * parts);
      });
      std::vector<Index> counts(static_cast<std::size_t>(parts), 0);
      parallel_for(parts, [&](Index part) {
        Index count = 0;
        for (Index task = 0; task < tasks; ++task) {
          for (const Update& u : updates[static_cast<std::size_t>(task * parts + part)]) {
            count += lists_.insert(u.row, u.other, u.distance) ? 1 : 0;
          }
        }
        counts[static_cast<std::size_t>(part)] = count;
      });
      changed = std::accumulate(counts.begin(), counts.end(), changed);
    }
    return changed;
  }

 private:
  static constexpr Index block = 4096;
  static constexpr Index task_rows = 64;
  static constexpr Index parts = 32;  // of the rows whose lists change

  struct Update {
    std::int32_t row;
    std::int32_t other;
    T distance;
  };

  /// What the joins of rows begin .. end-1 find, by the part of the rows that it concerns: updates [parts].
  void compare(Index begin, Index end, std::vector<Update>* updates) const {
    std::vector<std::int32_t> members;
    std::vector<const T*> pointers;
    std::vector<T> distances;
    const auto offer = [&](std::int32_t to, std::int32_t other, T distance) {
      if (lists_.lacks(to, other, distance)) {
        updates[to * parts / lists_.rows].push_back({to, other, distance});
      }
    };
    for (Index i = begin; i < end; ++i) {
      const Index fresh = candidates_.fresh_counts[static_cast<std::size_t>(i)];
      const Index others = candidates_.other_counts[static_cast<std::size_t>(i)];
      const Index count = fresh + others;
      members.assign(candidates_.fresh(i), candidates_.fresh(i) + fresh);
      members.insert(members.end(), candidates_.others(i), candidates_.others(i) + others);
      pointers.resize(members.size());
      std::ranges::transform(members, pointers.begin(), [&](std::int32_t member) { return rows_.row(member); });
      distances.resize(static_cast<std::size_t>(fresh * count));
      for (Index a = 0; a < fresh; a += strip) {
        rows_.distances(pointers.data() + a, std::min(strip, fresh - a), pointers.data() + a, count - a,
                        distances.data() + a * count + a, count);
      }
      for (Index a = 0; a < fresh; ++a) {
        for (Index b = a + 1; b < count; ++b) {
          const T distance = distances[static_cast<std::size_t>(a * count + b)];
          const std::int32_t first = members[static_cast<std::size_t>(a)];
          const std::int32_t second = members[static_cast<std::size_t>(b)];
          offer(first, second, distance);
          offer(second, first, distance);
        }
      }
    }
  }

  const PreparedRows<T>& rows_;
  const JoinCandidates& candidates_;
  RunningLists<T>& lists_;
};

}  // namespace engram::embed::detail
