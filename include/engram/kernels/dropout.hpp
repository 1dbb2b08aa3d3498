#pragma once

#include <algorithm>
#include <cstdint>

#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>

namespace engram::kernels {

/// y[i] = keep[i] ? scale * x[i] : 0 with keep[i] = (word i of the generator's stream >= threshold), from the stream's
/// beginning wherever the generator stands: a mask does not depend on the number of threads.
///
/// x, y, keep [size]; y and keep are overwritten.
template <class T>
void dropout(Index size, const RngState& rng, std::uint32_t threshold, T scale, const T* x, T* y, std::uint8_t* keep) {
  parallel_ranges(size, 1 << 14, [&](Index begin, Index end) {
    for (Index i = begin; i < end; i += 4) {
      const auto words = Rng::philox(rng.key, static_cast<std::uint64_t>(i) / 4, rng.stream);
      for (Index j = 0; j < std::min<Index>(4, end - i); ++j) {
        const bool kept = words[static_cast<std::size_t>(j)] >= threshold;
        keep[i + j] = kept ? 1 : 0;
        y[i + j] = kept ? scale * x[i + j] : T{0};
      }
    }
  });
}

}  // namespace engram::kernels
