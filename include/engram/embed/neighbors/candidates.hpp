#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>
#include <engram/embed/neighbors/running_lists.hpp>

namespace engram::embed::detail {

/// For each row, the fresh and the other rows that are to be compared with each other because both are its neighbours,
/// or it is theirs: at most `capacity` of either kind.
struct JoinCandidates {
  Index capacity = 0;
  std::vector<std::int32_t> rows;          ///< [N, 2, capacity]: fresh ones, others
  std::vector<std::int32_t> fresh_counts;  ///< [N]
  std::vector<std::int32_t> other_counts;  ///< [N]; 0 where there are no fresh ones

  std::int32_t* fresh(Index row) { return rows.data() + 2 * row * capacity; }
  const std::int32_t* fresh(Index row) const { return rows.data() + 2 * row * capacity; }
  std::int32_t* others(Index row) { return fresh(row) + capacity; }
  const std::int32_t* others(Index row) const { return fresh(row) + capacity; }
};

/// Who has whom in its list: the lists read backwards.
struct ReverseLists {
  std::vector<Index> offsets;        ///< [N + 1]
  std::vector<std::int32_t> owners;  ///< whose list it is; ~owner where the entry is fresh
};

template <class T>
ReverseLists reverse(const RunningLists<T>& lists) {
  const Index entries = lists.rows * lists.length;
  ReverseLists result;
  result.offsets.assign(static_cast<std::size_t>(lists.rows + 2), 0);
  result.owners.resize(static_cast<std::size_t>(entries));
  for (const std::int32_t other : lists.indices) {
    ++result.offsets[static_cast<std::size_t>(other) + 2];
  }
  for (Index i = 0; i < lists.rows; ++i) {
    result.offsets[static_cast<std::size_t>(i + 2)] += result.offsets[static_cast<std::size_t>(i + 1)];
  }
  for (Index row = 0; row < lists.rows; ++row) {
    const std::int32_t owner = static_cast<std::int32_t>(row);
    for (Index i = 0; i < lists.length; ++i) {
      Index& end = result.offsets[static_cast<std::size_t>(lists.indices_of(row)[i]) + 1];
      result.owners[static_cast<std::size_t>(end++)] = lists.fresh_of(row)[i] != 0 ? ~owner : owner;
    }
  }
  result.offsets.pop_back();
  return result;
}

/// 30 random bits for an unordered pair of rows (the finaliser of Steele, Lea, Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014).
inline std::uint64_t pair_priority(std::uint64_t seed, std::int32_t a, std::int32_t b) {
  const auto low = static_cast<std::uint64_t>(std::min(a, b));
  const auto high = static_cast<std::uint64_t>(std::max(a, b));
  std::uint64_t z = seed ^ (low << 32 | high);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return (z ^ z >> 31) >> 34;
}

/// Draws the candidates of each row from its list and the reverse lists, the same for any order of the work: of both
/// kinds those with the lowest priorities. Entries drawn from a row's own list are no longer fresh.
template <class T>
void draw_candidates(RunningLists<T>& lists, std::uint64_t seed, JoinCandidates& out) {
  const ReverseLists owners = reverse(lists);
  const Index capacity = out.capacity;
  out.rows.resize(static_cast<std::size_t>(2 * lists.rows * capacity));
  out.fresh_counts.assign(static_cast<std::size_t>(lists.rows), 0);
  out.other_counts.assign(static_cast<std::size_t>(lists.rows), 0);
  parallel_ranges(lists.rows, 1024, [&](Index begin, Index end) {
    std::vector<std::uint64_t> pool;  // priority: 30 bits, not fresh: 1, reverse: 1, row: 32
    for (Index row = begin; row < end; ++row) {
      const auto self = static_cast<std::int32_t>(row);
      const auto entry = [&](std::int32_t other, bool is_fresh, bool is_reverse) {
        return pair_priority(seed, self, other) << 34 | (is_fresh ? 0u : std::uint64_t{1} << 33) |
               (is_reverse ? std::uint64_t{1} << 32 : 0u) | static_cast<std::uint32_t>(other);
      };
      pool.clear();
      bool any_fresh = false;
      std::uint8_t* marks = lists.fresh_of(row);
      const std::int32_t* own = lists.indices_of(row);
      for (Index i = 0; i < lists.length; ++i) {
        pool.push_back(entry(own[i], marks[i] != 0, false));
        any_fresh |= marks[i] != 0;
      }
      for (Index i = owners.offsets[static_cast<std::size_t>(row)];
           i < owners.offsets[static_cast<std::size_t>(row) + 1]; ++i) {
        const std::int32_t owner = owners.owners[static_cast<std::size_t>(i)];
        pool.push_back(entry(owner < 0 ? ~owner : owner, owner < 0, true));
        any_fresh |= owner < 0;
      }
      if (!any_fresh) {
        continue;
      }
      std::sort(pool.begin(), pool.end());
      std::int32_t& fresh_count = out.fresh_counts[static_cast<std::size_t>(row)];
      std::int32_t& other_count = out.other_counts[static_cast<std::size_t>(row)];
      std::int32_t last = self;
      for (const std::uint64_t drawn : pool) {
        const auto other = static_cast<std::int32_t>(drawn & 0xFFFFFFFFu);
        if (other == last) {  // in both lists: equal priorities stand together, fresh ones first
          continue;
        }
        last = other;
        if ((drawn >> 33 & 1) != 0) {
          if (other_count < capacity) {
            out.others(row)[other_count++] = other;
          }
        } else if (fresh_count < capacity) {
          out.fresh(row)[fresh_count++] = other;
          if ((drawn >> 32 & 1) == 0) {
            marks[std::find(own, own + lists.length, other) - own] = 0;
          }
        }
      }
    }
  });
}

}  // namespace engram::embed::detail
