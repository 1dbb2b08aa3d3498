#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/io/npz.hpp>
#include <engram/nn/state.hpp>

namespace engram::train::detail {

/// @throws FormatError for what nothing counts up to
inline void check_counter(std::int64_t value, const std::string& source, const std::string& name) {
  constexpr std::int64_t most = std::int64_t{1} << 53;
  ensure<FormatError>(value >= 0 && value <= most, source, ": need counters from 0 to ", most, ", got ", value, " in ",
                      name);
}

/// Reads arrays of a file into places that must have their shape. Nothing is changed until `commit`, so a file that
/// does not fit leaves everything as it was.
/// @tparam Reader  io::NpzReader or io::SafetensorsReader
template <std::floating_point T, class Reader = io::NpzReader>
class StagedLoad {
 public:
  StagedLoad(const Reader& file, std::string source) : file_(file), source_(std::move(source)) {}

  void tensor(const std::string& name, Tensor<T>& target) {
    need(name, target.shape());
    Tensor<T> values = file_.template read<T>(name);
    ensure<FormatError>(values.shape() == target.shape(), source_, ": need ", name, " ", target.shape(), ", got ",
                        values.shape());
    tensors_.emplace_back(&target, std::move(values));
  }
  void counter(const std::string& name, std::int64_t& target, bool counts = true) {
    const auto value = number<std::int64_t>(name);
    if (counts) {
      check_counter(value, source_, name);
    }
    counters_.emplace_back(&target, value);
  }
  /// A scalar that has no place of its own yet.
  template <class V>
  V number(const std::string& name) {
    need(name, Shape{});
    const Tensor<V> value = file_.template read<V>(name);
    ensure<FormatError>(value.size() == 1, source_, ": need ", name, " [], got ", value.shape());
    return value.item();
  }
  /// Each entry under its name with `prefix` before it.
  /// @param counts  whether counters count up; else they may be any bits
  void state(const std::string& prefix, const nn::Buffers<T>& entries, bool counts = true) {
    for (const auto& entry : entries) {
      if (entry.values != nullptr) {
        tensor(prefix + entry.name, *entry.values);
      } else {
        counter(prefix + entry.name, *entry.counter, counts);
      }
    }
  }
  /// @throws FormatError naming the first array that has not been asked for and is not `other`
  void need_no_more(std::string_view other = {}) const {
    for (const std::string& name : file_.names()) {
      ensure<FormatError>(name == other || std::ranges::find(asked_, name) != asked_.end(), source_, ": need the ",
                          asked_.size(), " arrays of the model alone, got ", name, " too");
    }
  }

  void commit() {
    for (auto& [target, values] : tensors_) {
      *target = std::move(values);
    }
    for (const auto& [target, value] : counters_) {
      *target = value;
    }
  }

 private:
  void need(const std::string& name, const Shape& shape) {
    if (!file_.contains(name)) {
      fail<FormatError>(source_, ": need the array ", name, " ", shape, ", got ",
                        io::detail::name_list(file_.names(), 4));
    }
    asked_.push_back(name);
  }

  const Reader& file_;
  std::string source_;
  std::vector<std::string> asked_;
  std::vector<std::pair<Tensor<T>*, Tensor<T>>> tensors_;
  std::vector<std::pair<std::int64_t*, std::int64_t>> counters_;
};

/// Adds the entries to a file, each name with `prefix` before it.
/// @tparam Writer  io::NpzWriter or io::SafetensorsWriter
template <std::floating_point T, class Writer>
void write_state(Writer& file, const std::string& prefix, const nn::Buffers<T>& entries) {
  for (const auto& entry : entries) {
    if (entry.values != nullptr) {
      file.add(prefix + entry.name, *entry.values);
    } else {
      file.add(prefix + entry.name, Tensor<std::int64_t>::full({}, *entry.counter));
    }
  }
}

/// What of a model belongs into a model file: PyTorch's state dict.
template <class Model>
auto persistent_state(Model& model) {
  auto entries = nn::state(model);
  std::erase_if(entries, [](const auto& entry) { return !entry.persistent; });
  return entries;
}

}  // namespace engram::train::detail
