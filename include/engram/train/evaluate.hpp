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

/// Calls use(batch, items) for a data set's batches, in order.
template <class T, class Use>
void for_each_batch(const Dataset<T>& data, const FitOptions<T>& options, Use use) {
  std::vector<Index> all(static_cast<std::size_t>(data.size));
  std::iota(all.begin(), all.end(), Index{0});
  const auto at_once = static_cast<std::size_t>(examples_at_once(options));
  for (std::size_t begin = 0; begin < all.size(); begin += at_once) {
    const auto items = std::span<const Index>(all).subspan(begin, std::min(at_once, all.size() - begin));
    use(data.batch(items), items);
  }
}

}  // namespace detail

/// Mean loss over a data set, in evaluation mode and without augmentation.
/// @throws ArgumentError if there is no example
template <std::floating_point T, nn::Module<T> Model>
double evaluate(const Model& model, const Dataset<T>& data, const FitOptions<T>& options = {}) {
  ensure<ArgumentError>(data.size >= 1, "evaluate: need at least 1 example, got ", data.size);
  const NoGrad no_grad;
  double sum = 0;
  detail::for_each_batch(data, options, [&](const Batch<T>& batch, std::span<const Index> items) {
    sum += static_cast<double>(options.loss(model(batch.inputs), batch.targets).value().item()) *
           static_cast<double>(items.size());
  });
  return sum / static_cast<double>(data.size);
}

}  // namespace engram::train
