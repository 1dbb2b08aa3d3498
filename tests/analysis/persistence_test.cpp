#include <engram/analysis/persistence.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <numbers>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <engram/analysis/densest_rows.hpp>
#include <engram/analysis/landmarks.hpp>

#include "support/random_tensor.hpp"

using namespace engram;
using analysis::PersistencePair;
using analysis::ring_score;
using analysis::rips_persistence;

namespace {

using std::numbers::pi;

/// N points on a unit circle in the first two of `columns` columns, each entry with noise of this standard deviation.
Tensor<double> circle(Index n, Index columns = 2, double noise = 0, std::uint64_t seed = 1) {
  auto x = normal({n, columns}, seed);
  for (Index i = 0; i < n; ++i) {
    const double angle = 2 * pi * static_cast<double>(i) / static_cast<double>(n);
    for (Index d = 0; d < columns; ++d) {
      x[i * columns + d] = noise * x[i * columns + d] + (d == 0 ? std::cos(angle) : d == 1 ? std::sin(angle) : 0);
    }
  }
  return x;
}

Tensor<double> rows(const Tensor<double>& x, const Tensor<std::int64_t>& indices) {
  auto some = Tensor<double>::uninitialized({indices.size(), x.dim(1)});
  for (Index i = 0; i < indices.size(); ++i) {
    std::copy_n(x.data() + indices[i] * x.dim(1), x.dim(1), some.data() + i * x.dim(1));
  }
  return some;
}

struct Simplex {
  std::vector<Index> points;
  double scale = 0;
};

/// All points, pairs and triples, in the order in which the growing complex takes them.
std::vector<Simplex> filtration(const Tensor<double>& distances) {
  const Index n = distances.dim(0);
  std::vector<Simplex> simplices;
  for (Index a = 0; a < n; ++a) {
    simplices.push_back({{a}, 0});
    for (Index b = 0; b < a; ++b) {
      simplices.push_back({{b, a}, distances[a * n + b]});
      for (Index c = 0; c < b; ++c) {
        simplices.push_back({{c, b, a}, std::max({distances[a * n + b], distances[a * n + c], distances[b * n + c]})});
      }
    }
  }
  std::sort(simplices.begin(), simplices.end(), [](const Simplex& a, const Simplex& b) {
    return std::tuple(a.scale, a.points.size(), a.points) < std::tuple(b.scale, b.points.size(), b.points);
  });
  return simplices;
}

/// Finite pairs of a degree by the textbook's reduction of the whole boundary matrix (Z / 2, columns as sets).
std::vector<PersistencePair> textbook_pairs(const Tensor<double>& x, std::size_t degree) {
  const auto simplices = filtration(analysis::detail::pairwise_distances(x));
  std::map<std::vector<Index>, std::size_t> position;
  std::map<std::size_t, std::set<std::size_t>> column_of_lowest;
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t j = 0; j < simplices.size(); ++j) {
    const auto& points = simplices[j].points;
    position[points] = j;
    std::set<std::size_t> column;
    for (std::size_t left_out = 0; points.size() > 1 && left_out < points.size(); ++left_out) {
      auto face = points;
      face.erase(face.begin() + static_cast<std::ptrdiff_t>(left_out));
      column.insert(position.at(face));
    }
    while (!column.empty() && column_of_lowest.contains(*column.rbegin())) {
      std::set<std::size_t> sum;
      const auto& other = column_of_lowest.at(*column.rbegin());
      std::set_symmetric_difference(column.begin(), column.end(), other.begin(), other.end(),
                                    std::inserter(sum, sum.end()));
      column = sum;
    }
    if (!column.empty()) {
      const Simplex& born = simplices[*column.rbegin()];
      if (born.points.size() == degree + 1 && simplices[j].scale > born.scale) {
        pairs.emplace_back(born.scale, simplices[j].scale);
      }
      column_of_lowest[*column.rbegin()] = column;
    }
  }
  return analysis::detail::by_lifetime(pairs);
}

}  // namespace

TEST_CASE("rips_persistence: a square by hand") {
  // Four components, three of which die where sides of length 1 appear; the loop of the sides is filled at sqrt(2).
  const auto found = rips_persistence(Tensor<float>::from({4, 2}, {0, 0, 1, 0, 1, 1, 0, 1}));
  REQUIRE(found.components.size() == 4);
  CHECK(std::isinf(found.components[0].death));
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(found.components[i].birth == 0);
    CHECK((i == 0 || found.components[i].death == 1));
  }
  REQUIRE(found.loops.size() == 1);
  CHECK(found.loops[0].birth == 1);
  CHECK(found.loops[0].death == doctest::Approx(std::sqrt(2.0)).epsilon(1e-15));
  CHECK(found.diameter == doctest::Approx(std::sqrt(2.0)).epsilon(1e-15));
  const auto score = ring_score(found);
  CHECK(std::isinf(score.over_second));
  CHECK(score.over_diameter == doctest::Approx(1 - 1 / std::sqrt(2.0)).epsilon(1e-14));
}

TEST_CASE("rips_persistence: random points as by reduction of the whole boundary matrix") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const auto x = normal({22, 3}, seed);
    const auto found = rips_persistence(x);
    for (const std::size_t degree : {0u, 1u}) {
      auto pairs = degree == 0 ? found.components : found.loops;
      if (degree == 0) {
        pairs.erase(pairs.begin());  // the one that never dies
      }
      const auto expected = textbook_pairs(x, degree);
      REQUIRE(expected.size() == pairs.size());
      CHECK(!expected.empty());
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        CHECK(pairs[i].birth == expected[i].birth);
        CHECK(pairs[i].death == expected[i].death);
      }
    }
  }
}

