#include <engram/embed/umap.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <engram/analysis/neighbor_vote.hpp>
#include <engram/analysis/trustworthiness.hpp>
#include <engram/io/npy.hpp>

#include "support/golden_manifold.hpp"
#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;
using support::golden_manifold;

namespace {

Tensor<float> rows_of(const Tensor<float>& x, Index begin, Index end) {
  const Index width = x.dim(1);
  return Tensor<float>::from(
      {end - begin, width},
      x.elements().subspan(static_cast<std::size_t>(begin * width), static_cast<std::size_t>((end - begin) * width)));
}

bool all_finite(const Tensor<float>& x) {
  return std::ranges::all_of(x.elements(), [](float v) { return std::isfinite(v); });
}

/// Median over seeds 0 .. 4 of the trustworthiness of maps of a golden set.
double median_trustworthiness(const std::string& set) {
  const auto x = golden_manifold(set + "_X");
  std::vector<double> found;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    found.push_back(analysis::trustworthiness(x, Umap({.random_state = seed}).fit_transform(x), 15));
  }
  std::ranges::sort(found);
  return found[2];
}

}  // namespace

TEST_CASE("Umap: maps of digits, blobs and a roll as true as umap-learn's, medians of 5 seeds") {
  std::ifstream file(ENGRAM_TEST_DIR "/golden_manifold/stats.json");
  const auto stats = nlohmann::json::parse(file);
  for (const std::string set : {"digits", "blobs", "roll"}) {
    CAPTURE(set);
    const double peer = stats.at(set).at("trust15").at("median");
    CHECK(median_trustworthiness(set) >= peer - 0.001);
  }
}

TEST_CASE("Umap: the same bits on any number of threads") {
  const auto x = golden_manifold("roll_X");
  CHECK(same_bits_on_any_threads([&] { return Umap({.n_epochs = 40}).fit_transform(x); }));
  CHECK(same_bits_on_any_threads(
      [&] { return Umap({.n_components = 3, .n_epochs = 20, .densmap = true}).fit_transform(x); }));
}

TEST_CASE("Umap: epoch by epoch it comes to the same map, and a callback sees each epoch") {
  const auto x = golden_manifold("blobs_X");
  const UmapOptions options{.n_epochs = 30, .random_state = 7};
  std::vector<Index> epochs;
  const auto map = Umap(options).fit_transform(
      x, {.on_epoch = [&](const Umap& umap) { epochs.push_back(umap.epoch() * 100 + umap.n_epochs()); }});
  CHECK(epochs.size() == 30);
  CHECK(epochs.front() == 130);
  CHECK(epochs.back() == 3030);

  Umap stepped(options);
  stepped.start(x);
  CHECK(stepped.epoch() == 0);
  const auto first = list(stepped.embedding());
  CHECK(stepped.step());
  CHECK(stepped.step());
  CHECK(list(stepped.embedding()) != first);
  CHECK_THROWS_WITH_AS(stepped.transform(x), "Umap: transform needs a finished fit, got one with epochs left",
                       ArgumentError);
  while (stepped.step()) {
  }
  CHECK(stepped.epoch() == 30);
  CHECK(list(stepped.embedding()) == list(map));
}

TEST_CASE("Umap: new digits get their neighbours' class, each wherever it lies alone, and the map stays") {
  const auto x = golden_manifold("digits_X");
  const auto labels = golden_manifold<std::int32_t>("digits_y");
  Umap umap({.random_state = 1});
  umap.fit(rows_of(x, 0, 1500));
  const auto before = list(umap.embedding());
  const auto placed = umap.transform(rows_of(x, 1500, 1797));
  CHECK(list(umap.embedding()) == before);
  const auto classes = Tensor<std::int32_t>::from({1500}, labels.elements().first(1500));
  const auto voted = analysis::neighbor_vote(umap.embedding(), classes, placed, 15);
  Index right = 0;
  for (Index i = 0; i < 297; ++i) {
    right += voted[i] == labels[1500 + i] ? 1 : 0;
  }
  CHECK(right >= 274);  // 92 in 100: the last digits are by other writers
  for (const Index i : {0, 100, 296}) {
    const auto alone = umap.transform(rows_of(x, 1500 + i, 1501 + i));
    CHECK(alone[0] == placed[2 * i]);
    CHECK(alone[1] == placed[2 * i + 1]);
  }
  CHECK(list(umap.transform(rows_of(x, 10, 20))) == list(rows_of(umap.embedding(), 10, 20)));
  CHECK(umap.transform(Tensor<float>::zeros({0, 64})).shape() == Shape{0, 2});
}

TEST_CASE("Umap: rows of points of the map are like the digits that lie there") {
  const auto x = golden_manifold("digits_X");
  Umap umap({.n_epochs = 200});
  umap.fit(x);
  const auto back = umap.inverse_transform(rows_of(umap.embedding(), 0, 50));
  REQUIRE(back.shape() == Shape{50, 64});
  double error = 0;
  double size = 0;
  for (Index i = 0; i < back.size(); ++i) {
    error += std::pow(static_cast<double>(back[i]) - static_cast<double>(x[i]), 2);
    size += std::pow(static_cast<double>(x[i]) - static_cast<double>(x[i + 50 * 64]), 2);  // another digit's distance
  }
  CHECK(error < 0.4 * size);
}

