#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// The least lag where none is chosen: a tenth of the frames.
inline Index default_min_shift(Index count) {
  return std::max<Index>(1, count / 10);
}

/// How many distinct shifts time_shifts can draw.
inline Index most_time_shifts(Index count, Index min_shift) {
  return std::max<Index>(0, count - 2 * min_shift + 1);
}

/// Distinct circular shifts of a recording, drawn at random from min_shift .. count - min_shift.
///
/// Labels shifted against the codes keep their course in time, but lose what the codes say about them: a null for any
/// measure of how codes and labels go together. Frames a few steps apart are near duplicates, which min_shift skips;
/// the one jump, where the end meets the beginning, is the price.
/// @param count      frames
/// @param shifts     how many, >= 0
/// @param min_shift  least lag in frames, both ways round, >= 1
/// @throws ArgumentError for other numbers, or if there are not so many distinct shifts
/// Source: Harris, "Nonsense correlations in neuroscience", bioRxiv 2020.11.29.402719, 2020.
inline std::vector<Index> time_shifts(Index count, Index shifts, Index min_shift, Rng rng) {
  ensure<ArgumentError>(shifts >= 0 && min_shift >= 1, "time_shifts: need shifts >= 0 and min_shift >= 1, got ", shifts,
                        " and ", min_shift);
  const Index choices = most_time_shifts(count, min_shift);
  ensure<ArgumentError>(shifts <= choices, "time_shifts: need at most ", choices, " shifts (", count,
                        " frames, least lag ", min_shift, "), got ", shifts);
  std::vector<Index> drawn(static_cast<std::size_t>(choices));
  std::iota(drawn.begin(), drawn.end(), min_shift);
  for (Index i = 0; i < shifts; ++i) {
    std::swap(drawn[static_cast<std::size_t>(i)], drawn[static_cast<std::size_t>(i + rng.below(choices - i))]);
  }
  drawn.resize(static_cast<std::size_t>(shifts));
  return drawn;
}

/// Row i of the result is row (i + shift) mod N of x [N, ...]: numpy.roll(x, -shift, axis=0).
/// @param shift  0 .. N
/// @throws ArgumentError for others
template <class T>
Tensor<T> shifted_in_time(const Tensor<T>& x, Index shift) {
  ensure<ArgumentError>(shift >= 0 && shift <= x.dim(0), "shifted_in_time: need 0 <= shift <= ", x.dim(0),
                        " (the frames), got ", shift);
  auto out = Tensor<T>::uninitialized(x.shape());
  const Index start = x.size() == 0 ? 0 : shift * (x.size() / x.dim(0));
  std::rotate_copy(x.data(), x.data() + start, x.data() + x.size(), out.data());
  return out;
}

/// The chance of a score as good under the null: (1 + the null's scores at least as good) / (1 + all of them), never 0.
/// @param null              scores under the null; without any the result is 1
/// @param larger_is_better  whether a score is good if it is large
/// Source: Phipson, Smyth, "Permutation p-values should never be zero", Stat. Appl. Genet. Mol. Biol. 9(1), 2010.
inline double null_p_value(double score, const std::vector<double>& null, bool larger_is_better = true) {
  const auto as_good =
      std::ranges::count_if(null, [=](double other) { return larger_is_better ? other >= score : other <= score; });
  return static_cast<double>(1 + as_good) / static_cast<double>(1 + null.size());
}

/// The score to surpass for a null_p_value() below 0.05; NaN where the null is of fewer than 20, which allow of none.
/// @param null              scores under the null
/// @param larger_is_better  whether a score is good if it is large
inline double null_twentieth(std::vector<double> null, bool larger_is_better = true) {
  if (null.size() < 20) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  std::ranges::sort(null);
  const std::size_t at =
      (null.size() + 1 + 19) / 20 - 2;  // so many of the null may be as good: (1 + at) / (1 + n) < 1/20
  return larger_is_better ? null[null.size() - 1 - at] : null[at];
}

}  // namespace engram::analysis
