#include <engram/embed/incremental_pca.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <engram/embed/pca.hpp>
#include <engram/io/npz.hpp>

#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::IncrementalPca;
using embed::Pca;

namespace {

template <class T>
double largest_apart(const Tensor<T>& a, const Tensor<double>& b) {
  if (a.shape() != b.shape()) {
    return INFINITY;
  }
  double largest = 0;
  for (Index i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return largest;
}

template <class T>
Tensor<T> rows_of(const Tensor<T>& x, Index begin, Index end) {
  return Tensor<T>::from({end - begin, x.dim(1)},
                         x.elements().subspan(static_cast<std::size_t>(begin * x.dim(1)),
                                              static_cast<std::size_t>((end - begin) * x.dim(1))));
}

/// Largest difference of components, up to sign.
double axis_difference(const Tensor<double>& a, const Tensor<double>& b) {
  double largest = a.shape() == b.shape() ? 0 : INFINITY;
  for (Index k = 0; k < a.dim(0); ++k) {
    double dot = 0;
    for (Index d = 0; d < a.dim(1); ++d) {
      dot += a[k * a.dim(1) + d] * b[k * a.dim(1) + d];
    }
    for (Index d = 0; d < a.dim(1); ++d) {
      largest = std::max(largest,
                         std::abs(a[k * a.dim(1) + d] - std::copysign(b[k * a.dim(1) + d], dot * b[k * a.dim(1) + d])));
    }
  }
  return largest;
}

/// Three directions vary, about a mean of a million: what is left out of a batch is rounding errors alone.
Tensor<double> three_directions(Index rows, Index columns) {
  const auto scores = normal({rows, 3}, 1);
  const auto directions = normal({3, columns}, 2);
  auto x = Tensor<double>::full({rows, columns}, 1e6);
  for (Index i = 0; i < x.size(); ++i) {
    for (Index k = 0; k < 3; ++k) {
      x[i] += static_cast<double>(k + 1) * scores[i / columns * 3 + k] * directions[k * columns + i % columns];
    }
  }
  return x;
}

}  // namespace

TEST_CASE("IncrementalPca: digits in batches of 200 as scikit-learn") {
  const io::NpzReader file(ENGRAM_TEST_DIR "/golden_manifold/pca_incremental.npz");
  const auto expect = [&](const char* array) { return file.read(array).as<double>(); };
  const auto x = expect("x");
  IncrementalPca<double> pca({.n_components = 10, .batch_size = 200});
  const auto codes = pca.fit_transform(x);
  CHECK(largest_apart(pca.components(), expect("components")) < 1e-10);
  CHECK(largest_apart(pca.explained_variance(), expect("explained_variance")) < 1e-9);
  CHECK(largest_apart(pca.mean(), expect("mean")) < 1e-11);
  CHECK(largest_apart(codes, expect("transformed")) < 1e-9);
  CHECK(pca.n_samples_seen() == 1797);

  IncrementalPca<float> single({.n_components = 10, .batch_size = 200});
  CHECK(largest_apart(single.fit(cast<float>(x)).components(), expect("components")) < 1e-6);
}

TEST_CASE(
    "IncrementalPca: with nothing but rounding left out it is Pca, whatever the batches, and about a large mean") {
  const auto x = three_directions(90, 12);
  const Pca<double> whole(x, {.n_components = 3});
  IncrementalPca<double> pca({.n_components = 3});
  for (const Index begin : {0, 10, 11, 13, 60}) {
    const Index end = begin == 0 ? 10 : begin == 10 ? 11 : begin == 11 ? 13 : begin == 13 ? 60 : 90;
    pca.partial_fit(rows_of(x, begin, end));
  }
  CHECK(axis_difference(pca.components(), whole.components()) < 1e-8);
  for (Index k = 0; k < 3; ++k) {
    CHECK(pca.explained_variance()[k] == doctest::Approx(whole.explained_variance()[k]).epsilon(1e-9));
    CHECK(pca.explained_variance_ratio()[k] == doctest::Approx(whole.explained_variance_ratio()[k]).epsilon(1e-9));
  }
  CHECK(largest_apart(pca.mean(), whole.mean()) < 1e-8);
  CHECK(pca.noise_variance() < 1e-8);
  CHECK(largest_apart(pca.inverse_transform(pca.transform(x)), x) < 1e-8);
  double variance = 0;
  for (Index d = 0; d < 12; ++d) {
    variance += pca.var()[d] * 90 / 89;
  }
  CHECK(variance == doctest::Approx(whole.explained_variance()[0] / whole.explained_variance_ratio()[0]).epsilon(1e-9));
}

TEST_CASE("IncrementalPca: all components of one batch, and a last batch that is too small joins the one before") {
  const auto x = normal({25, 6}, 3);
  IncrementalPca<double> pca;
  pca.fit(x);
  const Pca<double> whole(x);
  CHECK(axis_difference(pca.components(), whole.components()) < 1e-12);
  CHECK(largest_apart(pca.explained_variance(), whole.explained_variance()) < 1e-12);

  const IncrementalPca<double> joined = IncrementalPca<double>({.n_components = 4, .batch_size = 11}).fit(x);
  const auto two =
      IncrementalPca<double>({.n_components = 4}).partial_fit(rows_of(x, 0, 11)).partial_fit(rows_of(x, 11, 25));
  CHECK(largest_apart(joined.components(), two.components()) == 0);
}

TEST_CASE("IncrementalPca: more columns than rows, and batches of rows that are all the same") {
  IncrementalPca<double> pca({.n_components = 4, .whiten = true});
  pca.partial_fit(normal({5, 30}, 4)).partial_fit(normal({2, 30}, 5)).partial_fit(Tensor<double>::full({7, 30}, 1));
  CHECK(pca.components().shape() == Shape{4, 30});
  CHECK(std::ranges::all_of(pca.components().elements(), [](double v) { return std::isfinite(v); }));

  IncrementalPca<double> still({.n_components = 2, .whiten = true});
  still.partial_fit(Tensor<double>::full({3, 4}, 2)).partial_fit(Tensor<double>::full({3, 4}, 2));
  CHECK(largest_apart(still.explained_variance_ratio(), Tensor<double>::zeros({2})) == 0);
  CHECK(largest_apart(still.transform(Tensor<double>::full({1, 4}, 2)), Tensor<double>::zeros({1, 2})) == 0);
}

TEST_CASE("IncrementalPca: batches of more rows than there are, or can be, are one batch") {
  const auto x = normal({25, 6}, 3);
  const auto whole = IncrementalPca<double>().partial_fit(x);
  for (const Index size : {Index{25}, Index{26}, std::numeric_limits<Index>::max()}) {
    IncrementalPca<double> pca({.batch_size = size});
    CHECK(largest_apart(pca.fit(x).components(), whole.components()) == 0);
  }
}

TEST_CASE("IncrementalPca: a state that cannot be is refused") {
  auto whole = IncrementalPca<double>().partial_fit(normal({8, 3}, 7));
  const auto refuses = [&](auto change, const char* error) {
    embed::IncrementalPcaState state = whole.state();
    change(state);
    CHECK_THROWS_WITH_AS(IncrementalPca<double>({}, state), error, Error);
  };
  refuses(
      [](auto& s) {
        s = {Tensor<double>::zeros({0, 5}), {}, Tensor<double>::zeros({5}), Tensor<double>::zeros({5}), 8};
      },
      "Pca: need components [K, D] with 1 <= K <= D, got [0, 5]");
  for (const Index samples : {std::numeric_limits<Index>::max(), std::numeric_limits<Index>::min(), Index{1}}) {
    refuses([&](auto& s) { s.n_samples = samples; },
            ("Pca: need n_samples from 2 to 9007199254740992, got " + std::to_string(samples)).c_str());
  }
  refuses([](auto& s) { s.squares = Tensor<double>::zeros({2}); }, "Pca: need squares [3], got [2]");
}

TEST_CASE("IncrementalPca: a batch after which there would be too much is refused and changes nothing") {
  auto pca = IncrementalPca<double>({.n_components = 1}).partial_fit(Tensor<double>::from({2, 1}, {1, -1}));
  const auto large = Tensor<double>::from({2, 1}, {6e153, -6e153});
  pca.partial_fit(large).partial_fit(large);
  CHECK_THROWS_WITH_AS(pca.partial_fit(large),
                       "IncrementalPca: need data of a total variance of at most 1.7976931348623157e+308, got inf",
                       ArgumentError);
  CHECK(pca.n_samples_seen() == 6);
  CHECK(pca.singular_values()[0] == doctest::Approx(12e153));

  embed::IncrementalPcaState state = pca.state();
  state.n_samples = Index{1} << 53;
  IncrementalPca<double> many({}, state);
  CHECK_THROWS_AS(many.partial_fit(Tensor<double>::zeros({1, 1})), ArgumentError);
  CHECK(many.n_samples_seen() == Index{1} << 53);
}

TEST_CASE("IncrementalPca: whitened coordinates are the same at any scale") {
  const auto x = cast<float>(normal({40, 6}, 8));
  const auto expected = cast<double>(IncrementalPca<float>({.n_components = 3, .whiten = true}).fit_transform(x));
  const auto scaled = [&](float scale) {
    auto y = x;
    std::ranges::transform(y.elements(), y.data(), [&](float v) { return scale * v; });
    return y;
  };
  IncrementalPca<float> pca({.n_components = 3, .whiten = true});
  CHECK(largest_apart(pca.fit_transform(scaled(1e18F)), expected) < 1e-4);
  CHECK(largest_apart(pca.fit_transform(scaled(1e-24F)), expected) < 1e-4);
  CHECK(largest_apart(pca.var(), Tensor<double>::zeros({6})) == 0);
  CHECK_THROWS_WITH_AS(
      pca.fit(scaled(1e20F)),
      doctest::Contains("IncrementalPca: need data of a total variance of at most 3.4028235e+38, got "), ArgumentError);
}

TEST_CASE("IncrementalPca: the same bits on any number of threads") {
  const auto x = normal<float>({300, 70}, 6);
  CHECK(same_bits_on_any_threads(
      [&] { return IncrementalPca<float>({.n_components = 5, .batch_size = 90}).fit_transform(x); }));
}

TEST_CASE("IncrementalPca: a batch that is refused says why and changes nothing") {
  CHECK_THROWS_WITH_AS(IncrementalPca<float>({.n_components = -1}),
                       "IncrementalPca: need n_components >= 0 and batch_size >= 0, got -1 and 0", ArgumentError);
  IncrementalPca<double> pca({.n_components = 3});
  CHECK_THROWS_WITH_AS(pca.transform(normal({4, 5}, 1)), "Pca: need data to be fitted first", ArgumentError);
  CHECK_THROWS_WITH_AS(
      pca.partial_fit(normal({2, 5}, 1)),
      "IncrementalPca: need a first batch [N, D] with N >= 2 and n_components <= min(N, D), got [2, 5] "
      "and 3",
      ArgumentError);
  CHECK_THROWS_AS(pca.fit(Tensor<double>::zeros({0, 5})), ArgumentError);
  CHECK_THROWS_AS(pca.fit(Tensor<double>::zeros({5, 0})), ArgumentError);
  CHECK_THROWS_AS(pca.fit(Tensor<double>::zeros({0, Index{1} << 62})), ArgumentError);
  CHECK_THROWS_WITH_AS(pca.fit(Tensor<double>::zeros({5})), "IncrementalPca: need x [N, D], got [5]", ShapeError);
  pca.partial_fit(normal({8, 5}, 2));
  const auto before = pca.components();
  auto bad = normal({4, 5}, 3);
  bad[12] = NAN;
  CHECK_THROWS_WITH_AS(pca.partial_fit(bad), "IncrementalPca: need finite x, got nan in row 2, column 2",
                       ArgumentError);
  CHECK_THROWS_AS(pca.fit(bad), ArgumentError);
  CHECK_THROWS_WITH_AS(pca.partial_fit(normal({4, 6}, 3)), "IncrementalPca: need batches [N, 5], got [4, 6]",
                       ShapeError);
  CHECK_THROWS_AS(pca.partial_fit(Tensor<double>::zeros({0, 5})), ArgumentError);
  CHECK(largest_apart(pca.components(), before) == 0);
  CHECK(pca.n_samples_seen() == 8);
}
