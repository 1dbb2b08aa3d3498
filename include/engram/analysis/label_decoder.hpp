#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>
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
#include <engram/core/take_rows.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>

namespace engram::analysis {

namespace detail {

inline void check_folds(const std::vector<Fold>& folds, Index count) {
  ensure<ArgumentError>(!folds.empty(), "decode: need a fold, got none");
  std::vector<bool> seen(static_cast<std::size_t>(count));
  for (const Fold& fold : folds) {
    ensure<ArgumentError>(!fold.training.empty() && !fold.held_out.empty(),
                          "decode: need training and held-out rows in each fold, got ", fold.training.size(), " and ",
                          fold.held_out.size());
    for (const auto* rows : {&fold.training, &fold.held_out}) {
      const auto outside = std::ranges::find_if(*rows, [&](Index row) { return row < 0 || row >= count; });
      ensure<ArgumentError>(outside == rows->end(), "decode: need rows in 0..", count - 1, " in the folds, got ",
                            outside == rows->end() ? 0 : *outside);
    }
    for (const Index row : fold.held_out) {
      ensure<ArgumentError>(!seen[static_cast<std::size_t>(row)], "decode: need rows that are held out once, got row ",
                            row, " twice");
      seen[static_cast<std::size_t>(row)] = true;
    }
    std::vector<bool> held_out(static_cast<std::size_t>(count));
    for (const Index row : fold.held_out) {
      held_out[static_cast<std::size_t>(row)] = true;
    }
    for (const Index row : fold.training) {
      ensure<ArgumentError>(!held_out[static_cast<std::size_t>(row)],
                            "decode: need a fold that learns from other rows than it holds out, got row ", row,
                            " in both");
    }
  }
}

template <class L>
void check_label(const Tensor<L>& label, Index count, LabelKind kind, double period) {
  ensure<ShapeError>(label.rank() == 1 && label.dim(0) == count, "decode: need a label [", count,
                     "] as there are codes, got ", label.shape());
  check_finite("decode", "labels", label);
  check_period("decode", period);
  if (kind == LabelKind::categorical) {
    const auto broken = std::ranges::find_if(
        label.elements(), [](L value) { return std::floor(static_cast<double>(value)) != static_cast<double>(value); });
    ensure<ArgumentError>(broken == label.elements().end(), "decode: need whole numbers as categorical labels, got ",
                          broken == label.elements().end() ? L{} : *broken);
  }
  ensure<ArgumentError>(std::ranges::any_of(label.elements(), [&](L value) { return value != label[0]; }),
                        "decode: need a label that varies, got ", label[0], " in all frames");
}

}  // namespace detail

/// Reads any number of labels from the same codes, see decode(): what depends on the codes alone, neighbours and
/// factorisations, is found once.
///
///     const LabelDecoder decoder(codes, {held_out_fold(codes.dim(0), held_out)}, {.method = Decoder::ridge});
///     const Decoding angle = decoder.decode(body_angle, LabelKind::circular, 360);
///     const Decoding distance = decoder.decode(port_distance);
///
/// Labels are shifted in time over the whole recording before they are parted into folds, so that the null keeps each
/// label's course in training and held-out frames alike. A shift may bring labels into the held-out frames that are
/// harder or easier to tell, so it counts how far a shift's score comes from its own chance towards a perfect one.
class LabelDecoder {
 public:
  /// @param codes    [N, D], in the order of time
  /// @param folds    rows to learn from and to predict; each row is held out at most once, and only those that are
  /// count
  /// @param options  all but kind and period, which come with each label, and folds and gap, which `folds` stand for
  /// @throws ShapeError unless codes have two axes; ArgumentError for other folds, options out of range or codes that
  /// are not finite
  template <std::floating_point T>
  LabelDecoder(const Tensor<T>& codes, std::vector<Fold> folds, const DecodingOptions& options = {})
      : count_(codes.rank() == 2 ? codes.dim(0) : 0), folds_(std::move(folds)), options_(options) {
    embed::check_rows("decode", "codes", codes);
    detail::check_folds(folds_, count_);
    for (const Fold& fold : folds_) {
      ensure<ArgumentError>(options.method != Decoder::neighbors ||
                                (options.n_neighbors >= 1 && options.n_neighbors <= std::ssize(fold.training)),
                            "decode: need 1 <= n_neighbors <= ", fold.training.size(), " (the training frames), got ",
                            options.n_neighbors);
    }
    held_out_ = detail::held_out_rows(folds_);
    predict_ = options.method == Decoder::neighbors ? detail::held_out_neighbors(codes, folds_, options.n_neighbors)
                                                    : detail::held_out_ridge(codes, folds_, options.alpha);
  }