TEST_CASE(
    "rips_persistence: a circle has one loop, from its points' distance to that of a triangle around the centre") {
  const auto found = rips_persistence(circle(90));  // a multiple of 3: an equilateral triangle is among the points
  REQUIRE(found.loops.size() == 1);
  CHECK(found.loops[0].birth == doctest::Approx(2 * std::sin(pi / 90)).epsilon(1e-12));
  CHECK(found.loops[0].death == doctest::Approx(std::sqrt(3.0)).epsilon(1e-12));
  CHECK(ring_score(found).over_diameter == doctest::Approx(std::sqrt(3.0) / 2 - std::sin(pi / 90)).epsilon(1e-12));
}

TEST_CASE("ring_score: a noisy ring among eight columns stands out, a blob and a line do not") {
  const auto ring = circle(2000, 8, 0.1);
  const auto noisy = ring_score(rips_persistence(rows(ring, analysis::farthest_landmarks(ring, 150).indices)));
  CHECK(noisy.over_second > 4);
  CHECK(noisy.over_diameter > 0.3);
  const auto normals = normal({2000, 8}, 2);
  const auto blob = ring_score(rips_persistence(rows(normals, analysis::farthest_landmarks(normals, 150).indices)));
  CHECK(blob.over_second < 1.6);
  CHECK(blob.over_diameter < 0.15);
  auto line = Tensor<double>::zeros({100, 2});
  for (Index i = 0; i < 100; ++i) {
    line[2 * i] = static_cast<double>(i * i);
  }
  const auto straight = rips_persistence(line);
  CHECK(straight.components.size() == 100);
  CHECK(straight.loops.empty());
  CHECK(ring_score(straight).longest.lifetime() == 0);
  CHECK(ring_score(straight).over_diameter == 0);
  CHECK(ring_score(straight).over_second == 0);
}

TEST_CASE("ring_score: a ring under much noise appears when stray rows are taken away, and no ring in a blob") {
  const auto score = [](const Tensor<double>& x) {
    return ring_score(rips_persistence(rows(x, analysis::farthest_landmarks(x, 150).indices)));
  };
  const auto ring = circle(2000, 8, 0.2);
  const auto blob = normal({2000, 8}, 2);
  CHECK(score(ring).over_second < 2);
  CHECK(score(rows(ring, analysis::densest_rows(ring, 0.3))).over_second > 3);
  CHECK(score(rows(blob, analysis::densest_rows(blob, 0.3))).over_second < 1.6);
}

TEST_CASE("ring_score: of two rings that touch neither stands out") {
  auto eight = Tensor<double>::uninitialized({120, 2});
  for (Index i = 0; i < 60; ++i) {
    const double angle = 2 * pi * static_cast<double>(i) / 60;
    for (const Index side : {0, 1}) {
      eight[2 * (2 * i + side)] = (side == 0 ? 1 : -1) * (1 + std::cos(angle));
      eight[2 * (2 * i + side) + 1] = std::sin(angle);
    }
  }
  const auto found = rips_persistence(eight);
  REQUIRE(found.loops.size() >= 2);
  CHECK(ring_score(found).over_second < 1.01);
  CHECK(found.loops[1].death == doctest::Approx(std::sqrt(3.0)).epsilon(1e-9));
  CHECK((found.loops.size() == 2 || found.loops[2].lifetime() < 0.2));
}

TEST_CASE("rips_persistence: points far apart in two clusters are two components for long") {
  auto x = normal({40, 2}, 3);
  for (Index i = 0; i < 20; ++i) {
    x[2 * i] += 100;
  }
  const auto found = rips_persistence(x);
  CHECK(found.components[1].death > 90);
  CHECK(found.components[2].death < 5);
}

TEST_CASE("rips_persistence: the scale of the data is that of the pairs; one point and equal points have none") {
  auto x = circle(40, 3, 0.2);
  const auto found = rips_persistence(x);
  for (double& v : x.elements()) {
    v *= 1024;
  }
  const auto scaled = rips_persistence(x);
  REQUIRE(scaled.loops.size() == found.loops.size());
  for (std::size_t i = 0; i < found.loops.size(); ++i) {
    CHECK(scaled.loops[i].birth == 1024 * found.loops[i].birth);
    CHECK(scaled.loops[i].death == 1024 * found.loops[i].death);
  }
  CHECK(rips_persistence(Tensor<float>::zeros({1, 2})).components.size() == 1);
  const auto equal = rips_persistence(Tensor<float>::full({5, 2}, 3));
  CHECK(equal.components.size() == 1);
  CHECK(equal.loops.empty());
  CHECK(equal.diameter == 0);
}

TEST_CASE("rips_persistence: errors say what was needed and what was got") {
  auto x = normal<float>({5, 2}, 4);
  CHECK_THROWS_WITH_AS(rips_persistence(Tensor<float>::zeros({5})), "rips_persistence: need x [N, D], got [5]",
                       ShapeError);
  x[3] = NAN;
  CHECK_THROWS_WITH_AS(rips_persistence(x), "rips_persistence: need finite x, got nan in row 1, column 1",
                       ArgumentError);
}
