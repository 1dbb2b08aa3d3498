#pragma once

#include <concepts>

#include <engram/ops/conv2d.hpp>

namespace engram {

/// As Conv2dStep, with rows and columns added at the end of the result.
struct ConvTranspose2dStep {
  Pair stride = 1;
  Pair padding = 0;         ///< pixels cut from every side of the result
  Pair output_padding = 0;  ///< pixels added below and to the right; less than stride or dilation
  Pair dilation = 1;
  Index groups = 1;
  ConvAlgorithm algorithm = ConvAlgorithm::automatic;
};

namespace detail {

/// The convolution whose input gradient this is: it takes the result y to x.
inline kernels::Conv2dGeometry conv_transpose2d_geometry(const Shape& x, const Shape& weight,
                                                         const ConvTranspose2dStep& s) {
  check_step("conv_transpose2d", {s.stride, s.padding, s.dilation, s.groups});
  ensure<ArgumentError>(s.output_padding.y >= 0 && s.output_padding.x >= 0 &&
                            (s.output_padding.y < s.stride.y || s.output_padding.y < s.dilation.y) &&
                            (s.output_padding.x < s.stride.x || s.output_padding.x < s.dilation.x),
                        "conv_transpose2d: need 0 <= output_padding < max(stride, dilation), got (", s.output_padding.y,
                        ", ", s.output_padding.x, ")");
  ensure<ShapeError>(x.rank() == 4 && weight.rank() == 4 && x[1] == weight[0] && weight[0] % s.groups == 0,
                     "conv_transpose2d: need x [N, C, H, W] and weight [C, F / groups, KH, KW], got x ", x,
                     " and weight ", weight, ", groups ", s.groups);
  check_taps("conv_transpose2d", weight);
  const auto extent = [](Index size, Index stride, Index padding, Index dilation, Index kernel, Index extra) {
    return (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1;
  };
  const kernels::Window2d window{
      .channels = weight[1],
      .height = extent(x[2], s.stride.y, s.padding.y, s.dilation.y, weight[2], s.output_padding.y),
      .width = extent(x[3], s.stride.x, s.padding.x, s.dilation.x, weight[3], s.output_padding.x),
      .kernel = {weight[2], weight[3]},
      .stride = s.stride,
      .padding = s.padding,
      .dilation = s.dilation,
      .positions_used = {x[2], x[3]}};  // one more would fit where output_padding >= stride
  ensure<ShapeError>(window.height > 0 && window.width > 0 && x[2] > 0 && x[3] > 0,
                     "conv_transpose2d: the result for x ", x, " and weight ", weight, " would have ", window.height,
                     " x ", window.width, " pixels");
  return {
      .window = window, .batch = x[0], .groups = s.groups, .filters = weight[0] / s.groups, .algorithm = s.algorithm};
}

}  // namespace detail

/// Adjoint of conv2d: spreads each pixel over a window of the result.
/// @param x       [N, C, H, W]
/// @param weight  [C, F / groups, KH, KW]
/// @param bias    [F], or none
/// @returns       [N, F, H', W'] with H' = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1
/// @throws ShapeError if channel counts differ or the result would be empty
/// @throws ArgumentError for a stride, dilation or groups below 1, a negative padding, or output_padding too large
/// Source: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, chapter 4.
template <std::floating_point T>
Variable<T> conv_transpose2d(const Variable<T>& x, const Variable<T>& weight, const Optional<T>& bias = {},
                             const ConvTranspose2dStep& step = {}) {
  const auto g = detail::conv_transpose2d_geometry(x.shape(), weight.shape(), step);
  const Index filters = weight.shape()[1] * step.groups;
  detail::check_bias("conv_transpose2d", bias, filters);
  auto y = Tensor<T>::uninitialized({x.shape()[0], filters, g.window.height, g.window.width});
  kernels::conv2d_grad_input(g, x.value().data(), weight.value().data(), detail::data_or_null(bias), y.data());
  auto to_x = wrt(x, [g, weight, shape = x.shape()](const Tensor<T>& dy) {
    auto dx = Tensor<T>::uninitialized(shape);
    kernels::conv2d<T>(g, dy.data(), weight.value().data(), nullptr, dx.data());
    return dx;
  });
  auto to_weight = wrt(weight, [g, x, shape = weight.shape()](const Tensor<T>& dy) {
    auto dw = Tensor<T>::uninitialized(shape);
    kernels::conv2d_grad_weight(g, x.value().data(), dy.data(), dw.data());
    return dw;
  });
  if (!bias) {
    return differentiable("conv_transpose2d", std::move(y), std::move(to_x), std::move(to_weight));
  }
  return differentiable("conv_transpose2d", std::move(y), std::move(to_x), std::move(to_weight),
                        detail::wrt_channel_bias(*bias));
}

}  // namespace engram
