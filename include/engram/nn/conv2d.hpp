#pragma once

#include <concepts>
#include <optional>

#include <engram/nn/init.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/conv2d.hpp>

namespace engram::nn {

struct Conv2dOptions {
  Index in_channels = 0;   ///< required
  Index out_channels = 0;  ///< required
  Pair kernel = 0;         ///< required
  Pair stride = 1;
  Pair padding = 0;
  Pair dilation = 1;
  Index groups = 1;
  bool bias = true;
  ConvAlgorithm algorithm = ConvAlgorithm::automatic;
};

/// Convolution with learnt weight [out, in / groups, KH, KW] and bias [out]; see engram::conv2d.
template <std::floating_point T>
class Conv2d {
 public:
  /// @throws ArgumentError if a required option is missing or groups do not divide the channels
  Conv2d(const Conv2dOptions& o, Rng& rng)
      : step_{o.stride, o.padding, o.dilation, o.groups, o.algorithm}, weight_(initial_weight(o, rng)) {
    if (o.bias) {
      bias_.emplace(kaiming_uniform<T>({o.out_channels}, fan_in(o), rng));
    }
  }

  /// [N, in, H, W] to [N, out, H', W'].
  Variable<T> operator()(const Variable<T>& x) const {
    return bias_ ? conv2d(x, weight_.variable(), bias_->variable(), step_)
                 : conv2d(x, weight_.variable(), std::nullopt, step_);
  }

  /// [out, in / groups, KH, KW].
  const Variable<T>& weight() const { return weight_; }
  /// [out], if it has one.
  std::optional<Variable<T>> bias() const { return optional_variable(bias_); }
  const Conv2dStep& step() const { return step_; }

  void describe(LayerVisitor<T>& visitor) const { visitor.conv2d(weight_, bias(), step_); }

  Parameters<T> parameters() const {
    Parameters<T> all{{"weight", weight_}};
    if (bias_) {
      all.push_back({"bias", *bias_});
    }
    return all;
  }

 private:
  static Index fan_in(const Conv2dOptions& o) { return o.in_channels / o.groups * o.kernel.y * o.kernel.x; }
  static Tensor<T> initial_weight(const Conv2dOptions& o, Rng& rng) {
    ensure<ArgumentError>(o.in_channels > 0 && o.out_channels > 0 && o.kernel.y > 0 && o.kernel.x > 0 && o.groups > 0 &&
                              o.in_channels % o.groups == 0 && o.out_channels % o.groups == 0,
                          "Conv2d: need in_channels, out_channels, kernel >= 1 and groups that divide the channels, "
                          "got in_channels ",
                          o.in_channels, ", out_channels ", o.out_channels, ", kernel (", o.kernel.y, ", ", o.kernel.x,
                          "), groups ", o.groups);
    return kaiming_uniform<T>({o.out_channels, o.in_channels / o.groups, o.kernel.y, o.kernel.x}, fan_in(o), rng);
  }

  Conv2dStep step_;
  Parameter<T> weight_;
  std::optional<Parameter<T>> bias_;
};

}  // namespace engram::nn
