#pragma once

#include <cmath>
#include <concepts>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/error.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/onnx/graph.hpp>
#include <engram/ops/avg_pool2d.hpp>
#include <engram/ops/batch_norm.hpp>
#include <engram/ops/conv2d.hpp>
#include <engram/ops/conv_transpose2d.hpp>
#include <engram/ops/linear.hpp>
#include <engram/ops/max_pool2d.hpp>
#include <engram/ops/pad.hpp>
#include <engram/ops/shape.hpp>
#include <engram/ops/upsample2d.hpp>

namespace engram::onnx {

namespace detail {

inline std::vector<Attribute> window_attributes(const kernels::Pair& kernel, const kernels::Pair& stride,
                                                const kernels::Pair& padding, const kernels::Pair& dilation) {
  return {Attribute("kernel_shape", {kernel.y, kernel.x}), Attribute("strides", {stride.y, stride.x}),
          Attribute("pads", {padding.y, padding.x, padding.y, padding.x}),
          Attribute("dilations", {dilation.y, dilation.x})};
}

/// Turns a model's description into a graph. A batch of zeros goes along, which tells shapes.
template <std::floating_point T>
class Exporter final : public nn::LayerVisitor<T> {
 public:
  using typename nn::LayerVisitor<T>::Bias;
  using typename nn::LayerVisitor<T>::Function;

  /// @param names  of parameters, by their nodes
  Exporter(Graph& graph, std::string value, const Shape& item, std::map<const void*, std::string> names)
      : graph_(graph), value_(std::move(value)), probe_(zeros(item)), names_(std::move(names)) {}

  const std::string& value() const { return value_; }
  Shape item() const { return Shape(probe_.shape().extents().subspan(1)); }

  void conv2d(const Variable<T>& weight, const Bias& bias, const Conv2dStep& step) override {
    auto attributes =
        window_attributes({weight.shape()[2], weight.shape()[3]}, step.stride, step.padding, step.dilation);
    attributes.emplace_back("group", step.groups);
    apply("Conv", with_weights(weight, bias), attributes, engram::conv2d(probe_, weight, bias, step));
  }
  void conv_transpose2d(const Variable<T>& weight, const Bias& bias, const ConvTranspose2dStep& step) override {
    auto attributes =
        window_attributes({weight.shape()[2], weight.shape()[3]}, step.stride, step.padding, step.dilation);
    attributes.emplace_back("group", step.groups);
    attributes.push_back(Attribute("output_padding", {step.output_padding.y, step.output_padding.x}));
    apply("ConvTranspose", with_weights(weight, bias), attributes,
          engram::conv_transpose2d(probe_, weight, bias, step));
  }
  void linear(const Variable<T>& weight, const Bias& bias) override {
    ensure<ArgumentError>(item().rank() == 1, "onnx: need items [F] for a linear layer, got ", item());
    apply("Gemm", with_weights(weight, bias), {Attribute("transB", Index{1})}, engram::linear(probe_, weight, bias));
  }
  void batch_norm(const Variable<T>& weight, const Variable<T>& bias, const RunningStatistics<T>& running,
                  const BatchNormOptions& options) override {
    RunningStatistics<T> same = running;
    const std::vector<std::string> inputs{value_, of(weight), of(bias), graph_.constant(running.mean),
                                          graph_.constant(running.variance)};
    apply("BatchNormalization", inputs, {Attribute("epsilon", options.eps)},
          engram::batch_norm(probe_, weight, bias, same, Mode::eval, options));
  }
  void relu() override { keep("Relu", {}); }
  void max_pool2d(const Pool2dStep& step) override {
    auto attributes = window_attributes(step.kernel, stride_of(step), step.padding, step.dilation);
    attributes.emplace_back("ceil_mode", Index{step.ceil_mode});
    const Variable<T> y = engram::max_pool2d(probe_, step);
    // Windows that begin beyond the image are left out here and in PyTorch, but not in ONNX.
    const auto begins_inside = [](Index in, Index out, Index window, Index stride, Index padding) {
      return (in + 2 * padding - window + stride - 1) / stride + 1 == out;
    };
    const kernels::Pair stride = stride_of(step);
    const Shape in = item();
    ensure<ArgumentError>(
        !step.ceil_mode ||
            (begins_inside(in[1], y.shape()[2], (step.kernel.y - 1) * step.dilation.y + 1, stride.y, step.padding.y) &&
             begins_inside(in[2], y.shape()[3], (step.kernel.x - 1) * step.dilation.x + 1, stride.x, step.padding.x)),
        "onnx: need max pooling with ceil_mode whose windows all begin inside the image, got items ", in);
    apply("MaxPool", {value_}, attributes, y);
  }
  void flatten() override { apply("Flatten", {value_}, {}, engram::flatten(probe_)); }
  void reshape(Index channels, Index height, Index width) override {
    apply("Reshape", {value_, graph_.constant({0, channels, height, width})}, {},
          engram::reshape(probe_, {-1, channels, height, width}));
  }
  void other(Function) override {
    fail<ArgumentError>("onnx: need layers that ONNX can express, got one that does not describe itself");
  }
  void output(std::string_view name) override { graph_.output(value_, name, item()); }

