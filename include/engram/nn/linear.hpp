#pragma once

#include <concepts>
#include <optional>

#include <engram/nn/init.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/linear.hpp>

namespace engram::nn {

struct LinearOptions {
  Index in_features = 0;   ///< required
  Index out_features = 0;  ///< required
  bool bias = true;
};

/// y = x weight^T + bias with learnt weight [out, in] and bias [out].
template <std::floating_point T>
class Linear {
 public:
  /// @throws ArgumentError if a required option is missing
  Linear(const LinearOptions& o, Rng& rng) : weight_(initial_weight(o, rng)) {
    if (o.bias) {
      bias_.emplace(kaiming_uniform<T>({o.out_features}, o.in_features, rng));
    }
  }

  /// [N, in] to [N, out].
  Variable<T> operator()(const Variable<T>& x) const {
    return bias_ ? linear(x, weight_.variable(), bias_->variable()) : linear(x, weight_.variable());
  }

  void describe(LayerVisitor<T>& visitor) const { visitor.linear(weight_, optional_variable(bias_)); }

  Parameters<T> parameters() const {
    Parameters<T> all{{"weight", weight_}};
    if (bias_) {
      all.push_back({"bias", *bias_});
    }
    return all;
  }

 private:
  static Tensor<T> initial_weight(const LinearOptions& o, Rng& rng) {
    ensure<ArgumentError>(o.in_features > 0 && o.out_features > 0,
                          "Linear: need in_features and out_features >= 1, got ", o.in_features, " and ",
                          o.out_features);
    return kaiming_uniform<T>({o.out_features, o.in_features}, o.in_features, rng);
  }

  Parameter<T> weight_;
  std::optional<Parameter<T>> bias_;
};

}  // namespace engram::nn
