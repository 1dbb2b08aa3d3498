#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <engram/nn/state.hpp>

/// All numbers of the model, parameters and buffers, one after another.
template <class Model>
std::vector<double> numbers(Model& model) {
  std::vector<double> all;
  engram::nn::for_each_state(
      model,
      [&](const std::string&, const auto& values) {
        all.insert(all.end(), values.elements().begin(), values.elements().end());
      },
      [&](const std::string&, std::int64_t count) { all.push_back(static_cast<double>(count)); });
  return all;
}
