#include <engram/kernels/dropout.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "support/numbers.hpp"
#include "support/same_bits.hpp"

using namespace engram;

namespace {

struct Dropped {
  std::vector<double> y;
  std::vector<std::uint8_t> keep;
};

constexpr std::uint32_t quarter = 1u << 30;

Dropped drop(const std::vector<double>& x, const RngState& rng, std::uint32_t threshold = quarter, double scale = 3) {
  Dropped d{unwritten<double>(std::ssize(x)), std::vector<std::uint8_t>(x.size(), 7)};
  kernels::dropout(std::ssize(x), rng, threshold, scale, x.data(), d.y.data(), d.keep.data());
  return d;
}

}  // namespace

TEST_CASE("dropout kernel: keeps where the generator's words reach the threshold, around blocks and pieces") {
  for (const Index size : {0, 1, 3, 4, 5, 15, 16, 17, 16383, 16384, 16385, 32769}) {
    CAPTURE(size);
    const auto x = whole_numbers<double>(size, 1);
    const auto d = drop(x, Rng(11, 5).state());
    Rng words(11, 5);
    std::vector<double> y;
    std::vector<std::uint8_t> keep;
    for (const double v : x) {
      keep.push_back(words.bits() >= quarter ? 1 : 0);
      y.push_back(keep.back() == 1 ? 3 * v : 0);
    }
    CHECK(d.keep == keep);
    CHECK(d.y == y);
  }
}

TEST_CASE("dropout kernel: a threshold of 0 keeps all") {
  const auto x = whole_numbers<double>(1001, 1);
  const auto d = drop(x, {1, 2, 3}, 0, 1);
  CHECK(d.y == x);
  CHECK(d.keep == std::vector<std::uint8_t>(1001, 1));
}

TEST_CASE("dropout kernel: what is dropped is 0, even NaN") {
  const auto d = drop(unwritten<double>(100), {1, 2, 0}, ~0u);
  CHECK(d.y == std::vector<double>(100));
}

TEST_CASE("dropout kernel: key and stream choose the mask, from the stream's beginning wherever the generator stands") {
  const std::vector<double> x(4000, 1);
  const auto mask = drop(x, {1, 2, 0}).keep;
  CHECK(drop(x, {1, 2, 0}).keep == mask);
  CHECK(drop(x, {9, 2, 0}).keep != mask);
  CHECK(drop(x, {1, 9, 0}).keep != mask);
  CHECK(drop(x, {1, 2, 77}).keep == mask);
}

TEST_CASE("dropout kernel: the same bits on any number of threads") {
  const auto x = whole_numbers<double>(100'003, 1);
  CHECK(same_bits_on_any_threads([&] { return drop(x, {1, 2, 3}).y; }));
  CHECK(same_bits_on_any_threads([&] { return drop(x, {1, 2, 3}).keep; }));
}
