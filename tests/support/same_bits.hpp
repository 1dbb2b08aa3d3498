#pragma once

#include <cstring>
#include <vector>

#include <engram/core/parallel.hpp>

/// Whether `compute()`, which returns the elements of a result, gives the same bits on 1, 2, 3, 4 and 8 threads.
template <class F>
bool same_bits_on_any_threads(F compute) {
  const auto bits = [&](int threads) {
    const engram::ThreadScope scope(threads);
    const auto result = compute();
    std::vector<unsigned char> bytes(static_cast<std::size_t>(result.size()) * sizeof *result.data());
    if (!bytes.empty()) {
      std::memcpy(bytes.data(), result.data(), bytes.size());
    }
    return bytes;
  };
  const auto one = bits(1);
  for (const int threads : {2, 3, 4, 8}) {
    if (bits(threads) != one) {
      return false;
    }
  }
  return !one.empty();
}
