#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/array.hpp>

namespace engram::train {

/// What is known about each epoch of a training: a table with one row per epoch. The first columns are always
/// epoch (1, 2, ...), step (optimiser steps so far), lr (of the epoch's last step), train_loss (mean over the
/// epoch's frames, while they were learnt from), validation_loss, seconds and images_per_second; named metrics
/// follow. What was not measured in an epoch is NaN.
class History {
 public:
  static constexpr std::size_t fixed_columns = 7;

  explicit History(std::vector<std::string> metrics = {})
      : columns_{"epoch", "step", "lr", "train_loss", "validation_loss", "seconds", "images_per_second"} {
    columns_.insert(columns_.end(), metrics.begin(), metrics.end());
  }

  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<std::vector<double>>& rows() const { return rows_; }
  std::span<const std::string> metrics() const { return std::span(columns_).subspan(fixed_columns); }

  /// @throws ShapeError unless there is one value per column
  void add(std::vector<double> row) {
    ensure<ShapeError>(row.size() == columns_.size(), "History: need ", columns_.size(), " values, got ", row.size());
    rows_.push_back(std::move(row));
  }

  bool has(std::string_view name) const { return std::ranges::find(columns_, name) != columns_.end(); }

  /// The column `name` of the latest epoch; NaN before the first.
  /// @throws ArgumentError for an unknown column
  double last(std::string_view name) const {
    const std::size_t c = position(name);
    return rows_.empty() ? std::numeric_limits<double>::quiet_NaN() : rows_.back()[c];
  }

  /// What was measured of the column `name`, in order: its values without NaN.
  /// @throws ArgumentError for an unknown column
  std::vector<double> measured(std::string_view name) const {
    const std::size_t c = position(name);
    std::vector<double> values;
    for (const auto& row : rows_) {
      if (!std::isnan(row[c])) {
        values.push_back(row[c]);
      }
    }
    return values;
  }

  /// All rows, [epochs, columns].
  Tensor<double> values() const {
    auto all = Tensor<double>::uninitialized({std::ssize(rows_), std::ssize(columns_)});
    double* out = all.data();
    for (const auto& row : rows_) {
      out = std::ranges::copy(row, out).out;
    }
    return all;
  }

 private:
  std::size_t position(std::string_view name) const {
    const auto found = std::ranges::find(columns_, name);
    if (found == columns_.end()) {
      fail<ArgumentError>("History: need one of the columns ", io::detail::name_list(columns_, columns_.size()),
                          ", got ", name);
    }
    return static_cast<std::size_t>(found - columns_.begin());
  }

  std::vector<std::string> columns_;
  std::vector<std::vector<double>> rows_;
};

}  // namespace engram::train
