#pragma once

#include <string>
#include <string_view>

#include <engram/nn/state.hpp>

namespace engram::nn {

namespace detail {

template <class Model>
void set_requires_grad(std::string_view what, Model& model, const std::string& prefix, bool on) {
  auto parameters = model.parameters();
  check_prefixes(what, parameters, {prefix});
  for (auto& parameter : parameters) {
    if (is_under(parameter.name, prefix)) {
      parameter.variable.set_requires_grad(on);
    }
  }
}

}  // namespace detail

/// Makes constants of a model's parameters: all of them, or those of the part called `prefix` in PyTorch's names, such
/// as "encoder", "encoder.0" or "encoder.0.weight". Backward stops where all that is below is frozen, so training the
/// rest costs less.
///
/// An optimiser of all parameters, as nn::variables lists them, leaves frozen ones alone, since it is given no gradient
/// for them. A batch norm whose weight and bias are frozen also keeps its running statistics; see nn::BatchNorm. Copies
/// of the model are frozen likewise; model files and checkpoints do not say what is frozen.
/// @throws ArgumentError, listing the model's parts, if it has no parameter of that name or part
template <class Model>
void freeze(Model& model, const std::string& prefix = "") {
  detail::set_requires_grad("freeze", model, prefix, false);
}

/// Lets training move again what `freeze` has made constant.
/// @throws ArgumentError, listing the model's parts, if it has no parameter of that name or part
template <class Model>
void unfreeze(Model& model, const std::string& prefix = "") {
  detail::set_requires_grad("unfreeze", model, prefix, true);
}

}  // namespace engram::nn
