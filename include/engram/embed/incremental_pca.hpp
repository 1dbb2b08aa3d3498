#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/pca/axes.hpp>
#include <engram/embed/pca/check.hpp>
#include <engram/embed/pca/model.hpp>
#include <engram/embed/pca/moments.hpp>

namespace engram::embed {

struct IncrementalPcaOptions {
  Index n_components = 0;  ///< 0: as many as the first batch has, min(rows, D)
  bool whiten = false;     ///< coordinates of unit variance
  Index batch_size = 0;    ///< rows that fit() takes at a time; 0: 5 D
};

/// All that an IncrementalPca needs to go on, in double.
struct IncrementalPcaState {
  Tensor<double> directions;  ///< [K, D]
  Tensor<double> lengths;     ///< singular values [K]
  Tensor<double> mean;        ///< [D]
  Tensor<double> squares;     ///< sums of squared deviations from the mean [D]
  Index n_samples = 0;
};

/// Principal component analysis of data that come in batches and need not fit in memory: what is kept between batches
/// are K components and the columns' means. Components left out of one batch are forgotten, so that the result is close
/// to Pca's and depends on how the rows are divided. Names, meanings and signs are scikit-learn's IncrementalPCA's; but
/// noise_variance is the mean variance of all directions left out in any batch.
/// Source: Ross, Lim, Lin, Yang, "Incremental learning for robust visual tracking", IJCV 77, 2008.
template <std::floating_point T>
class IncrementalPca : public PcaModel<T> {
 public:
  explicit IncrementalPca(const IncrementalPcaOptions& options = {}) : options_(options) {
    ensure<ArgumentError>(options.n_components >= 0 && options.batch_size >= 0,
                          "IncrementalPca: need n_components >= 0 and batch_size >= 0, got ", options.n_components,
                          " and ", options.batch_size);
  }
  /// Goes on where another one was.
  /// @throws ShapeError, ArgumentError as the constructor of PcaModel does, and unless squares are at least 0 and T can
  /// hold the variance of all columns together
  IncrementalPca(const IncrementalPcaOptions& options, IncrementalPcaState state) : IncrementalPca(options) {
    detail::check_basis(state.directions, state.lengths, state.mean, state.n_samples);
    detail::check_array("squares", state.squares, state.mean.shape(), 0, detail::largest_number<double>);
    detail::check_variance<T>("Pca", sum(state.squares), state.n_samples);
    publish(std::move(state));
  }

  /// Takes the rows of one more batch [N, D] into account. A batch that is refused changes nothing.
  /// @throws ShapeError unless batch has two axes, and as many columns as those before; ArgumentError unless it has a
  /// row, is finite and T can hold the variance of all columns together, or if the first batch has fewer than
  /// n_components rows or columns, or fewer than 2 rows
  IncrementalPca& partial_fit(const Tensor<T>& batch) {
    check(batch);
    const Index rows = batch.dim(0);
    const Index columns = batch.dim(1);
    const detail::ColumnMoments moments = detail::column_moments("IncrementalPca", batch);
    const bool first = state_.n_samples == 0;
    const Index kept = first ? 0 : state_.lengths.size();
    const Index count = first && options_.n_components == 0 ? std::min(rows, columns)
                        : first                             ? options_.n_components
                                                            : kept;
    // What is known so far stands for its rows: components times singular values, and the step between the means.
    auto stack = Tensor<double>::uninitialized({kept + rows + (first ? 0 : 1), columns});
    for (Index i = 0; i < kept * columns; ++i) {
      stack[i] = state_.lengths[i / columns] * state_.directions[i];
    }
    detail::load_block(detail::centred(batch, moments.mean.data(), true), 0, rows, stack.data() + kept * columns,
                       columns);
    IncrementalPcaState next{{}, {}, moments.mean, moments.squares, state_.n_samples + rows};
    if (!first) {
      add_moments(moments, rows, next, stack.data() + (kept + rows) * columns);
    }
    const double total = sum(next.squares);
    detail::check_variance<T>("IncrementalPca", total, next.n_samples);
    auto axes = detail::principal_axes(stack, Tensor<double>::zeros({columns}), total, count, PcaSolver::automatic);
    next.lengths = std::move(axes.squares);
    std::ranges::transform(next.lengths.elements(), next.lengths.data(), [](double s) { return std::sqrt(s); });
    next.directions = std::move(axes.directions);
    set_signs(next.directions);
    publish(std::move(next));
    return *this;
  }

