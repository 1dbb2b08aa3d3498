#include <engram/embed/umap/inverse_transform.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include <engram/core/random.hpp>

#include "support/same_bits.hpp"

using namespace engram;
using embed::inverse_transform;
using embed::InverseTransformOptions;

namespace {

constexpr InverseTransformOptions inverse_options{.curve = {1.577, 0.895}};

Tensor<float> uniform_points(Index rows, Index columns, std::uint64_t seed) {
  Rng rng(seed);
  auto x = Tensor<float>::uninitialized({rows, columns});
  std::ranges::generate(x.elements(), [&] { return static_cast<float>(rng.uniform(0, 10)); });
  return x;
}

/// A curved sheet in 3 dimensions over the map.
Tensor<float> sheet(const Tensor<float>& map) {
  auto rows = Tensor<float>::uninitialized({map.dim(0), 3});
  for (Index i = 0; i < map.dim(0); ++i) {
    rows[3 * i] = 10 * std::sin(map[2 * i] / 3);
    rows[3 * i + 1] = 10 * std::cos(map[2 * i] / 3);
    rows[3 * i + 2] = map[2 * i + 1];
  }
  return rows;
}

Tensor<float> times(Tensor<float> x, float factor) {
  std::ranges::for_each(x.elements(), [factor](float& v) { v *= factor; });
  return x;
}

double distance(const Tensor<float>& a, Index i, const Tensor<float>& b, Index j) {
  double sum = 0;
  for (Index c = 0; c < a.dim(1); ++c) {
    sum += std::pow(static_cast<double>(a[i * a.dim(1) + c] - b[j * b.dim(1) + c]), 2);
  }
  return std::sqrt(sum);
}

double rms_distance(const Tensor<float>& a, const Tensor<float>& b) {
  double sum = 0;
  for (Index i = 0; i < a.dim(0); ++i) {
    sum += std::pow(distance(a, i, b, i), 2) / static_cast<double>(a.dim(0));
  }
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("inverse_transform: a point between four on a line, worked out by hand") {
  const auto map = Tensor<float>::from({4, 1}, {0, 1, 3, 8});
  const auto data = Tensor<float>::from({4, 2}, {1, 0, 0, 1, 7, 7, 100, 100});
  const auto row =
      inverse_transform(Tensor<float>::from({1, 1}, {0.25F}), map, data, {.curve = {2, 0.5}, .n_neighbors = 2});
  // Distances 0.25 and 0.75; 2.75 is the first left out; the curve is 1 / (1 + 2 d) in units of the nearest.
  const double near = (1 - 0.0625 / 7.5625) / 3;
  const double far = (1 - 0.5625 / 7.5625) / 7;
  CHECK(row[0] == doctest::Approx(near / (near + far)));
  CHECK(row[1] == doctest::Approx(far / (near + far)));
}

TEST_CASE("inverse_transform: points of a map of a curved sheet come from near where they should") {
  const auto map = uniform_points(1000, 2, 1);
  const auto data = sheet(map);
  CHECK(rms_distance(inverse_transform(map, map, data, inverse_options), data) < 0.3);
  const auto others = times(uniform_points(200, 2, 2), 0.9F);
  CHECK(rms_distance(inverse_transform(others, map, data, inverse_options), sheet(others)) < 0.4);
}

TEST_CASE("inverse_transform: rows change continuously along a path") {
  const auto map = uniform_points(60, 2, 3);
  const auto data = uniform_points(60, 4, 4);
  auto path = Tensor<float>::uninitialized({20001, 2});
  for (Index i = 0; i <= 20000; ++i) {
    path[2 * i] = static_cast<float>(i) / 2000;
    path[2 * i + 1] = 4;
  }
  const auto rows = inverse_transform(path, map, data, {.curve = inverse_options.curve, .n_neighbors = 5});
  double largest = 0;
  for (Index i = 0; i < 20000; ++i) {
    largest = std::max(largest, distance(rows, i, rows, i + 1));
  }
  CHECK(largest < 0.05);
  CHECK(distance(rows, 0, rows, 20000) > 1);
}

TEST_CASE("inverse_transform: nothing depends on the map's unit of length") {
  const auto map = uniform_points(100, 2, 5);
  const auto points = uniform_points(20, 2, 6);
  const auto data = uniform_points(100, 3, 7);
  const auto rows = inverse_transform(points, map, data, inverse_options);
  for (const float unit : {0x1p-20F, 0x1p20F}) {
    CHECK(std::ranges::equal(inverse_transform(times(points, unit), times(map, unit), data, inverse_options).elements(),
                             rows.elements()));
  }
}

TEST_CASE("inverse_transform: points far away, maps in one place and few rows give rows within the data") {
  const auto map = uniform_points(30, 2, 8);
  const auto data = uniform_points(30, 3, 9);
  const auto within = [](const Tensor<float>& rows) {
    return std::ranges::all_of(rows.elements(), [](float v) { return v >= 0 && v <= 10; });
  };
  CHECK(within(
      inverse_transform(Tensor<float>::from({5, 2}, {100, -100, 1e10F, 3, 3e38F, -3e38F, -3e38F, 3e38F, 0, 1e-38F}),
                        map, data, inverse_options)));
  const auto mean = inverse_transform(Tensor<float>::from({2, 2}, {4, 4, 5, 5}), Tensor<float>::full({3, 2}, 4),
                                      Tensor<float>::from({3, 1}, {1, 2, 6}), inverse_options);
  CHECK(mean[0] == 3);
  CHECK(mean[1] == 3);
  const auto only = inverse_transform(Tensor<float>::from({1, 1}, {9}), Tensor<float>::from({1, 1}, {2}),
                                      Tensor<float>::from({1, 2}, {-5, 7}), inverse_options);
  CHECK(only[0] == -5);
  CHECK(only[1] == 7);
  CHECK(inverse_transform(Tensor<float>::zeros({0, 2}), map, data, inverse_options).shape() == Shape{0, 3});
}

TEST_CASE("inverse_transform: same bits on any number of threads and whatever other points are in the call") {
  const auto map = uniform_points(300, 2, 10);
  const auto data = uniform_points(300, 5, 11);
  const auto points = uniform_points(100, 2, 12);
  CHECK(same_bits_on_any_threads([&] { return inverse_transform(points, map, data, inverse_options); }));
  const auto all = inverse_transform(points, map, data, inverse_options);
  for (const Index i : {0, 17, 99}) {
    const auto one =
        inverse_transform(Tensor<float>::from({1, 2}, {points[2 * i], points[2 * i + 1]}), map, data, inverse_options);
    CHECK(std::equal(one.data(), one.data() + 5, all.data() + 5 * i));
  }
}

TEST_CASE("inverse_transform: what cannot be is named") {
  const auto map = uniform_points(10, 2, 13);
  const auto data = uniform_points(10, 3, 14);
  CHECK_THROWS_AS(inverse_transform(Tensor<float>::from({1, 2}, {0, NAN}), map, data, inverse_options), ArgumentError);
  CHECK_THROWS_AS(inverse_transform(Tensor<float>::from({1, 2}, {INFINITY, 0}), map, data, inverse_options),
                  ArgumentError);
  CHECK_THROWS_WITH_AS(inverse_transform(data, map, data, inverse_options),
                       "inverse_transform: need points [M, d], their map [N, d] and its data [N, D], got [10, 3], "
                       "[10, 2] and [10, 3]",
                       ShapeError);
  CHECK_THROWS_AS(inverse_transform(map, map, uniform_points(9, 3, 1), inverse_options), ShapeError);
  CHECK_THROWS_WITH_AS(inverse_transform(map, map, data, {.curve = inverse_options.curve, .n_neighbors = 0}),
                       "inverse_transform: need n_neighbors >= 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(inverse_transform(map, map, data, {}), "inverse_transform: need a > 0 and b > 0, got 0 and 0",
                       ArgumentError);
}
