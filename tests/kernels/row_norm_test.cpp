#include <engram/kernels/row_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

using Numbers = std::vector<double>;

constexpr double eps = 0.01;

Index size_of(const RowNormGeometry& g) {
  return g.rows() * g.row_size();
}
Index weights_of(const RowNormGeometry& g) {
  return g.groups * g.channels;
}

struct Case {
  RowNormGeometry g;
  Numbers x = list(normal({size_of(g)}, 1));
  Numbers dy = list(normal({size_of(g)}, 2));
  Numbers weight = list(normal({weights_of(g)}, 3));
  Numbers bias = list(normal({weights_of(g)}, 4));
};

struct Result {
  Numbers y;
  Numbers mean;
  Numbers inverse;
  Numbers dx;
  Numbers dweight;
  Numbers dbias;
};

Result run(const Case& c, bool affine) {
  const RowNormGeometry& g = c.g;
  Result r{.y = unwritten<double>(size_of(g)),
           .mean = unwritten<double>(g.rows()),
           .inverse = unwritten<double>(g.rows()),
           .dx = unwritten<double>(size_of(g)),
           .dweight = unwritten<double>(weights_of(g)),
           .dbias = unwritten<double>(weights_of(g))};
  const double* weight = affine ? c.weight.data() : nullptr;
  row_norm(g, c.x.data(), weight, affine ? c.bias.data() : nullptr, eps, r.y.data(), r.mean.data(), r.inverse.data());
  row_norm_grad_input(g, c.dy.data(), c.x.data(), r.mean.data(), r.inverse.data(), weight, r.dx.data());
  row_norm_grad_affine(g, c.dy.data(), c.x.data(), r.mean.data(), r.inverse.data(), r.dweight.data(), r.dbias.data());
  return r;
}

/// By the formulas.
Result naive(const Case& c, bool affine) {
  const RowNormGeometry& g = c.g;
  Result r{.y = Numbers(c.x.size()),
           .mean = {},
           .inverse = {},
           .dx = Numbers(c.x.size()),
           .dweight = Numbers(c.weight.size()),
           .dbias = Numbers(c.weight.size())};
  const auto n = static_cast<std::size_t>(g.row_size());
  for (std::size_t row = 0; row < static_cast<std::size_t>(g.rows()); ++row) {
    const double* x = c.x.data() + row * n;
    const double* dy = c.dy.data() + row * n;
    const auto channel = [&](std::size_t i) {
      return row % static_cast<std::size_t>(g.groups) * static_cast<std::size_t>(g.channels) +
             i / static_cast<std::size_t>(g.area);
    };
    double mean = 0;
    double variance = 0;
    for (std::size_t i = 0; i < n; ++i) {
      mean += x[i] / static_cast<double>(n);
    }
    for (std::size_t i = 0; i < n; ++i) {
      variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(n);
    }
    const double inverse = 1 / std::sqrt(variance + eps);
    r.mean.push_back(mean);
    r.inverse.push_back(inverse);
    double mean_u = 0;
    double mean_u_xhat = 0;
    const auto xhat = [&](std::size_t i) { return (x[i] - mean) * inverse; };
    const auto u = [&](std::size_t i) { return affine ? c.weight[channel(i)] * dy[i] : dy[i]; };
    for (std::size_t i = 0; i < n; ++i) {
      mean_u += u(i) / static_cast<double>(n);
      mean_u_xhat += u(i) * xhat(i) / static_cast<double>(n);
      r.dweight[channel(i)] += dy[i] * xhat(i);
      r.dbias[channel(i)] += dy[i];
    }
    for (std::size_t i = 0; i < n; ++i) {
      r.y[row * n + i] = affine ? xhat(i) * c.weight[channel(i)] + c.bias[channel(i)] : xhat(i);
      r.dx[row * n + i] = inverse * (u(i) - mean_u - xhat(i) * mean_u_xhat);
    }
  }
  return r;
}

void check_same(const Result& a, const Result& b) {
  CHECK(largest_difference(a.y, b.y) < 1e-13);
  CHECK(largest_difference(a.mean, b.mean) < 1e-13);
  CHECK(largest_difference(a.inverse, b.inverse) < 1e-12);
  CHECK(largest_difference(a.dx, b.dx) < 1e-12);
  CHECK(largest_difference(a.dweight, b.dweight) < 1e-11);
  CHECK(largest_difference(a.dbias, b.dbias) < 1e-11);
}

}  // namespace

TEST_CASE("row_norm kernels: layer norm's rows around the limits of lanes and blocks agree with the formulas") {
  for (const Index channels : {1, 2, 15, 16, 17, 63, 64, 65, 130}) {
    CAPTURE(channels);
    const Case c{.g = {.batch = 5, .channels = channels}};
    check_same(run(c, true), naive(c, true));
    check_same(run(c, false), naive(c, false));
  }
}

TEST_CASE("row_norm kernels: group norm's channels and pixels agree with the formulas") {
  for (const Index groups : {1, 2, 5}) {
    for (const Index channels : {1, 3, 40}) {
      for (const Index area : {1, 2, 15, 16, 17}) {
        CAPTURE(groups);
        CAPTURE(channels);
        CAPTURE(area);
        const Case c{.g = {.batch = 3, .groups = groups, .channels = channels, .area = area}};
        check_same(run(c, true), naive(c, true));
        check_same(run(c, false), naive(c, false));
      }
    }
  }
}

TEST_CASE("row_norm kernel: either of weight and bias alone") {
  for (const Index area : {1, 3}) {
    const Case c{.g = {.batch = 2, .groups = 2, .channels = 4, .area = area}};
    Case shifted = c;
    Case scaled = c;
    shifted.weight.assign(shifted.weight.size(), 1);
    scaled.bias.assign(scaled.bias.size(), 0);
    auto y = unwritten<double>(size_of(c.g));
    auto mean = unwritten<double>(c.g.rows());
    auto inverse = unwritten<double>(c.g.rows());
    row_norm<double>(c.g, c.x.data(), nullptr, c.bias.data(), eps, y.data(), mean.data(), inverse.data());
    CHECK(largest_difference(y, run(shifted, true).y) < 1e-15);
    row_norm<double>(c.g, c.x.data(), c.weight.data(), nullptr, eps, y.data(), mean.data(), inverse.data());
    CHECK(largest_difference(y, run(scaled, true).y) < 1e-15);
  }
}

TEST_CASE("row_norm kernels: no rows, and rows of no pixels, give 0 for weight and bias") {
  for (const RowNormGeometry& g :
       {RowNormGeometry{.batch = 0, .channels = 3}, RowNormGeometry{.batch = 2, .channels = 3, .area = 0}}) {
    const auto r = run({.g = g}, true);
    CHECK(r.dweight == Numbers(3));
    CHECK(r.dbias == Numbers(3));
  }
}

TEST_CASE("row_norm kernels: the same bits on any number of threads") {
  for (const RowNormGeometry& g : {RowNormGeometry{.batch = 100, .channels = 300},
                                   RowNormGeometry{.batch = 7, .groups = 4, .channels = 33, .area = 50}}) {
    const Case c{.g = g};
    CHECK(same_bits_on_any_threads([&] { return run(c, true).y; }));
    CHECK(same_bits_on_any_threads([&] { return run(c, true).dx; }));
    CHECK(same_bits_on_any_threads([&] { return run(c, true).dweight; }));
    CHECK(same_bits_on_any_threads([&] { return run(c, true).dbias; }));
  }
}
