#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include <engram/kernels/conv2d_geometry.hpp>

namespace engram::infer {

/// A convolution, a transposed convolution or a linear layer (a 1 x 1 convolution of a single pixel), with the batch
/// norm after it in its weights, and the ReLU and the 2 x 2 max pooling after it done before anything is stored.
template <class T>
struct Convolution {
  kernels::Window2d window{};  ///< on the input; of a transposed convolution, on the result
  Index filters = 0;           ///< output channels
  std::vector<T> weight{};     ///< [filters, C, KH, KW]; of a transposed convolution [C, filters, KH, KW]
  std::vector<T> bias{};       ///< [filters]
  kernels::ConvAlgorithm algorithm = kernels::ConvAlgorithm::automatic;
  bool transposed = false;
  T lower = -std::numeric_limits<T>::infinity();  ///< what is less becomes this: 0 for ReLU
  bool pool = false;                              ///< 2 x 2 max pooling

  /// Whether what scales and shifts the result can still go into the weights.
  bool is_linear() const { return lower == -std::numeric_limits<T>::infinity() && !pool; }

  /// Makes scale[f] y + shift[f] of the result y of each filter.
  void scale_and_shift(const std::vector<T>& scale, const std::vector<T>& shift) {
    const auto count = static_cast<std::size_t>(filters);
    const std::size_t run =
        transposed ? static_cast<std::size_t>(window.kernel.y * window.kernel.x) : weight.size() / count;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      weight[i] *= scale[i / run % count];
    }
    for (std::size_t f = 0; f < count; ++f) {
      bias[f] = bias[f] * scale[f] + shift[f];
    }
  }
};

}  // namespace engram::infer
