#include <engram/embed/pca.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <tuple>

#include <engram/io/npz.hpp>

#include "support/random_tensor.hpp"

using namespace engram;
using embed::Pca;

namespace {

io::NpzReader golden(const std::string& name) {
  return io::NpzReader(ENGRAM_TEST_DIR "/golden_manifold/pca_" + name + ".npz");
}

/// Largest |a - b| over the first `columns` columns; infinite where shapes differ.
template <class T>
double difference(const Tensor<T>& a, const Tensor<double>& b, Index columns = 1 << 20) {
  if (a.shape() != b.shape()) {
    return INFINITY;
  }
  double largest = 0;
  for (Index i = 0; i < a.size(); ++i) {
    if (i % a.dim(-1) < columns) {
      largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
    }
  }
  return largest;
}

/// Largest difference of the first `count` components.
template <class T>
double component_difference(const Pca<T>& pca, const Tensor<double>& expected, Index count) {
  const Index size = count * expected.dim(1);
  return difference(Tensor<T>::from({size}, pca.components().elements().first(static_cast<std::size_t>(size))),
                    Tensor<double>::from({size}, expected.elements().first(static_cast<std::size_t>(size))));
}

/// Compares all that scikit-learn found with what Pca<T> finds; values are compared relative to `scale`.
template <class T>
void check_golden(const std::string& name, double scale, double tolerance) {
  CAPTURE(name);
  const auto file = golden(name);
  const auto expect = [&](const char* array) { return file.read(array).as<double>(); };
  const auto components = expect("components");
  const auto x = file.read("x").as<T>();
  const Pca<T> pca(x, {.n_components = components.dim(0)});
  CHECK(difference(pca.components(), components) < tolerance);
  CHECK(difference(pca.explained_variance(), expect("explained_variance")) < tolerance * scale * scale);
  CHECK(difference(pca.explained_variance_ratio(), expect("explained_variance_ratio")) < tolerance);
  CHECK(difference(pca.mean(), expect("mean")) < tolerance * scale);
  const auto codes = pca.transform(x);
  CHECK(difference(codes, expect("transformed")) < tolerance * scale);
  CHECK(difference(pca.inverse_transform(codes), expect("inverse")) < tolerance * scale);
}

/// Largest |c_i . c_j - (i == j)|.
template <class T>
double orthonormality_error(const Tensor<T>& components) {
  double largest = 0;
  for (Index i = 0; i < components.dim(0); ++i) {
    for (Index j = 0; j < components.dim(0); ++j) {
      double dot = i == j ? -1 : 0;
      for (Index d = 0; d < components.dim(1); ++d) {
        dot += static_cast<double>(components[i * components.dim(1) + d]) *
               static_cast<double>(components[j * components.dim(1) + d]);
      }
      largest = std::max(largest, std::abs(dot));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("Pca: points on a line, worked out by hand") {
  const Pca<double> pca(Tensor<double>::from({3, 2}, {0, 0, 3, 4, 6, 8}));
  CHECK(pca.mean()[0] == 3);
  CHECK(pca.mean()[1] == 4);
  CHECK(pca.explained_variance()[0] == doctest::Approx(25));
  CHECK(std::abs(pca.explained_variance()[1]) < 1e-24);
  CHECK(std::abs(pca.components()[0]) == doctest::Approx(0.6));
  CHECK(std::abs(pca.components()[1]) == doctest::Approx(0.8));
  CHECK(pca.explained_variance_ratio()[0] == doctest::Approx(1));
}

TEST_CASE("Pca: irises, all components as scikit-learn's, signs included") {
  check_golden<double>("iris", 1, 1e-12);
  check_golden<float>("iris", 1, 3e-4);
}

TEST_CASE("Pca: more columns than rows as scikit-learn") {
  check_golden<double>("wide", 1, 1e-12);
  check_golden<float>("wide", 1, 3e-4);
}

TEST_CASE("Pca: means of a million as scikit-learn") {
  check_golden<double>("large_mean", 1, 1e-8);
}

TEST_CASE("Pca: where only 3 of 9 directions vary, those 3 as scikit-learn's and the rest of no variance") {
  const auto file = golden("rank_deficient");
  const auto x = file.read("x").as<double>();
  const Pca<double> pca(x);
  CHECK(component_difference(pca, file.read("components").as<double>(), 3) < 1e-12);
  CHECK(difference(pca.explained_variance(), file.read("explained_variance").as<double>()) < 1e-12);
  CHECK(difference(pca.transform(x), file.read("transformed").as<double>(), 3) < 1e-12);
  CHECK(difference(pca.inverse_transform(pca.transform(x)), x) < 1e-12);
  CHECK(orthonormality_error(pca.components()) < 1e-12);
}

TEST_CASE("Pca: components are orthonormal and variances fall, of wide, tall and few-component data") {
  for (const auto& [rows, columns, count] :
       {std::tuple<Index, Index, Index>{12, 40, 12}, {40, 12, 12}, {150, 120, 3}, {120, 150, 3}}) {
    const Pca<double> pca(normal({rows, columns}, 4), {.n_components = count});
    CHECK(pca.components().shape() == Shape{count, columns});
    CHECK(orthonormality_error(pca.components()) < 1e-10);
    CHECK(std::ranges::is_sorted(pca.explained_variance().elements(), std::greater{}));
  }
}

TEST_CASE("Pca: a few components by iteration are those of the whole decomposition") {
  // 150 x 120 data whose first directions stand out, so that 3 components are found by subspace iteration.
  auto x = normal({150, 120}, 5);
  for (Index i = 0; i < 150; ++i) {
    for (Index d = 0; d < 3; ++d) {
      x[i * 120 + d] *= 12.0 - 3 * static_cast<double>(d);
    }
  }
  const Pca<double> few(x, {.n_components = 3});
  const Pca<double> all(x);
  CHECK(component_difference(few, all.components(), 3) < 1e-8);
  for (Index k = 0; k < 3; ++k) {
    CHECK(few.explained_variance()[k] == doctest::Approx(all.explained_variance()[k]).epsilon(1e-12));
    CHECK(few.explained_variance_ratio()[k] == doctest::Approx(all.explained_variance_ratio()[k]).epsilon(1e-12));
  }
}

TEST_CASE("Pca: data that do not vary have components, and no share of nothing") {
  const auto x = Tensor<double>::full({4, 3}, 2);
  const Pca<double> pca(x);
  CHECK(orthonormality_error(pca.components()) < 1e-12);
  CHECK(difference(pca.explained_variance_ratio(), Tensor<double>::zeros({3})) == 0);
  CHECK(difference(pca.inverse_transform(pca.transform(x)), x) == 0);
}

TEST_CASE("Pca: other rows than those that were fitted, one or none") {
  const Pca<float> pca(normal<float>({20, 5}, 6), {.n_components = 2});
  CHECK(pca.transform(normal<float>({1, 5}, 7)).shape() == Shape{1, 2});
  CHECK(pca.transform(Tensor<float>::zeros({0, 5})).shape() == Shape{0, 2});
  CHECK(pca.inverse_transform(Tensor<float>::zeros({0, 2})).shape() == Shape{0, 5});
  CHECK(difference(pca.inverse_transform(Tensor<float>::zeros({1, 2})), cast<double>(pca.mean()).reshaped({1, 5})) ==
        0);
}

TEST_CASE("Pca: what cannot be is named") {
  const auto x = normal({4, 6}, 8);
  CHECK_THROWS_WITH_AS(Pca<double>(Tensor<double>::zeros({4})), "Pca: need x [N, D], got [4]", ShapeError);
  for (const Index count : {5, -1}) {
    CHECK_THROWS_WITH_AS(
        Pca<double>(x, {.n_components = count}),
        ("Pca: need x [N, D] with N >= 2 and 1 <= n_components <= min(N, D), got x [4, 6] and " + std::to_string(count))
            .c_str(),
        ArgumentError);
  }
  CHECK_THROWS_WITH_AS(Pca<double>(Tensor<double>::zeros({1, 6})),
                       "Pca: need x [N, D] with N >= 2 and 1 <= n_components <= min(N, D), got x [1, 6] and 0",
                       ArgumentError);
  const Pca<double> pca(x, {.n_components = 2});
  CHECK_THROWS_WITH_AS(pca.transform(normal({4, 5}, 1)), "Pca: need x [N, 6], got [4, 5]", ShapeError);
  CHECK_THROWS_WITH_AS(pca.inverse_transform(normal({4, 6}, 1)), "Pca: need codes [N, 2], got [4, 6]", ShapeError);
}

TEST_CASE("Pca: NaN and infinities are refused at once, and named by row") {
  auto x = normal({200, 150}, 9);
  x[199 * 150] = -INFINITY;
  CHECK_THROWS_WITH_AS(Pca<double>(x, {.n_components = 2}), "Pca: need finite x, got -inf in row 199", ArgumentError);
  x[7] = NAN;
  CHECK_THROWS_WITH_AS(Pca<double>(x, {.n_components = 2}), "Pca: need finite x, got nan in row 0", ArgumentError);
}
