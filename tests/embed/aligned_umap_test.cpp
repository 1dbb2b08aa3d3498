#include <engram/embed/aligned_umap.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/trustworthiness.hpp>

#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;

namespace {

using Slices = std::vector<Tensor<float>>;

/// Five groups of rows along a bent band in 6 dimensions, which turns and wanders a little from slice to slice.
Slices turning_groups(Index slices, Index rows, double noise = 0.1) {
  const auto shared = normal({rows, 6}, 1);
  Slices made;
  for (Index s = 0; s < slices; ++s) {
    const auto own = normal({rows, 6}, 10 + static_cast<std::uint64_t>(s));
    const double angle = 0.3 * static_cast<double>(s);
    auto x = Tensor<float>::uninitialized({rows, 6});
    for (Index i = 0; i < rows; ++i) {
      const auto group = static_cast<double>(i % 5);
      const double where[3] = {4 * std::cos(group), 4 * std::sin(group), group};
      for (Index c = 0; c < 6; ++c) {
        const double turned = c == 0   ? std::cos(angle) * where[0] - std::sin(angle) * where[1]
                              : c == 1 ? std::sin(angle) * where[0] + std::cos(angle) * where[1]
                              : c == 2 ? where[2]
                                       : 0;
        x[i * 6 + c] = static_cast<float>(turned + shared[i * 6 + c] + noise * own[i * 6 + c]);
      }
    }
    made.push_back(std::move(x));
  }
  return made;
}

AlignedUmapOptions quick(Index n_epochs = 150) {
  return {.umap = {.n_epochs = n_epochs}};
}

/// Root mean square distance from the mean.
double extent(const Tensor<float>& map) {
  double sum = 0;
  for (Index c = 0; c < map.dim(1); ++c) {
    double mean = 0;
    double square = 0;
    for (Index i = 0; i < map.dim(0); ++i) {
      const auto v = static_cast<double>(map[i * map.dim(1) + c]);
      mean += v / static_cast<double>(map.dim(0));
      square += v * v / static_cast<double>(map.dim(0));
    }
    sum += square - mean * mean;
  }
  return std::sqrt(sum);
}

/// Mean distance of related rows in units of the first map's extent.
double displacement(const Tensor<float>& a, const Tensor<float>& b, const Relation& relation) {
  double sum = 0;
  Index count = 0;
  for (Index i = 0; i < a.dim(0); ++i) {
    const std::int32_t partner = relation[static_cast<std::size_t>(i)];
    if (partner >= 0) {
      const auto along = [&](Index c) { return static_cast<double>(a[i * 2 + c] - b[partner * 2 + c]); };
      sum += std::hypot(along(0), along(1));
      ++count;
    }
  }
  return sum / static_cast<double>(count) / extent(a);
}

double mean_displacement(const Slices& maps, const Relation& relation) {
  double sum = 0;
  for (std::size_t s = 1; s < maps.size(); ++s) {
    sum += displacement(maps[s - 1], maps[s], relation) / static_cast<double>(maps.size() - 1);
  }
  return sum;
}

bool is_finite(const Tensor<float>& x) {
  return std::ranges::all_of(x.elements(), [](float v) { return std::isfinite(v); });
}

}  // namespace

TEST_CASE("AlignedUmap: maps of the same slice are the same") {
  const auto x = turning_groups(1, 120)[0];
  const auto maps = AlignedUmap(quick()).fit_transform(Slices{x, x, x});
  CHECK(mean_displacement(maps, identity_relation(120)) < 0.02);
}

