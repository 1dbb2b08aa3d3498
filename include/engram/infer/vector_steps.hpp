#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/infer/convolution.hpp>
#include <engram/infer/finish.hpp>
#include <engram/infer/step.hpp>
#include <engram/kernels/simd/dots.hpp>

namespace engram::infer {

/// A linear layer to few numbers: inner products of its rows with each vector.
template <class T>
class FewOutputsLinear final : public Step<T> {
 public:
  static bool suits(const Convolution<T>& conv) {
    const auto& w = conv.window;
    return conv.filters <= 64 && w.height == 1 && w.width == 1 && w.kernel == kernels::Pair(1) && w.positions() == 1 &&
           !conv.pool;
  }

  FewOutputsLinear(const Convolution<T>& conv, const Maps& in, const Maps& out)
      : Step<T>(in, out), weight_(conv.weight), bias_(conv.bias), lower_(conv.lower) {}

  void run(Index images, const T* in, T* out, T*) const override {
    const Index k = this->in().channels;
    for (Index n = 0; n < images; ++n, in += this->in().image(), out += this->out().image()) {
      kernels::simd::dots(this->out().channels, 1, k, weight_.data(), k, 0, in, out);
      finish_pixel(out, bias_.data(), lower_, this->out().channels, out);
    }
  }

 private:
  std::vector<T> weight_;
  std::vector<T> bias_;
  T lower_;
};

/// Batch norm or ReLU where there is no convolution to take it: max(scale x + shift, lower) per channel.
template <class T>
class Affine final : public Step<T> {
 public:
  Affine(std::vector<T> scale, std::vector<T> shift, T lower, const Maps& in, const Maps& out)
      : Step<T>(in, out), scale_(std::move(scale)), shift_(std::move(shift)), lower_(lower) {}

  void run(Index images, const T* in, T* out, T*) const override {
    const Maps& from = this->in();
    const Maps& to = this->out();
    for (Index n = 0; n < images; ++n, in += from.image(), out += to.image()) {
      for (Index y = 0; y < from.height; ++y) {
        for (Index x = 0; x < from.width; ++x) {
          const T* a = in + from.pixel(y, x);
          T* b = out + to.pixel(y, x);
          for (std::size_t c = 0; c < scale_.size(); ++c) {
            const T value = scale_[c] * a[c] + shift_[c];
            b[c] = value < lower_ ? lower_ : value;
          }
        }
      }
    }
  }

 private:
  std::vector<T> scale_;
  std::vector<T> shift_;
  T lower_;
};

/// Images as maps, or maps as one vector each in the order of images: what Flatten and a reshape come to.
template <class T>
class Reorder final : public Step<T> {
 public:
  using Step<T>::Step;

  void run(Index images, const T* in, T* out, T*) const override {
    const bool flattens = this->in().height * this->in().width > 1;
    for (Index n = 0; n < images; ++n, in += this->in().image(), out += this->out().image()) {
      if (flattens) {
        to_images(this->in(), 1, in, out);
      } else {
        to_maps(in, this->out(), 1, out);
      }
    }
  }
};

/// Any other layer, run as it is, one item at a time, so that results do not depend on which items come together. It
/// allocates, and its input and output change their order. Runners in several threads call one module at once.
template <class T>
class OtherModule final : public Step<T> {
 public:
  using Function = std::function<Variable<T>(const Variable<T>&)>;

  /// @param item, result  shapes of one item before and after
  OtherModule(Function module, const Shape& item, const Shape& result, const Maps& in, const Maps& out)
      : Step<T>(in, out), module_(std::move(module)), item_(item), result_(result) {}

  /// @throws ShapeError if the module's result has not the shape that it had when the plan was made
  void run(Index images, const T* in, T* out, T*) const override {
    const NoGrad no_grad;
    for (Index n = 0; n < images; ++n, in += this->in().image(), out += this->out().image()) {
      auto x = Tensor<T>::uninitialized(batch_of(1, item_));
      to_images(this->in(), 1, in, x.data());
      const Variable<T> y = module_(Variable<T>(std::move(x)));
      ensure<ShapeError>(y.shape() == batch_of(1, result_), "infer: need ", batch_of(1, result_),
                         " from a layer that gave this shape when the plan was made, got ", y.shape());
      to_maps(y.value().data(), this->out(), 1, out);
    }
  }

 private:
  Function module_;
  Shape item_;
  Shape result_;
};

}  // namespace engram::infer
