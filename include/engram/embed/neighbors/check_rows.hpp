#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed {

/// What every search for neighbours asks of its rows x [N, D].
/// @throws ShapeError unless x has two axes; ArgumentError unless D >= 1, 1 <= N < 2^31 and the entries are finite (at
/// most 1e150, so that squares are), naming the first that is not
template <std::floating_point T>
void check_rows(const char* operation, const char* name, const Tensor<T>& x) {
  ensure<ShapeError>(x.rank() == 2, operation, ": need ", name, " [N, D], got ", x.shape());
  ensure<ArgumentError>(x.size() > 0 && x.dim(0) <= std::numeric_limits<std::int32_t>::max(), operation, ": need ",
                        name, " [N, D] with 1 <= N < 2^31 and D >= 1, got ", x.shape());
  constexpr T limit = std::is_same_v<T, float> ? std::numeric_limits<T>::max() : static_cast<T>(1e150);
  const auto good = [](T v) { return v <= limit && v >= -limit; };
  parallel_ranges(x.size(), 1 << 16, [&](Index begin, Index end) {
    int bad = 0;
    kernels::simd::with_widest([&] {
      const T* v = x.data();
      bad = kernels::sum_lanes<int>(begin, end, [=](Index i) { return v[i] <= limit && v[i] >= -limit ? 0 : 1; });
    });
    if (bad > 0) {
      const Index i = std::find_if_not(x.data() + begin, x.data() + end, good) - x.data();
      fail<ArgumentError>(operation, ": need finite ", name, std::isfinite(x[i]) ? " of at most 1e150" : "", ", got ",
                          x[i], " in row ", i / x.dim(1), ", column ", i % x.dim(1));
    }
  });
}

}  // namespace engram::embed
