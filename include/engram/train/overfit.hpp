#pragma once

#include <cmath>
#include <concepts>
#include <functional>
#include <string>
#include <utility>

#include <engram/autograd/backward.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/loss.hpp>
#include <engram/optim/optimizer.hpp>
#include <engram/train/dataset.hpp>
#include <engram/train/number_text.hpp>

namespace engram::train {

template <std::floating_point T>
struct OverfitOptions {
  Index steps = 200;          ///< at the most; it ends as soon as it has passed
  double target_ratio = 0.1;  ///< share of the first loss that must be reached
  std::function<Variable<T>(const Variable<T>& output, const Variable<T>& targets)> loss =
      [](const Variable<T>& output, const Variable<T>& targets) { return mse_loss(output, targets); };
};

/// What became of the loss on one batch.
struct OverfitReport {
  double first_loss;
  double last_loss;
  double target;  ///< the loss that had to be reached
  Index steps;    ///< taken

  bool passed() const { return last_loss <= target; }

  /// In one sentence, with what to look at if it did not pass.
  std::string text() const {
    const std::string losses = engram::text("the loss on one batch went from ", detail::number_text(first_loss), " to ",
                                            detail::number_text(last_loss), " in ", steps, " steps");
    if (passed()) {
      return engram::text(losses, ": the model can learn it");
    }
    if (!std::isfinite(last_loss)) {
      return engram::text(losses, ": try a lower learning rate, and look for targets that are not finite");
    }
    return engram::text(losses, ", not to ", detail::number_text(target),
                        ": try other learning rates and more steps, and look for frozen parameters, inputs that do not "
                        "belong to their targets, and targets that the last layer cannot reach");
  }
};

/// A check before a long training: can the model learn one batch by heart, in training mode? If not, something is wrong
/// with the model, the loss, the data or the optimiser. Works on a copy; nothing of the caller's is changed.
/// @param make_optimizer  from a std::vector<Variable<T>> to an optimiser, such as
///                        `[](auto parameters) { return optim::Adam<float>(std::move(parameters)); }`
/// @throws ArgumentError for steps below 1, a target ratio that is not in (0, 1), or a first loss that is not above 0:
/// the target is a share of it
/// Source: Karpathy, "A recipe for training neural networks", 2019, "overfit one batch".
template <std::floating_point T, nn::Module<T> Model, class MakeOptimizer>
OverfitReport overfit_one_batch(const Model& model, MakeOptimizer make_optimizer, const Batch<T>& batch,
                                const OverfitOptions<T>& options = {}) {
  ensure<ArgumentError>(options.steps >= 1 && options.target_ratio > 0 && options.target_ratio < 1,
                        "overfit_one_batch: need steps >= 1 and 0 < target_ratio < 1, got ", options.steps, " and ",
                        options.target_ratio);
  Model copy = model;
  optim::Optimizer<T> auto optimizer = make_optimizer(nn::variables(copy));
  OverfitReport report{};
  for (;; ++report.steps) {
    Variable<T> loss = options.loss(nn::run(copy, batch.inputs, Mode::train), batch.targets);
    report.last_loss = static_cast<double>(loss.value().item());
    if (report.steps == 0) {
      report.first_loss = report.last_loss;
      ensure<ArgumentError>(!(report.first_loss <= 0),
                            "overfit_one_batch: need a loss whose smallest value is 0 and a model that is not there "
                            "yet, got a first loss of ",
                            report.first_loss);
      report.target = options.target_ratio * report.first_loss;
    }
    if (report.passed() || !std::isfinite(report.last_loss) || report.steps == options.steps) {
      return report;
    }
    optimizer.step(backward(std::move(loss)));
  }
}

}  // namespace engram::train