  /// @param label   [N], of any arithmetic type; for a categorical label whole numbers
  /// @param period  of a circular label, in its unit
  /// @throws ShapeError unless there is a label for each code; ArgumentError for labels that are not finite or do not
  /// vary, a period <= 0, or fewer possible shifts than asked for
  template <class L>
  requires(std::is_arithmetic_v<L>) Decoding
      decode(const Tensor<L>& label, LabelKind kind = LabelKind::linear, double period = two_pi)
  const {
    detail::check_label(label, count_, kind, period);
    const Index min_shift = options_.min_shift == 0 ? default_min_shift(count_) : options_.min_shift;
    Decoding result;
    result.shifts = time_shifts(count_, options_.shifts, min_shift, Rng(options_.seed));

    const auto all = cast<double>(label);
    const detail::LabelCode code(all, kind, period);
    const Tensor<double> written = code.write(all);
    const Tensor<double> truth = take_rows(all, held_out_);
    const Tensor<double> predicted = code.read(predict_(written));
    result.score = code.score(truth, predicted);
    result.error = code.error(truth, predicted);
    const Tensor<double> guessed = code.read(detail::held_out_means(folds_, written));
    result.chance = code.score(truth, guessed);
    result.chance_error = code.error(truth, guessed);
    result.predicted = Tensor<double>::full({count_}, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < held_out_.size(); ++i) {
      result.predicted[held_out_[i]] = predicted[static_cast<Index>(i)];
    }
    result.null = null_scores(code, all, written, result);
    result.p_value = null_p_value(result.score, result.null, code.larger_is_better());
    return result;
  }

 private:
  /// For the labels [N], written as [N, width], shifted in time: see Decoding::null. Several shifts stand side by side
  /// as targets.
  std::vector<double> null_scores(const detail::LabelCode& code, const Tensor<double>& label,
                                  const Tensor<double>& written, const Decoding& unshifted) const {
    const std::vector<Index>& shifts = unshifted.shifts;
    const Index width = code.width();
    std::vector<double> scores(shifts.size());
    parallel_ranges(std::ssize(shifts), std::max<Index>(1, 32 / width), [&](Index begin, Index end) {
      const Index columns = (end - begin) * width;
      auto targets = Tensor<double>::uninitialized({count_, columns});
      for (Index s = begin; s < end; ++s) {
        for (Index i = 0; i < count_; ++i) {
          const Index from = (i + shifts[static_cast<std::size_t>(s)]) % count_;
          std::copy_n(written.data() + from * width, width, targets.data() + i * columns + (s - begin) * width);
        }
      }
      const Tensor<double> predicted = predict_(targets);
      const Tensor<double> guessed = detail::held_out_means(folds_, targets);
      for (Index s = begin; s < end; ++s) {
        const auto at = static_cast<std::size_t>(s);
        const Tensor<double> truth = take_rows(shifted_in_time(label, shifts[at]), held_out_);
        const double chance = code.score(truth, code.read(guessed, (s - begin) * width));
        const double score = code.score(truth, code.read(predicted, (s - begin) * width));
        const double share = chance == code.best_score() ? 0 : (score - chance) / (code.best_score() - chance);
        scores[at] = unshifted.chance + share * (code.best_score() - unshifted.chance);
      }
    });
    return scores;
  }

  Index count_;
  std::vector<Fold> folds_;
  DecodingOptions options_;
  std::vector<Index> held_out_;  // all folds', in their order
  detail::HeldOutPredictor predict_;
};

}  // namespace engram::analysis
