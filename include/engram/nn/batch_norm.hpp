#pragma once

#include <concepts>
#include <cstdint>

#include <engram/nn/module.hpp>
#include <engram/ops/batch_norm.hpp>

namespace engram::nn {

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
  Variable<T> operator()(const Variable<T>& x) const {
    check(x);
    RunningStatistics<T> running = running_;
    return batch_norm(x, weight_.variable(), bias_.variable(), running, Mode::eval, options_);
  }

  /// With the batch's statistics in Mode::train, which then also move the running ones.
  Variable<T> operator()(const Variable<T>& x, Mode mode) {
    check(x);
    const bool frozen = !weight_.variable().requires_grad() && !bias_.variable().requires_grad();
    const bool learns = mode == Mode::train && !frozen;
    auto y = batch_norm(x, weight_.variable(), bias_.variable(), running_, learns ? Mode::train : Mode::eval, options_);
    batches_ += learns ? 1 : 0;
    return y;
  }

  Parameters<T> parameters() const { return {{"weight", weight_}, {"bias", bias_}}; }
  Buffers<T> buffers() {
    return {{"running_mean", &running_.mean, nullptr},
            {"running_var", &running_.variance, nullptr},
            {"num_batches_tracked", nullptr, &batches_}};
  }

 private:
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
