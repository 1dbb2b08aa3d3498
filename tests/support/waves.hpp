#pragma once

#include <cmath>

#include <engram/core/tensor.hpp>

/// sin(phase + 0.37 i (j + 1)) in row i, column j: numbers that Python makes as well. In the comments of tests:
///   def wave(n, d, p):
///       i, j = np.meshgrid(np.arange(n), np.arange(d), indexing='ij')
///       return np.sin(p + 0.37 * i * (j + 1))
inline engram::Tensor<double> wave(engram::Index rows, engram::Index columns, double phase) {
  auto x = engram::Tensor<double>::uninitialized({rows, columns});
  for (engram::Index at = 0; at < x.size(); ++at) {
    x[at] = std::sin(phase + 0.37 * static_cast<double>(at / columns) * static_cast<double>(at % columns + 1));
  }
  return x;
}
