#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <engram/autograd/backward.hpp>
#include <engram/io/npz.hpp>
#include <engram/ops/activation.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/avg_pool2d.hpp>
#include <engram/ops/batch_norm.hpp>
#include <engram/ops/concat.hpp>
#include <engram/ops/conv2d.hpp>
#include <engram/ops/conv_transpose2d.hpp>
#include <engram/ops/cross_entropy.hpp>
#include <engram/ops/elementary.hpp>
#include <engram/ops/group_norm.hpp>
#include <engram/ops/layer_norm.hpp>
#include <engram/ops/linear.hpp>
#include <engram/ops/loss.hpp>
#include <engram/ops/matmul.hpp>
#include <engram/ops/max_pool2d.hpp>
#include <engram/ops/pad.hpp>
#include <engram/ops/reduce.hpp>
#include <engram/ops/shape.hpp>
#include <engram/ops/slice.hpp>
#include <engram/ops/softmax.hpp>
#include <engram/ops/upsample2d.hpp>

#include "golden/cases.hpp"

namespace golden {

using engram::Variable;

/// The arrays of one case: real ones as Variables, integers as `classes`.
template <class T>
class Inputs {
 public:
  explicit Inputs(const nlohmann::json& one) : attrs(one["attrs"]), file(std::string(one["file"])) {
    for (const std::string name : one["inputs"]) {
      const auto array = file.read(name);
      if (array.dtype == engram::io::DType::i64) {
        classes.emplace(name, array.template as<std::int64_t>());
      } else {
        named_.emplace(name, Variable<T>::parameter(array.template as<T>()));
      }
    }
  }

  bool has(const std::string& name) const { return named_.contains(name); }
  const Variable<T>& operator[](const std::string& name) const { return named_.at(name); }
  /// An operand that may be missing.
  std::optional<Variable<T>> optional(const std::string& name) const {
    return has(name) ? std::optional<Variable<T>>(named_.at(name)) : std::nullopt;
  }
  engram::Pair pair(const std::string& name, Index otherwise = 0) const {
    if (!attrs.contains(name)) {
      return otherwise;
    }
    const auto& value = attrs[name];
    return value.is_array() ? engram::Pair(value[0], value[1]) : engram::Pair(value.template get<Index>());
  }
  engram::Reduction reduction() const {
    const std::string name = attrs.value("reduction", "mean");
    return name == "sum" ? engram::Reduction::sum : name == "none" ? engram::Reduction::none : engram::Reduction::mean;
  }

  nlohmann::json attrs;
  engram::io::NpzReader file;
  std::map<std::string, Tensor<std::int64_t>> classes;
  std::map<std::string, Tensor<T>> extra;  ///< results beside y, such as new running statistics

