#include <engram/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace engram;

TEST_CASE("Rng: Philox's published values") {
  // Random123 1.14, tests/kat_vectors, philox4x32 10.
  using Words = std::array<std::uint32_t, 4>;
  CHECK(Rng::philox(0, 0, 0) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(Rng::philox(~0ull, ~0ull, ~0ull) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(Rng::philox(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("Rng: a state goes on with the same numbers from any position") {
  Rng rng(7, 3);
  for (int drawn = 0; drawn < 11; ++drawn) {
    Rng resumed(rng.state());
    Rng straight(RngState{7, 3, static_cast<std::uint64_t>(drawn)});
    const std::uint32_t word = rng.bits();
    CHECK(resumed.bits() == word);
    CHECK(straight.bits() == word);
    CHECK(resumed.state() == rng.state());
  }
}

TEST_CASE("Rng: seeds, streams and split generators give different numbers, splitting draws nothing") {
  const Rng rng(1);
  std::set<std::uint32_t> words;
  for (Rng other : {rng, Rng(2), Rng(1, 1), rng.split(0), rng.split(1), rng.split(0).split(0), Rng(2).split(0)}) {
    words.insert(other.bits());
  }
  CHECK(words.size() == 7);
  CHECK(rng.state() == RngState{1, 0, 0});
  CHECK(Rng(1).split(5).state() == rng.split(5).state());
}

TEST_CASE("Rng: a split generator's key is none of its parent's numbers") {
  Rng rng(1);
  const RngState child = rng.split(0).state();
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t word = rng.bits();
    CHECK(word != static_cast<std::uint32_t>(child.key));
    CHECK(word != static_cast<std::uint32_t>(child.stream));
  }
}

TEST_CASE("Rng: uniform numbers fill [0, 1) evenly") {
  Rng rng(1);
  int tenths[10] = {};
  for (int i = 0; i < 100'000; ++i) {
    const double u = rng.uniform();
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    ++tenths[static_cast<int>(10 * u)];
  }
  for (const int count : tenths) {
    CHECK(std::abs(count - 10'000) < 500);  // 5 standard deviations
  }
  for (int i = 0; i < 100; ++i) {
    const double u = rng.uniform(-3, -2);
    CHECK((u >= -3 && u < -2));
  }
}

TEST_CASE("Rng: normal numbers have the moments 0, 1, 0, 3") {
  Rng rng(1);
  double moments[4] = {};
  constexpr int count = 200'000;
  for (int i = 0; i < count; ++i) {
    const double z = rng.normal();
    moments[0] += z / count;
    moments[1] += z * z / count;
    moments[2] += z * z * z / count;
    moments[3] += z * z * z * z / count;
  }
  CHECK(std::abs(moments[0]) < 0.012);  // 5 standard deviations each
  CHECK(std::abs(moments[1] - 1) < 0.016);
  CHECK(std::abs(moments[2]) < 0.044);
  CHECK(std::abs(moments[3] - 3) < 0.11);
}

TEST_CASE("Rng: below gives each number equally often, beyond 32 bits too") {
  Rng rng(1);
  int counts[7] = {};
  for (int i = 0; i < 70'000; ++i) {
    ++counts[rng.below(7)];
  }
  for (const int count : counts) {
    CHECK(std::abs(count - 10'000) < 500);
  }
  CHECK(rng.below(1) == 0);
  const Index large = Index{3} << 40;
  Index thirds[3] = {};
  for (int i = 0; i < 3000; ++i) {
    const Index n = rng.below(large);
    REQUIRE(n >= 0);
    REQUIRE(n < large);
    ++thirds[n >> 40];
  }
  for (const Index count : thirds) {
    CHECK(std::abs(count - 1000) < 130);
  }
  CHECK_THROWS_WITH_AS(rng.below(0), "Rng: need a number of choices >= 1, got 0", ArgumentError);
}

TEST_CASE("Rng: a permutation holds each number once and reaches all orders") {
  Rng rng(1);
  std::set<std::vector<Index>> orders;
  for (int i = 0; i < 500; ++i) {
    auto order = rng.permutation(4);
    orders.insert(order);
    std::ranges::sort(order);
    REQUIRE(order == std::vector<Index>{0, 1, 2, 3});
  }
  CHECK(orders.size() == 24);
  CHECK(rng.permutation(0).empty());
  CHECK(Rng(9).permutation(50) == Rng(9).permutation(50));
  CHECK(Rng(9).permutation(50) != Rng(10).permutation(50));
}
