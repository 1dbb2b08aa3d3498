#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/random_tensor.hpp"

namespace support {

/// A parameter of one element.
inline engram::Variable<double> parameter(double value) {
  return engram::Variable<double>::parameter(engram::Tensor<double>::full({1}, value));
}

/// Gradients in which each parameter's is the tensor beside it.
template <class T>
engram::Gradients<T> gradients(const std::vector<std::pair<engram::Variable<T>, engram::Tensor<T>>>& pairs) {
  engram::Variable<T> loss(engram::Tensor<T>::zeros({}));
  for (const auto& [p, slope] : pairs) {
    loss = loss + sum(p * engram::Variable<T>(slope));
  }
  return backward(std::move(loss));
}

/// Gradients of parameters of one element.
inline engram::Gradients<double> slopes(std::initializer_list<std::pair<engram::Variable<double>, double>> pairs) {
  std::vector<std::pair<engram::Variable<double>, engram::Tensor<double>>> all;
  for (const auto& [p, slope] : pairs) {
    all.emplace_back(p, engram::Tensor<double>::full(p.shape(), slope));
  }
  return gradients(all);
}

inline double value(const engram::Variable<double>& p) {
  return p.value()[0];
}

/// The names of an optimiser's slots.
template <class O>
std::vector<std::string> slot_names(O optimizer) {
  std::vector<std::string> names;
  for (const auto& slot : optimizer.slots()) {
    names.push_back(slot.name);
  }
  return names;
}

/// A parameter after steps with random gradients; if `resume_after` is not negative, by another optimiser from then on,
/// which got the slots and steps() of the first.
template <class O>
engram::Tensor<float> trained(const typename O::Options& options, int steps, int resume_after = -1,
                              engram::Index size = 37) {
  auto p = engram::Variable<float>::parameter(normal<float>({size}, 1));
  O optimizer({p}, options);
  for (int step = 0; step < steps; ++step) {
    if (step == resume_after) {
      const auto q = engram::Variable<float>::parameter(p.value());
      O resumed({q}, options);
      resumed.steps() = optimizer.steps();
      const auto from = optimizer.slots();
      const auto to = resumed.slots();
      for (std::size_t s = 0; s < from.size(); ++s) {
        *to[s].per_parameter = *from[s].per_parameter;
      }
      p = q;
      optimizer = resumed;
    }
    const auto slope = normal<float>({size}, static_cast<std::uint64_t>(10 + step));
    optimizer.step(gradients<float>({{p, slope}}));
  }
  return p.value();
}

}  // namespace support
