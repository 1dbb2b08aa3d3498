#include <engram/embed/umap/procrustes.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "support/random_tensor.hpp"

using namespace engram;
using namespace engram::embed;

namespace {

std::vector<std::int32_t> same_rows(Index rows) {
  std::vector<std::int32_t> partners(static_cast<std::size_t>(rows));
  std::iota(partners.begin(), partners.end(), 0);
  return partners;
}

double largest_difference(const Tensor<float>& a, const Tensor<float>& b) {
  double largest = 0;
  for (Index i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

/// x turned in each plane of two neighbouring axes, mirrored along the first axis if asked for, and moved.
Tensor<float> moved(Tensor<float> x, double angle, bool mirrored) {
  const Index d = x.dim(1);
  for (Index i = 0; i < x.dim(0); ++i) {
    float* const row = x.data() + i * d;
    for (Index c = 0; c + 1 < d; ++c) {
      const double u = static_cast<double>(row[c]);
      const double v = static_cast<double>(row[c + 1]);
      row[c] = static_cast<float>(std::cos(angle) * u - std::sin(angle) * v);
      row[c + 1] = static_cast<float>(std::sin(angle) * u + std::cos(angle) * v);
    }
    row[0] = (mirrored ? -row[0] : row[0]) + 3;
    row[d - 1] -= 7;
  }
  return x;
}

/// How much the distances between rows differ.
double distortion(const Tensor<float>& a, const Tensor<float>& b) {
  const auto distance = [](const Tensor<float>& x, Index i, Index j) {
    double squared = 0;
    for (Index c = 0; c < x.dim(1); ++c) {
      squared += std::pow(static_cast<double>(x[i * x.dim(1) + c]) - static_cast<double>(x[j * x.dim(1) + c]), 2);
    }
    return std::sqrt(squared);
  };
  double largest = 0;
  for (Index i = 0; i < a.dim(0); ++i) {
    for (Index j = 0; j < i; ++j) {
      largest = std::max(largest, std::abs(distance(a, i, j) - distance(b, i, j)));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("procrustes_aligned: undoes turning, mirroring and moving, in 1 to 16 dimensions") {
  for (const Index d : {1, 2, 3, 5, 16}) {
    for (const bool mirrored : {false, true}) {
      CAPTURE(d);
      CAPTURE(mirrored);
      const auto x = normal<float>({50, d}, 1);
      CHECK(largest_difference(procrustes_aligned(moved(x, 1.1, mirrored), x, same_rows(50)), x) < 1e-5);
    }
  }
}

TEST_CASE("procrustes_aligned: related rows alone decide, wherever their partners stand") {
  const auto x = normal<float>({40, 2}, 2);
  auto points = moved(x, 2, true);
  auto reference = Tensor<float>::full({40, 2}, 1e3F);
  std::vector<std::int32_t> partners(40, -1);
  for (Index i = 10; i < 30; ++i) {
    partners[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(39 - i);
    reference[(39 - i) * 2] = x[i * 2];
    reference[(39 - i) * 2 + 1] = x[i * 2 + 1];
  }
  CHECK(largest_difference(procrustes_aligned(points, reference, partners), x) < 1e-5);
}

TEST_CASE("procrustes_aligned: is as near as any other turn") {
  const auto reference = normal<float>({30, 2}, 3);
  const auto points = normal<float>({30, 2}, 4);
  const auto error = [&](const Tensor<float>& x) {
    double sum = 0;
    for (Index i = 0; i < x.size(); ++i) {
      sum += std::pow(static_cast<double>(x[i]) - static_cast<double>(reference[i]), 2);
    }
    return sum;
  };
  const auto aligned = procrustes_aligned(points, reference, same_rows(30));
  CHECK(distortion(aligned, points) < 1e-5);
  Tensor<float> turned = aligned;
  double mean[2] = {};
  for (Index i = 0; i < aligned.size(); ++i) {
    mean[i % 2] += static_cast<double>(aligned[i]) / 30;
  }
  for (const double angle : {-0.5, -0.01, 0.01, 0.5, 3.0}) {
    for (Index i = 0; i < 30; ++i) {
      const double u = static_cast<double>(aligned[2 * i]) - mean[0];
      const double v = static_cast<double>(aligned[2 * i + 1]) - mean[1];
      turned[2 * i] = static_cast<float>(mean[0] + std::cos(angle) * u - std::sin(angle) * v);
      turned[2 * i + 1] = static_cast<float>(mean[1] + std::sin(angle) * u + std::cos(angle) * v);
    }
    CHECK(error(turned) > error(aligned));
  }
}

TEST_CASE("procrustes_aligned: keeps distances where related rows are too few, on a line or in one place") {
  const auto x = normal<float>({20, 3}, 5);
  auto on_a_line = Tensor<float>::zeros({20, 3});
  for (Index i = 0; i < 20; ++i) {
    on_a_line[i * 3 + 1] = static_cast<float>(i);
  }
  std::vector<std::int32_t> few(20, -1);
  few[3] = 7;
  for (const auto& reference : {on_a_line, Tensor<float>::full({20, 3}, 2.0F), moved(x, 1, false)}) {
    for (const auto& partners : {few, same_rows(20)}) {
      CHECK(distortion(procrustes_aligned(x, reference, partners), x) < 1e-5);
      CHECK(distortion(procrustes_aligned(on_a_line, reference, partners), on_a_line) < 1e-4);
    }
  }
  const auto met = procrustes_aligned(x, on_a_line, few);
  CHECK(std::abs(met[3 * 3 + 1] - 7) < 1e-5F);
  CHECK(largest_difference(procrustes_aligned(x, on_a_line, std::vector<std::int32_t>(20, -1)), x) == 0);
}
