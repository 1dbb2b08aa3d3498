#pragma once

#include <memory>

#include <engram/infer/conv_transpose2d.hpp>
#include <engram/infer/convolution.hpp>
#include <engram/infer/direct_conv2d.hpp>
#include <engram/infer/step.hpp>
#include <engram/infer/vector_steps.hpp>
#include <engram/infer/winograd_conv2d.hpp>

namespace engram::infer {

/// What the step for a convolution needs around its input.
template <class T>
Margins margins_for(const Convolution<T>& conv) {
  return conv.transposed                  ? Margins{}
         : WinogradConv2d<T>::suits(conv) ? WinogradConv2d<T>::margins(conv.window)
                                          : DirectConv2d<T>::margins(conv.window);
}

/// The fastest step for a convolution.
template <class T>
std::unique_ptr<const Step<T>> choose_step(const Convolution<T>& conv, const Maps& in, const Maps& out) {
  if (conv.transposed) {
    return std::make_unique<const StridedConvTranspose2d<T>>(conv, in, out);
  }
  if (FewOutputsLinear<T>::suits(conv)) {
    return std::make_unique<const FewOutputsLinear<T>>(conv, in, out);
  }
  if (WinogradConv2d<T>::suits(conv)) {
    return std::make_unique<const WinogradConv2d<T>>(conv, in, out);
  }
  if (FewFiltersConv2d<T>::suits(conv)) {
    return std::make_unique<const FewFiltersConv2d<T>>(conv, in, out);
  }
  return std::make_unique<const DirectConv2d<T>>(conv, in, out);
}

}  // namespace engram::infer
