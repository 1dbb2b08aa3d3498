#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include <engram/autograd/variable.hpp>

namespace engram {

namespace kernels {
struct Pair;
}

struct AvgPool2dStep;
struct Conv2dStep;
struct ConvTranspose2dStep;
struct Padding2d;
struct Pool2dStep;
struct Upsample2dOptions;
struct BatchNormOptions;
enum class PadMode;
template <class T>
struct RunningStatistics;

namespace nn {

/// Non-linearities by PyTorch's names, but for ReLU, which has a place of its own.
enum class Activation { leaky_relu, elu, gelu, silu, sigmoid, tanh, softplus, softmax, log_softmax };

/// Is told what a model consists of, layer by layer in the order of evaluation, each as the operation that it is in
/// evaluation mode. Whoever rebuilds a model as something else (infer/plan.hpp) implements it; models and layers call
/// it from `describe(LayerVisitor<T>&) const`.
template <std::floating_point T>
class LayerVisitor {
 public:
  using Bias = std::optional<Variable<T>>;  ///< or another weight that a layer may lack
  using Function = std::function<Variable<T>(const Variable<T>&)>;

  virtual ~LayerVisitor() = default;

  virtual void conv2d(const Variable<T>& weight, const Bias& bias, const Conv2dStep& step) = 0;
  virtual void conv_transpose2d(const Variable<T>& weight, const Bias& bias, const ConvTranspose2dStep& step) = 0;
  virtual void linear(const Variable<T>& weight, const Bias& bias) = 0;
  virtual void batch_norm(const Variable<T>& weight, const Variable<T>& bias, const RunningStatistics<T>& running,
                          const BatchNormOptions& options) = 0;
  virtual void relu() = 0;
  virtual void max_pool2d(const Pool2dStep& step) = 0;
  /// [N, ...] to [N, everything else].
  virtual void flatten() = 0;
  /// [N, channels * height * width] to [N, channels, height, width].
  virtual void reshape(Index channels, Index height, Index width) = 0;
  /// A layer that does not describe itself.
  virtual void other(Function module) = 0;

  // Layers that a visitor may take for any other.

  /// The number is the negative slope, alpha, beta or dim, where the activation has one.
  virtual void activation(Activation /*kind*/, double /*parameter*/, Function module) { other(std::move(module)); }
  virtual void avg_pool2d(const AvgPool2dStep& /*step*/, Function module) { other(std::move(module)); }
  virtual void adaptive_avg_pool2d(const kernels::Pair& /*size*/, Function module) { other(std::move(module)); }
  virtual void upsample2d(const Upsample2dOptions& /*options*/, Function module) { other(std::move(module)); }
  virtual void pad(const Padding2d& /*padding*/, PadMode /*mode*/, double /*value*/, Function module) {
    other(std::move(module));
  }
  virtual void group_norm(Index /*groups*/, const Bias& /*weight*/, const Bias& /*bias*/, double /*eps*/,
                          Function module) {
    other(std::move(module));
  }
  /// Of the last `axes` axes.
  virtual void layer_norm(Index /*axes*/, const Bias& /*weight*/, const Bias& /*bias*/, double /*eps*/,
                          Function module) {
    other(std::move(module));
  }

  /// What is here is also a result of the model, under this name.
  virtual void output(std::string_view name) = 0;
};

/// A layer or model that says what it consists of.
template <class M, class T>
concept Describable = requires(const M& m, LayerVisitor<T>& visitor) {
  m.describe(visitor);
};

/// A module as a function of its own.
template <std::floating_point T, class M>
typename LayerVisitor<T>::Function called(const M& module) {
  return [module](const Variable<T>& x) { return module(x); };
}

/// Tells what a module is: its own description, or that it is to be called.
template <std::floating_point T, class M>
void describe(const M& module, LayerVisitor<T>& visitor) {
  if constexpr (Describable<M, T>) {
    module.describe(visitor);
  } else {
    visitor.other(called<T>(module));
  }
}

}  // namespace nn
}  // namespace engram
