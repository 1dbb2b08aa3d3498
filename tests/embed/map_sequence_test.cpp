#include <engram/embed/map_sequence.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <engram/core/random.hpp>

using namespace engram;
using namespace engram::embed;

namespace {

constexpr Index slice_rows = 120;
constexpr Index slice_count = 4;

/// Two groups of rows that move apart from slice to slice, [rows, 5] each.
std::vector<Tensor<float>> groups_that_part() {
  Rng rng(3);
  auto noise = Tensor<float>::uninitialized({slice_rows, 5});
  for (float& x : noise.elements()) {
    x = static_cast<float>(rng.normal());
  }
  std::vector<Tensor<float>> slices;
  for (Index s = 0; s < slice_count; ++s) {
    Tensor<float> slice = noise;
    for (Index i = 0; i < slice_rows / 2; ++i) {
      slice[5 * i] += 6 * static_cast<float>(s);
    }
    slices.push_back(slice);
  }
  return slices;
}

/// Mean of the squared ways of rows from one map to another, by the variance of the second.
double movement(const Tensor<float>& from, const Tensor<float>& to) {
  double moved = 0;
  double spread = 0;
  for (Index axis = 0; axis < 2; ++axis) {
    double mean = 0;
    for (Index i = 0; i < slice_rows; ++i) {
      mean += static_cast<double>(to[2 * i + axis]) / slice_rows;
    }
    for (Index i = 0; i < slice_rows; ++i) {
      moved += std::pow(static_cast<double>(to[2 * i + axis]) - static_cast<double>(from[2 * i + axis]), 2);
      spread += std::pow(static_cast<double>(to[2 * i + axis]) - mean, 2);
    }
  }
  return moved / spread;
}

const UmapOptions few_epochs{.n_neighbors = 10, .n_epochs = 60};

}  // namespace

TEST_CASE("map_sequence: one map is fitted to the last or first slice, and rows of others are placed in it") {
  const auto slices = groups_that_part();
  for (const bool last : {true, false}) {
    CAPTURE(last);
    const auto maps = map_sequence(slices, {.fit = last ? SequenceFit::last : SequenceFit::first, .umap = few_epochs});
    REQUIRE(std::ssize(maps) == slice_count);
    const Umap fitted = std::move(Umap(few_epochs).fit(last ? slices.back() : slices.front()));
    for (Index s = 0; s < slice_count; ++s) {
      CAPTURE(s);
      const auto at = static_cast<std::size_t>(s);
      const bool is_fitted = s == (last ? slice_count - 1 : 0);
      const Tensor<float> expected = is_fitted ? fitted.embedding() : fitted.transform(slices[at]);
      REQUIRE(maps[at].shape() == Shape{slice_rows, 2});
      for (Index i = 0; i < expected.size(); ++i) {
        REQUIRE(maps[at][i] == expected[i]);
      }
    }
  }
}

TEST_CASE("map_sequence: own maps follow each other, and aligned ones move least") {
  const auto slices = groups_that_part();
  const auto every = map_sequence(slices, {.fit = SequenceFit::every, .umap = few_epochs});
  const auto aligned = map_sequence(slices, {.fit = SequenceFit::aligned, .umap = few_epochs});
  const auto alone = Umap(few_epochs).fit_transform(slices[3]);
  REQUIRE(std::ssize(every) == slice_count);
  REQUIRE(std::ssize(aligned) == slice_count);
  CHECK(movement(every[2], every[3]) <= movement(every[2], alone) + 1e-6);
  CHECK(movement(aligned[2], aligned[3]) < movement(every[2], every[3]));
}

TEST_CASE("map_sequence: a single slice gets its map, and progress ends with all") {
  const std::vector<Tensor<float>> one{groups_that_part().back()};
  for (const auto fit : {SequenceFit::last, SequenceFit::first, SequenceFit::every, SequenceFit::aligned}) {
    CAPTURE(static_cast<int>(fit));
    Index done = 0;
    Index all = 0;
    const auto maps = map_sequence(one, {.fit = fit, .umap = few_epochs}, [&](Index now, Index of) {
      CHECK(now >= done);
      done = now;
      all = of;
    });
    CHECK(std::ssize(maps) == 1);
    CHECK(done == 1);
    CHECK(all == 1);
  }
}

TEST_CASE("place_sequence: rows come into the map of another data set") {
  const auto slices = groups_that_part();
  const Umap fitted = std::move(Umap(few_epochs).fit(slices[1]));
  const auto maps = place_sequence(fitted, std::span(slices).subspan(2));
  REQUIRE(maps.size() == 2);
  const Tensor<float> expected = fitted.transform(slices[3]);
  for (Index i = 0; i < expected.size(); ++i) {
    REQUIRE(maps[1][i] == expected[i]);
  }
}

TEST_CASE("map_sequence: bad slices are refused") {
  CHECK_THROWS_WITH_AS(map_sequence({}), "map_sequence: need at least one slice, got none", ArgumentError);
  const std::vector<Tensor<float>> uneven{Tensor<float>::zeros({10, 3}), Tensor<float>::zeros({9, 3})};
  CHECK_THROWS_WITH_AS(map_sequence(uneven), "map_sequence: need slices [N, D] of one shape, got [9, 3] and [10, 3]",
                       ShapeError);
  CHECK_THROWS_AS(place_sequence(Umap(), groups_that_part()), ArgumentError);
}
