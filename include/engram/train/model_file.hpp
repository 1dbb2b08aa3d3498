#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/settings.hpp>
#include <engram/io/npz.hpp>
#include <engram/nn/module.hpp>

namespace engram::train {

namespace detail {

/// Reads arrays of a file into places that must have their shape. Nothing is changed until `commit`, so a file that
/// does not fit leaves everything as it was.
template <std::floating_point T>
class StagedLoad {
 public:
  StagedLoad(const io::NpzReader& file, std::string source) : file_(file), source_(std::move(source)) {}

  void tensor(const std::string& name, Tensor<T>& target) {
    need(name, target.shape());
    Tensor<T> values = read<T>(name);
    ensure<FormatError>(values.shape() == target.shape(), source_, ": need ", name, " ", target.shape(), ", got ",
                        values.shape());
    tensors_.emplace_back(&target, std::move(values));
  }
  template <class V>
  void scalar(const std::string& name, V& target) {
    need(name, Shape{});
    const Tensor<V> value = read<V>(name);
    ensure<FormatError>(value.size() == 1, source_, ": need ", name, " [], got ", value.shape());
    scalars_.emplace_back([&target, v = value.item()] { target = v; });
  }
  /// Arrays that have been asked for so far.
  std::size_t size() const { return tensors_.size() + scalars_.size(); }

  void commit() {
    for (auto& [target, values] : tensors_) {
      *target = std::move(values);
    }
    for (const auto& assign : scalars_) {
      assign();
    }
  }

 private:
  template <class V>
  Tensor<V> read(const std::string& name) const {
    const io::Array array = file_.read(name);
    return naming(text(source_, ": array ", name), [&] { return array.as<V>(); });
  }
  void need(const std::string& name, const Shape& shape) const {
    ensure<FormatError>(file_.contains(name), source_, ": need the array ", name, " ", shape,
                        ", got a file without it: it belongs to another architecture");
  }

  const io::NpzReader& file_;
  std::string source_;
  std::vector<std::pair<Tensor<T>*, Tensor<T>>> tensors_;
  std::vector<std::function<void()>> scalars_;
};

/// Calls tensor(name, values) and counter(name, value) for all that PyTorch would put in the state dict.
template <class Model, class OnTensor, class OnCounter>
void for_each_state(Model& model, OnTensor tensor, OnCounter counter) {
  for (auto& parameter : model.parameters()) {
    tensor(parameter.name, parameter.variable.mutable_value());
  }
  if constexpr (requires { model.buffers(); }) {
    for (const auto& buffer : model.buffers()) {
      if (buffer.values != nullptr) {
        tensor(buffer.name, *buffer.values);
      } else {
        counter(buffer.name, *buffer.counter);
      }
    }
  }
}

/// Adds the model's state dict to a file, each name with `prefix` before it.
template <class Model>
void write_state(io::NpzWriter& file, const std::string& prefix, Model& model) {
  for_each_state(
      model, [&](const std::string& name, const auto& values) { file.add(prefix + name, values); },
      [&](const std::string& name, std::int64_t value) {
        file.add(prefix + name, Tensor<std::int64_t>::full({}, value));
      });
}

template <std::floating_point T, class Model>
void stage_state(StagedLoad<T>& load, const std::string& prefix, Model& model) {
  for_each_state(
      model, [&](const std::string& name, Tensor<T>& values) { load.tensor(prefix + name, values); },
      [&](const std::string& name, std::int64_t& value) { load.scalar(prefix + name, value); });
}

inline Settings read_settings(const io::NpzReader& file, const std::string& source) {
  ensure<FormatError>(file.contains("settings"), source, ": need a model file with the array settings, got ",
                      file.names().size(), " other arrays");
  try {
    return Settings::from_lines(file.read("settings").strings);
  } catch (const FormatError& error) {
    fail<FormatError>(source, ": ", error.what());
  }
}

/// The floating-point type of a model's parameters.
template <class T>
T value_type_of(const nn::Parameters<T>&);
template <class Model>
using ModelValue = decltype(value_type_of(std::declval<const Model&>().parameters()));

}  // namespace detail

/// Writes a model as an .npz: its state dict under PyTorch's names, and `settings` that say how to build it.
/// @throws IoError if the file cannot be written; a file that was there before is then still whole
template <class Model>
void save_model(const std::filesystem::path& path, Model& model, const Settings& settings) {
  io::NpzWriter file(path);
  const auto lines = settings.lines();
  file.add("settings", std::span<const std::string>(lines));
  detail::write_state(file, "", model);
  file.commit();
}

/// The settings that save_model wrote.
/// @throws IoError, FormatError naming the file
inline Settings load_settings(const std::filesystem::path& path) {
  return detail::read_settings(io::NpzReader(path), path.string());
}

/// Replaces the model's parameters and buffers by the file's. A file that does not fit, or holds more than the model,
/// changes nothing.
/// @throws IoError, FormatError naming the file, the array, its shape and the one needed
template <class Model>
void load_model(const std::filesystem::path& path, Model& model) {
  const io::NpzReader file(path);
  detail::StagedLoad<detail::ModelValue<Model>> load(file, path.string());
  detail::stage_state(load, "", model);
  const std::size_t others = file.contains("settings") ? 1 : 0;
  ensure<FormatError>(file.names().size() == load.size() + others, path.string(), ": need the ", load.size(),
                      " arrays of the model, got ", file.names().size() - others);
  load.commit();
}

}  // namespace engram::train