TEST_CASE("AlignedUmap: related rows stay near each other, and each map is as good as one on its own") {
  const auto slices = turning_groups(5, 150);
  const auto aligned = AlignedUmap(quick()).fit_transform(slices);
  AlignedUmapOptions options = quick();
  options.alignment_regularisation = 0;
  const auto independent = AlignedUmap(options).fit_transform(slices);
  const Relation same = identity_relation(150);
  CHECK(mean_displacement(aligned, same) < 0.2);
  CHECK(mean_displacement(aligned, same) < 0.5 * mean_displacement(independent, same));
  for (std::size_t s = 0; s < slices.size(); ++s) {
    CAPTURE(s);
    CHECK(analysis::trustworthiness(slices[s], aligned[s], 10) >
          analysis::trustworthiness(slices[s], independent[s], 10) - 0.02);
  }
}

TEST_CASE("AlignedUmap: slices of different rows and columns, related where rows are the same thing") {
  const auto all = turning_groups(3, 200);
  const auto rows_of = [](const Tensor<float>& x, Index first, Index last, Index columns) {
    auto part = Tensor<float>::uninitialized({last - first, columns});
    for (Index i = first; i < last; ++i) {
      std::copy_n(x.data() + i * x.dim(1), columns, part.data() + (i - first) * columns);
    }
    return part;
  };
  const Slices slices = {rows_of(all[0], 0, 140, 6), rows_of(all[1], 40, 180, 6), rows_of(all[2], 60, 200, 3)};
  std::vector<Relation> relations(2, Relation(140, -1));
  for (std::int32_t i = 40; i < 140; ++i) {
    relations[0][static_cast<std::size_t>(i)] = i - 40;
  }
  for (std::int32_t i = 20; i < 140; ++i) {
    relations[1][static_cast<std::size_t>(i)] = i - 20;
  }
  const auto maps = AlignedUmap(quick()).fit_transform(slices, relations);
  CHECK(maps[2].shape() == Shape{140, 2});
  CHECK(displacement(maps[0], maps[1], relations[0]) < 0.2);
  CHECK(displacement(maps[1], maps[2], relations[1]) < 0.3);
}

TEST_CASE("AlignedUmap: update adds a slice near the one before, which stays as it is") {
  const auto slices = turning_groups(4, 120);
  AlignedUmap umap(quick());
  umap.fit(std::span(slices).first(3));
  const auto before = umap.embeddings();
  const Tensor<float> added = umap.update(slices[3]);
  REQUIRE(umap.embeddings().size() == 4);
  for (std::size_t s = 0; s < 3; ++s) {
    CHECK(std::ranges::equal(umap.embeddings()[s].elements(), before[s].elements()));
  }
  CHECK(displacement(before[2], added, identity_relation(120)) < 0.25);
  const Tensor<float> again = umap.update(slices[3]);
  CHECK(displacement(added, again, identity_relation(120)) < 0.2);
}

TEST_CASE("AlignedUmap: epoch by epoch as all at once, with a look at each") {
  const auto slices = turning_groups(3, 60);
  Index calls = 0;
  AlignedUmap whole(quick(20));
  whole.fit(slices, {}, [&](const AlignedUmap& umap) { CHECK(umap.epoch() == ++calls); });
  CHECK(calls == 20);
  AlignedUmap stepped(quick(20));
  stepped.start(slices);
  CHECK(stepped.epoch() == 0);
  const auto first = stepped.embeddings();
  while (stepped.step()) {
  }
  CHECK(stepped.epoch() == stepped.n_epochs());
  CHECK(std::ranges::equal(stepped.embeddings()[2].elements(), whole.embeddings()[2].elements()));
  CHECK_FALSE(std::ranges::equal(stepped.embeddings()[2].elements(), first[2].elements()));
  AlignedUmap none(quick(0));
  CHECK(std::ranges::equal(none.fit_transform(slices)[2].elements(), first[2].elements()));
}

TEST_CASE("AlignedUmap: same bits on any number of threads, for many small slices and few large ones") {
  for (const auto& slices : {turning_groups(5, 80), turning_groups(2, 700)}) {
    CHECK(same_bits_on_any_threads([&] {
      AlignedUmap umap(quick(10));
      umap.fit(slices);
      umap.update(slices[0]);
      std::vector<float> all;
      for (const auto& map : umap.embeddings()) {
        all.insert(all.end(), map.elements().begin(), map.elements().end());
      }
      return all;
    }));
  }
}

