#include <engram/embed/neighbors/distance.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/neighbor_lists.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;

namespace {

double cosine_distance(const double* a, const double* b, Index n, double mean_a, double mean_b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (Index d = 0; d < n; ++d) {
    ab += (a[d] - mean_a) * (b[d] - mean_b);
    aa += (a[d] - mean_a) * (a[d] - mean_a);
    bb += (b[d] - mean_b) * (b[d] - mean_b);
  }
  return 1 - ab / std::sqrt(aa * bb);
}

/// By the definitions in metric.hpp.
double by_definition(Metric metric, const double* a, const double* b, Index n) {
  double squares = 0;
  double sizes = 0;
  double mean_a = 0;
  double mean_b = 0;
  for (Index d = 0; d < n; ++d) {
    squares += (a[d] - b[d]) * (a[d] - b[d]);
    sizes += std::abs(a[d] - b[d]);
    mean_a += a[d] / static_cast<double>(n);
    mean_b += b[d] / static_cast<double>(n);
  }
  switch (metric) {
    case Metric::euclidean:
      return std::sqrt(squares);
    case Metric::squared_euclidean:
      return squares;
    case Metric::cosine:
      return cosine_distance(a, b, n, 0, 0);
    case Metric::correlation:
      return cosine_distance(a, b, n, mean_a, mean_b);
    case Metric::manhattan:
      return sizes;
  }
  return NAN;
}

/// Inner distance of prepared rows 0 and 1, finished.
template <class T>
T prepared_distance(const Tensor<T>& x, Metric metric) {
  const Tensor<T> rows = prepare(x, metric);
  T value{};
  with_inner_distance(metric, [&](auto inner) {
    kernels::simd::with_widest([&] { value = inner(rows.data(), rows.data() + rows.dim(1), rows.dim(1)); });
  });
  return finish(metric, value);
}

}  // namespace

TEST_CASE("distance: every metric by hand") {
  const double a[] = {1, 2, 5};
  const double b[] = {4, -2, 5};
  CHECK(distance(Metric::euclidean, a, b, 3) == 5);
  CHECK(distance(Metric::squared_euclidean, a, b, 3) == 25);
  CHECK(distance(Metric::manhattan, a, b, 3) == 7);
  CHECK(distance(Metric::cosine, a, b, 3) == doctest::Approx(1 - 25 / std::sqrt(30.0 * 45)));
  // less the means 8/3 and 7/3: (-5, -2, 7)/3 and (5, -13, 8)/3
  CHECK(distance(Metric::correlation, a, b, 3) == doctest::Approx(1 - 57 / std::sqrt(78.0 * 258)));
}

TEST_CASE("distance: every metric is its definition at any number of columns, of given and of prepared rows") {
  for (const Index columns : {1, 2, 15, 16, 17, 31, 33, 64, 100}) {
    CAPTURE(columns);
    const auto x = normal({2, columns}, static_cast<std::uint64_t>(columns));
    for (const Metric metric : all_metrics) {
      CAPTURE(static_cast<int>(metric));
      if (columns == 1 && metric == Metric::correlation) {
        continue;  // of constant rows: below
      }
      const double expected = by_definition(metric, x.data(), x.data() + columns, columns);
      CHECK(distance(metric, x.data(), x.data() + columns, columns) == doctest::Approx(expected).epsilon(1e-12));
      CHECK(prepared_distance(x, metric) == doctest::Approx(expected).epsilon(1e-12));
      CHECK(prepared_distance(cast<float>(x), metric) == doctest::Approx(expected).epsilon(1e-5));
    }
  }
}

TEST_CASE("distance: cosine and correlation of zero and of constant rows are 0 to each other, 1 to others") {
  const auto x = Tensor<float>::from({4, 3}, {0, 0, 0, 1, 2, 3, 0.1F, 0.1F, 0.1F, 0, 0, 0});
  const auto between = [&](Metric metric, Index i, Index j) {
    return distance(metric, x.data() + 3 * i, x.data() + 3 * j, 3);
  };
  CHECK(between(Metric::cosine, 0, 1) == doctest::Approx(1));
  CHECK(between(Metric::cosine, 0, 3) == 0);
  CHECK(between(Metric::correlation, 2, 1) == doctest::Approx(1));
  CHECK(between(Metric::correlation, 2, 0) == 0);
}

TEST_CASE("distance: cosine of tiny, huge and nearly equal rows keeps its digits") {
  const double a[] = {1e-200, 0};
  const double b[] = {1e-200, 1e-200};
  CHECK(distance(Metric::cosine, a, b, 2) == doctest::Approx(1 - std::sqrt(0.5)));
  const double c[] = {1e100, 1e93};
  const double d[] = {1e100, 0};
  CHECK(distance(Metric::cosine, c, d, 2) == doctest::Approx(0.5e-14).epsilon(1e-6));
}

TEST_CASE("prepare: pads with zeros to whole lanes; unit rows for cosine; the same on any number of threads") {
  const auto x = normal<float>({3000, 17}, 5);
  const auto plain = prepare(x, Metric::euclidean);
  REQUIRE(plain.shape() == Shape{3000, 32});
  CHECK(plain[32 + 16] == x[17 + 16]);
  CHECK(plain[32 + 17] == 0);
  CHECK(plain[32 + 31] == 0);
  const auto unit = prepare(x, Metric::cosine);
  double squares = 0;
  for (Index d = 0; d < 32; ++d) {
    squares += static_cast<double>(unit[d]) * static_cast<double>(unit[d]);
  }
  CHECK(squares == doctest::Approx(1).epsilon(1e-6));
  CHECK(prepare(x, Metric::cosine, 90)[5] == unit[5]);
  CHECK(prepare(x, Metric::manhattan, -90)[5] == std::ldexp(x[5], 90));
  CHECK(used_columns(16, Metric::manhattan) == 16);
  CHECK(used_columns(16, Metric::cosine) == 17);
  CHECK(prepared_width(16, Metric::euclidean) == 16);
  CHECK(prepared_width(16, Metric::correlation) == 32);
  CHECK(same_bits_on_any_threads([&] { return prepare(x, Metric::correlation); }));
}

TEST_CASE("check_rows: names what is wrong and where") {
  auto x = normal<double>({300, 400}, 6);
  CHECK_NOTHROW(check_rows("search", "x", x));
  x[200 * 400 + 7] = -INFINITY;
  CHECK_THROWS_WITH_AS(check_rows("search", "x", x), "search: need finite x, got -inf in row 200, column 7",
                       ArgumentError);
  x[3] = NAN;
  CHECK_THROWS_WITH_AS(check_rows("search", "x", x), "search: need finite x, got nan in row 0, column 3",
                       ArgumentError);
  x[3] = 1e151;
  CHECK_THROWS_WITH_AS(check_rows("search", "x", x),
                       "search: need finite x of at most 1e150, got 1e+151 in row 0, column 3", ArgumentError);
  CHECK_THROWS_WITH_AS(check_rows("search", "x", Tensor<float>::zeros({5})), "search: need x [N, D], got [5]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(check_rows("search", "x", Tensor<float>::zeros({0, 5})),
                       "search: need x [N, D] with 1 <= N < 2^31 and D >= 1, got [0, 5]", ArgumentError);
  CHECK_THROWS_WITH_AS(check_rows("search", "x", Tensor<float>::zeros({5, 0})),
                       "search: need x [N, D] with 1 <= N < 2^31 and D >= 1, got [5, 0]", ArgumentError);
}
