#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/curve.hpp>
#include <engram/embed/umap/options.hpp>

namespace engram::embed {

/// What a Layout is to be like. The bounds keep all that it computes in float finite.
struct LayoutOptions {
  Curve curve;                     ///< a from 1e-12 to 1e12, b up to 4
  Index n_epochs = 500;            ///< up to 1e9
  double learning_rate = 1;        ///< of the first epoch, up to 1e6; it falls linearly to 0
  Index negative_sample_rate = 5;  ///< points that push, per edge that pulls; up to 1e6
  double repulsion_strength = 1;   ///< weight of the push, up to 1e6
  std::uint64_t seed = 0;

  /// @throws ArgumentError for what no layout can be made with
  void check() const {
    ensure<ArgumentError>(curve.a >= 1e-12 && curve.a <= 1e12 && curve.b > 0 && curve.b <= 4,
                          "Umap: need a from 1e-12 to 1e12 and 0 < b <= 4, got ", curve.a, " and ", curve.b);
    ensure<ArgumentError>(n_epochs >= 0 && n_epochs <= 1'000'000'000, "Umap: need n_epochs from 0 to 1e9, got ",
                          n_epochs);
    ensure<ArgumentError>(learning_rate > 0 && learning_rate <= 1e6, "Umap: need 0 < learning_rate <= 1e6, got ",
                          learning_rate);
    ensure<ArgumentError>(negative_sample_rate >= 0 && negative_sample_rate <= 1'000'000,
                          "Umap: need negative_sample_rate from 0 to 1e6, got ", negative_sample_rate);
    ensure<ArgumentError>(repulsion_strength >= 0 && repulsion_strength <= 1e6,
                          "Umap: need repulsion_strength from 0 to 1e6, got ", repulsion_strength);
  }
};

/// Whether all points [N, d] lie within 1e15, so that squares of their distances are finite.
inline bool within_bounds(const Tensor<float>& points) {
  return std::ranges::all_of(points.elements(), [](float v) { return std::abs(v) <= 1e15F; });
}

/// The part of a UMAP's options that its layout takes.
inline LayoutOptions layout_options(const UmapOptions& options, const Curve& curve, Index n_epochs) {
  return {.curve = curve,
          .n_epochs = n_epochs,
          .learning_rate = options.learning_rate,
          .negative_sample_rate = options.negative_sample_rate,
          .repulsion_strength = options.repulsion_strength,
          .seed = options.random_state};
}

}  // namespace engram::embed
