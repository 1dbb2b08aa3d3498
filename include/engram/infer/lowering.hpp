#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/infer/choose_step.hpp>
#include <engram/infer/program.hpp>
#include <engram/infer/vector_steps.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/ops/batch_norm.hpp>
#include <engram/ops/conv2d.hpp>
#include <engram/ops/conv_transpose2d.hpp>
#include <engram/ops/max_pool2d.hpp>

namespace engram::infer {

/// Turns a model's description into steps: batch norm goes into the weights before it, ReLU and 2 x 2 max pooling into
/// the step before them, a transposed convolution of stride 1 becomes a convolution.
template <std::floating_point T>
class Lowering final : public nn::LayerVisitor<T> {
 public:
  using typename nn::LayerVisitor<T>::Bias;
  using typename nn::LayerVisitor<T>::Function;

  /// @param item   shape of one item, [C, H, W] or [F]
  /// @param until  the output after which layers are left out; empty: none
  Lowering(const Shape& item, std::string_view until) : first_item_(item), item_(item), until_(until) {}

  void conv2d(const Variable<T>& weight, const Bias& bias, const Conv2dStep& step) override {
    if (!begin()) {
      return;
    }
    const auto g = engram::detail::conv2d_geometry(batch_of_one(), weight.shape(), step);
    if (step.groups != 1) {
      return call(
          [w = copy(weight), b = copy(bias), step](const Variable<T>& x) { return engram::conv2d(x, w, b, step); });
    }
    pending_ = {.window = g.window,
                .filters = g.filters,
                .weight = values(weight),
                .bias = values(bias, g.filters),
                .algorithm = step.algorithm};
    item_ = {g.filters, g.window.out_height(), g.window.out_width()};
  }

  void conv_transpose2d(const Variable<T>& weight, const Bias& bias, const ConvTranspose2dStep& step) override {
    if (!begin()) {
      return;
    }
    const auto g = engram::detail::conv_transpose2d_geometry(batch_of_one(), weight.shape(), step);
    if (step.groups != 1) {
      return call([w = copy(weight), b = copy(bias), step](const Variable<T>& x) {
        return engram::conv_transpose2d(x, w, b, step);
      });
    }
    const Index filters = g.window.channels;
    pending_ = {.window = g.window,
                .filters = filters,
                .weight = values(weight),
                .bias = values(bias, filters),
                .algorithm = step.algorithm,
                .transposed = !kernels::mirrors(g.window)};
    if (!pending_->transposed) {
      pending_->window = kernels::mirrored(g).window;
      pending_->weight.resize(static_cast<std::size_t>(g.weight_size()));
      kernels::turn_filters(g, weight.value().data(), pending_->weight.data());
    }
    item_ = {filters, g.window.height, g.window.width};
  }

  void linear(const Variable<T>& weight, const Bias& bias) override {
    if (!begin()) {
      return;
    }
    ensure<ShapeError>(item_ == Shape{weight.shape()[1]}, "infer: need items of shape [", weight.shape()[1],
                       "] for a linear layer with weight ", weight.shape(), ", got ", item_);
    const Index outputs = weight.shape()[0];
    pending_ = {.window = {.channels = item_[0], .height = 1, .width = 1},
                .filters = outputs,
                .weight = values(weight),
                .bias = values(bias, outputs)};
    item_ = {outputs};
  }

  void batch_norm(const Variable<T>& weight, const Variable<T>& bias, const RunningStatistics<T>& running,
                  const BatchNormOptions& options) override {
    if (done_) {
      return;
    }
    ensure<ShapeError>(item_.rank() >= 1 && weight.shape() == Shape{item_[0]}, "infer: need items of ",
                       weight.shape()[0], " channels for batch norm, got shape ", item_);
    const auto channels = static_cast<std::size_t>(item_[0]);
    std::vector<T> scale(channels);
    std::vector<T> shift(channels);
    for (std::size_t c = 0; c < channels; ++c) {
      const auto i = static_cast<Index>(c);
      scale[c] = weight.value()[i] / std::sqrt(running.variance[i] + static_cast<T>(options.eps));
      shift[c] = bias.value()[i] - running.mean[i] * scale[c];
    }
    if (pending_ && pending_->is_linear()) {
      pending_->scale_and_shift(scale, shift);
    } else {
      affine(std::move(scale), std::move(shift), no_bound);
    }
  }

