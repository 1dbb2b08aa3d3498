#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <engram/analysis/block_folds.hpp>
#include <engram/analysis/check_finite.hpp>
#include <engram/analysis/circular.hpp>
#include <engram/analysis/decoding/held_out.hpp>
#include <engram/analysis/decoding/label_code.hpp>
#include <engram/analysis/decoding/options.hpp>
#include <engram/analysis/time_shifts.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>

namespace engram::analysis {

namespace detail {

template <class T, class L>
void check_decoding(const Tensor<T>& codes, const Tensor<L>& label, const DecodingOptions& options) {
  embed::check_rows("decode", "codes", codes);
  ensure<ShapeError>(label.rank() == 1 && label.dim(0) == codes.dim(0),
                     "decode: need codes [N, D] and a label [N], got ", codes.shape(), " and ", label.shape());
  check_finite("decode", "labels", label);
  check_period("decode", options.period);
  if (options.kind == LabelKind::categorical) {
    const auto broken = std::ranges::find_if(
        label.elements(), [](L value) { return std::floor(static_cast<double>(value)) != static_cast<double>(value); });
    ensure<ArgumentError>(broken == label.elements().end(), "decode: need whole numbers as categorical labels, got ",
                          broken == label.elements().end() ? L{} : *broken);
  }
  ensure<ArgumentError>(std::ranges::any_of(label.elements(), [&](L value) { return value != label[0]; }),
                        "decode: need a label that varies, got ", label[0], " in all frames");
}

/// The scores of the labels shifted in time. Several shifts stand side by side as targets.
inline std::vector<double> null_scores(const LabelCode& code, const Tensor<double>& label,
                                       const std::vector<Index>& shifts, const HeldOutPredictor& predict) {
  const Tensor<double> written = code.write(label);
  const Index width = code.width();
  const Index rows = label.dim(0);
  std::vector<double> scores(shifts.size());
  parallel_ranges(std::ssize(shifts), std::max<Index>(1, 32 / width), [&](Index begin, Index end) {
    const Index columns = (end - begin) * width;
    auto targets = Tensor<double>::uninitialized({rows, columns});
    for (Index s = begin; s < end; ++s) {
      for (Index i = 0; i < rows; ++i) {
        const Index from = (i + shifts[static_cast<std::size_t>(s)]) % rows;
        std::copy_n(written.data() + from * width, width, targets.data() + i * columns + (s - begin) * width);
      }
    }
    const Tensor<double> predicted = predict(targets);
    for (Index s = begin; s < end; ++s) {
      const auto at = static_cast<std::size_t>(s);
      scores[at] = code.score(shifted_in_time(label, shifts[at]), code.read(predicted, (s - begin) * width));
    }
  });
  return scores;
}

}  // namespace detail

/// How well a label can be read from codes, cross-validated over contiguous blocks of time, against a null of labels
/// shifted in time: `decode(codes, angle, {.kind = LabelKind::circular, .period = 360, .method = Decoder::ridge})`.
///
/// Each frame is predicted from codes and labels outside its block, and all predictions are scored together. Decoder::
/// neighbors takes the codes as they are; Decoder::ridge standardises each dimension by the training frames' mean and
/// standard deviation, so that alpha means the same for codes of any scale. Classes are coded as ones among zeros, of
/// which the largest prediction counts: for neighbours that is their vote, of equally frequent classes the smallest.
/// An angle is read from predicted cosine and sine; where both are 0, it is 0.
///
/// The null scores the label shifted circularly by `shifts` distinct random lags in the same way; neighbours and
/// factorisations are found once. It needs recordings that are long against what they follow: of courses that have
/// nothing in common (a linear label, a memory of 20 frames), 6 % got p <= 0.05 in 2,000 frames, but 7 to 11 % in 400
/// frames. Trends over a whole recording go together by chance, and the shifts do not tell.
/// @param codes  [N, D], in the order of time
/// @param label  [N], of any arithmetic type; for categorical labels whole numbers
/// @throws ShapeError unless there is a label for each code; ArgumentError for options out of range, entries that are
/// not finite, a label that does not vary, or fewer possible shifts than asked for
/// Source: block_folds(), time_shifts(), RidgeSolver.
template <std::floating_point T, class L>
requires(std::is_arithmetic_v<L>) Decoding
    decode(const Tensor<T>& codes, const Tensor<L>& label, const DecodingOptions& options = {}) {
  detail::check_decoding(codes, label, options);
  const Index count = codes.dim(0);
  const std::vector<Fold> folds = block_folds(count, options.folds, options.gap);
  for (const Fold& fold : folds) {
    ensure<ArgumentError>(options.method != Decoder::neighbors ||
                              (options.n_neighbors >= 1 && options.n_neighbors <= std::ssize(fold.training)),
                          "decode: need 1 <= n_neighbors <= ", fold.training.size(), " (the training frames), got ",
                          options.n_neighbors);
  }
  const Index min_shift = options.min_shift == 0 ? count / options.folds : options.min_shift;
  Decoding result;
  result.shifts = time_shifts(count, options.shifts, min_shift, Rng(options.seed));

  const auto truth = cast<double>(label);
  const detail::LabelCode code(truth, options.kind, options.period);
  const detail::HeldOutPredictor predict = options.method == Decoder::neighbors
                                               ? detail::held_out_neighbors(codes, folds, options.n_neighbors)
                                               : detail::held_out_ridge(codes, folds, options.alpha);
  result.predicted = code.read(predict(code.write(truth)));
  result.score = code.score(truth, result.predicted);
  result.error = code.error(truth, result.predicted);
  const Tensor<double> guessed = code.read(detail::held_out_means(folds)(code.write(truth)));
  result.chance = code.score(truth, guessed);
  result.chance_error = code.error(truth, guessed);
  result.null = detail::null_scores(code, truth, result.shifts, predict);
  result.p_value = null_p_value(result.score, result.null, code.larger_is_better());
  return result;
}

}  // namespace engram::analysis
