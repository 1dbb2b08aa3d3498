#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/error.hpp>
#include <engram/nn/module.hpp>
#include <engram/nn/state.hpp>
#include <engram/train/dataset.hpp>

namespace engram::train::detail {

/// Place of the first element that is not finite; the size if there is none.
template <class T>
Index find_not_finite(const Tensor<T>& values) {
  const auto all = values.elements();
  return std::ranges::find_if_not(all, [](T value) { return std::isfinite(value); }) - all.begin();
}

/// The first of a model's parameters and buffers that is not finite: "nan in 1.running_var"; empty if there is none.
template <class T, class Model>
std::string name_bad_state(Model& model) {
  if constexpr (nn::HasParameters<Model, T>) {
    for (const auto& entry : nn::state(model)) {
      const Index bad = entry.values == nullptr ? 0 : find_not_finite(*entry.values);
      if (entry.values != nullptr && bad < entry.values->size()) {
        return text((*entry.values)[bad], " in ", entry.name);
      }
    }
  }
  return "";
}

/// The first of a batch's examples with a number that is not finite: "the target of the example 12, which has nan";
/// empty if there is none, or the batch has not one row for each example.
/// @param items  what the batch's examples are called in their data set
/// @param set    what that is called: "training"
template <class T>
std::string name_bad_example(const Batch<T>& batch, std::span<const Index> items, std::string_view set) {
  for (const auto& [name, values] : {std::pair("input", &batch.inputs.value()), {"target", &batch.targets.value()}}) {
    const Index bad = find_not_finite(*values);
    if (bad < values->size() && values->rank() > 0 && values->dim(0) == std::ssize(items)) {
      const Index example = bad / (values->size() / values->dim(0));
      return text("the ", name, " of the ", set, " example ", items[static_cast<std::size_t>(example)], ", which has ",
                  (*values)[bad]);
    }
  }
  return "";
}

/// The operation whose result is not finite although all that it was made of is; null if there is none.
template <class T>
const engram::detail::Node<T>* first_not_finite(const engram::detail::Node<T>* result) {
  using Node = engram::detail::Node<T>;
  std::vector<std::pair<const Node*, bool>> pending{{result, false}};  // and whether its inputs have been looked at
  std::unordered_set<const Node*> seen;
  while (!pending.empty()) {
    const auto [node, inputs_done] = pending.back();
    pending.pop_back();
    if (inputs_done) {
      if (find_not_finite(node->value) < node->value.size()) {
        return node;
      }
      continue;
    }
    if (!seen.insert(node).second) {
      continue;
    }
    pending.emplace_back(node, true);
    for (auto input = node->inputs.rbegin(); input != node->inputs.rend(); ++input) {
      pending.emplace_back(input->get(), false);
    }
  }
  return nullptr;
}

/// Where in the model the loss first stopped being a finite number: "the output of conv2d with encoder.3.weight,
/// encoder.3.bias, [8, 64, 25, 25]".
template <class T, class Model>
std::string name_first_not_finite(const Model& model, const Variable<T>& loss) {
  const auto* const node = first_not_finite(loss.node());
  if (node == nullptr) {
    return "none of the model's outputs";
  }
  const auto name_of = [&](const engram::detail::Node<T>* wanted) -> std::string {
    if constexpr (nn::HasParameters<Model, T>) {
      for (const auto& parameter : model.parameters()) {
        if (parameter.variable.node() == wanted) {
          return parameter.name;
        }
      }
    }
    return "";
  };
  if (const std::string name = name_of(node); !name.empty()) {
    return text("the parameter ", name, ", ", node->value.shape());
  }
  std::string parameters;
  for (const auto& input : node->inputs) {
    const std::string name = name_of(input.get());
    parameters += name.empty() ? "" : (parameters.empty() ? " with " : ", ") + name;
  }
  return text("the output of ", node->op, parameters, ", ", node->value.shape());
}

}  // namespace engram::train::detail
