#include <engram/kernels/batch_norm.hpp>

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::kernels;

TEST_CASE("batch_statistics: mean and biased variance over batch and area") {
  const std::vector<double> x{1, 3, 10, 10, 5, 7, 10, 50};  // [2, 2, 2]
  auto mean = unwritten<double>(2);
  auto variance = unwritten<double>(2);
  batch_statistics({.batch = 2, .channels = 2, .area = 2}, x.data(), mean.data(), variance.data());
  CHECK(mean == std::vector<double>{4, 20});
  CHECK(variance == std::vector<double>{5, 300});
}

TEST_CASE(
    "batch_statistics: a small spread around a large mean is not lost to "
    "cancellation") {
  std::vector<float> x(1000, 10000.0f);
  for (std::size_t i = 0; i < x.size(); i += 2) {
    x[i] = 10000.25f;
  }
  float mean = 0;
  float variance = 0;
  batch_statistics({.batch = 10, .channels = 1, .area = 100}, x.data(), &mean, &variance);
  CHECK(mean == 10000.125f);
  CHECK(variance == 0.015625f);
}

TEST_CASE("batch_norm kernel: (x - mean) / sqrt(variance + eps) * weight + bias") {
  const std::vector<double> x{1, 3, 10, 20};  // [1, 2, 2]
  const double mean[] = {2, 10};
  const double variance[] = {3, 24};
  const double weight[] = {4, -10};
  const double bias[] = {0.5, 7};
  auto y = unwritten<double>(4);
  batch_norm<double>({.batch = 1, .channels = 2, .area = 2}, {x.data(), mean, variance, weight, bias, 1.0}, y.data());
  CHECK(y == std::vector<double>{-1.5, 2.5, 7, -13});
}

TEST_CASE("batch_norm_grad kernel: with fixed statistics each element stands alone") {
  const std::vector<double> x{1, 3};
  const std::vector<double> dy{10, 100};
  const double mean[] = {2};
  const double variance[] = {3};
  const double weight[] = {4};
  const double bias[] = {0};
  auto dx = unwritten<double>(2);
  double dweight = 0;
  double dbias = 0;
  batch_norm_grad<double>({.batch = 2, .channels = 1, .area = 1}, dy.data(),
                          {x.data(), mean, variance, weight, bias, 1.0}, false, {dx.data(), &dweight, &dbias});
  CHECK(dx == std::vector<double>{20, 200});
  CHECK(dweight == 45);
  CHECK(dbias == 110);
}

TEST_CASE(
    "batch_norm_grad kernel: in training the gradient is orthogonal to 1 "
    "and to x") {
  // y does not change when x is shifted, nor, without eps, when its deviation
  // is scaled.
  for (const Index area : {5, 1}) {
    CAPTURE(area);
    const BatchNormGeometry g{.batch = 15 / area, .channels = 2, .area = area};
    const auto x = normal({15 / area, 2, area}, 1);
    const auto dy = normal({15 / area, 2, area}, 2);
    const double weight[] = {2, -3};
    const double bias[] = {0, 0};
    double mean[2];
    double variance[2];
    batch_statistics(g, x.data(), mean, variance);
    auto dx = unwritten<double>(30);
    double dweight[2];
    double dbias[2];
    batch_norm_grad<double>(g, dy.data(), {x.data(), mean, variance, weight, bias, 0.0}, true,
                            {dx.data(), dweight, dbias});
    for (Index c = 0; c < 2; ++c) {
      double sum = 0;
      double along = 0;
      double size = 0;
      for (Index i = 0; i < 30; ++i) {
        if (i / area % 2 == c) {
          sum += dx.data()[i];
          along += dx.data()[i] * x[i];
          size += std::abs(dx.data()[i]);
        }
      }
      CHECK(size > 1);
      CHECK(std::abs(sum) < 1e-13);
      CHECK(std::abs(along) < 1e-13);
    }
  }
}

TEST_CASE("batch norm kernels: a floor raises results, and lets no gradient pass at it or below") {
  const std::vector<double> x{1, 2, 3};  // y without a floor: -1, 0, 1
  const std::vector<double> dy{10, 100, 1000};
  const double mean[] = {2};
  const double variance[] = {3};
  const double weight[] = {2};
  const double bias[] = {0};
  const BatchNormInputs<double> in{x.data(), mean, variance, weight, bias, 1.0, 0.0};
  for (const Index area : {3, 1}) {
    CAPTURE(area);
    const BatchNormGeometry g{.batch = 3 / area, .channels = 1, .area = area};
    auto y = unwritten<double>(3);
    batch_norm(g, in, y.data());
    CHECK(y == std::vector<double>{0, 0, 1});
    auto dx = unwritten<double>(3);
    double dweight = 0;
    double dbias = 0;
    batch_norm_grad(g, dy.data(), in, false, {dx.data(), &dweight, &dbias});
    CHECK(dx == std::vector<double>{0, 0, 1000});
    CHECK(dweight == 500);
    CHECK(dbias == 1000);
  }
}

TEST_CASE("batch_norm_grad kernel: the gradient of x may be left out") {
  const std::vector<float> x{1, 3};
  const std::vector<float> dy{1, 1};
  const float mean[] = {2};
  const float one[] = {1};
  float dweight = -1;
  float dbias = -1;
  batch_norm_grad<float>({.batch = 2, .channels = 1, .area = 1}, dy.data(), {x.data(), mean, one, one, one, 0.0f}, true,
                         {nullptr, &dweight, &dbias});
  CHECK(dweight == 0);
  CHECK(dbias == 2);
}

TEST_CASE("batch norm kernels: the same bits on any number of threads") {
  const BatchNormGeometry g{.batch = 5, .channels = 9, .area = 101};
  const auto x = normal<float>({5, 9, 101}, 1);
  const auto dy = normal<float>({5, 9, 101}, 2);
  const auto weight = normal<float>({9}, 3);
  const auto bias = normal<float>({9}, 4);
  CHECK(same_bits_on_any_threads([&] {
    std::vector<float> all(static_cast<std::size_t>(2 * x.size() + 4 * 9));
    float* mean = all.data();
    float* variance = mean + 9;
    float* dweight = variance + 9;
    float* dbias = dweight + 9;
    float* y = dbias + 9;
    batch_statistics(g, x.data(), mean, variance);
    const BatchNormInputs<float> in{x.data(), mean, variance, weight.data(), bias.data(), 1e-5f};
    batch_norm<float>(g, in, y);
    batch_norm_grad<float>(g, dy.data(), in, true, {y + x.size(), dweight, dbias});
    return all;
  }));
}
