#pragma once

#include <concepts>
#include <cstdint>

#include <engram/core/random.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/dropout.hpp>

namespace engram::nn {

/// In training sets each element to 0 with probability p and scales the others up; in evaluation passes all on.
///
/// The masks follow from the generator that the layer was made with and the number of passes so far, which checkpoints
/// keep: a resumed training sees the masks that it would have seen. A copy draws the same masks as the original.
/// Parameters and model files are without it, as in PyTorch.
template <std::floating_point T>
class Dropout {
 public:
  /// @throws ArgumentError unless 0 <= p <= 1
  Dropout(double p, Rng& rng) : p_(checked(p)), rng_(rng.bits() | std::uint64_t{rng.bits()} << 32) {}

  Variable<T> operator()(const Variable<T>& x) const { return x; }
  Variable<T> operator()(const Variable<T>& x, Mode mode) {
    return mode == Mode::train ? dropout(x, p_, rng_.split(static_cast<std::uint64_t>(passes_++))) : x;
  }

  /// Nothing: evaluation passes all on.
  void describe(LayerVisitor<T>&) const {}

  Buffers<T> buffers() { return {{.name = "passes", .counter = &passes_, .persistent = false}}; }

 private:
  static double checked(double p) {
    ensure<ArgumentError>(p >= 0 && p <= 1, "Dropout: need p in [0, 1], got ", p);
    return p;
  }

  double p_;
  Rng rng_;
  std::int64_t passes_ = 0;
};

}  // namespace engram::nn
