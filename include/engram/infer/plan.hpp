#pragma once

#include <algorithm>
#include <concepts>
#include <memory>
#include <string>
#include <vector>

#include <engram/infer/lowering.hpp>

namespace engram::infer {

struct PlanOptions {
  std::string until{};  ///< name of the output after which layers are left out, such as "code"; empty: all are done
};

/// A model made ready to be evaluated fast: a copy of its weights at this moment with batch norm folded in, filters
/// transformed, and a list of steps that need nothing but buffers, which infer::Runner has. A plan does not change: any
/// number of runners, each in its own thread, share one. Copies are cheap handles to the same plan.
///
/// A callable that is no module of nn is copied as it is, with whatever it refers to.
///
/// Convolutions, transposed convolutions, linear layers, batch norm, ReLU, 2 x 2 max pooling, Flatten and dropout run
/// without allocating. Other layers, and models that do not describe themselves (nn::LayerVisitor), run as they are.
/// Results differ from the model's own by rounding.
template <std::floating_point T>
class Plan {
 public:
  /// @param model  a model of models/, an nn::Sequential, or anything callable on a Variable
  /// @param item   shape of one item, not empty: [C, H, W] for images, [F] for vectors, [C, L] for sequences
  /// @throws ShapeError if the model cannot take such items; ArgumentError if it has no output `until`
  template <class Model>
  Plan(const Model& model, const Shape& item, const PlanOptions& options = {}) : item_(item) {
    ensure<ShapeError>(item.rank() >= 1 && item.size() > 0,
                       "infer::Plan: need the shape of one item, as [C, H, W], got ", item);
    Lowering<T> lowering(item, options.until);
    try {
      nn::describe(model, static_cast<nn::LayerVisitor<T>&>(lowering));
    } catch (const ShapeError& error) {
      fail<ShapeError>("infer::Plan: need items that the model can take, got ", item, ": ", error.what());
    }
    program_ = std::make_shared<const Program<T>>(lowering.finish());
  }

  /// Shape of one item.
  const Shape& item() const { return item_; }

  /// What the model gives: the last is its result, named "output".
  const std::vector<Output>& outputs() const { return program_->outputs; }

  /// The output of this name.
  /// @throws ArgumentError if there is none; the text names those that there are
  const Output& output(std::string_view name) const {
    for (const Output& output : outputs()) {
      if (output.name == name) {
        return output;
      }
    }
    fail<ArgumentError>("infer: need an output of the plan (", names_of(outputs()), "), got \"", name, "\"");
  }

  /// Where a runner writes items for the first step.
  const Maps& input() const { return program_->input; }
  const std::vector<std::unique_ptr<const Step<T>>>& steps() const { return program_->steps; }

 private:
  Shape item_;
  std::shared_ptr<const Program<T>> program_;
};

}  // namespace engram::infer
