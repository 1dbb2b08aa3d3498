#pragma once

#include <algorithm>
#include <concepts>
#include <numeric>
#include <span>
#include <vector>

#include <engram/nn/module.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train {

namespace detail {

/// Examples that pass through the model at once.
template <class T>
Index examples_at_once(const FitOptions<T>& options) {
  return options.micro_batch_size > 0 ? std::min(options.micro_batch_size, options.batch_size) : options.batch_size;
}

}  // namespace detail

/// Mean loss over a data set, in evaluation mode and without augmentation.
template <std::floating_point T, nn::Module<T> Model>
double evaluate(const Model& model, const Dataset<T>& data, const FitOptions<T>& options = {}) {
  const NoGrad no_grad;
  double sum = 0;
  std::vector<Index> items(static_cast<std::size_t>(data.size));
  std::iota(items.begin(), items.end(), Index{0});
  const auto at_once = static_cast<std::size_t>(detail::examples_at_once(options));
  for (std::size_t begin = 0; begin < items.size(); begin += at_once) {
    const std::size_t count = std::min(at_once, items.size() - begin);
    const Batch<T> batch = data.batch(std::span<const Index>(items).subspan(begin, count));
    sum += static_cast<double>(options.loss(model(batch.inputs), batch.targets).value().item()) *
           static_cast<double>(count);
  }
  return sum / static_cast<double>(data.size);
}

}  // namespace engram::train
