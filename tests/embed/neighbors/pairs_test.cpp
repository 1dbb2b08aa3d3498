#include <engram/embed/neighbors/pairs.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

#include <engram/embed/neighbors/prepared_rows.hpp>

#include "support/random_tensor.hpp"

using namespace engram;
using namespace engram::embed;

namespace {

template <class T>
std::vector<const T*> pointers(const PreparedRows<T>& rows, Index begin, Index count) {
  std::vector<const T*> result;
  for (Index i = begin; i < begin + count; ++i) {
    result.push_back(rows.row(i));
  }
  return result;
}

/// Largest relative error of all pairs of 11 x 13 rows.
template <class T>
double largest_error(Metric metric, Index columns) {
  const PreparedRows<T> rows(normal<T>({24, columns}, 1), metric);
  const auto a = pointers(rows, 0, 11);
  const auto b = pointers(rows, 11, 13);
  std::vector<T> out(11 * 13, T{-1});
  rows.distances(a.data(), 11, b.data(), 13, out.data(), 13);
  double worst = 0;
  for (Index i = 0; i < 11; ++i) {
    for (Index j = 0; j < 13; ++j) {
      double sum = 0;
      for (Index d = 0; d < rows.width(); ++d) {
        const double difference = static_cast<double>(rows.row(i)[d]) - static_cast<double>(rows.row(11 + j)[d]);
        sum += metric == Metric::manhattan ? std::abs(difference) : difference * difference;
      }
      const double value = static_cast<double>(out[static_cast<std::size_t>(i * 13 + j)]);
      worst = std::max(worst, std::abs(value - sum) / (sum + 1e-30));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("pairs: distances are those of plain sums in double") {
  for (const Metric metric : {Metric::euclidean, Metric::cosine, Metric::manhattan}) {
    for (const Index columns : {1, 16, 50, 784}) {
      CAPTURE(columns);
      CHECK(largest_error<float>(metric, columns) < 2e-6);
      CHECK(largest_error<double>(metric, columns) < 1e-14);
    }
  }
}

TEST_CASE("pairs: a pair has the same bits in any tile and with its rows exchanged") {
  const PreparedRows<float> rows(normal<float>({9, 100}, 2), Metric::euclidean);
  const auto all = pointers(rows, 0, 9);
  std::vector<float> out(81);
  rows.distances(all.data(), 9, all.data(), 9, out.data(), 9);
  Index differing = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    for (std::size_t j = 0; j < 9; ++j) {
      float alone = -1;
      rows.distances(&all[i], 1, &all[j], 1, &alone, 1);
      differing += alone == out[i * 9 + j] && alone == out[j * 9 + i] ? 0 : 1;
    }
    CHECK(out[i * 9 + i] == 0);
  }
  CHECK(differing == 0);
}

TEST_CASE("pairs: nothing but rows x columns elements is written, at any leading dimension") {
  const PreparedRows<float> rows(normal<float>({6, 3}, 3), Metric::euclidean);
  const auto all = pointers(rows, 0, 6);
  for (Index m = 0; m <= 6; ++m) {
    for (Index n = 0; n <= 6; ++n) {
      std::vector<float> out(70, -7.0F);
      rows.distances(all.data(), m, all.data(), n, out.data(), 10);
      Index untouched = 0;
      for (const float v : out) {
        untouched += v == -7.0F ? 1 : 0;
      }
      CHECK(untouched == 70 - m * n);
    }
  }
}

TEST_CASE("prepared rows: measure() sums in double, finished() undoes the scale, of squares too") {
  for (const float unit : {1.0F, 0x1p-100F, 0x1p120F}) {
    const auto x = Tensor<float>::from({3, 2}, {0, 0, 3 * unit, 4 * unit, 6 * unit, 8 * unit});
    const PreparedRows<float> rows(x, Metric::euclidean);
    std::vector<Found> found;
    rows.measure(rows.row(0), std::vector<std::int32_t>{2, 1}, found);
    REQUIRE(found.size() == 2);
    CHECK(found[0].index == 2);
    CHECK(rows.finished(found[0].distance) == 10 * unit);
    CHECK(rows.finished(found[1].distance) == 5 * unit);
    const float far[] = {30 * unit, 40 * unit};
    rows.measure(rows.prepared<double>(far, 2).data(), std::vector<std::int32_t>{1}, found);
    CHECK(rows.finished(found[0].distance) == 45 * unit);
  }
  const auto small = Tensor<float>::from({2, 2}, {0, 0, 0x3p-40F, 0x4p-40F});
  for (const auto& [metric, expected] :
       {std::pair{Metric::squared_euclidean, 0x19p-80F}, std::pair{Metric::manhattan, 0x7p-40F}}) {
    const PreparedRows<float> rows(small, metric);
    std::vector<Found> found;
    rows.measure(rows.row(0), std::vector<std::int32_t>{1}, found);
    CHECK(rows.finished(found[0].distance) == expected);
  }
}
