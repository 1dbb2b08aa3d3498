#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <engram/analysis/circular.hpp>
#include <engram/analysis/decoding/options.hpp>
#include <engram/analysis/scores.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis::detail {

/// How labels of one kind are written as numbers for a regression, read back and scored: a linear label is itself, a
/// circular one its cosine and sine, a class a 1 among zeros (the largest number, of equal ones the first, is read).
class LabelCode {
 public:
  /// @param label  [N], finite; for a categorical one whole numbers
  LabelCode(const Tensor<double>& label, LabelKind kind, double period) : kind_(kind), period_(period) {
    if (kind == LabelKind::categorical) {
      classes_.assign(label.data(), label.data() + label.size());
      std::ranges::sort(classes_);
      classes_.erase(std::unique(classes_.begin(), classes_.end()), classes_.end());
    }
  }

  bool larger_is_better() const { return kind_ != LabelKind::circular; }
  /// Of labels that are all told.
  double best_score() const { return larger_is_better() ? 1 : 0; }

  /// Numbers that a label is written as.
  Index width() const {
    return kind_ == LabelKind::linear ? 1 : kind_ == LabelKind::circular ? 2 : std::ssize(classes_);
  }

  /// Labels [N] as numbers [N, width].
  Tensor<double> write(const Tensor<double>& label) const {
    auto rows = Tensor<double>::zeros({label.dim(0), width()});
    for (Index i = 0; i < label.dim(0); ++i) {
      double* row = rows.data() + i * width();
      if (kind_ == LabelKind::linear) {
        row[0] = label[i];
      } else if (kind_ == LabelKind::circular) {
        const Direction direction = Direction::of(label[i], period_);
        row[0] = direction.cosine;
        row[1] = direction.sine;
      } else {
        row[std::ranges::lower_bound(classes_, label[i]) - classes_.begin()] = 1;
      }
    }
    return rows;
  }

  /// The labels [N] that stand in columns begin .. begin + width - 1 of rows [N, ...].
  Tensor<double> read(const Tensor<double>& rows, Index begin = 0) const {
    auto label = Tensor<double>::uninitialized({rows.dim(0)});
    for (Index i = 0; i < rows.dim(0); ++i) {
      const double* row = rows.data() + i * rows.dim(1) + begin;
      label[i] = kind_ == LabelKind::linear ? row[0]
                 : kind_ == LabelKind::circular
                     ? Direction{row[0], row[1]}.angle(period_)
                     : classes_[static_cast<std::size_t>(std::max_element(row, row + width()) - row)];
    }
    return label;
  }

  double score(const Tensor<double>& truth, const Tensor<double>& predicted) const {
    return kind_ == LabelKind::linear     ? r2_score(truth, predicted)
           : kind_ == LabelKind::circular ? mean_absolute_circular_error(truth, predicted, period_)
                                          : accuracy_score(truth, predicted);
  }

  AbsoluteError error(const Tensor<double>& truth, const Tensor<double>& predicted) const {
    if (kind_ == LabelKind::categorical) {
      return {};
    }
    if (kind_ == LabelKind::circular) {
      return {mean_absolute_circular_error(truth, predicted, period_),
              median_absolute_circular_error(truth, predicted, period_)};
    }
    std::vector<double> errors(static_cast<std::size_t>(truth.size()));
    std::ranges::transform(truth.elements(), predicted.elements(), errors.begin(),
                           [](double a, double b) { return std::abs(a - b); });
    return {mean_of(errors), median_of(errors)};
  }

 private:
  LabelKind kind_;
  double period_;
  std::vector<double> classes_;  // ascending
};

}  // namespace engram::analysis::detail
