#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>

#include <engram/core/parallel.hpp>

/// Whether `compute()`, which returns the elements of a result, gives the same bits on 1, 2, 3, 4 and 8 threads.
template <class F>
bool same_bits_on_any_threads(F compute) {
  const auto on = [&](int threads) {
    const engram::ThreadScope scope(threads);
    return compute();
  };
  const auto one = on(1);
  const auto same = [&](int threads) {
    const auto other = on(threads);
    return other.size() == one.size() &&
           std::memcmp(other.data(), one.data(), static_cast<std::size_t>(one.size()) * sizeof *one.data()) == 0;
  };
  return one.size() > 0 && std::ranges::all_of(std::initializer_list<int>{2, 3, 4, 8}, same);
}
