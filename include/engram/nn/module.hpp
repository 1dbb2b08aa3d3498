#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/ops/batch_norm.hpp>

namespace engram::nn {

/// A value that training moves. Copies are deep: a copied model learns on its own. The copy of a frozen one is frozen.
template <std::floating_point T>
class Parameter {
 public:
  explicit Parameter(Tensor<T> value) : variable_(Variable<T>::parameter(std::move(value))) {}
  Parameter(const Parameter& other) : Parameter(other.variable_.value()) {
    variable_.set_requires_grad(other.variable_.requires_grad());
  }
  Parameter(Parameter&&) noexcept = default;
  Parameter& operator=(const Parameter& other) {
    variable_ = Parameter(other).variable_;
    return *this;
  }
  Parameter& operator=(Parameter&&) noexcept = default;

  /// The handle that operations and optimisers work with.
  const Variable<T>& variable() const { return variable_; }
  operator const Variable<T>&() const { return variable_; }  // NOLINT: an operand like any other

 private:
  Variable<T> variable_;
};

/// The handle of a parameter that a layer may lack.
template <std::floating_point T>
std::optional<Variable<T>> optional_variable(const std::optional<Parameter<T>>& parameter) {
  return parameter ? std::optional(parameter->variable()) : std::nullopt;
}

/// A parameter under the name that PyTorch would give it, such as "encoder.0.weight".
template <std::floating_point T>
struct NamedParameter {
  std::string name;
  Variable<T> variable;
};

/// State that is kept with a model but not trained: a tensor, or a counter (the other pointer is null).
template <std::floating_point T>
struct NamedBuffer {
  std::string name;
  Tensor<T>* values = nullptr;
  std::int64_t* counter = nullptr;
  bool persistent = true;  ///< false: in checkpoints, but not in model files (a dropout layer's count of passes)
};

template <std::floating_point T>
using Parameters = std::vector<NamedParameter<T>>;
template <std::floating_point T>
using Buffers = std::vector<NamedBuffer<T>>;

/// A layer whose pass depends on the mode: evaluation leaves it as it is, training may update its statistics.
template <class M, class T>
concept HasModes = requires(M& m, const M& c, const Variable<T>& x) {
  { c(x) } -> std::same_as<Variable<T>>;
  { m(x, Mode::train) } -> std::same_as<Variable<T>>;
};

template <class M, class T>
concept HasParameters = requires(const M& m) {
  { m.parameters() } -> std::same_as<Parameters<T>>;
};

template <class M, class T>
concept HasBuffers = requires(M& m) {
  { m.buffers() } -> std::same_as<Buffers<T>>;
};

/// Anything callable on a Variable: layers with or without modes, parameters and buffers, and plain functions.
template <class M, class T>
concept Module = std::copy_constructible<M> && requires(const M& m, const Variable<T>& x) {
  { m(x) } -> std::same_as<Variable<T>>;
};

/// The module's result; only modules that have modes see `mode`. One with buffers must have them: its statistics would
/// never be updated.
template <std::floating_point T, Module<T> M>
Variable<T> run(M& module, const Variable<T>& x, Mode mode) {
  static_assert(HasModes<M, T> || !HasBuffers<M, T>, "a model with buffers needs operator()(x, Mode)");
  if constexpr (HasModes<M, T>) {
    return module(x, mode);
  } else {
    return module(x);
  }
}

/// The parameters without their names, in order and each once, whatever the number of its names: what an optimiser asks
/// for.
template <class M>
auto variables(const M& module) {
  const auto named = module.parameters();
  std::vector<decltype(named.front().variable)> all;
  std::set<const void*> seen;
  for (const auto& parameter : named) {
    if (seen.insert(parameter.variable.node()).second) {
      all.push_back(parameter.variable);
    }
  }
  return all;
}

/// Appends the parameters of a part under "prefix.".
template <std::floating_point T>
void append(Parameters<T>& all, const std::string& prefix, Parameters<T> part) {
  for (auto& p : part) {
    all.push_back({prefix + "." + p.name, std::move(p.variable)});
  }
}
template <std::floating_point T>
void append(Buffers<T>& all, const std::string& prefix, Buffers<T> part) {
  for (auto& b : part) {
    all.push_back({prefix + "." + b.name, b.values, b.counter, b.persistent});
  }
}

}  // namespace engram::nn
