#include <engram/embed/neighbors/pivot_tree.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;
using engram::embed::detail::partition_rows;
using engram::embed::detail::RowPartition;

namespace {

/// Each row is at one place, leaves follow each other, none has more than `leaf_size` rows.
void check_partition(const RowPartition& partition, Index n, Index leaf_size) {
  auto order = partition.order;
  std::ranges::sort(order);
  std::vector<std::int32_t> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  CHECK(order == all);
  Index end = 0;
  Index largest = 0;
  Index smallest = n;
  for (const auto& leaf : partition.leaves) {
    CHECK(leaf.begin == end);
    end = leaf.end;
    largest = std::max(largest, leaf.size());
    smallest = std::min(smallest, leaf.size());
  }
  CHECK(end == n);
  CHECK(largest <= leaf_size);
  CHECK(smallest >= 1);
}

}  // namespace

TEST_CASE("pivot tree: leaves cover all rows, none larger than asked for") {
  for (const Index n : {1, 2, 63, 64, 65, 1000, 20000}) {
    CAPTURE(n);
    const PreparedRows<float> rows(normal<float>({n, 3}, 1), Metric::euclidean);
    check_partition(partition_rows(rows, 64, Rng(2)), n, 64);
  }
}

TEST_CASE("pivot tree: equal rows are cut evenly, and one among them is no trouble") {
  auto x = Tensor<float>::full({10000, 2}, 3.0F);
  const PreparedRows<float> equal(x, Metric::euclidean);
  const auto even = partition_rows(equal, 100, Rng(1));
  check_partition(even, 10000, 100);
  CHECK(even.leaves.size() < 1000);
  x[500] = 4;
  check_partition(partition_rows(PreparedRows<float>(x, Metric::manhattan), 100, Rng(1)), 10000, 100);
}

TEST_CASE("pivot tree: rows of a leaf are near each other") {
  const Index n = 4000;
  const PreparedRows<double> rows(normal({n, 2}, 3), Metric::euclidean);
  const auto partition = partition_rows(rows, 40, Rng(4));
  double within = 0;
  double overall = 0;
  for (const auto& leaf : partition.leaves) {
    const double* first = rows.row(partition.order[static_cast<std::size_t>(leaf.begin)]);
    const double* last = rows.row(partition.order[static_cast<std::size_t>(leaf.end - 1)]);
    const double* other = rows.row(partition.order[static_cast<std::size_t>((leaf.begin + n / 2) % n)]);
    double distance = 0;
    rows.distances(&first, 1, &last, 1, &distance, 1);
    within += distance;
    rows.distances(&first, 1, &other, 1, &distance, 1);
    overall += distance;
  }
  CHECK(within < 0.05 * overall);
}

TEST_CASE("pivot tree: the same on any number of threads, another one for another seed") {
  const PreparedRows<float> rows(normal<float>({12000, 4}, 5), Metric::euclidean);
  const auto order = [&](std::uint64_t seed) { return partition_rows(rows, 50, Rng(seed)).order; };
  CHECK(same_bits_on_any_threads([&] { return order(1); }));
  CHECK(order(1) != order(2));
}
