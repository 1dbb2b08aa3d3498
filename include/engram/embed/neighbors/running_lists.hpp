#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <engram/core/shape.hpp>

namespace engram::embed::detail {

/// For each of `rows` rows the `length` nearest others found so far, nearest first.
///
/// A neighbour is fresh until its own neighbours were compared with the row's others.
template <class T>
struct RunningLists {
  Index rows = 0;
  Index length = 0;
  std::vector<std::int32_t> indices;  ///< [rows, length]
  std::vector<T> distances;           ///< [rows, length]
  std::vector<std::uint8_t> fresh;    ///< [rows, length]

  RunningLists(Index row_count, Index list_length)
      : rows(row_count),
        length(list_length),
        indices(static_cast<std::size_t>(row_count * list_length)),
        distances(static_cast<std::size_t>(row_count * list_length)),
        fresh(static_cast<std::size_t>(row_count * list_length), 1) {}

  const std::int32_t* indices_of(Index row) const { return indices.data() + row * length; }
  const T* distances_of(Index row) const { return distances.data() + row * length; }
  std::uint8_t* fresh_of(Index row) { return fresh.data() + row * length; }
  const std::uint8_t* fresh_of(Index row) const { return fresh.data() + row * length; }

  /// Only who is nearer than this comes into the row's list.
  T worst(Index row) const { return distances[static_cast<std::size_t>((row + 1) * length - 1)]; }

  /// Whether `other` is nearer than the row's worst and not in its list yet. A pair always has the same distance, so
  /// one who is there stands among those at this distance.
  bool lacks(Index row, std::int32_t other, T distance) const {
    return distance < worst(row) && !stands_before(row, place_after(row, distance), other, distance);
  }

  /// Puts `other` into the row's list, as fresh, if the row lacks it.
  /// @returns whether it was put there
  bool insert(Index row, std::int32_t other, T distance) {
    if (!(distance < worst(row))) {
      return false;
    }
    const Index place = place_after(row, distance);
    if (stands_before(row, place, other, distance)) {
      return false;
    }
    std::int32_t* to = indices.data() + row * length;
    T* at = distances.data() + row * length;
    std::uint8_t* marks = fresh.data() + row * length;
    for (Index i = length - 1; i > place; --i) {
      to[i] = to[i - 1];
      at[i] = at[i - 1];
      marks[i] = marks[i - 1];
    }
    to[place] = other;
    at[place] = distance;
    marks[place] = 1;
    return true;
  }

 private:
  /// The place after all that are at most this far.
  Index place_after(Index row, T distance) const {
    const T* at = distances_of(row);
    return std::upper_bound(at, at + length, distance) - at;
  }

  /// Whether `other` is among those at this distance that end before the place.
  bool stands_before(Index row, Index place, std::int32_t other, T distance) const {
    const T* at = distances_of(row);
    while (place > 0 && at[place - 1] == distance) {
      if (indices_of(row)[--place] == other) {
        return true;
      }
    }
    return false;
  }
};

}  // namespace engram::embed::detail
