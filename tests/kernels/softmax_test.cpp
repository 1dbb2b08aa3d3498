#include <engram/kernels/softmax.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

using Kernel = void (*)(const AxisGeometry&, const double*, double*);
using Adjoint = void (*)(const AxisGeometry&, const double*, const double*, double*);

Index size_of(const AxisGeometry& g) {
  return g.outer * g.size * g.inner;
}

std::vector<double> numbers(const AxisGeometry& g, std::uint64_t seed) {
  return list(normal({size_of(g)}, seed));
}

std::vector<double> run(Kernel kernel, const AxisGeometry& g, const std::vector<double>& x) {
  auto y = unwritten<double>(size_of(g));
  kernel(g, x.data(), y.data());
  return y;
}

std::vector<double> run(Adjoint kernel, const AxisGeometry& g, const std::vector<double>& y,
                        const std::vector<double>& dy) {
  auto dx = unwritten<double>(size_of(g));
  kernel(g, y.data(), dy.data(), dx.data());
  return dx;
}

/// Calls f(positions of a line) for each line along the axis.
template <class F>
void for_each_naive_line(const AxisGeometry& g, F f) {
  for (Index o = 0; o < g.outer; ++o) {
    for (Index i = 0; i < g.inner; ++i) {
      std::vector<std::size_t> line;
      for (Index k = 0; k < g.size; ++k) {
        line.push_back(static_cast<std::size_t>((o * g.size + k) * g.inner + i));
      }
      f(line);
    }
  }
}

const std::vector<AxisGeometry>& axes() {
  static const std::vector<AxisGeometry> all = [] {
    std::vector<AxisGeometry> g;
    for (const Index size : {1, 2, 15, 16, 17, 33}) {
      for (const Index inner : {1, 2, 63, 64, 65, 130}) {
        g.push_back({.outer = 3, .size = size, .inner = inner});
      }
    }
    g.push_back({.outer = 300, .size = 100, .inner = 1});
    return g;
  }();
  return all;
}

}  // namespace

TEST_CASE("softmax kernel: agrees with a naive loop, also for lines that are not contiguous") {
  for (const AxisGeometry& g : axes()) {
    const auto x = numbers(g, 1);
    auto expected = unwritten<double>(size_of(g));
    auto logs = expected;
    for_each_naive_line(g, [&](const auto& line) {
      double total = 0;
      for (const auto at : line) {
        total += std::exp(x[at]);
      }
      for (const auto at : line) {
        expected[at] = std::exp(x[at]) / total;
        logs[at] = x[at] - std::log(total);
      }
    });
    CHECK(largest_difference(run(softmax<double>, g, x), expected) < 1e-15);
    CHECK(largest_difference(run(log_softmax<double>, g, x), logs) < 1e-14);
  }
}

TEST_CASE("softmax_grad and log_softmax_grad kernels: agree with the Jacobian") {
  for (const AxisGeometry& g : axes()) {
    const auto dy = numbers(g, 2);
    const auto y = run(softmax<double>, g, numbers(g, 1));
    const auto logs = run(log_softmax<double>, g, numbers(g, 1));
    auto expected = unwritten<double>(size_of(g));
    auto expected_logs = expected;
    for_each_naive_line(g, [&](const auto& line) {
      double dot = 0;
      double total = 0;
      for (const auto at : line) {
        dot += y[at] * dy[at];
        total += dy[at];
      }
      for (const auto at : line) {
        expected[at] = y[at] * (dy[at] - dot);
        expected_logs[at] = dy[at] - y[at] * total;
      }
    });
    CHECK(largest_difference(run(softmax_grad<double>, g, y, dy), expected) < 1e-14);
    CHECK(largest_difference(run(log_softmax_grad<double>, g, logs, dy), expected_logs) < 1e-13);
  }
}

TEST_CASE("row_maximum: of any number of elements, wherever it stands; NaN is passed over") {
  for (const Index size : {1, 2, 15, 16, 17, 33}) {
    for (Index at = 0; at < size; ++at) {
      std::vector<double> x(static_cast<std::size_t>(size), -5);
      x[static_cast<std::size_t>(at)] = -1;
      x[static_cast<std::size_t>((at + 1) % size)] = size > 1 ? static_cast<double>(NAN) : -1;
      CHECK(kernels::detail::row_maximum<double>(size, x.data()) == -1);
    }
  }
  const std::vector<double> low(2, -std::numeric_limits<double>::infinity());
  CHECK(kernels::detail::row_maximum<double>(2, low.data()) == low[0]);
}

TEST_CASE("softmax kernel: in place of its input") {
  for (const AxisGeometry& g : {AxisGeometry{3, 17, 1}, AxisGeometry{3, 17, 5}}) {
    auto x = numbers(g, 1);
    const auto y = run(softmax<double>, g, x);
    softmax(g, x.data(), x.data());
    CHECK(x == y);
  }
}

TEST_CASE("softmax kernels: no lines") {
  const AxisGeometry none{0, 3, 1};
  CHECK(run(softmax<double>, none, {}).empty());
  CHECK(run(log_softmax<double>, {2, 3, 0}, {}).empty());
}

TEST_CASE("softmax kernels: the same bits on any number of threads") {
  for (const AxisGeometry& g : {AxisGeometry{2000, 33, 1}, AxisGeometry{5, 33, 300}}) {
    const auto x = numbers(g, 1);
    const auto dy = numbers(g, 2);
    const auto y = run(softmax<double>, g, x);
    CHECK(same_bits_on_any_threads([&] { return run(softmax<double>, g, x); }));
    CHECK(same_bits_on_any_threads([&] { return run(log_softmax<double>, g, x); }));
    CHECK(same_bits_on_any_threads([&] { return run(softmax_grad<double>, g, y, dy); }));
    CHECK(same_bits_on_any_threads([&] { return run(log_softmax_grad<double>, g, y, dy); }));
  }
}
