#include <engram/embed/neighbors/top_k.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <engram/core/random.hpp>

using namespace engram;
using embed::Found;
using embed::TopK;

namespace {

/// Distances of candidates 0 .. n-1, offered with bounds that are off by up to `slack`.
struct Candidates {
  std::vector<double> distances;
  double slack;
  mutable Index measured = 0;

  std::vector<Found> nearest(Index k) const {
    std::vector<Found> all;
    for (std::size_t i = 0; i < distances.size(); ++i) {
      all.push_back({distances[i], static_cast<std::int32_t>(i)});
    }
    std::sort(all.begin(), all.end());
    all.resize(std::min(all.size(), static_cast<std::size_t>(k)));
    return all;
  }

  /// What TopK finds when they are offered to the second of two rows in this order.
  template <class T>
  std::vector<Found> found(Index k, const std::vector<Index>& order) const {
    TopK<T> lists(2, k);
    Rng rng(1);
    const auto measure = [&](Index, std::int32_t i) {
      ++measured;
      return distances[static_cast<std::size_t>(i)];
    };
    const auto upwards = [](double d) { return std::nextafter(static_cast<T>(d), TopK<T>::no_limit); };
    for (const Index i : order) {
      const double d = distances[static_cast<std::size_t>(i)];
      const auto low = static_cast<T>(d - slack * (0.1 + 0.9 * rng.uniform()));
      const auto high = static_cast<T>(d + slack * (0.1 + 0.9 * rng.uniform()));
      if (low <= lists.limits()[1]) {
        lists.add(1, low, high, static_cast<std::int32_t>(i), measure, upwards);
      }
    }
    std::vector<Found> found;
    lists.nearest(1, measure, found);
    return found;
  }
};

bool equal(const std::vector<Found>& a, const std::vector<Found>& b) {
  return std::ranges::equal(
      a, b, [](const Found& p, const Found& q) { return p.distance == q.distance && p.index == q.index; });
}

Candidates random_candidates(Index count, double slack) {
  Rng rng(2);
  Candidates c{{}, slack};
  for (Index i = 0; i < count; ++i) {
    c.distances.push_back(rng.uniform());
  }
  return c;
}

}  // namespace

TEST_CASE("TopK: the k nearest in any order of candidates, float and double, bounds narrow and wide") {
  for (const double slack : {1e-4, 0.01, 10.0}) {
    const auto candidates = random_candidates(2000, slack);
    for (const Index k : {1, 14, 16, 17, 100}) {
      CAPTURE(slack);
      CAPTURE(k);
      const auto expected = candidates.nearest(k);
      std::vector<Index> order = Rng(3).permutation(2000);
      CHECK(equal(candidates.found<float>(k, order), expected));
      std::ranges::sort(order);
      CHECK(equal(candidates.found<double>(k, order), expected));
      std::ranges::sort(order, [&](Index a, Index b) {  // farthest first: each one passes
        return candidates.distances[static_cast<std::size_t>(a)] > candidates.distances[static_cast<std::size_t>(b)];
      });
      CHECK(equal(candidates.found<float>(k, order), expected));
    }
  }
}

TEST_CASE("TopK: with narrow bounds few candidates are measured, with useless ones each of them") {
  const auto narrow = random_candidates(20000, 1e-5);
  (void)narrow.found<float>(15, Rng(4).permutation(20000));
  CHECK(narrow.measured < 60);
  const auto useless = random_candidates(20000, 10);
  (void)useless.found<float>(15, Rng(4).permutation(20000));
  CHECK(useless.measured >= 20000);
  CHECK(useless.measured < 22000);
}

TEST_CASE("TopK: of equally near candidates those of smaller index") {
  Candidates equal_ones{std::vector<double>(500, 0.0), 1e-3};
  const auto found = equal_ones.found<float>(5, Rng(5).permutation(500));
  REQUIRE(found.size() == 5);
  for (std::int32_t i = 0; i < 5; ++i) {
    CHECK(found[static_cast<std::size_t>(i)].index == i);
  }
}

TEST_CASE("TopK: bounds that are the distances themselves, many of them equal") {
  Candidates exact{{}, 0};
  Rng rng(7);
  for (int i = 0; i < 1000; ++i) {
    exact.distances.push_back(static_cast<double>(rng.below(100)));
  }
  for (const Index k : {1, 7, 16, 100}) {
    CAPTURE(k);
    CHECK(equal(exact.found<float>(k, Rng(8).permutation(1000)), exact.nearest(k)));
  }
}

TEST_CASE("TopK: fewer candidates than k") {
  const auto few = random_candidates(6, 0.01);
  CHECK(equal(few.found<double>(10, Rng(6).permutation(6)), few.nearest(10)));
}
