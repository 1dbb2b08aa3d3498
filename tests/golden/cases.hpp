#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <engram/autograd/backward.hpp>
#include <engram/io/npz.hpp>
#include <engram/ops/activation.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/batch_norm.hpp>
#include <engram/ops/conv2d.hpp>
#include <engram/ops/conv_transpose2d.hpp>
#include <engram/ops/linear.hpp>
#include <engram/ops/loss.hpp>
#include <engram/ops/max_pool2d.hpp>
#include <engram/ops/reduce.hpp>

namespace golden {

using engram::Index;
using engram::Tensor;
using engram::Variable;

inline const std::filesystem::path& folder() {
  static const char* other = std::getenv("ENGRAM_GOLDEN_DIR");
  static const std::filesystem::path path = other != nullptr ? other : ENGRAM_TEST_DIR "/golden";
  return path;
}
inline bool is_shipped_folder() {
  return std::getenv("ENGRAM_GOLDEN_DIR") == nullptr;
}

/// The cases of one operation; all of them if `op` is empty.
inline std::vector<nlohmann::json> cases(const std::string& op = "") {
  std::ifstream file(folder() / "index.json");
  std::vector<nlohmann::json> chosen;
  for (const auto& one : nlohmann::json::parse(file)) {
    if (op.empty() || one["op"] == op) {
      chosen.push_back(one);
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

/// The arrays of one case as Variables.
template <class T>
class Inputs {
 public:
  explicit Inputs(const nlohmann::json& one) : attrs(one["attrs"]), file(folder() / one["file"]) {
    for (const std::string name : one["inputs"]) {
      named_.emplace(name, Variable<T>::parameter(file.read(name).as<T>()));
    }
  }

  bool has(const std::string& name) const { return named_.contains(name); }
  const Variable<T>& operator[](const std::string& name) const { return named_.at(name); }
  engram::Pair pair(const std::string& name, Index otherwise = 0) const {
    return attrs.contains(name) ? engram::Pair(attrs[name][0], attrs[name][1]) : engram::Pair(otherwise);
  }

  nlohmann::json attrs;
  engram::io::NpzReader file;
  std::map<std::string, Tensor<T>> extra;  ///< results beside y, such as new running statistics

 private:
  std::map<std::string, Variable<T>> named_;
};

template <class T>
using Operation = std::function<Variable<T>(Inputs<T>&)>;

template <class T>
Variable<T> convolution(Inputs<T>& in) {
  const engram::Conv2dStep step{.stride = in.pair("stride", 1),
                                .padding = in.pair("padding"),
                                .dilation = in.pair("dilation", 1),
                                .groups = in.attrs.value("groups", 1)};
  return in.has("bias") ? conv2d(in["x"], in["weight"], in["bias"], step)
                        : conv2d(in["x"], in["weight"], std::nullopt, step);
}

template <class T>
Variable<T> transposed_convolution(Inputs<T>& in) {
  const engram::ConvTranspose2dStep step{.stride = in.pair("stride", 1),
                                         .padding = in.pair("padding"),
                                         .output_padding = in.pair("output_padding"),
                                         .dilation = in.pair("dilation", 1),
                                         .groups = in.attrs.value("groups", 1)};
  return in.has("bias") ? conv_transpose2d(in["x"], in["weight"], in["bias"], step)
                        : conv_transpose2d(in["x"], in["weight"], std::nullopt, step);
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
const std::map<std::string, Operation<T>>& operations() {
  static const std::map<std::string, Operation<T>> known{
      {"conv2d", convolution<T>},
      {"conv_transpose2d", transposed_convolution<T>},
      {"max_pool2d", max_pooling<T>},
      {"batch_norm1d", batch_normalisation<T>},
      {"batch_norm2d", batch_normalisation<T>},
      {"linear",
       [](Inputs<T>& in) {
         return in.has("bias") ? linear(in["x"], in["weight"], in["bias"]) : linear(in["x"], in["weight"]);
       }},
      {"relu", [](Inputs<T>& in) { return relu(in["x"]); }},
      {"mse_loss",
       [](Inputs<T>& in) {
         return mse_loss(in["x"], in["target"],
                         in.attrs["reduction"] == "sum" ? engram::Reduction::sum : engram::Reduction::mean);
       }},
  };
  return known;
}

}  // namespace golden