  void activation(nn::Activation kind, double parameter, Function module) override {
    using enum nn::Activation;
    probe_ = module(probe_);  // which refuses what the layer refuses
    switch (kind) {
      case leaky_relu:
        return keep("LeakyRelu", {Attribute("alpha", parameter)});
      case elu:
        return keep("Elu", {Attribute("alpha", parameter)});
      case sigmoid:
        return keep("Sigmoid", {});
      case tanh:
        return keep("Tanh", {});
      case softmax:
        return keep("Softmax", {Attribute("axis", static_cast<Index>(parameter))});
      case log_softmax:
        return keep("LogSoftmax", {Attribute("axis", static_cast<Index>(parameter))});
      case silu:
        value_ = graph_.node("Mul", {value_, graph_.node("Sigmoid", {value_})});
        return;
      case softplus: {
        const std::string beta = graph_.constant(parameter);
        value_ = graph_.node("Div", {graph_.node("Softplus", {graph_.node("Mul", {value_, beta})}), beta});
        return;
      }
      case gelu: {
        const std::string part = graph_.node("Erf", {graph_.node("Mul", {value_, graph_.constant(std::sqrt(0.5))})});
        const std::string gate = graph_.node("Add", {part, graph_.constant(1.0)});
        value_ = graph_.node("Mul", {graph_.node("Mul", {value_, gate}), graph_.constant(0.5)});
        return;
      }
    }
  }
  void avg_pool2d(const AvgPool2dStep& step, Function module) override {
    ensure<ArgumentError>(!step.ceil_mode, "onnx: need average pooling without ceil_mode");
    const kernels::Pair stride = stride_of(step);
    apply("AveragePool", {value_},
          {Attribute("kernel_shape", {step.kernel.y, step.kernel.x}), Attribute("strides", {stride.y, stride.x}),
           Attribute("pads", {step.padding.y, step.padding.x, step.padding.y, step.padding.x}),
           Attribute("count_include_pad", Index{step.count_include_pad})},
          module(probe_));
  }
  void adaptive_avg_pool2d(const kernels::Pair& size, Function module) override {
    const Shape in = item();
    const Variable<T> y = module(probe_);
    ensure<ArgumentError>(in[1] % size.y == 0 && in[2] % size.x == 0,
                          "onnx: need adaptive average pooling to sizes that divide the image's, got ", size.y, " x ",
                          size.x, " of items ", in);
    const kernels::Pair window{in[1] / size.y, in[2] / size.x};
    apply("AveragePool", {value_},
          {Attribute("kernel_shape", {window.y, window.x}), Attribute("strides", {window.y, window.x})}, y);
  }
  void upsample2d(const Upsample2dOptions& options, Function module) override {
    const Shape in = item();
    const Variable<T> y = module(probe_);
    if (options.mode == UpsampleMode::nearest) {  // by indices: a factor that is no whole number would be rounded
      for (const Index axis : {2, 3}) {
        value_ = graph_.node("Gather", {value_, nearest(in[axis - 1], y.shape()[axis])}, {Attribute("axis", axis)});
      }
      probe_ = y;
      return;
    }
    const auto scale = [](Index to, Index from) {  // never below the quotient, whose product is rounded down
      const double exact = static_cast<double>(to) / static_cast<double>(from);
      const auto single = static_cast<float>(exact);
      return static_cast<double>(single) < exact ? std::nextafter(single, 1e30F) : single;
    };
    const auto scales = Tensor<float>::from({4}, {1, 1, scale(y.shape()[2], in[1]), scale(y.shape()[3], in[2])});
    apply("Resize", {value_, "", graph_.constant(scales)},
          {Attribute("mode", "linear"),
           Attribute("coordinate_transformation_mode", options.align_corners ? "align_corners" : "half_pixel")},
          y);
  }
  void pad(const Padding2d& p, PadMode mode, double value, Function module) override {
    ensure<ArgumentError>(mode != PadMode::circular && item().rank() == 3,
                          "onnx: need constant, reflect or replicate padding of images, got circular or items ",
                          item());
    apply("Pad", {value_, graph_.constant({0, 0, p.top, p.left, 0, 0, p.bottom, p.right}), graph_.constant(value)},
          {Attribute("mode", mode == PadMode::constant  ? "constant"
                             : mode == PadMode::reflect ? "reflect"
                                                        : "edge")},
          module(probe_));
  }
  void group_norm(Index groups, const Bias& weight, const Bias& bias, double eps, Function module) override {
    probe_ = module(probe_);
    const Shape in = probe_.shape();
    const auto ones = Tensor<T>::full({groups}, T{1});
    const std::string rows = graph_.node("Reshape", {value_, graph_.constant({0, groups, -1})});
    const std::string normal =
        graph_.node("InstanceNormalization", {rows, graph_.constant(ones), graph_.constant(Tensor<T>::zeros({groups}))},
                    {Attribute("epsilon", eps)});
    value_ = graph_.node("Reshape", {normal, graph_.node("Shape", {value_})});
    if (weight) {
      std::vector<Index> extents(static_cast<std::size_t>(in.rank() - 1), 1);
      extents[0] = in[1];
      const Shape along{std::span<const Index>(extents)};
      value_ = graph_.node("Mul", {value_, graph_.constant(weight->value().reshaped(along))});
      value_ = graph_.node("Add", {value_, graph_.constant(bias->value().reshaped(along))});
    }
  }
  void layer_norm(Index axes, const Bias& weight, const Bias& bias, double eps, Function module) override {
    probe_ = module(probe_);
    const Shape in = probe_.shape();
    const auto ones = Tensor<T>::full(Shape(in.extents().subspan(static_cast<std::size_t>(in.rank() - axes))), T{1});
    std::vector<std::string> inputs{value_, weight ? of(*weight) : graph_.constant(ones)};
    if (bias) {
      inputs.push_back(of(*bias));
    }
    apply("LayerNormalization", inputs, {Attribute("axis", -axes), Attribute("epsilon", eps)}, probe_);
  }

