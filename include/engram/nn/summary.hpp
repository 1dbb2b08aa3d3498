#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/nn/module.hpp>
#include <engram/nn/summary_table.hpp>

namespace engram::nn {

/// One operation of a model's evaluation.
struct LayerSummary {
  std::string layer;      ///< the name that its parameters share, such as "encoder.0"; empty if it has none
  std::string operation;  ///< "conv2d"
  Shape output;
  Index parameters = 0;     ///< 0 where another layer with the same parameters came before
  Index multiply_adds = 0;  ///< of convolutions and matrix products; others, and those of constants, count 0
};

/// What a model consists of, and what one evaluation costs.
struct ModelSummary {
  Shape input;
  std::vector<LayerSummary> layers;  ///< in the order of evaluation
  Index parameters = 0;
  Index trainable = 0;  ///< parameters that are not frozen
  Index multiply_adds = 0;

  /// A table of one line per operation, and the totals.
  std::string text() const;
};

/// Number of values that a model learns, or would if they were not frozen; parameters that layers share count once.
template <class Model>
Index parameter_count(const Model& model) {
  Index count = 0;
  for (const auto& variable : variables(model)) {
    count += variable.shape().size();
  }
  return count;
}

namespace detail {

/// Multiplications of an operation, from its operands' shapes; 0 where a constant among them is not recorded.
template <class T>
Index multiply_adds(const engram::detail::Node<T>& node) {
  const auto shape = [&](std::size_t i) { return node.inputs[i]->value.shape(); };
  const Index rank = node.inputs.size() < 2 ? 0 : shape(1).rank();
  const bool convolves = node.op == "conv2d" || node.op == "conv_transpose2d";
  if (rank < 2 || (convolves && rank != 4)) {
    return 0;
  }
  if (node.op == "conv2d") {
    return node.value.size() * (shape(1).size() / shape(1)[0]);
  }
  if (node.op == "conv_transpose2d") {
    return shape(0).size() * (shape(1).size() / shape(1)[0]);
  }
  if (node.op == "linear") {
    return node.value.size() * shape(1)[1];
  }
  if (node.op == "matmul") {
    return node.value.size() * shape(0)[-1];
  }
  return 0;
}

/// While it lives, operations record all parameters, frozen ones too, and under NoGrad as well.
template <std::floating_point T>
class Thawed {
 public:
  explicit Thawed(const Parameters<T>& parameters) : recording_(std::exchange(engram::detail::recording(), true)) {
    for (const auto& p : parameters) {
      if (!p.variable.requires_grad()) {
        frozen_.push_back(p.variable);
        frozen_.back().set_requires_grad(true);
      }
    }
  }
  Thawed(const Thawed&) = delete;
  Thawed& operator=(const Thawed&) = delete;
  ~Thawed() {
    for (auto& variable : frozen_) {
      variable.set_requires_grad(false);
    }
    engram::detail::recording() = recording_;
  }

 private:
  bool recording_;
  std::vector<Variable<T>> frozen_;
};

}  // namespace detail

/// Evaluates the model once on zeros and lists the operations that it was made of: whatever the model is composed of,
/// skip connections and functions of your own included. Multiply-adds count one multiplication and one addition as one,
/// for the whole batch. Not while another thread uses the model: frozen parameters are recorded for the moment.
/// @param input  shape of the model's input, such as {1, 1, 50, 50}
template <class Model>
ModelSummary summary(const Model& model, const Shape& input) {
  const auto parameters = model.parameters();
  using T = typename decltype(parameters.front().variable)::value_type;
  ModelSummary result{.input = input, .layers = {}, .parameters = parameter_count(model)};
  std::unordered_map<const engram::detail::Node<T>*, std::string> names;
  for (const auto& p : parameters) {
    names.emplace(p.variable.node(), p.name);
  }
  for (const auto& variable : variables(model)) {
    result.trainable += variable.requires_grad() ? variable.shape().size() : 0;
  }
  const detail::Thawed<T> thawed(parameters);
  const auto x = Variable<T>::parameter(Tensor<T>::zeros(input));
  const Variable<T> y = model(x);
  std::unordered_set<const engram::detail::Node<T>*> counted;
  for (const auto* node : engram::detail::inputs_first(y.node())) {
    if (node->inputs.empty()) {
      continue;  // an operand, not an operation
    }
    LayerSummary layer{.layer = "", .operation = std::string(node->op), .output = node->value.shape()};
    for (const auto& operand : node->inputs) {
      const auto found = names.find(operand.get());
      if (found == names.end()) {
        continue;
      }
      const auto dot = found->second.rfind('.');
      layer.layer = dot == std::string::npos ? "" : found->second.substr(0, dot);
      layer.parameters += counted.insert(operand.get()).second ? operand->value.size() : 0;
    }
    layer.multiply_adds = detail::multiply_adds(*node);
    result.multiply_adds += layer.multiply_adds;
    result.layers.push_back(std::move(layer));
  }
  return result;
}

inline std::string ModelSummary::text() const {
  std::vector<std::array<std::string, 5>> rows{{"layer", "operation", "output", "parameters", "multiply-adds"},
                                               {"", "input", input.text(), "", ""}};
  for (const LayerSummary& layer : layers) {
    rows.push_back({layer.layer, layer.operation, layer.output.text(),
                    layer.parameters > 0 ? detail::grouped(layer.parameters) : "",
                    layer.multiply_adds > 0 ? detail::grouped(layer.multiply_adds) : ""});
  }
  rows.push_back({"total", "", "", detail::grouped(parameters), detail::grouped(multiply_adds)});
  std::string out = detail::table(rows, 2);
  if (trainable != parameters) {
    out += engram::text("of the parameters ", detail::grouped(trainable), " are trainable\n");
  }
  return out;
}

}  // namespace engram::nn
