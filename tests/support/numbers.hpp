#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Whole numbers from -4 to 4 in a vector of exactly this size: products and sums of them are exact, so a kernel must
/// agree with a naive loop to the bit, and a sanitizer sees each read past the end.
template <class T>
std::vector<T> whole_numbers(engram::Index size, std::uint64_t seed) {
  engram::Rng rng(seed);
  std::vector<T> v(static_cast<std::size_t>(size));
  for (T& x : v) {
    x = static_cast<T>(rng.below(9) - 4);
  }
  return v;
}

/// NaN everywhere: what a kernel must overwrite.
template <class T>
std::vector<T> unwritten(engram::Index size) {
  return std::vector<T>(static_cast<std::size_t>(size), std::numeric_limits<T>::quiet_NaN());
}

/// <a, b>, in double.
template <class A, class B>
double dot(const A& a, const B& b) {
  double total = 0;
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(a.size()); ++i) {
    total += static_cast<double>(a.data()[i]) * static_cast<double>(b.data()[i]);
  }
  return total;
}

/// max |a - b|; infinite where the sizes differ, NaN where an element is.
template <class A, class B>
double largest_difference(const A& a, const B& b) {
  if (static_cast<std::ptrdiff_t>(a.size()) != static_cast<std::ptrdiff_t>(b.size())) {
    return INFINITY;
  }
  double worst = 0;
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(a.size()); ++i) {
    const double difference = std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i]));
    worst = difference <= worst ? worst : difference;
    if (std::isnan(worst)) {
      return worst;
    }
  }
  return worst;
}

/// The elements of a tensor, to be compared with a list.
template <class T>
std::vector<T> list(const engram::Tensor<T>& t) {
  return {t.elements().begin(), t.elements().end()};
}
