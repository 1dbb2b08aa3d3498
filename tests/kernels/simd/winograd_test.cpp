#include <engram/kernels/simd/winograd.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

/// A square [extent, extent, channels] through a transform: [out, out, channels].
template <class T>
Tensor<T> apply(typename simd::WinogradTransforms<T>::Transform transform, const Tensor<T>& square, Index out) {
  const Index extent = square.dim(0);
  const Index channels = square.dim(2);
  auto result = Tensor<T>::full({out, out, channels}, T(1e9));
  transform(square.data(), extent * channels, channels, result.data(), out * channels, channels, channels);
  return result;
}

template <class T>
void check_winograd(double tolerance) {
  for (const auto& set : runnable(simd::avx512::winograd_transforms<T>, simd::avx2::winograd_transforms<T>,
                                  simd::baseline::winograd_transforms<T>)) {
    const simd::WinogradTransforms<T>& t = set.value;
    CAPTURE(set.name);
    const Index channels = 2 * t.lanes;
    const auto pixels = normal<T>({6, 6, channels}, 1);
    const auto filter = normal<T>({3, 3, channels}, 2);
    const auto results = normal<T>({4, 4, channels}, 3);

    auto products = apply<T>(t.input, pixels, 6);
    const auto filter_points = apply<T>(t.filter, filter, 6);
    for (Index i = 0; i < products.size(); ++i) {
      products[i] *= filter_points[i];
    }
    const auto y = apply<T>(t.output, products, 4);
    double worst = 0;
    for (Index row = 0; row < 4; ++row) {
      for (Index column = 0; column < 4; ++column) {
        for (Index c = 0; c < channels; ++c) {
          double sum = 0;
          for (Index tap = 0; tap < 9; ++tap) {
            sum += static_cast<double>(filter[tap * channels + c]) *
                   static_cast<double>(pixels[((row + tap / 3) * 6 + column + tap % 3) * channels + c]);
          }
          worst = std::max(worst, std::abs(sum - static_cast<double>(y[(row * 4 + column) * channels + c])));
        }
      }
    }
    CHECK(worst < tolerance);

    // <transform(a), b> = <a, adjoint(b)>
    const auto points = normal<T>({6, 6, channels}, 4);
    CHECK(dot(apply<T>(t.output, points, 4), results) ==
          doctest::Approx(dot(points, apply<T>(t.output_adjoint, results, 6))).epsilon(tolerance));
    CHECK(dot(apply<T>(t.filter, filter, 6), points) ==
          doctest::Approx(dot(filter, apply<T>(t.filter_adjoint, points, 3))).epsilon(tolerance));
  }
}

}  // namespace

TEST_CASE("winograd_transforms: a patch and a filter give the sums of a convolution; adjoints fit") {
  check_winograd<double>(1e-13);
  check_winograd<float>(5e-5);
}
