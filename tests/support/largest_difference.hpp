#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include <engram/core/tensor.hpp>

/// The largest difference between tensors of one shape, as a share of the largest number of the second.
template <class T>
double largest_difference(const engram::Tensor<T>& a, const engram::Tensor<T>& b) {
  REQUIRE(a.shape() == b.shape());
  double difference = 0;
  double largest = 0;
  for (engram::Index i = 0; i < a.size(); ++i) {
    difference = std::max(difference, static_cast<double>(std::abs(a[i] - b[i])));
    largest = std::max(largest, static_cast<double>(std::abs(b[i])));
  }
  return difference / largest;
}
