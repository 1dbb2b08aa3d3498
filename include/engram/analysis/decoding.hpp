#pragma once

#include <concepts>
#include <type_traits>

#include <engram/analysis/block_folds.hpp>
#include <engram/analysis/decoding/options.hpp>
#include <engram/analysis/label_decoder.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>

namespace engram::analysis {

/// How well a label can be read from codes, cross-validated over contiguous blocks of time, against a null of labels
/// shifted in time: `decode(codes, angle, {.kind = LabelKind::circular, .period = 360, .method = Decoder::ridge})`.
///
/// Each frame is predicted from codes and labels outside its block, and all predictions are scored together. Decoder::
/// neighbors takes the codes as they are; Decoder::ridge standardises each dimension by the training frames' mean and
/// standard deviation, so that alpha means the same for codes of any scale. Classes are coded as ones among zeros, of
/// which the largest prediction counts: for neighbours that is their vote, of equally frequent classes the smallest.
/// An angle is read from predicted cosine and sine; where both are 0, it is 0.
///
/// The null scores the label shifted circularly by `shifts` distinct random lags in the same way, see Decoding::null;
/// neighbours and factorisations are found once. It needs recordings that are long against what they follow: of courses
/// that have nothing in common (a linear label, a memory of 20 frames), 6 % got p <= 0.05 in 2,000 frames, but 7 to 11
/// % in 400 frames. Trends over a whole recording go together by chance, and the shifts do not tell.
/// @param codes  [N, D], in the order of time
/// @param label  [N], of any arithmetic type; for categorical labels whole numbers
/// @throws ShapeError unless there is a label for each code; ArgumentError for options out of range, entries that are
/// not finite, a label that does not vary, or fewer possible shifts than asked for
/// Other folds, or several labels: LabelDecoder. Source: block_folds(), time_shifts(), RidgeSolver.
template <std::floating_point T, class L>
requires(std::is_arithmetic_v<L>) Decoding
    decode(const Tensor<T>& codes, const Tensor<L>& label, const DecodingOptions& options = {}) {
  embed::check_rows("decode", "codes", codes);
  return LabelDecoder(codes, block_folds(codes.dim(0), options.folds, options.gap), options)
      .decode(label, options.kind, options.period);
}

}  // namespace engram::analysis