TEST_CASE("Umap: directions given as target order a map of noise into neighbours of like direction") {
  const auto x = cast<float>(normal({300, 5}, 4));
  auto angles = Tensor<double>::uninitialized({300});
  Rng rng(9);
  for (double& angle : angles.elements()) {
    angle = rng.uniform(-std::numbers::pi, std::numbers::pi);
  }
  // Mean cosine between the directions of a point and of its nearest in the map: 1 if all are alike, 0 by chance.
  const auto likeness = [&](const UmapInputs& inputs) {
    const auto map = Umap({.n_epochs = 200}).fit_transform(x, inputs);
    const auto nearest = exact_neighbors(map, 2).indices;
    double sum = 0;
    for (Index i = 0; i < 300; ++i) {
      sum += std::cos(angles[i] - angles[nearest[2 * i + 1]]);
    }
    return sum / 300;
  };
  CHECK(likeness({.target = CircularTarget{.angles = angles, .target_weight = 0.9}}) > 0.9);
  CHECK(std::abs(likeness({})) < 0.25);
}

TEST_CASE("Umap: labels given as target part what the data mix") {
  const auto x = cast<float>(normal({200, 5}, 4));
  auto labels = Tensor<std::int32_t>::uninitialized({200});
  for (Index i = 0; i < 200; ++i) {
    labels[i] = static_cast<std::int32_t>(i % 2);
  }
  const auto map = Umap().fit_transform(x, {.target = CategoricalTarget{labels}});
  CHECK(analysis::neighbor_vote_accuracy(map, labels, 15) > 0.95);
  CHECK(analysis::neighbor_vote_accuracy(Umap().fit_transform(x), labels, 15) < 0.7);
}

TEST_CASE("Umap: precomputed neighbours and given positions are used") {
  const auto x = golden_manifold("roll_X");
  const UmapOptions options{.n_neighbors = 10, .n_epochs = 20};
  const auto map = Umap(options).fit_transform(x);
  CHECK(list(Umap(options).fit_transform(x, {.neighbors = exact_neighbors(x, 10)})) == list(map));
  CHECK(list(Umap(options).fit_transform(x, {.neighbors = exact_neighbors(x, 12)})) != list(map));

  const auto start = cast<float>(normal({300, 2}, 1));
  UmapOptions still = options;
  still.n_epochs = 0;
  const auto same = Umap(still).fit_transform(x, {.init = start});
  const auto [low, high] = std::ranges::minmax(same.elements());
  CHECK(low == 0);
  CHECK(high == 10);
  CHECK((same[0] < same[2]) == (start[0] < start[2]));
}

TEST_CASE("Umap: one, two and three rows, constant columns, equal rows, many duplicates: a map without NaN") {
  CHECK(list(Umap().fit_transform(Tensor<float>::from({1, 3}, {1, 2, 3}))) == std::vector<float>{0, 0});
  for (const Index rows : {2, 3, 5}) {
    const auto map = Umap().fit_transform(cast<float>(normal({rows, 4}, 1)));
    CHECK(map.shape() == Shape{rows, 2});
    CHECK(all_finite(map));
  }
  CHECK(all_finite(Umap({.n_epochs = 20}).fit_transform(Tensor<float>::full({40, 3}, 2.5F))));
  auto x = cast<float>(normal({80, 4}, 2));
  for (Index i = 0; i < 80; ++i) {
    x[4 * i + 2] = 7;  // a constant column
    for (Index c = 0; c < 4 && i < 40; ++c) {
      x[4 * i + c] = x[c];  // 40 times the same row
    }
  }
  Umap umap({.n_neighbors = 10, .n_epochs = 50});
  CHECK(all_finite(umap.fit_transform(x)));
  CHECK(all_finite(umap.transform(x)));
  for (const auto init : {UmapInit::pca, UmapInit::random, UmapInit::spectral}) {
    for (const Metric metric : {Metric::cosine, Metric::correlation, Metric::manhattan, Metric::squared_euclidean}) {
      CHECK(all_finite(Umap({.n_components = 6, .n_epochs = 10, .metric = metric, .init = init}).fit_transform(x)));
    }
  }
}

TEST_CASE("Umap: a fit that fails leaves the fitted map as it was") {
  auto x = cast<float>(normal({60, 3}, 2));
  Umap umap({.n_epochs = 10});
  umap.fit(x);
  const auto before = list(umap.embedding());
  x[3 * 7 + 1] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(umap.fit(x), "Umap: need finite x, got nan in row 7, column 1", ArgumentError);
  CHECK(list(umap.embedding()) == before);
}

