#pragma once

#include <concepts>

#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/pad.hpp>
#include <engram/ops/shape.hpp>
#include <engram/ops/upsample2d.hpp>

// Layers that rearrange, enlarge or pad what they get; none has state.

namespace engram::nn {

/// What it gets.
struct Identity {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return x;
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>&) const {}
};

/// [N, ...] to [N, everything else]; see engram::flatten.
struct Flatten {
  Index start_dim = 1;
  Index end_dim = -1;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return flatten(x, start_dim, end_dim);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    if (start_dim == 1 && end_dim == -1) {
      visitor.flatten();
    } else {
      visitor.other(called<T>(*this));
    }
  }
};

/// See engram::upsample2d.
struct Upsample {
  Upsample2dOptions options;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return upsample2d(x, options);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.upsample2d(options, called<T>(*this));
  }
};

/// See engram::pad.
struct Pad2d {
  Padding2d padding;
  PadMode mode = PadMode::constant;
  double value = 0;  ///< of the added pixels in PadMode::constant

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return pad(x, padding, mode, static_cast<T>(value));
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.pad(padding, mode, value, called<T>(*this));
  }
};

}  // namespace engram::nn
