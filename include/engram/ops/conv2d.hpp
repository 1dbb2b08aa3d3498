#pragma once

#include <concepts>
#include <optional>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/conv2d.hpp>

namespace engram {

using kernels::ConvAlgorithm;
using kernels::Pair;

/// How a convolution's window moves; a Pair is (vertical, horizontal), one number means both.
struct Conv2dStep {
  Pair stride = 1;    ///< pixels between window positions
  Pair padding = 0;   ///< zero pixels added on every side
  Pair dilation = 1;  ///< pixels between the taps of a window
  Index groups = 1;   ///< channels are cut into this many groups that do not see each other
  /// `direct`: no transforms, whose error in float is about three times that of the plain sums (5e-7 of the largest
  /// results), and with which an infinite pixel or NaN reaches results up to three pixels further.
  ConvAlgorithm algorithm = ConvAlgorithm::automatic;
};

namespace detail {

inline void check_step(std::string_view op, const Conv2dStep& s) {
  ensure<ArgumentError>(s.stride.y > 0 && s.stride.x > 0 && s.dilation.y > 0 && s.dilation.x > 0 && s.padding.y >= 0 &&
                            s.padding.x >= 0 && s.groups > 0,
                        op, ": need stride, dilation, groups >= 1 and padding >= 0, got stride (", s.stride.y, ", ",
                        s.stride.x, "), padding (", s.padding.y, ", ", s.padding.x, "), dilation (", s.dilation.y, ", ",
                        s.dilation.x, "), groups ", s.groups);
}

inline void check_taps(std::string_view op, const Shape& weight) {
  ensure<ShapeError>(weight[2] > 0 && weight[3] > 0, op, ": need a kernel of 1 x 1 or more, got weight ", weight);
}

inline kernels::Conv2dGeometry conv2d_geometry(const Shape& x, const Shape& weight, const Conv2dStep& step) {
  check_step("conv2d", step);
  ensure<ShapeError>(
      x.rank() == 4 && weight.rank() == 4 && x[1] == weight[1] * step.groups && weight[0] % step.groups == 0,
      "conv2d: need x [N, C, H, W] and weight [F, C / groups, KH, KW], got x ", x, " and weight ", weight, ", groups ",
      step.groups);
  check_taps("conv2d", weight);
  const kernels::Window2d window{.channels = weight[1],
                                 .height = x[2],
                                 .width = x[3],
                                 .kernel = {weight[2], weight[3]},
                                 .stride = step.stride,
                                 .padding = step.padding,
                                 .dilation = step.dilation};
  ensure<ShapeError>(window.positions() > 0, "conv2d: weight ", weight, " does not fit in x ", x, " padded by (",
                     step.padding.y, ", ", step.padding.x, ")");
  return {.window = window,
          .batch = x[0],
          .groups = step.groups,
          .filters = weight[0] / step.groups,
          .algorithm = step.algorithm};
}

template <class T>
void check_bias(std::string_view op, const std::optional<Variable<T>>& bias, Index channels) {
  ensure<ShapeError>(!bias || bias->shape() == Shape{channels}, op, ": need bias [", channels, "], got bias ",
                     bias ? bias->shape() : Shape{});
}

template <class T>
const T* data_or_null(const std::optional<Variable<T>>& bias) {
  return bias ? bias->value().data() : nullptr;
}

/// The gradient of a bias that was added to every pixel of its channel of y [N, C, H, W].
template <class T>
Edge<T> wrt_channel_bias(const Variable<T>& bias) {
  return wrt(bias, [](const Tensor<T>& dy) {
    auto db = Tensor<T>::uninitialized({dy.dim(1)});
    kernels::sum_channels(dy.dim(0), dy.dim(1), dy.dim(2) * dy.dim(3), dy.data(), db.data());
    return db;
  });
}

}  // namespace detail

/// Cross-correlates a batch of images with a bank of filters.
/// @param x       images [N, C, H, W]
/// @param weight  filters [F, C / groups, KH, KW]
/// @param bias    [F], or none
/// @returns       [N, F, H', W'] with H' = floor((H + 2 padding - dilation (KH - 1) - 1) / stride) + 1, W' likewise
/// @throws ShapeError if channel counts differ or a filter does not fit in the padded image
/// @throws ArgumentError for a stride, dilation or groups below 1 or a negative padding
/// Source: Chellapilla, Puri, Simard, "High performance convolutional neural networks for document
/// processing", 2006.
template <std::floating_point T>
Variable<T> conv2d(const Variable<T>& x, const Variable<T>& weight, const Optional<T>& bias = {},
                   const Conv2dStep& step = {}) {
  const auto g = detail::conv2d_geometry(x.shape(), weight.shape(), step);
  detail::check_bias("conv2d", bias, weight.shape()[0]);
  auto y = Tensor<T>::uninitialized({x.shape()[0], weight.shape()[0], g.window.out_height(), g.window.out_width()});
  kernels::conv2d(g, x.value().data(), weight.value().data(), detail::data_or_null(bias), y.data());
  auto to_x = wrt(x, [g, weight, shape = x.shape()](const Tensor<T>& dy) {
    auto dx = Tensor<T>::uninitialized(shape);
    kernels::conv2d_grad_input<T>(g, dy.data(), weight.value().data(), nullptr, dx.data());
    return dx;
  });
  auto to_weight = wrt(weight, [g, x, shape = weight.shape()](const Tensor<T>& dy) {
    auto dw = Tensor<T>::uninitialized(shape);
    kernels::conv2d_grad_weight(g, dy.data(), x.value().data(), dw.data());
    return dw;
  });
  if (!bias) {
    return differentiable("conv2d", std::move(y), std::move(to_x), std::move(to_weight));
  }
  return differentiable("conv2d", std::move(y), std::move(to_x), std::move(to_weight), detail::wrt_channel_bias(*bias));
}

}  // namespace engram
