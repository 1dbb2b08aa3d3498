#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/nn/module.hpp>
#include <engram/optim/clip.hpp>
#include <engram/train/first_not_finite.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train::detail {

/// What augments the batch that comes next: none of the generators that order the batches, which are split by epochs.
inline Rng augmentation_rng(const TrainingState& state) {
  constexpr std::uint64_t no_epoch = ~std::uint64_t{0};
  return Rng(state.rng)
      .split(no_epoch)
      .split(static_cast<std::uint64_t>(state.epoch))
      .split(static_cast<std::uint64_t>(state.batch));
}

/// Examples begin .. begin + count - 1 of a batch; targets that are the inputs stay so.
template <class T>
Batch<T> examples(const Batch<T>& batch, Index begin, Index count) {
  std::vector<Index> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), begin);
  const Variable<T> inputs(take_rows(batch.inputs.value(), std::span<const Index>(rows)));
  const bool same = batch.inputs.node() == batch.targets.node();
  return {inputs, same ? inputs : Variable<T>(take_rows(batch.targets.value(), std::span<const Index>(rows)))};
}

/// Calls use(piece, size) for the pieces of a batch that pass through the model one after another.
template <class T, class Use>
void for_each_piece(const Dataset<T>& training, std::span<const Index> items, const FitOptions<T>& options,
                    const TrainingState& state, Use use) {
  const Index size = std::ssize(items);
  const Index limit = options.micro_batch_size;
  const Index pieces = limit > 0 ? (size + limit - 1) / limit : 1;
  std::optional<Batch<T>> whole;
  if (options.augment) {
    whole = options.augment(training.batch(items), augmentation_rng(state));
    const auto rows = [](const Shape& s) { return s.rank() == 0 ? 0 : s[0]; };
    ensure<ShapeError>(pieces == 1 || (rows(whole->inputs.shape()) == size && rows(whole->targets.shape()) == size),
                       "fit: need an augmentation that keeps the ", size, " examples of a batch, got inputs ",
                       whole->inputs.shape(), " and targets ", whole->targets.shape());
  }
  for (Index piece = 0; piece < pieces; ++piece) {
    const Index begin = piece * size / pieces;
    const Index count = (piece + 1) * size / pieces - begin;
    if (!whole) {
      use(training.batch(items.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count))), count);
    } else {
      use(pieces == 1 ? *whole : examples(*whole, begin, count), count);
    }
  }
}

/// A batch's loss and its gradients, clipped as the options say.
template <std::floating_point T>
struct BatchGradients {
  double loss = 0;
  Gradients<T> gradients;
  std::string not_finite = {};  ///< what first was not finite, if the loss is not
};

/// What is wrong with a batch whose loss is not finite: an example, or where in the model it happened.
template <class T, class Model>
std::string explain_loss(const Model& model, const Batch<T>& batch, const Variable<T>& loss,
                         std::span<const Index> items) {
  const std::string example = name_bad_example(batch, items, "training");
  return example.empty() ? name_first_not_finite(model, loss) + "; a lower learning rate may help" : example;
}

/// Passes the examples `items` through the model in training mode and back.
template <class T, class Model>
BatchGradients<T> batch_gradients(Model& model, const Dataset<T>& training, std::span<const Index> items,
                                  const FitOptions<T>& options, const TrainingState& state) {
  BatchGradients<T> sum;
  std::size_t done = 0;
  for_each_piece(training, items, options, state, [&](const Batch<T>& batch, Index count) {
    const double share = static_cast<double>(count) / static_cast<double>(items.size());
    Variable<T> loss = options.loss(nn::run(model, batch.inputs, Mode::train), batch.targets);
    sum.loss += static_cast<double>(loss.value().item()) * share;
    if (!std::isfinite(sum.loss) && sum.not_finite.empty()) {
      sum.not_finite = explain_loss(model, batch, loss, items.subspan(done, static_cast<std::size_t>(count)));
    }
    done += static_cast<std::size_t>(count);
    sum.gradients.add(backward(std::move(loss)), static_cast<T>(share));
  });
  if constexpr (nn::HasParameters<Model, T>) {
    if (options.clip_grad_norm > 0) {
      optim::clip_grad_norm(sum.gradients, nn::variables(model), options.clip_grad_norm);
    }
  }
  return sum;
}

}  // namespace engram::train::detail
