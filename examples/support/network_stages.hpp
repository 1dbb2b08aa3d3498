#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/ops/batch_norm.hpp>
#include <engram/ops/conv2d.hpp>
#include <engram/ops/conv_transpose2d.hpp>
#include <engram/ops/linear.hpp>
#include <engram/ops/max_pool2d.hpp>
#include <engram/ops/shape.hpp>
#include <engram/plot/network_diagram.hpp>

namespace support {

using engram::Index;
using engram::Shape;
using engram::Variable;
using engram::plot::NetworkStage;

/// Hears what a model consists of and keeps it as stages for a diagram: one for each convolution and linear layer with
/// all that follows it up to the next. Shapes are those of an item of zeros on its way through the model.
template <std::floating_point T>
class StageVisitor final : public engram::nn::LayerVisitor<T> {
 public:
  using typename engram::nn::LayerVisitor<T>::Bias;
  using typename engram::nn::LayerVisitor<T>::Function;

  /// @param input  shape of a batch of one item, such as [1, 1, 50, 50]
  explicit StageVisitor(const Shape& input) : x_(engram::Tensor<T>::zeros(input)) {
    keep();
    stages_.back().name = "input";
  }

  std::vector<NetworkStage> stages() && {
    keep();
    stages_.back().name += stages_.back().name.empty() ? "output" : "";
    return std::move(stages_);
  }

  void conv2d(const Variable<T>& weight, const Bias& bias, const engram::Conv2dStep& step) override {
    begin_layer(engram::text("conv ", kernel(weight)));
    add_stride(step.stride);
    x_ = engram::conv2d(x_, weight, bias, step);
  }
  void conv_transpose2d(const Variable<T>& weight, const Bias& bias, const engram::ConvTranspose2dStep& step) override {
    begin_layer(engram::text("transposed conv ", kernel(weight)));
    add_stride(step.stride);
    x_ = engram::conv_transpose2d(x_, weight, bias, step);
  }
  void linear(const Variable<T>& weight, const Bias& bias) override {
    begin_layer("linear");
    x_ = engram::linear(x_, weight, bias);
  }
  void batch_norm(const Variable<T>&, const Variable<T>&, const engram::RunningStatistics<T>&,
                  const engram::BatchNormOptions&) override {
    operations_.push_back("batch norm");
  }
  void relu() override { operations_.push_back("ReLU"); }
  void max_pool2d(const engram::Pool2dStep& step) override {
    operations_.push_back(engram::text("max pool ", step.kernel.y, times, step.kernel.x));
    x_ = engram::max_pool2d(x_, step);
  }
  void flatten() override {
    keep();  // its shape is worth seeing before it is gone
    operations_.push_back("flatten");
    x_ = engram::flatten(x_);
  }
  void reshape(Index channels, Index height, Index width) override {
    keep();
    operations_.push_back("reshape");
    x_ = engram::reshape(x_, {-1, channels, height, width});
  }
  void other(Function module) override {
    begin_layer("function");
    x_ = module(x_);
  }
  void output(std::string_view name) override {
    keep();
    stages_.back().name = name;
    stages_.back().marked = name == "code";
  }

 private:
  static constexpr std::string_view times = " \xC3\x97 ";

  static std::string kernel(const Variable<T>& weight) {
    return engram::text(weight.shape()[2], times, weight.shape()[3]);
  }
  void add_stride(const engram::Pair& by) {
    if (!(by == engram::Pair(1))) {
      operations_.push_back(engram::text("stride ", by.y, by.x == by.y ? "" : engram::text(times, by.x)));
    }
  }

  /// What has come before is a stage, unless it is but another shape of the same numbers.
  void begin_layer(const std::string& operation) {
    if (operations_ != std::vector<std::string>{"flatten"}) {
      keep();
    }
    operations_.push_back(operation);
  }
  void keep() {
    if (stages_.empty() || !operations_.empty()) {
      const Shape& all = x_.shape();
      const Shape item = all.rank() == 4 ? Shape{all[1], all[2], all[3]} : Shape{all.size() / all[0]};
      stages_.push_back({.shape = item, .operations = std::exchange(operations_, {})});
    }
  }

  Variable<T> x_;
  std::vector<std::string> operations_;
  std::vector<NetworkStage> stages_;
};

/// A model's stages from its input to its output, for plot::NetworkDiagram. Of layers that do not describe themselves
/// no more is told than that there is a function; skip connections are not drawn.
/// @param input  shape of a batch of one item, such as [1, 1, 50, 50]
template <std::floating_point T, class Model>
std::vector<NetworkStage> network_stages(const Model& model, const Shape& input) {
  StageVisitor<T> visitor(input);
  engram::nn::describe<T>(model, visitor);
  return std::move(visitor).stages();
}

}  // namespace support
