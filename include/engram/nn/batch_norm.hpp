#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

#include <engram/nn/conv2d.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/batch_norm.hpp>
#include <engram/ops/batch_norm_relu.hpp>
#include <engram/ops/conv2d_batch_norm_relu_max_pool2d.hpp>

namespace engram::nn {

/// Layers after a batch norm that can be one operation with it.
enum class Followers { none, relu, relu_max_pool2d };

/// Batch norm with learnt scale and shift and running statistics; see engram::batch_norm.
///
/// Once its weight and its bias are both frozen (nn::freeze), Mode::train is the same as Mode::eval: nothing of a
/// frozen part moves. So does Keras; in PyTorch the part must be put into eval() as well.
template <std::floating_point T, Index Rank>
class BatchNorm {
 public:
  /// @throws ArgumentError unless channels >= 1
  explicit BatchNorm(Index channels, const BatchNormOptions& options = {})
      : options_(options),
        weight_(Tensor<T>::full({checked(channels)}, T{1})),
        bias_(Tensor<T>::zeros({channels})),
        running_{Tensor<T>::zeros({channels}), Tensor<T>::full({channels}, T{1})} {}

  /// With the running statistics.
  Variable<T> operator()(const Variable<T>& x) const { return eval(x, batch_norm<T>); }

  /// With the batch's statistics in Mode::train, which then also move the running ones.
  Variable<T> operator()(const Variable<T>& x, Mode mode) { return run(x, mode, batch_norm<T>); }

  /// Itself and the layers that follow it in a Sequential, at least ReLU, as one operation.
  Variable<T> then(Followers followers, const Variable<T>& x) const {
    return eval(x, followers == Followers::relu ? batch_norm_relu<T> : batch_norm_relu_max_pool2d<T>);
  }
  Variable<T> then(Followers followers, const Variable<T>& x, Mode mode) {
    return run(x, mode, followers == Followers::relu ? batch_norm_relu<T> : batch_norm_relu_max_pool2d<T>);
  }

  void describe(LayerVisitor<T>& visitor) const { visitor.batch_norm(weight_, bias_, running_, options_); }

  /// The convolution before it in a Sequential, itself in Mode::train, ReLU and 2 x 2 max pooling as one operation;
  /// nothing if they cannot be one.
  std::optional<Variable<T>> after(const Conv2d<T>& conv, const Variable<T>& x) requires(Rank == 2) {
    if (frozen() || !conv2d_pools(x, conv.weight(), conv.step())) {
      return std::nullopt;
    }
    auto y = conv2d_batch_norm_relu_max_pool2d(x, conv.weight(), conv.bias(), conv.step(), weight_.variable(),
                                               bias_.variable(), running_, options_);
    ++batches_;
    return y;
  }

  Parameters<T> parameters() const { return {{"weight", weight_}, {"bias", bias_}}; }
  Buffers<T> buffers() {
    return {{"running_mean", &running_.mean, nullptr},
            {"running_var", &running_.variance, nullptr},
            {"num_batches_tracked", nullptr, &batches_}};
  }

 private:
  using Operation = Variable<T> (*)(const Variable<T>&, const Variable<T>&, const Variable<T>&, RunningStatistics<T>&,
                                    Mode, const BatchNormOptions&);

  Variable<T> eval(const Variable<T>& x, Operation operation) const {
    check(x);
    RunningStatistics<T> running = running_;
    return operation(x, weight_.variable(), bias_.variable(), running, Mode::eval, options_);
  }
  Variable<T> run(const Variable<T>& x, Mode mode, Operation operation) {
    check(x);
    const bool learns = mode == Mode::train && !frozen();
    auto y = operation(x, weight_.variable(), bias_.variable(), running_, learns ? Mode::train : Mode::eval, options_);
    batches_ += learns ? 1 : 0;
    return y;
  }
  bool frozen() const { return !weight_.variable().requires_grad() && !bias_.variable().requires_grad(); }
  static Index checked(Index channels) {
    ensure<ArgumentError>(channels > 0, "BatchNorm: need channels >= 1, got ", channels);
    return channels;
  }
  static void check(const Variable<T>& x) {
    if constexpr (Rank == 2) {
      ensure<ShapeError>(x.shape().rank() == 4, "BatchNorm2d: need x [N, C, H, W], got x ", x.shape());
    } else {
      ensure<ShapeError>(x.shape().rank() == 2 || x.shape().rank() == 3,
                         "BatchNorm1d: need x [N, C] or [N, C, L], got x ", x.shape());
    }
  }

  BatchNormOptions options_;
  Parameter<T> weight_;
  Parameter<T> bias_;
  RunningStatistics<T> running_;
  std::int64_t batches_ = 0;
};

/// Over vectors [N, C] or sequences [N, C, L].
template <std::floating_point T>
using BatchNorm1d = BatchNorm<T, 1>;

/// Over images [N, C, H, W].
template <std::floating_point T>
using BatchNorm2d = BatchNorm<T, 2>;

}  // namespace engram::nn
