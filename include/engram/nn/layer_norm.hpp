#pragma once

#include <concepts>
#include <optional>

#include <engram/nn/affine.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/layer_norm.hpp>

namespace engram::nn {

struct LayerNormOptions {
  Shape normalized_shape = {0};  ///< required: the last extents of the input
  double eps = 1e-5;
  bool elementwise_affine = true;  ///< learn a scale and a shift of that shape
};

/// See engram::layer_norm.
template <std::floating_point T>
class LayerNorm {
 public:
  /// @throws ArgumentError if the shape is missing
  explicit LayerNorm(const LayerNormOptions& o) : options_(o), affine_(o.normalized_shape, o.elementwise_affine) {
    ensure<ArgumentError>(o.normalized_shape.rank() > 0 && o.normalized_shape.size() > 0,
                          "LayerNorm: need a normalized_shape of 1 element or more, got ", o.normalized_shape);
  }

  Variable<T> operator()(const Variable<T>& x) const {
    return affine_.weight ? layer_norm(x, options_.normalized_shape, affine_.weight->variable(),
                                       affine_.bias->variable(), options_.eps)
                          : layer_norm(x, options_.normalized_shape, std::nullopt, std::nullopt, options_.eps);
  }

  void describe(LayerVisitor<T>& visitor) const {
    visitor.layer_norm(options_.normalized_shape.rank(), optional_variable(affine_.weight),
                       optional_variable(affine_.bias), options_.eps, called<T>(*this));
  }

  Parameters<T> parameters() const { return affine_.parameters(); }

 private:
  LayerNormOptions options_;
  detail::Affine<T> affine_;
};

}  // namespace engram::nn
