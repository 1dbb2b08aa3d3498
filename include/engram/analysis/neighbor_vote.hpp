#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include <engram/analysis/scores.hpp>
#include <engram/core/error.hpp>
#include <engram/core/take_rows.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/embed/neighbors/exact.hpp>

namespace engram::analysis {

namespace detail {

/// The most frequent of the labels; of equally frequent ones the smallest. Sorts them.
template <class L>
L majority(std::vector<L>& labels) {
  std::sort(labels.begin(), labels.end());
  L winner = labels.front();
  std::ptrdiff_t most = 0;
  for (auto run = labels.begin(); run != labels.end();) {
    const auto next = std::upper_bound(run, labels.end(), *run);
    if (next - run > most) {
      most = next - run;
      winner = *run;
    }
    run = next;
  }
  return winner;
}

/// Each row's majority of the labels of the neighbours from column `first` on.
template <class L>
Tensor<L> votes(const Tensor<std::int32_t>& neighbors, Index first, const Tensor<L>& labels) {
  auto winners = Tensor<L>::uninitialized({neighbors.dim(0)});
  std::vector<L> near(static_cast<std::size_t>(neighbors.dim(1) - first));
  for (Index i = 0; i < neighbors.dim(0); ++i) {
    for (Index c = first; c < neighbors.dim(1); ++c) {
      near[static_cast<std::size_t>(c - first)] = labels[neighbors[i * neighbors.dim(1) + c]];
    }
    winners[i] = majority(near);
  }
  return winners;
}

template <class T, class L>
void check_labels(const char* operation, const Tensor<T>& points, const Tensor<L>& labels) {
  ensure<ShapeError>(points.rank() == 2 && labels.rank() == 1 && labels.dim(0) == points.dim(0), operation,
                     ": need points [N, D] and labels [N], got ", points.shape(), " and ", labels.shape());
  embed::check_rows(operation, "points", points);
}

/// The fold of each label: folds of equal size as far as possible, and of each label equally many in each, taken in the
/// order of the rows; labels count in the order in which they first appear. scikit-learn's StratifiedKFold.
template <class L>
std::vector<Index> stratified_folds(const Tensor<L>& labels, Index folds) {
  std::map<L, std::vector<Index>> rows_of;
  std::vector<L> by_appearance;
  for (Index i = 0; i < labels.size(); ++i) {
    auto& rows = rows_of[labels[i]];
    if (rows.empty()) {
      by_appearance.push_back(labels[i]);
    }
    rows.push_back(i);
  }
  std::vector<Index> fold_of(static_cast<std::size_t>(labels.size()));
  Index dealt = 0;  // as if all labels, sorted, were dealt like cards: this says how many of a label a fold gets
  for (const L label : by_appearance) {
    const std::vector<Index>& rows = rows_of[label];
    std::vector<Index> quota(static_cast<std::size_t>(folds));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ++quota[static_cast<std::size_t>(dealt++ % folds)];
    }
    std::size_t fold = 0;
    for (const Index row : rows) {
      while (quota[fold] == 0) {
        ++fold;
      }
      --quota[fold];
      fold_of[static_cast<std::size_t>(row)] = static_cast<Index>(fold);
    }
  }
  return fold_of;
}

/// The rows whose fold is `fold`, or all others.
template <class T>
Tensor<T> rows_of_fold(const Tensor<T>& x, const std::vector<Index>& fold_of, Index fold, bool others) {
  std::vector<Index> kept;
  for (Index i = 0; i < x.dim(0); ++i) {
    if ((fold_of[static_cast<std::size_t>(i)] == fold) != others) {
      kept.push_back(i);
    }
  }
  return take_rows(x, kept);
}

}  // namespace detail

/// Labels of new points by majority of the labels of their n_neighbors nearest known points (euclidean; equally near
/// ones by index); of equally frequent labels the smallest. scikit-learn's KNeighborsClassifier.
/// @param points       known points [N, D]
/// @param labels       their labels [N]
/// @param queries      new points [Q, D]
/// @param n_neighbors  1 .. N
/// @returns            labels [Q]
/// @throws ShapeError unless there is a label for each point and queries have their columns; ArgumentError for other
/// n_neighbors or entries that are not finite
template <std::floating_point T, std::integral L>
Tensor<L> neighbor_vote(const Tensor<T>& points, const Tensor<L>& labels, const Tensor<T>& queries,
                        Index n_neighbors = 5) {
  detail::check_labels("neighbor_vote", points, labels);
  ensure<ShapeError>(queries.rank() == 2 && queries.dim(1) == points.dim(1), "neighbor_vote: need queries [Q, ",
                     points.dim(1), "], got ", queries.shape());
  if (queries.dim(0) > 0) {
    embed::check_rows("neighbor_vote", "queries", queries);
  }
  ensure<ArgumentError>(n_neighbors >= 1 && n_neighbors <= points.dim(0),
                        "neighbor_vote: need 1 <= n_neighbors <= ", points.dim(0), " (the points), got ", n_neighbors);
  return detail::votes(embed::exact_neighbors(queries, points, n_neighbors).indices, 0, labels);
}

/// The share of points [N, D] whose label [N] is the majority of their n_neighbors nearest other points (leave one
/// out).
/// @param n_neighbors  1 .. N - 1
/// @throws as neighbor_vote()
template <std::floating_point T, std::integral L>
double neighbor_vote_accuracy(const Tensor<T>& points, const Tensor<L>& labels, Index n_neighbors = 5) {
  detail::check_labels("neighbor_vote_accuracy", points, labels);
  ensure<ArgumentError>(n_neighbors >= 1 && n_neighbors < points.dim(0),
                        "neighbor_vote_accuracy: need 1 <= n_neighbors < ", points.dim(0), " (the points), got ",
                        n_neighbors);
  return accuracy_score(labels, detail::votes(embed::exact_neighbors(points, n_neighbors + 1).indices, 1, labels));
}

/// Mean accuracy over `folds` stratified folds, each predicted by neighbor_vote() from the others: scikit-learn's
/// cross_val_score(KNeighborsClassifier(n_neighbors), points, labels, cv=folds).mean().
/// @param n_neighbors  1 .. the points outside the largest fold
/// @param folds        2 .. N
/// @throws as neighbor_vote()
template <std::floating_point T, std::integral L>
double neighbor_vote_cross_validation(const Tensor<T>& points, const Tensor<L>& labels, Index n_neighbors = 5,
                                      Index folds = 5) {
  detail::check_labels("neighbor_vote_cross_validation", points, labels);
  ensure<ArgumentError>(folds >= 2 && folds <= points.dim(0),
                        "neighbor_vote_cross_validation: need 2 <= folds <= ", points.dim(0), " (the points), got ",
                        folds);
  const Index others = points.dim(0) - (points.dim(0) + folds - 1) / folds;
  ensure<ArgumentError>(n_neighbors >= 1 && n_neighbors <= others,
                        "neighbor_vote_cross_validation: need 1 <= n_neighbors <= ", others,
                        " (the points outside a fold), got ", n_neighbors);
  const std::vector<Index> fold_of = detail::stratified_folds(labels, folds);
  double sum = 0;
  for (Index fold = 0; fold < folds; ++fold) {
    const auto predicted = neighbor_vote(detail::rows_of_fold(points, fold_of, fold, true),
                                         detail::rows_of_fold(labels, fold_of, fold, true),
                                         detail::rows_of_fold(points, fold_of, fold, false), n_neighbors);
    sum += accuracy_score(detail::rows_of_fold(labels, fold_of, fold, false), predicted);
  }
  return sum / static_cast<double>(folds);
}

}  // namespace engram::analysis
