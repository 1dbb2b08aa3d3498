#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

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
#include <engram/ops/linear.hpp>
#include <engram/ops/loss.hpp>
#include <engram/ops/matmul.hpp>
#include <engram/ops/max_pool2d.hpp>
#include <engram/ops/pad.hpp>
#include <engram/ops/reduce.hpp>
#include <engram/ops/group_norm.hpp>
#include <engram/ops/layer_norm.hpp>
#include <engram/ops/shape.hpp>
#include <engram/ops/slice.hpp>
#include <engram/ops/softmax.hpp>
#include <engram/ops/upsample2d.hpp>

namespace golden {

using engram::Index;
using engram::Tensor;
using engram::Variable;

/// Where the cases are: the two folders beside this file, or the one that the environment names.
inline std::vector<std::filesystem::path> folders() {
  const char* other = std::getenv("ENGRAM_GOLDEN_DIR");
  if (other != nullptr) {
    return {other};
  }
  return {ENGRAM_TEST_DIR "/golden", ENGRAM_TEST_DIR "/golden_more"};
}
inline bool is_shipped() {
  return std::getenv("ENGRAM_GOLDEN_DIR") == nullptr;
}

/// The cases of one operation; all of them if `op` is empty. Their "file" is a whole path.
inline std::vector<nlohmann::json> cases(const std::string& op = "") {
  std::vector<nlohmann::json> chosen;
  for (const auto& folder : folders()) {
    std::ifstream file(folder / "index.json");
    for (auto& one : nlohmann::json::parse(file)) {
      if (op.empty() || one["op"] == op) {
        one["file"] = (folder / one["file"]).string();
        chosen.push_back(std::move(one));
      }
    }
  }
  return chosen;
}

/// max |a - b| / max |b|; infinite where shapes differ or a value is not finite.
template <class T>
double relative_error(const Tensor<T>& a, const Tensor<double>& b) {
  double difference = 0;
  double scale = 1e-300;
  if (a.shape() != b.shape()) {
    return INFINITY;
  }
  for (Index i = 0; i < a.size(); ++i) {
    const double d = std::abs(static_cast<double>(a[i]) - b[i]);
    if (!std::isfinite(d)) {
      return INFINITY;
    }
    difference = std::max(difference, d);
    scale = std::max(scale, std::abs(b[i]));
  }
  return difference / scale;
}

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
  return upsample2d(in["x"], {.scale = in.pair("scale"),
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
  return pad(in["x"], {sides[0], sides[1], sides[2], sides[3]}, modes.at(in.attrs["mode"]), in.attrs.value("value", T{0}));
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
      {"concat", [](In in) { return engram::concat({in["a"], in["b"]}, in.attrs["dim"]); }},
      {"mse_loss", [](In in) { return mse_loss(in["x"], in["target"], in.reduction()); }},
      {"l1_loss", [](In in) { return l1_loss(in["x"], in["target"], in.reduction()); }},
      {"huber_loss",
       [](In in) { return huber_loss(in["x"], in["target"], in.reduction(), in.attrs.value("delta", T{1})); }},
      {"bce_with_logits", [](In in) { return bce_with_logits(in["x"], in["target"], in.reduction()); }},
      {"cross_entropy", class_loss<T>},
  };
  return known;
}

}  // namespace golden
