#include <engram/embed/pca.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include <engram/io/npz.hpp>

#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::Pca;
using embed::PcaSolver;

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

/// Compares all that the file holds of what scikit-learn found with what Pca<T> finds; values are compared relative to
/// `scale`.
template <class T>
void check_golden(const std::string& name, double scale, double tolerance) {
  CAPTURE(name);
  const auto file = golden(name);
  const auto x = file.read("x").as<T>();
  const auto asked = file.read("n_components").as<double>().item();
  const bool share = asked > 0 && asked < 1;
  Pca<T> pca({.n_components = share       ? embed::ComponentCount(asked)
                              : asked < 0 ? 0
                                          : static_cast<Index>(asked),
              .whiten = file.read("whiten").as<int>().item() != 0});
  const auto codes = pca.fit_transform(x);
  const auto close = [&](const char* array, const Tensor<T>& found, double unit) {
    CAPTURE(array);
    CHECK(difference(found, file.read(array).as<double>()) < tolerance * unit);
  };
  close("components", pca.components(), 1);
  close("explained_variance", pca.explained_variance(), scale * scale);
  close("explained_variance_ratio", pca.explained_variance_ratio(), 1);
  close("singular_values", pca.singular_values(), scale * std::sqrt(static_cast<double>(x.dim(0))));
  close("mean", pca.mean(), scale);
  CHECK(std::abs(pca.noise_variance() - file.read("noise_variance").as<double>().item()) < tolerance * scale * scale);
  if (file.contains("transformed")) {
    close("transformed", codes, scale);
    close("transformed", pca.transform(x), scale);
  }
  if (file.contains("inverse")) {
    close("inverse", pca.inverse_transform(codes), scale);
  }
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

TEST_CASE("Pca: all that scikit-learn finds, signs included") {
  check_golden<double>("iris", 1, 1e-12);
  check_golden<double>("tall", 1, 1e-11);
  check_golden<double>("wide", 1, 1e-12);
  check_golden<double>("digits16", 10, 1e-11);
}

TEST_CASE("Pca: means of a million as scikit-learn") {
  check_golden<double>("large_mean", 1, 1e-8);
}

TEST_CASE("Pca: as many components as explain 95 percent of the variance, as scikit-learn") {
  check_golden<double>("digits_share95", 10, 1e-10);
}

TEST_CASE("Pca: components that explain exactly the share are one too few") {
  const auto x = Tensor<double>::from({4, 2}, {1, 0, -1, 0, 0, 1, 0, -1});  // half of the variance each
  CHECK(Pca<double>(x, {.n_components = 0.49}).n_components() == 1);
  CHECK(Pca<double>(x, {.n_components = 0.5}).n_components() == 2);
}

TEST_CASE("Pca: whitened as scikit-learn") {
  check_golden<double>("whiten", 10, 1e-11);
}

TEST_CASE("Pca: float as scikit-learn's double, to float's precision") {
  check_golden<float>("iris", 1, 3e-5);
  check_golden<float>("wide", 1, 3e-5);
  check_golden<float>("digits16", 10, 1e-5);
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

/// [N, D] with deviations of 10 * 0.8^k along the first 40 of random directions, and noise of 0.1 on everything.
template <class T>
Tensor<T> decaying(Index rows, Index columns) {
  const auto scores = normal({rows, 40}, 11);
  const auto directions = normal({40, columns}, 12);
  auto x = normal({rows, columns}, 13);
  for (Index i = 0; i < rows; ++i) {
    double* out = x.data() + i * columns;
    for (Index j = 0; j < columns; ++j) {
      out[j] = 3 + 0.1 * out[j];
    }
    for (Index k = 0; k < 40; ++k) {
      const double weight = 10 * std::pow(0.8, static_cast<double>(k)) * scores[i * 40 + k];
      for (Index j = 0; j < columns; ++j) {
        out[j] += weight * directions[k * columns + j];
      }
    }
  }
  return cast<T>(x);
}

/// Largest relative difference of variances, ratios and singular values, and largest difference of components and
/// codes, between the truncated and the exact solver.
struct SolverDifference {
  double values = 0;
  double components = 0;
};
template <class T>
SolverDifference solver_difference(const Tensor<T>& x, Index count) {
  Pca<T> few({.n_components = count, .svd_solver = PcaSolver::truncated});
  Pca<T> all({.n_components = count, .svd_solver = PcaSolver::exact});
  const auto codes = few.fit_transform(x);
  SolverDifference d;
  const auto compare = [&](const Tensor<T>& a, const Tensor<T>& b) {
    for (Index k = 0; k < count; ++k) {
      d.values = std::max(d.values, std::abs(static_cast<double>(a[k]) / static_cast<double>(b[k]) - 1));
    }
  };
  const auto all_codes = all.fit_transform(x);
  compare(few.explained_variance(), all.explained_variance());
  compare(few.explained_variance_ratio(), all.explained_variance_ratio());
  compare(few.singular_values(), all.singular_values());
  d.components = std::max(difference(few.components(), cast<double>(all.components())),
                          difference(codes, cast<double>(all_codes)) / static_cast<double>(all.singular_values()[0]));
  CHECK(std::abs(few.noise_variance() / all.noise_variance() - 1) < 1e-4);
  return d;
}

TEST_CASE("Pca: the truncated solver finds what the exact one does, of tall and wide data, float and double") {
  const auto tall = solver_difference(decaying<double>(700, 270), 8);
  CHECK(tall.values < 1e-12);
  CHECK(tall.components < 1e-8);
  const auto wide = solver_difference(decaying<double>(260, 400), 5);
  CHECK(wide.values < 1e-12);
  CHECK(wide.components < 1e-8);
  const auto single = solver_difference(decaying<float>(2100, 256), 8);  // starts from a sample of the rows
  CHECK(single.values < 1e-6);
  CHECK(single.components < 1e-4);
}

TEST_CASE("Pca: the truncated solver restarts where no directions stand out, and is right") {
  const auto flat = solver_difference(normal({900, 260}, 14), 4);
  CHECK(flat.values < 1e-12);
  CHECK(flat.components < 1e-6);
}

TEST_CASE("Pca: the truncated solver finds directions that the sample it starts from lacks") {
  // Every fourth row varies in the first 128 columns, the others, more, in the rest.
  auto x = normal<float>({2100, 256}, 18);
  for (Index i = 0; i < 2100; ++i) {
    for (Index j = 0; j < 256; ++j) {
      const bool varies = (i % 4 == 0) == (j < 128);
      x[i * 256 + j] *=
          varies ? static_cast<float>((j < 128 ? 10 : 20) * std::pow(0.8, static_cast<double>(j % 128))) : 0;
    }
  }
  const auto d = solver_difference(x, 8);
  CHECK(d.values < 1e-6);
  CHECK(d.components < 1e-4);
}

TEST_CASE("Pca: the truncated solver where fewer directions vary than are wanted") {
  auto x = normal({400, 300}, 15);
  for (Index i = 0; i < 400; ++i) {
    for (Index j = 3; j < 300; ++j) {
      x[i * 300 + j] = 7;
    }
  }
  for (const auto solver : {PcaSolver::truncated, PcaSolver::exact}) {
    const Pca<double> pca(x, {.n_components = 6, .svd_solver = solver});
    CHECK(orthonormality_error(pca.components()) < 1e-12);
    CHECK(pca.explained_variance()[2] > 0.5);
    CHECK(pca.explained_variance()[3] < 1e-14);
    CHECK(pca.noise_variance() < 1e-14);
  }
}

TEST_CASE("Pca: variances of ten orders of magnitude below the first are found to eight digits") {
  // Orthogonal columns of deviations 1, 1e-4, 1e-8 and 1e-11, turned by a rotation of all four.
  constexpr Index rows = 64;
  const double deviations[] = {1, 1e-4, 1e-8, 1e-11};
  auto x = Tensor<double>::zeros({rows, 4});
  for (Index i = 0; i < rows; ++i) {
    for (Index k = 0; k < 4; ++k) {
      const double along = deviations[k] * (i >> k & 1 ? 1 : -1);
      for (Index j = 0; j < 4; ++j) {
        x[i * 4 + j] += along * ((j & k) == 1 || (j & k) == 2 ? -0.5 : 0.5);  // Hadamard's matrix
      }
    }
  }
  const Pca<double> pca(x);
  for (Index k = 0; k < 4; ++k) {
    CAPTURE(k);
    const double expected = deviations[k] * std::sqrt(static_cast<double>(rows));
    CHECK(std::abs(pca.singular_values()[k] - expected) < 1e-8 * expected + 1e-14);
    CHECK(std::abs(std::abs(pca.components()[k * 4]) - 0.5) < (k < 3 ? 1e-7 : 1e-3));
  }
}

TEST_CASE("Pca: the same bits on any number of threads") {
  const auto x = decaying<float>(700, 260);
  for (const auto solver : {PcaSolver::truncated, PcaSolver::exact}) {
    CHECK(same_bits_on_any_threads([&] {
      Pca<float> pca({.n_components = 3, .svd_solver = solver});
      auto codes = pca.fit_transform(x);
      return Tensor<float>::from({3, 260 + 700}, [&] {
        std::vector<float> all(pca.components().elements().begin(), pca.components().elements().end());
        all.insert(all.end(), codes.elements().begin(), codes.elements().end());
        return all;
      }());
    }));
  }
}

TEST_CASE("Pca: a row's coordinates do not depend on the other rows") {
  const auto x = normal<float>({100, 70}, 16);
  const Pca<float> pca(x, {.n_components = 9});
  const auto codes = pca.transform(x);
  const auto alone = pca.transform(Tensor<float>::from({1, 70}, x.elements().subspan(57 * 70, 70)));
  CHECK(std::ranges::equal(alone.elements(), codes.elements().subspan(57 * 9, 9)));
}

TEST_CASE("Pca: whitened coordinates have unit variance, come back, and are 0 where nothing varies") {
  auto x = normal({50, 6}, 17);
  for (Index i = 0; i < 50; ++i) {
    x[i * 6 + 5] = x[i * 6] - x[i * 6 + 1];
  }
  Pca<double> pca({.whiten = true});
  const auto codes = pca.fit_transform(x);
  for (Index k = 0; k < 6; ++k) {
    double squares = 0;
    for (Index i = 0; i < 50; ++i) {
      squares += codes[i * 6 + k] * codes[i * 6 + k];
    }
    CHECK(squares / 49 == doctest::Approx(k < 5 ? 1 : 0).epsilon(1e-12));
  }
  CHECK(difference(pca.inverse_transform(codes), x) < 1e-12);
}

TEST_CASE(
    "Pca: whitened coordinates are the same at any scale, even if float cannot hold sums of squares or variances") {
  for (const auto solver : {PcaSolver::exact, PcaSolver::truncated}) {
    const auto x = decaying<float>(500, 256);
    const embed::PcaOptions options{.n_components = 6, .whiten = true, .svd_solver = solver};
    const auto expected = cast<double>(Pca<float>(x, options).transform(x));
    for (const double scale : {5e16, 1e15, 1e-15, 1e-24, 1e-32}) {
      CAPTURE(scale);
      auto scaled = cast<double>(x);
      std::ranges::transform(scaled.elements(), scaled.data(), [&](double v) { return scale * v; });
      const auto y = cast<float>(scaled);
      Pca<float> pca(options);
      CHECK(difference(pca.fit_transform(y), expected) < 1e-3);
      CHECK(difference(pca.transform(y), expected) < 1e-3);
      auto back = cast<double>(pca.inverse_transform(pca.transform(y)));
      std::ranges::transform(back.elements(), back.data(), [&](double v) { return v / scale; });
      Pca<float> usual(x, options);
      CHECK(difference(back, cast<double>(usual.inverse_transform(usual.transform(x)))) < 1e-2);
    }
  }
}

TEST_CASE("Pca: variances too large for float are refused, and those too small are 0") {
  const auto line = [](float scale) {
    return Tensor<float>::from({3, 2}, {0, 0, 3 * scale, 4 * scale, 6 * scale, 8 * scale});
  };
  CHECK(Pca<float>(line(1e-24F)).explained_variance()[0] == 0);
  CHECK(Pca<float>(line(1e-24F)).singular_values()[0] == doctest::Approx(std::sqrt(50.0) * 1e-24).epsilon(1e-6));
  CHECK(Pca<float>(line(3e18F)).explained_variance()[0] == doctest::Approx(225e36).epsilon(1e-6));
  Pca<float> pca(line(1));
  for (const float scale : {4e18F, 1e20F, 4e37F}) {
    CHECK_THROWS_WITH_AS(pca.fit(line(scale)),
                         doctest::Contains("Pca: need data of a total variance of at most 3.4028235e+38, got "),
                         ArgumentError);
  }
  CHECK(pca.explained_variance()[0] == doctest::Approx(25));  // as before
}

TEST_CASE("Pca: finite numbers that lead to infinite ones are refused") {
  const auto x = normal<float>({20, 5}, 19);
  const Pca<float> whitened(x, {.n_components = 2, .whiten = true});
  CHECK_THROWS_WITH_AS(whitened.inverse_transform(Tensor<float>::from({2, 2}, {0, 0, 3e38F, -3e38F})),
                       doctest::Contains("Pca: need codes of finite rows, got "), ArgumentError);
  CHECK_THROWS_AS(whitened.inverse_transform(Tensor<float>::full({1, 2}, 3e38F)), ArgumentError);
  auto tiny = x;
  std::ranges::transform(tiny.elements(), tiny.data(), [](float v) { return 1e-24F * v; });
  CHECK_THROWS_WITH_AS(
      Pca<float>(tiny, {.n_components = 2, .whiten = true}).transform(Tensor<float>::full({1, 5}, 1e20F)),
      "Pca: need x of finite coordinates, got larger numbers", ArgumentError);
}

TEST_CASE("Pca: a share of the variance of data that do not vary is one component") {
  const Pca<double> pca(Tensor<double>::full({9, 4}, 0.1), {.n_components = 0.95});
  CHECK(pca.n_components() == 1);
  CHECK(pca.explained_variance()[0] == 0);
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
        ("Pca: need x [N, D] with N >= 2 and n_components <= min(N, D), got x [4, 6] and " + std::to_string(count))
            .c_str(),
        ArgumentError);
  }
  for (const Shape& shape : {Shape{1, 6}, Shape{0, 6}, Shape{4, 0}}) {
    CHECK_THROWS_WITH_AS(
        Pca<double>(Tensor<double>::zeros(shape)),
        ("Pca: need x [N, D] with N >= 2 and n_components <= min(N, D), got x " + shape.text() + " and 0").c_str(),
        ArgumentError);
  }
  for (const double share : {0.0, 1.0, -0.5, 2.5}) {
    CHECK_THROWS_AS(Pca<double>({.n_components = share}), ArgumentError);
  }
  CHECK_THROWS_WITH_AS(Pca<double>(x, {.n_components = 0.5, .svd_solver = PcaSolver::truncated}),
                       "Pca: need a count as n_components for the truncated solver", ArgumentError);
  const Pca<double> pca(x, {.n_components = 2});
  CHECK_THROWS_WITH_AS(pca.transform(normal({4, 5}, 1)), "Pca: need x [N, 6], got [4, 5]", ShapeError);
  CHECK_THROWS_WITH_AS(pca.inverse_transform(normal({4, 6}, 1)), "Pca: need codes [N, 2], got [4, 6]", ShapeError);
  CHECK_THROWS_WITH_AS(Pca<double>().transform(x), "Pca: need data to be fitted first", ArgumentError);
  CHECK_THROWS_WITH_AS(Pca<double>().inverse_transform(x), "Pca: need data to be fitted first", ArgumentError);
}

TEST_CASE("Pca: NaN and infinities are refused, and named by row and column") {
  auto x = normal({200, 150}, 9);
  Pca<double> pca(x, {.n_components = 2});
  x[199 * 150] = -INFINITY;
  CHECK_THROWS_WITH_AS(Pca<double>(x, {}), "Pca: need finite x, got -inf in row 199, column 0", ArgumentError);
  CHECK_THROWS_WITH_AS(pca.transform(x), "Pca: need finite x, got -inf in row 199, column 0", ArgumentError);
  x[7] = NAN;
  CHECK_THROWS_WITH_AS(pca.fit(x), "Pca: need finite x, got nan in row 0, column 7", ArgumentError);
  CHECK(pca.n_components() == 2);  // as before
  CHECK_THROWS_WITH_AS(pca.inverse_transform(Tensor<double>::from({1, 2}, {0, NAN})),
                       "Pca: need finite codes, got nan in row 0, column 1", ArgumentError);
  CHECK_THROWS_AS(Pca<double>(Tensor<double>::from({2, 1}, {1e200, -1e200})), ArgumentError);
}