TEST_CASE("Umap: density and any target go together") {
  const auto x = cast<float>(normal({60, 3}, 2));
  const auto numbers = normal<double>({60}, 3);
  auto labels = Tensor<std::int32_t>::uninitialized({60});
  for (Index i = 0; i < 60; ++i) {
    labels[i] = static_cast<std::int32_t>(i % 3);
  }
  for (const Target& target :
       {Target(CategoricalTarget{labels}), Target(ContinuousTarget{numbers}), Target(CircularTarget{numbers})}) {
    Umap umap({.n_epochs = 20, .densmap = true});
    CHECK(all_finite(umap.fit_transform(x, {.target = target})));
  }
}

TEST_CASE("Umap: epochs are counted while it runs, by the rows") {
  Umap umap({.n_neighbors = 2, .init = UmapInit::random});
  CHECK(umap.n_epochs() == 0);
  CHECK(umap.epoch() == 0);
  umap.start(cast<float>(normal({10'001, 1}, 4)));
  CHECK(umap.step());
  CHECK(umap.epoch() == 1);
  CHECK(umap.n_epochs() == 200);
}

TEST_CASE("Umap: options at their bounds give finite maps, beyond them they are refused") {
  const auto x = cast<float>(normal({80, 3}, 5));
  const auto map = [&](UmapOptions options) {
    options.n_epochs = 30;
    return Umap(options).fit_transform(x);
  };
  CHECK(all_finite(map({.a = 1, .b = 4})));
  CHECK(all_finite(map({.a = 1e-12, .b = 4, .learning_rate = 1e6})));
  CHECK(all_finite(map({.a = 1e12, .b = 4, .learning_rate = 1e6, .repulsion_strength = 1e6})));
  CHECK(all_finite(map({.a = 1e12, .b = 1e-9})));
  CHECK(all_finite(map({.min_dist = 0, .spread = 1e-6})));
  CHECK(all_finite(map({.learning_rate = 1e-30})));
  CHECK(all_finite(map({.densmap = true, .dens_lambda = 1e6, .dens_frac = 1, .dens_var_shift = 0})));
  for (const UmapOptions& beyond : std::vector<UmapOptions>{{.a = 1, .b = 4.5},
                                                            {.a = 1e13, .b = 1},
                                                            {.n_epochs = 2'000'000'000},
                                                            {.learning_rate = 1e7},
                                                            {.negative_sample_rate = 2'000'000},
                                                            {.repulsion_strength = 1e7},
                                                            {.local_connectivity = -1},
                                                            {.set_op_mix_ratio = 2},
                                                            {.dens_lambda = 1e30}}) {
    CHECK_THROWS_AS(Umap{beyond}, ArgumentError);
  }
}

TEST_CASE("Umap: given neighbours that are not what they must be are refused before anything is computed") {
  const auto x = cast<float>(normal({20, 3}, 2));
  const auto lists = exact_neighbors(x, 4);
  const auto refused = [&](auto change, const char* why) {
    auto changed = lists;
    change(changed);
    CHECK_THROWS_WITH_AS(Umap().fit(x, {.neighbors = changed}), why, ArgumentError);
  };
  refused([](auto& l) { l.indices[5] = -1; }, "Umap: need neighbors from 0 to 19, got -1 in row 1");
  refused([](auto& l) { l.indices[5] = 20; }, "Umap: need neighbors from 0 to 19, got 20 in row 1");
  refused(
      [](auto& l) {
        l.indices[4] = 3;
        l.distances[4] = 0.25F;
      },
      "Umap: need each row itself, or an equal one, first in its neighbors, got 3 at 0.25 in row 1");
  refused(
      [](auto& l) {
        l.distances[5] = 3;
        l.distances[6] = 2;
      },
      "Umap: need neighbors nearest first, got 2 after 3 in row 1");
}

TEST_CASE("Umap: says what it needs") {
  const auto x = cast<float>(normal({30, 3}, 2));
  CHECK_THROWS_WITH_AS(Umap({.n_neighbors = 1}), "Umap: need n_neighbors >= 2, got 1", ArgumentError);
  CHECK_THROWS_WITH_AS(Umap({.n_components = 0}), "Umap: need n_components >= 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(Umap({.min_dist = 2}), "Umap: need min_dist from 0 to spread 1, got 2", ArgumentError);
  CHECK_THROWS_WITH_AS(Umap({.a = 1.5}), "Umap: need both a and b or none of them, got a alone", ArgumentError);
  CHECK_THROWS_WITH_AS(Umap({.learning_rate = -1}), "Umap: need 0 < learning_rate <= 1e6, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(Umap().fit(Tensor<float>::zeros({0, 3})), "Umap: need x [N, D] with N, D >= 1, got [0, 3]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(Umap().transform(x), "Umap: transform needs a finished fit, got none", ArgumentError);
  Umap umap({.n_epochs = 5});
  umap.fit(x);
  CHECK_THROWS_WITH_AS(umap.transform(Tensor<float>::zeros({2, 4})), "Umap: transform needs x [M, 3], got [2, 4]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(umap.fit(x, {.neighbors = exact_neighbors(rows_of(x, 0, 20), 5)}),
                       "Umap: need neighbors [30, K], got [20, 5] and [20, 5]", ShapeError);
  CHECK_THROWS_AS(umap.fit(x, {.init = Tensor<float>::zeros({30, 3})}), ShapeError);
}