TEST_CASE("AlignedUmap: a single slice, few rows, equal rows and the strongest ties give finite maps") {
  const auto one = turning_groups(1, 40);
  CHECK(is_finite(AlignedUmap(quick(20)).fit_transform(one)[0]));
  const Slices few = {normal<float>({1, 3}, 1), normal<float>({2, 3}, 2), normal<float>({3, 3}, 3)};
  for (const auto& map : AlignedUmap(quick(20)).fit_transform(few, std::vector<Relation>{{1}, {0, -1}})) {
    CHECK(is_finite(map));
  }
  const Slices equal(3, Tensor<float>::full({30, 4}, 1.5F));
  AlignedUmapOptions strong = quick(20);
  strong.alignment_regularisation = 1e6;
  for (const auto& map : AlignedUmap(strong).fit_transform(equal)) {
    CHECK(is_finite(map));
  }
  for (const auto& map : AlignedUmap(strong).fit_transform(turning_groups(3, 60))) {
    CHECK(is_finite(map));
  }
}

TEST_CASE("AlignedUmap: says what it needs") {
  AlignedUmap umap(quick(2));
  const auto x = turning_groups(1, 20)[0];
  const auto short_x = turning_groups(1, 19)[0];
  CHECK_THROWS_WITH_AS(umap.fit(Slices{}), "AlignedUmap: need at least one slice, got none", ArgumentError);
  CHECK_THROWS_WITH_AS(umap.fit(Slices{x, Tensor<float>::zeros({3})}),
                       "AlignedUmap: need slices [N, D] with N, D >= 1, got [3] in slice 1", ShapeError);
  CHECK_THROWS_WITH_AS(umap.fit(Slices{x, x, x}, std::vector<Relation>(1)),
                       "AlignedUmap: need 2 relations of 3 slices, got 1", ShapeError);
  CHECK_THROWS_WITH_AS(umap.fit(Slices{x, x, short_x}),
                       "AlignedUmap: need a relation of the 20 rows of slice 1 to the 19 of the next, got one of 0",
                       ShapeError);
  std::vector<Relation> relations = {identity_relation(20), identity_relation(20)};
  relations[1][7] = 20;
  CHECK_THROWS_WITH_AS(umap.fit(Slices{x, x, x}, relations),
                       "AlignedUmap: need partners -1 .. 19 in the relation from slice 1, got 20 for row 7",
                       ArgumentError);
  auto broken = x;
  broken[4] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(umap.fit(Slices{x, broken}), ArgumentError);
  CHECK_THROWS_WITH_AS(umap.update(x), "AlignedUmap: update needs a finished fit, got none", ArgumentError);
  umap.start(Slices{x, x});
  CHECK_THROWS_WITH_AS(umap.update(x), "AlignedUmap: update needs a finished fit, got one with epochs left",
                       ArgumentError);
  while (umap.step()) {
  }
  CHECK_THROWS_AS(umap.update(short_x), ShapeError);
  CHECK(umap.embeddings().size() == 2);  // as before
}

TEST_CASE("AlignedUmap: options that no maps can be made with are named") {
  CHECK_THROWS_WITH_AS(AlignedUmap({.alignment_regularisation = -1}),
                       "AlignedUmap: need alignment_regularisation from 0 to 1e6, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(AlignedUmap({.alignment_window_size = 0}), "AlignedUmap: need alignment_window_size >= 1, got 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(AlignedUmap({.umap = {.densmap = true}}), "AlignedUmap: need densmap = false", ArgumentError);
  CHECK_THROWS_AS(AlignedUmap({.umap = {.n_neighbors = 1}}), ArgumentError);
  CHECK_THROWS_AS(AlignedUmap({.umap = {.learning_rate = 0}}), ArgumentError);
}
