#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram {

/// Everything an Rng is: restoring it goes on with the same numbers.
struct RngState {
  std::uint64_t key = 0;
  std::uint64_t stream = 0;
  std::uint64_t position = 0;  ///< 32-bit words drawn so far

  bool operator==(const RngState&) const = default;
};

/// A counter-based random number generator: word i of a stream is a pure function of (seed, stream, i).
///
/// Philox4x32-10. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
class Rng {
 public:
  explicit Rng(std::uint64_t seed = 0, std::uint64_t stream = 0) : state_{seed, stream, 0} {}
  explicit Rng(const RngState& state) : state_(state) {}

  const RngState& state() const { return state_; }

  /// An independent generator; does not advance this one.
  Rng split(std::uint64_t id) const {
    const auto words = philox(state_.key, id, state_.stream ^ 0x9E3779B97F4A7C15u);
    return Rng(words[0] | std::uint64_t{words[1]} << 32, words[2] | std::uint64_t{words[3]} << 32);
  }

  std::uint32_t bits() {
    const std::uint64_t block = state_.position / 4;
    if (block != cached_block_ || !cached_) {
      cache_ = philox(state_.key, block, state_.stream);
      cached_block_ = block;
      cached_ = true;
    }
    return cache_[static_cast<std::size_t>(state_.position++ % 4)];
  }

  /// Uniform in [0, 1) with 53 random bits.
  double uniform() {
    const std::uint64_t high = bits() >> 5;  // 27 bits
    const std::uint64_t low = bits() >> 6;   // 26 bits
    return static_cast<double>(high << 26 | low) * 0x1p-53;
  }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Standard normal by the Box-Muller transform.
  double normal() {
    const double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(6.283185307179586476925 * uniform());
  }

  /// Uniform in 0 .. n-1, without bias (Lemire 2019, "Fast random integer generation in an interval").
  /// @throws ArgumentError unless n >= 1
  Index below(Index n) {
    ensure<ArgumentError>(n > 0, "Rng: need a number of choices >= 1, got ", n);
    const auto range = static_cast<std::uint64_t>(n);
    if (range <= 0xFFFFFFFFu) {
      const auto range32 = static_cast<std::uint32_t>(range);
      const std::uint32_t reject = (0u - range32) % range32;
      for (;;) {
        const std::uint64_t product = std::uint64_t{bits()} * range32;
        if (static_cast<std::uint32_t>(product) >= reject) {
          return static_cast<Index>(product >> 32);
        }
      }
    }
    const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % range;
    for (;;) {
      const std::uint64_t high = bits();
      const std::uint64_t word = high << 32 | bits();
      if (word < limit) {
        return static_cast<Index>(word % range);
      }
    }
  }

  /// Fisher-Yates.
  template <class T>
  void shuffle(std::span<T> items) {
    for (Index i = std::ssize(items) - 1; i > 0; --i) {
      std::swap(items[static_cast<std::size_t>(i)], items[static_cast<std::size_t>(below(i + 1))]);
    }
  }

  /// 0 .. n-1 in random order.
  std::vector<Index> permutation(Index n) {
    std::vector<Index> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), Index{0});
    shuffle(std::span<Index>(order));
    return order;
  }

  /// The four words of one counter value.
  static std::array<std::uint32_t, 4> philox(std::uint64_t key, std::uint64_t counter, std::uint64_t stream) {
    std::array<std::uint32_t, 4> x{static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32),
                                   static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)};
    auto k0 = static_cast<std::uint32_t>(key);
    auto k1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * x[0];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * x[2];
      x = {static_cast<std::uint32_t>(p1 >> 32) ^ x[1] ^ k0, static_cast<std::uint32_t>(p1),
           static_cast<std::uint32_t>(p0 >> 32) ^ x[3] ^ k1, static_cast<std::uint32_t>(p0)};
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    return x;
  }

 private:
  RngState state_;
  std::array<std::uint32_t, 4> cache_{};
  std::uint64_t cached_block_ = 0;
  bool cached_ = false;
};

}  // namespace engram