 private:
  std::map<std::string, Variable<T>> named_;
};

template <class T>
using Operation = std::function<Variable<T>(Inputs<T>&)>;

template <class T>
Variable<T> convolution(Inputs<T>& in) {
  return conv2d(in["x"], in["weight"], in.optional("bias"),
                {.stride = in.pair("stride", 1),
                 .padding = in.pair("padding"),
                 .dilation = in.pair("dilation", 1),
                 .groups = in.attrs.value("groups", 1)});
}

template <class T>
Variable<T> transposed_convolution(Inputs<T>& in) {
  return conv_transpose2d(in["x"], in["weight"], in.optional("bias"),
                          {.stride = in.pair("stride", 1),
                           .padding = in.pair("padding"),
                           .output_padding = in.pair("output_padding"),
                           .dilation = in.pair("dilation", 1),
                           .groups = in.attrs.value("groups", 1)});
}

template <class T>
Variable<T> max_pooling(Inputs<T>& in) {
  return max_pool2d(in["x"], {.kernel = in.pair("kernel"),
                              .stride = in.pair("stride"),
                              .padding = in.pair("padding"),
                              .dilation = in.pair("dilation", 1),
                              .ceil_mode = in.attrs.value("ceil_mode", false)});
}

template <class T>
Variable<T> average_pooling(Inputs<T>& in) {
  return avg_pool2d(in["x"], {.kernel = in.pair("kernel"),
                              .stride = in.pair("stride"),
                              .padding = in.pair("padding"),
                              .ceil_mode = in.attrs.value("ceil_mode", false),
                              .count_include_pad = in.attrs.value("count_include_pad", true)});
}

template <class T>
Variable<T> upsampling(Inputs<T>& in) {
  const std::string mode = in.attrs["mode"];
  return upsample2d(in["x"],
                    {.scale = in.pair("scale"),
                     .size = in.pair("size"),
                     .mode = mode == "nearest" ? engram::UpsampleMode::nearest : engram::UpsampleMode::bilinear,
                     .align_corners = in.attrs.value("align_corners", false)});
}

template <class T>
Variable<T> padding(Inputs<T>& in) {
  const auto sides = in.attrs["padding"].template get<std::vector<Index>>();
  const std::map<std::string, engram::PadMode> modes{{"constant", engram::PadMode::constant},
                                                     {"reflect", engram::PadMode::reflect},
                                                     {"replicate", engram::PadMode::replicate},
                                                     {"circular", engram::PadMode::circular}};
  return pad(in["x"], {sides[0], sides[1], sides[2], sides[3]}, modes.at(in.attrs["mode"]),
             in.attrs.value("value", T{0}));
}

template <class T>
Variable<T> batch_normalisation(Inputs<T>& in) {
  engram::RunningStatistics<T> running{in["running_mean"].value(), in["running_var"].value()};
  auto y = batch_norm(in["x"], in["weight"], in["bias"], running,
                      in.attrs["training"] ? engram::Mode::train : engram::Mode::eval,
                      {.eps = in.attrs["eps"], .momentum = in.attrs["momentum"]});
  in.extra["new_running_mean"] = running.mean;
  in.extra["new_running_var"] = running.variance;
  return y;
}

template <class T>
Variable<T> layer_normalisation(Inputs<T>& in) {
  const auto shape = in.attrs["normalized_shape"].template get<std::vector<Index>>();
  return layer_norm(in["x"], engram::Shape(std::span<const Index>(shape)), in.optional("weight"), in.optional("bias"),
                    in.attrs.value("eps", 1e-5));
}

template <class T>
Variable<T> class_loss(Inputs<T>& in) {
  return cross_entropy(in["x"], in.classes.at("target"),
                       {.reduction = in.reduction(),
                        .weight = in.attrs.value("weight", std::vector<T>{}),
                        .ignore_index = in.attrs.value("ignore_index", -100),
                        .label_smoothing = in.attrs.value("label_smoothing", T{0})});
}

template <class T>
Variable<T> slicing(Inputs<T>& in) {
  return slice(in["x"], in.attrs["dim"],
               {.start = in.attrs["start"], .stop = in.attrs["stop"], .step = in.attrs.value("step", 1)});
}

/// The dims that an attribute lists.
template <class T>
std::vector<Index> dims(const Inputs<T>& in, const std::string& name = "dims") {
  return in.attrs[name].template get<std::vector<Index>>();
}

template <class T>
const std::map<std::string, Operation<T>>& operations() {
  using In = Inputs<T>&;
  static const std::map<std::string, Operation<T>> known{
      {"conv2d", convolution<T>},
      {"conv_transpose2d", transposed_convolution<T>},
      {"max_pool2d", max_pooling<T>},
      {"avg_pool2d", average_pooling<T>},
      {"adaptive_avg_pool2d", [](In in) { return adaptive_avg_pool2d(in["x"], in.pair("size")); }},
      {"upsample2d", upsampling<T>},
      {"pad", padding<T>},
      {"batch_norm1d", batch_normalisation<T>},
      {"batch_norm2d", batch_normalisation<T>},
      {"layer_norm", layer_normalisation<T>},
      {"group_norm",
       [](In in) {
         return group_norm(in["x"], in.attrs["groups"], in.optional("weight"), in.optional("bias"),
                           in.attrs.value("eps", 1e-5));
       }},
      {"linear", [](In in) { return linear(in["x"], in["weight"], in.optional("bias")); }},
      {"matmul", [](In in) { return matmul(in["a"], in["b"]); }},
      {"relu", [](In in) { return relu(in["x"]); }},
      {"leaky_relu", [](In in) { return leaky_relu(in["x"], in.attrs.value("negative_slope", T(0.01))); }},
      {"elu", [](In in) { return elu(in["x"], in.attrs.value("alpha", T{1})); }},
      {"gelu", [](In in) { return gelu(in["x"]); }},
      {"silu", [](In in) { return silu(in["x"]); }},
      {"sigmoid", [](In in) { return sigmoid(in["x"]); }},
      {"tanh", [](In in) { return tanh(in["x"]); }},
      {"softplus", [](In in) { return softplus(in["x"], in.attrs.value("beta", T{1})); }},
      {"exp", [](In in) { return exp(in["x"]); }},
      {"log", [](In in) { return log(in["x"]); }},
      {"sqrt", [](In in) { return sqrt(in["x"]); }},
      {"abs", [](In in) { return abs(in["x"]); }},
      {"square", [](In in) { return square(in["x"]); }},
      {"sin", [](In in) { return sin(in["x"]); }},
      {"cos", [](In in) { return cos(in["x"]); }},
      {"clamp", [](In in) { return clamp(in["x"], in.attrs["min"], in.attrs["max"]); }},
      {"softmax", [](In in) { return softmax(in["x"], in.attrs["dim"]); }},
      {"log_softmax", [](In in) { return log_softmax(in["x"], in.attrs["dim"]); }},
      {"add", [](In in) { return in["a"] + in["b"]; }},
      {"sub", [](In in) { return in["a"] - in["b"]; }},
      {"mul", [](In in) { return in["a"] * in["b"]; }},
      {"div", [](In in) { return in["a"] / in["b"]; }},
      {"sum", [](In in) { return sum(in["x"], dims(in), in.attrs.value("keepdim", false)); }},
      {"mean", [](In in) { return mean(in["x"], dims(in), in.attrs.value("keepdim", false)); }},
      {"reshape", [](In in) { return reshape(in["x"], std::span<const Index>(dims(in, "shape"))); }},
      {"flatten", [](In in) { return flatten(in["x"], in.attrs["start_dim"], in.attrs["end_dim"]); }},
      {"permute", [](In in) { return permute(in["x"], dims(in)); }},
      {"transpose", [](In in) { return transpose(in["x"], in.attrs["dim0"], in.attrs["dim1"]); }},
      {"slice", slicing<T>},
      {"concat",
       [](In in) {
         return engram::concat({in["a"], in["b"]}, in.attrs["dim"]);
       }},
      {"mse_loss", [](In in) { return mse_loss(in["x"], in["target"], in.reduction()); }},
      {"l1_loss", [](In in) { return l1_loss(in["x"], in["target"], in.reduction()); }},
      {"huber_loss",
       [](In in) { return huber_loss(in["x"], in["target"], in.reduction(), in.attrs.value("delta", T{1})); }},
      {"bce_with_logits", [](In in) { return bce_with_logits(in["x"], in["target"], in.reduction()); }},
      {"cross_entropy", class_loss<T>},
  };
  return known;
}

/// Largest error of a case's outputs, after its loss sum(y * grad_y) was differentiated.
template <class T>
double case_error(const nlohmann::json& one) {
  Inputs<T> in(one);
  const Variable<T> y = operations<T>().at(one["op"])(in);
  engram::Gradients<T> gradients = backward(in.has("grad_y") ? sum(y * Variable<T>(in["grad_y"].value())) : y);
  double worst = 0;
  for (const std::string name : one["outputs"]) {
    const auto expected = in.file.read(name).template as<double>();
    const Tensor<T>& found = name == "y"                 ? y.value()
                             : name.starts_with("grad_") ? gradients[in[name.substr(5)]]
                                                         : in.extra.at(name);
    worst = std::max(worst, relative_error(found, expected));
  }
  return worst;
}

/// Checks every case of an operation; one that is not known fails.
template <class T>
void check_operations(double tolerance) {
  std::map<std::string, double> worst;
  for (const auto& one : cases()) {
    const std::string op = one["op"];
    if (op == "optim" || op == "scheduler" || op == "model" || op == "clip_grad_norm") {
      continue;  // their own tests
    }
    CAPTURE(one["file"]);
    REQUIRE_MESSAGE(operations<T>().contains(op), "no operation ", op);
    const double error = case_error<T>(one);
    CHECK(error < tolerance);
    worst[op] = std::max(worst[op], error);
  }
  for (const auto& [op, error] : worst) {
    MESSAGE(op, ": largest relative error ", error);
  }
  if (is_shipped()) {
    CHECK(worst.size() == operations<T>().size());
  }
}

}  // namespace golden