  /// Forgets what was before and takes x [N, D] in batches.
  /// @throws as partial_fit does; what was before then still stands
  IncrementalPca& fit(const Tensor<T>& x) {
    ensure<ShapeError>(x.rank() == 2, "IncrementalPca: need x [N, D], got ", x.shape());
    const Index rows = x.dim(0);
    const Index columns = x.dim(1);
    const Index size = options_.batch_size > 0 ? options_.batch_size : std::max<Index>(2, 5 * std::min(rows, columns));
    const Index least = std::max<Index>(1, options_.n_components);  // of the last batch, lest it join the one before
    IncrementalPca fresh(options_);
    Index begin = 0;
    do {
      const Index end = rows - begin - size < least ? rows : begin + size;
      fresh.partial_fit(Tensor<T>::from({end - begin, columns},
                                        x.elements().subspan(static_cast<std::size_t>(begin * columns),
                                                             static_cast<std::size_t>((end - begin) * columns))));
      begin = end;
    } while (begin < rows);
    *this = std::move(fresh);
    return *this;
  }

  /// fit, then transform.
  Tensor<T> fit_transform(const Tensor<T>& x) {
    fit(x);
    return this->transform(x);
  }

  /// Variance of each column, with divisor N; 0 if it is too small for T: [D].
  Tensor<T> var() const {
    auto out = Tensor<T>::uninitialized(state_.squares.shape());
    for (Index d = 0; d < out.size(); ++d) {
      out[d] = static_cast<T>(state_.squares[d] / static_cast<double>(state_.n_samples));
    }
    return out;
  }
  Index n_samples_seen() const { return state_.n_samples; }
  const IncrementalPcaState& state() const { return state_; }

  /// What was found, in another precision.
  template <std::floating_point U>
  PcaResult<U> result_as() const {
    return result_of<U>(state_);
  }

 private:
  void check(const Tensor<T>& batch) const {
    ensure<ShapeError>(batch.rank() == 2, "IncrementalPca: need a batch [N, D], got ", batch.shape());
    if (state_.n_samples > 0) {
      ensure<ShapeError>(batch.dim(1) == state_.mean.size(), "IncrementalPca: need batches [N, ", state_.mean.size(),
                         "], got ", batch.shape());
      ensure<ArgumentError>(batch.dim(0) >= 1, "IncrementalPca: need a batch of one row or more, got ", batch.shape());
      return;
    }
    const Index most = std::min(batch.dim(0), batch.dim(1));
    ensure<ArgumentError>(batch.dim(0) >= 2 && most >= 1 && options_.n_components <= most,
                          "IncrementalPca: need a first batch [N, D] with N >= 2 and n_components <= min(N, D), got ",
                          batch.shape(), " and ", options_.n_components);
  }

  /// Joins what was known to the batch's means and sums of squares in `next`; `step` is the row that stands for the
  /// distance of the means.
  void add_moments(const detail::ColumnMoments& batch, Index rows, IncrementalPcaState& next, double* step) const {
    const auto before = static_cast<double>(state_.n_samples);
    const auto more = static_cast<double>(rows);
    const double weight = std::sqrt(before / (before + more) * more);
    for (Index d = 0; d < state_.mean.size(); ++d) {
      const double distance = batch.mean[d] - state_.mean[d];
      step[d] = weight * distance;
      next.mean[d] = state_.mean[d] + distance * (more / (before + more));
      next.squares[d] += state_.squares[d] + step[d] * step[d];
    }
  }

  /// Makes the element of largest size of each component positive.
  static void set_signs(Tensor<double>& directions) {
    for (Index k = 0; k < directions.dim(0); ++k) {
      const auto row = directions.elements().subspan(static_cast<std::size_t>(k * directions.dim(1)),
                                                     static_cast<std::size_t>(directions.dim(1)));
      if (*std::ranges::max_element(row, {}, [](double v) { return std::abs(v); }) < 0) {
        std::ranges::transform(row, row.begin(), [](double v) { return -v; });
      }
    }
  }

  static double sum(const Tensor<double>& x) { return std::accumulate(x.data(), x.data() + x.size(), 0.0); }

  template <std::floating_point U>
  PcaResult<U> result_of(const IncrementalPcaState& state) const {
    auto along = state.lengths;
    std::ranges::transform(state.lengths.elements(), along.data(), [](double s) { return s * s; });
    return detail::make_result<U>(along, sum(state.squares), state.directions, state.mean, state.n_samples,
                                  options_.whiten);
  }

  /// Goes over to another state, if that can be.
  void publish(IncrementalPcaState next) {
    static_cast<PcaModel<T>&>(*this) = PcaModel<T>(result_of<T>(next));
    state_ = std::move(next);
  }

  IncrementalPcaOptions options_;
  IncrementalPcaState state_;
};

}  // namespace engram::embed
