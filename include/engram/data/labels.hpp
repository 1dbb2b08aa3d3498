#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/array.hpp>

namespace engram::data {

/// What is known about each frame: one row of numbers per frame, one name per column.
struct Labels {
  Tensor<double> values;             ///< [N, L]
  std::vector<std::string> columns;  ///< [L]
  std::string source = "labels";     ///< what error texts call them: the file

  Index size() const { return values.dim(0); }

  /// Position of a column.
  /// @throws ArgumentError for an unknown name; the text lists the known ones
  Index find(std::string_view name) const {
    const auto found = std::ranges::find(columns, name);
    if (found == columns.end()) {
      fail<ArgumentError>(source, ": need one of the label columns ", io::detail::name_list(columns, columns.size()),
                          ", got ", name);
    }
    return found - columns.begin();
  }

  /// The values of one column, [N].
  /// @throws ArgumentError for an unknown name
  Tensor<double> column(std::string_view name) const {
    const Index at = find(name);
    auto out = Tensor<double>::uninitialized({size()});
    for (Index i = 0; i < size(); ++i) {
      out[i] = values[i * values.dim(1) + at];
    }
    return out;
  }

  /// The same, all of it known.
  /// @throws FormatError for NaN or infinity, naming the first row and telling how many there are; rows count from 0
  Tensor<double> finite_column(std::string_view name) const {
    const Tensor<double> out = column(name);
    const auto known = [](double value) { return std::isfinite(value); };
    const auto first = std::ranges::find_if_not(out.elements(), known);
    if (first != out.elements().end()) {
      fail<FormatError>(source, ", column ", name, ": need finite numbers, got ", *first, " in row ",
                        first - out.elements().begin(), ", the first of ",
                        size() - std::ranges::count_if(out.elements(), known), " of ", size(), " rows");
    }
    return out;
  }
};

/// @throws ShapeError unless there is one row of labels per frame and one name per column
inline void check_labels(const Labels& labels, Index frames, std::string_view frames_source = "frames") {
  ensure<ShapeError>(labels.values.rank() == 2 && labels.values.dim(1) == std::ssize(labels.columns), labels.source,
                     ": need labels [N, ", labels.columns.size(), "] for the columns named, got ",
                     labels.values.shape());
  ensure<ShapeError>(labels.size() == frames, labels.source, ": need one row of labels for each of the ", frames,
                     " frames of ", frames_source, ", got ", labels.size());
}

}  // namespace engram::data
