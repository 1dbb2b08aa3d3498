#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/nn/module.hpp>

namespace engram::nn {

namespace detail {

template <class T>
T value_type_of(const Parameters<T>&);

}  // namespace detail

/// The floating-point type of a model's parameters.
template <class Model>
using ModelValue = decltype(detail::value_type_of(std::declval<const Model&>().parameters()));

/// All numbers that a model consists of under PyTorch's names: its parameters, then its buffers, those that are not
/// persistent included. The pointers are valid for as long as the model's layers are.
template <class Model>
auto state(Model& model) -> Buffers<ModelValue<Model>> {
  Buffers<ModelValue<Model>> all;
  for (auto& parameter : model.parameters()) {
    all.push_back({parameter.name, &parameter.variable.mutable_value()});
  }
  if constexpr (HasBuffers<Model, ModelValue<Model>>) {
    for (auto& buffer : model.buffers()) {
      all.push_back(std::move(buffer));
    }
  }
  return all;
}

/// Calls tensor(name, values) or counter(name, value) for each entry of state(model).
template <class Model, class OnTensor, class OnCounter>
void for_each_state(Model& model, OnTensor tensor, OnCounter counter) {
  for (const auto& entry : state(model)) {
    if (entry.values != nullptr) {
      tensor(entry.name, *entry.values);
    } else {
      counter(entry.name, *entry.counter);
    }
  }
}

namespace detail {

/// Whether `name` is the part `prefix`, or one of its parameters and buffers; the part "" is the whole model.
inline bool is_under(std::string_view name, std::string_view prefix) {
  return prefix.empty() || name == prefix || (name.starts_with(prefix) && name.substr(prefix.size()).starts_with('.'));
}

/// @param named  entries with a `name`
/// @throws ArgumentError, listing the parts that there are, if there is nothing under one of the prefixes
template <class Named>
void check_prefixes(std::string_view what, const std::vector<Named>& named, const std::vector<std::string>& prefixes) {
  for (const std::string& prefix : prefixes) {
    if (std::ranges::any_of(named, [&](const Named& entry) { return is_under(entry.name, prefix); })) {
      continue;
    }
    std::vector<std::string_view> parts;
    std::string listed;
    for (const Named& entry : named) {
      const std::string_view part = std::string_view(entry.name).substr(0, entry.name.find('.'));
      if (std::ranges::find(parts, part) == parts.end()) {
        listed += text(parts.empty() ? "" : ", ", part);
        parts.push_back(part);
      }
    }
    fail<ArgumentError>(what, ": need a part of the model (", parts.empty() ? "it has none" : listed, "), got ",
                        prefix.empty() ? "all of it" : prefix);
  }
}

/// The entries under one of the prefixes, each once.
/// @throws ArgumentError as check_prefixes does
template <std::floating_point T>
Buffers<T> select(std::string_view what, Buffers<T> all, const std::vector<std::string>& prefixes) {
  check_prefixes(what, all, prefixes);
  std::erase_if(all, [&](const NamedBuffer<T>& entry) {
    return std::ranges::none_of(prefixes, [&](const std::string& p) { return is_under(entry.name, p); });
  });
  return all;
}

/// For each entry of `to`, in order, that of `from` with the same name.
/// @throws ArgumentError naming the first that is not there or is a counter in one of them only, ShapeError for shapes
/// that differ
template <std::floating_point From, std::floating_point To>
std::vector<const NamedBuffer<From>*> counterparts(std::string_view what, const Buffers<From>& from,
                                                   const Buffers<To>& to) {
  std::vector<const NamedBuffer<From>*> all;
  const auto need = [&](const NamedBuffer<To>& target) {
    return text(what, ": need ", target.name, " ",
                target.values != nullptr ? target.values->shape().text() : "(a counter)");
  };
  auto source = from.begin();
  for (const NamedBuffer<To>& target : to) {
    if (source == from.end() || source->name != target.name) {  // else both are in the same order
      source = std::ranges::find(from, target.name, &NamedBuffer<From>::name);
    }
    if (source == from.end()) {
      fail<ArgumentError>(need(target), " in the model to copy from, got a model without it");
    }
    if ((source->values == nullptr) != (target.values == nullptr)) {
      fail<ArgumentError>(need(target), " as in the model to copy to, got a ",
                          source->values == nullptr ? "counter" : "tensor");
    }
    if (target.values != nullptr && source->values->shape() != target.values->shape()) {
      fail<ShapeError>(need(target), " as in the model to copy to, got ", source->values->shape());
    }
    all.push_back(&*source);
    ++source;
  }
  return all;
}

/// Copies each entry's counterpart into it, once all have been found to fit.
/// @throws as counterparts does
template <std::floating_point From, std::floating_point To>
void copy_values(std::string_view what, const Buffers<From>& from, const Buffers<To>& to) {
  const auto sources = counterparts(what, from, to);
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i].values == nullptr) {
      *to[i].counter = *sources[i]->counter;
      continue;
    }
    std::ranges::transform(sources[i]->values->elements(), to[i].values->elements().begin(),
                           [](From value) { return static_cast<To>(value); });
  }
}

}  // namespace detail

/// Copies all parameters and buffers into those of `to`, which stay the same variables: optimisers of `to` go on with
/// them. Floating-point types may differ. Nothing is changed if an error is thrown. `from` is only read.
/// @throws ArgumentError naming the first that only one of the models has, ShapeError for shapes that differ
template <class From, class To>
void copy_state(From& from, To& to) {
  const auto source = state(from);
  const auto target = state(to);
  for (const auto& entry : source) {
    ensure<ArgumentError>(std::ranges::any_of(target, [&](const auto& other) { return other.name == entry.name; }),
                          "copy_state: need the same parameters and buffers in both models, got ", entry.name,
                          " in the model to copy from alone; name the parts to copy");
  }
  detail::copy_values("copy_state", source, target);
}

/// Transfers parts of a model, such as a trained encoder, as the other copy_state does:
/// `copy_state(autoencoder, tagger, {"encoder", "fc_1"})`. Each parameter and buffer of `to` under one of the prefixes
/// must be in `from`; whatever else `from` has is left out.
/// @throws ArgumentError naming the first that `from` has not, or listing the parts of `to` for a prefix that is none
/// of them; ShapeError for shapes that differ
template <class From, class To>
void copy_state(From& from, To& to, const std::vector<std::string>& prefixes) {
  detail::copy_values("copy_state", state(from), detail::select("copy_state", state(to), prefixes));
}

}  // namespace engram::nn