  void relu() override {
    if (pending_) {
      pending_->lower = 0;
    } else if (!done_) {
      const auto channels = static_cast<std::size_t>(item_[0]);
      affine(std::vector<T>(channels, T{1}), std::vector<T>(channels, T{0}), T{0});
    }
  }

  void max_pool2d(const Pool2dStep& step) override {
    if (step.halves() && pending_ && !pending_->transposed && !pending_->pool && item_.rank() == 3 && item_[1] > 1 &&
        item_[2] > 1) {
      pending_->pool = true;
      item_ = {item_[0], item_[1] / 2, item_[2] / 2};
    } else if (begin()) {
      call([step](const Variable<T>& x) { return engram::max_pool2d(x, step); });
    }
  }

  void flatten() override {
    if (begin() && item_.rank() > 1) {
      reorder({item_.size()});
    }
  }

  void reshape(Index channels, Index height, Index width) override {
    if (begin()) {
      const Shape to{channels, height, width};
      ensure<ShapeError>(item_ == Shape{to.size()}, "infer: need items of shape [", to.size(), "] to reshape to ", to,
                         ", got ", item_);
      reorder(to);
    }
  }

  void other(Function module) override {
    if (begin()) {
      call(std::move(module));
    }
  }

  void output(std::string_view name) override {
    if (begin()) {
      builder_.mark(name, item_);
      done_ = name == until_;
    }
  }

  /// All steps, and the outputs, the last of which is the model's result, named "output".
  /// @throws ArgumentError if the model has no output `until`
  Program<T> finish() {
    ensure<ArgumentError>(done_ || until_.empty() || until_ == "output", "infer: need one of the model's outputs (",
                          builder_.output_names(), ") to end with, got \"", until_, "\"");
    begin();
    builder_.mark("output", item_);
    return std::move(builder_).link(first_item_);
  }

 private:
  static constexpr T no_bound = -std::numeric_limits<T>::infinity();

  /// Ends what may still take other layers in. False once no more layers are wanted.
  bool begin() {
    if (done_ || !pending_) {
      return !done_;
    }
    const auto conv = std::make_shared<const Convolution<T>>(std::move(*pending_));
    pending_.reset();
    builder_.add(item_, margins_for(*conv),
                 [conv](const Maps& in, const Maps& out) { return choose_step(*conv, in, out); });
    return true;
  }

  void call(Function module) {
    const NoGrad no_grad;
    const Shape before = item_;
    const Shape after = module(Variable<T>(Tensor<T>::zeros(batch_of_one()))).shape();
    ensure<ShapeError>(after.rank() >= 2 && after[0] == 1, "infer: need layers that keep the batch, [N, ...], got ",
                       after, " from one item of shape ", before);
    item_ = Shape(after.extents().subspan(1));
    builder_.add(item_, {}, [module = std::move(module), before, item = item_](const Maps& in, const Maps& out) {
      return std::make_unique<const OtherModule<T>>(module, before, item, in, out);
    });
  }

  void affine(std::vector<T> scale, std::vector<T> shift, T lower) {
    if (begin()) {
      builder_.add(item_, {}, [=](const Maps& in, const Maps& out) {
        return std::make_unique<const Affine<T>>(scale, shift, lower, in, out);
      });
    }
  }

  void reorder(const Shape& to) {
    item_ = to;
    builder_.add(item_, {},
                 [](const Maps& in, const Maps& out) { return std::make_unique<const Reorder<T>>(in, out); });
  }

  Shape batch_of_one() const { return batch_of(1, item_); }

  static std::vector<T> values(const Variable<T>& v) {
    return {v.value().elements().begin(), v.value().elements().end()};
  }
  static std::vector<T> values(const Bias& bias, Index count) {
    return bias ? values(*bias) : std::vector<T>(static_cast<std::size_t>(count), T{0});
  }
  static Variable<T> copy(const Variable<T>& v) { return Variable<T>(v.value()); }
  static Bias copy(const Bias& bias) { return bias ? Bias(copy(*bias)) : std::nullopt; }

  Shape first_item_;   ///< of one item before all layers
  Shape item_;         ///< of one item after the layers so far
  std::string until_;  ///< the output that ends the plan
  bool done_ = false;
  std::optional<Convolution<T>> pending_;  ///< may still take the layers that follow
  ProgramBuilder<T> builder_;
};

}  // namespace engram::infer
