#pragma once

#include <array>
#include <string_view>

namespace engram::embed {

/// How far apart two rows are; for data in rows a and b, with means ma and mb of their entries:
enum class Metric {
  euclidean,          ///< |a - b|
  squared_euclidean,  ///< |a - b|^2
  cosine,             ///< 1 - a.b / (|a| |b|); 1 if one of them is zero, 0 if both are
  correlation,        ///< cosine of a - ma and b - mb
  manhattan,          ///< sum of |a_d - b_d|
};

/// Their names, in the order of the values.
inline constexpr std::array<std::string_view, 5> metric_names = {"euclidean", "squared_euclidean", "cosine",
                                                                 "correlation", "manhattan"};

}  // namespace engram::embed
