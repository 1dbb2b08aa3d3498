#pragma once

#include <concepts>
#include <optional>

#include <engram/nn/affine.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/group_norm.hpp>

namespace engram::nn {

struct GroupNormOptions {
  Index num_groups = 0;    ///< required; divides num_channels
  Index num_channels = 0;  ///< required
  double eps = 1e-5;
  bool affine = true;  ///< learn a scale and a shift for each channel
};

/// See engram::group_norm.
template <std::floating_point T>
class GroupNorm {
 public:
  /// @throws ArgumentError if a required option is missing or the groups do not divide the channels
  explicit GroupNorm(const GroupNormOptions& o) : options_(o), affine_({checked(o)}, o.affine) {}

  /// [N, num_channels] or [N, num_channels, ...].
  Variable<T> operator()(const Variable<T>& x) const {
    ensure<ShapeError>(x.shape().rank() >= 2 && x.shape()[1] == options_.num_channels, "GroupNorm: need x [N, ",
                       options_.num_channels, ", ...], got x ", x.shape());
    return affine_.weight
               ? group_norm(x, options_.num_groups, affine_.weight->variable(), affine_.bias->variable(), options_.eps)
               : group_norm(x, options_.num_groups, std::nullopt, std::nullopt, options_.eps);
  }

  void describe(LayerVisitor<T>& visitor) const {
    visitor.group_norm(options_.num_groups, optional_variable(affine_.weight), optional_variable(affine_.bias),
                       options_.eps, called<T>(*this));
  }

  Parameters<T> parameters() const { return affine_.parameters(); }

 private:
  static Index checked(const GroupNormOptions& o) {
    ensure<ArgumentError>(o.num_groups > 0 && o.num_channels > 0 && o.num_channels % o.num_groups == 0,
                          "GroupNorm: need num_channels >= 1 and num_groups that divide them, got ", o.num_channels,
                          " and ", o.num_groups);
    return o.num_channels;
  }

  GroupNormOptions options_;
  detail::Affine<T> affine_;
};

}  // namespace engram::nn