 private:
  static Variable<T> zeros(const Shape& item) {
    std::vector<Index> extents{1};
    extents.insert(extents.end(), item.begin(), item.end());
    return Variable<T>(Tensor<T>::zeros(Shape(std::span<const Index>(extents))));
  }
  /// Which pixel of `in` each of `out` shows.
  std::string nearest(Index in, Index out) {
    std::vector<Index> from;
    for (Index i = 0; i < out; ++i) {
      from.push_back(i * in / out);
    }
    return graph_.constant(from);
  }
  template <class Step>
  static kernels::Pair stride_of(const Step& step) {
    return step.stride.y == 0 ? step.kernel : step.stride;
  }

  void apply(std::string_view operation, const std::vector<std::string>& inputs,
             const std::vector<Attribute>& attributes, const Variable<T>& result) {
    value_ = graph_.node(operation, inputs, attributes);
    probe_ = result;
  }
  void keep(std::string_view operation, const std::vector<Attribute>& attributes) {
    apply(operation, {value_}, attributes, probe_);
  }

  std::vector<std::string> with_weights(const Variable<T>& weight, const Bias& bias) {
    std::vector<std::string> inputs{value_, of(weight)};
    if (bias) {
      inputs.push_back(of(*bias));
    }
    return inputs;
  }
  /// A parameter under its name, once however often it is used.
  std::string of(const Variable<T>& parameter) {
    const auto known = added_.find(parameter.node());
    if (known != added_.end()) {
      return known->second;
    }
    const auto name = names_.find(parameter.node());
    return added_[parameter.node()] =
               graph_.constant(parameter.value(), name == names_.end() ? std::string() : name->second);
  }

  Graph& graph_;
  std::string value_;
  Variable<T> probe_;
  std::map<const void*, std::string> names_;
  std::map<const void*, std::string> added_;
};

}  // namespace detail

}  // namespace engram::onnx
