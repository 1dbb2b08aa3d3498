#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <engram/optim/optimizer.hpp>
#include <engram/train/fit.hpp>
#include <engram/train/model_file.hpp>

namespace engram::train {

namespace detail {

inline constexpr std::int64_t checkpoint_version = 2;

inline void write_training_state(io::NpzWriter& file, const TrainingState& s) {
  const auto word = [](std::uint64_t w) { return static_cast<std::int64_t>(w); };
  file.add("training.counters",
           Tensor<std::int64_t>::from(
               {11}, {checkpoint_version, word(s.rng.key), word(s.rng.stream), word(s.rng.position), s.epoch, s.batch,
                      s.step, s.images, s.batch_size, s.examples, std::ssize(s.history.rows())}));
  file.add("training.numbers", Tensor<double>::from({3}, {s.base_lr, s.loss_sum, s.seconds}));
  const std::vector<std::string>& columns = s.history.columns();
  file.add("history.columns", std::span<const std::string>(columns));
  file.add("history", s.history.values());
}

inline TrainingState read_training_state(const io::NpzReader& file, const std::string& source) {
  const auto counters = file.read<std::int64_t>("training.counters");
  const auto numbers = file.read<double>("training.numbers");
  ensure<FormatError>(counters.shape() == Shape{11} && numbers.shape() == Shape{3} && counters[0] == checkpoint_version,
                      source, ": need a checkpoint of version ", checkpoint_version, ", got another");
  for (Index i = 4; i < counters.size(); ++i) {
    check_counter(counters[i], source, text("training.counters, place ", i));
  }
  const auto word = [&](Index i) { return static_cast<std::uint64_t>(counters[i]); };
  TrainingState s;
  s.rng = {word(1), word(2), word(3)};
  s.epoch = counters[4];
  s.batch = counters[5];
  s.step = counters[6];
  s.images = counters[7];
  s.batch_size = counters[8];
  s.examples = counters[9];
  s.base_lr = numbers[0];
  s.loss_sum = numbers[1];
  s.seconds = numbers[2];
  const auto columns = file.read("history.columns").strings;
  const auto rows = file.read<double>("history");
  const auto fixed = static_cast<std::ptrdiff_t>(History::fixed_columns);
  const bool fits = rows.rank() == 2 && rows.dim(0) == counters[10] && rows.dim(1) == std::ssize(columns);
  ensure<FormatError>(std::ssize(columns) >= fixed && fits, source, ": need a history of ", counters[10],
                      " epochs, got ", rows.shape());
  s.history = History({columns.begin() + fixed, columns.end()});
  for (Index r = 0; r < rows.dim(0); ++r) {
    const double* row = rows.data() + r * rows.dim(1);
    s.history.add({row, row + rows.dim(1)});
  }
  return s;
}

/// The model's names of the optimiser's parameters, in the optimiser's order. Of a parameter with several names it is
/// the first.
/// @throws ArgumentError if the model has not all of them
template <class T, class Model, optim::SavableOptimizer<T> Optimizer>
std::vector<std::string> optimized_names(const Model& model, const Optimizer& optimizer) {
  std::map<const void*, std::string> name_of;
  for (auto& parameter : model.parameters()) {
    name_of.try_emplace(parameter.variable.node(), std::move(parameter.name));
  }
  std::vector<std::string> names;
  for (const auto& variable : optimizer.parameters()) {
    const auto found = name_of.find(variable.node());
    ensure<ArgumentError>(found != name_of.end(),
                          "checkpoint: need an optimiser of the model's parameters, got one "
                          "whose parameter ",
                          names.size(), " ", variable.shape(), " is none of them");
    names.push_back(found->second);
  }
  return names;
}

/// Calls f(name, tensor) for each tensor of the optimiser: "optimizer.exp_avg.encoder.0.weight".
/// @throws ArgumentError as optimized_names does
template <class Model, class Optimizer, class F>
void for_each_slot(const Model& model, Optimizer& optimizer, F f) {
  const auto names = optimized_names<nn::ModelValue<Model>>(model, optimizer);
  for (const auto& slot : optimizer.slots()) {
    for (std::size_t k = 0; k < names.size(); ++k) {
      f("optimizer." + slot.name + "." + names[k], (*slot.per_parameter)[k]);
    }
  }
}

/// @throws FormatError naming the first of the file's arrays under `prefix` that is not among `wanted`
inline void check_wanted(const io::NpzReader& file, const std::string& source, const std::string& prefix,
                         const std::vector<std::string>& wanted) {
  for (const std::string& name : file.names()) {
    ensure<FormatError>(!name.starts_with(prefix) || std::ranges::find(wanted, name) != wanted.end(), source,
                        ": need a place for all that the checkpoint holds, got none for ", name);
  }
}

/// @throws FormatError naming the first setting that differs, or that only one of them has
inline void check_settings(const Settings& wanted, const Settings& found, const std::string& source) {
  for (const Settings* side : {&wanted, &found}) {
    for (const auto& entry : side->entries()) {
      const std::string* need = wanted.find(entry.first);
      const std::string* got = found.find(entry.first);
      ensure<FormatError>(need != nullptr && got != nullptr && *need == *got, source, ": need a checkpoint with ",
                          entry.first, "=", need == nullptr ? "none" : *need, ", got ", got == nullptr ? "none" : *got);
    }
  }
}

}  // namespace detail

/// Writes all that it takes to go on with a training to the same bits: model, optimiser, rate, random state,
/// history, and `settings` that say how to build the model. The file takes the old one's place only when it is whole
/// and on the disk. What the optimiser keeps is saved under the model's names of its parameters: their order does not
/// matter, and it may have only some of the model's.
/// @param others  whatever else must survive, such as moving averages and early stopping: give each a name of its own,
///                `nn::append(others, "average", average.buffers())`
/// @throws IoError if it cannot be written; ArgumentError if the optimiser has a parameter that the model has not, or
/// the model's parameters or buffers are not all finite. The old checkpoint is then still there
template <class Model, optim::SavableOptimizer<nn::ModelValue<Model>> Optimizer>
void save_checkpoint(const std::filesystem::path& path, Model& model, Optimizer& optimizer, const TrainingState& state,
                     const Settings& settings, const nn::Buffers<nn::ModelValue<Model>>& others = {}) {
  detail::check_finite("save_checkpoint", model);
  io::NpzWriter file(path, io::Compression::stored);
  const auto lines = settings.lines();
  file.add("settings", std::span<const std::string>(lines));
  detail::write_training_state(file, state);
  file.add("optimizer.steps", Tensor<std::int64_t>::full({}, optimizer.steps()));
  file.add("optimizer.lr", Tensor<double>::full({}, optimizer.lr()));
  detail::for_each_slot(model, optimizer, [&](const std::string& name, const auto& values) { file.add(name, values); });
  detail::write_state(file, "model.", nn::state(model));
  detail::write_state(file, "others.", others);
  file.commit();
}

/// Restores what save_checkpoint wrote. A file that does not fit changes nothing. What kind of optimiser it was, and
/// with which options besides the rate, is not in the file: let `settings` say it where that may change.
/// @param settings   must equal the checkpoint's: the first that differs, or only one of them has, is named
/// @param optimizer  of the same parameters as when it was saved, in any order and grouping
/// @param others     the same as when it was saved: what a checkpoint holds is not lost unnoticed
/// @returns the state to hand to fit
/// @throws IoError, FormatError naming the file, what was found and what was needed; ArgumentError if the optimiser has
/// a parameter that the model has not
template <class Model, optim::SavableOptimizer<nn::ModelValue<Model>> Optimizer>
TrainingState load_checkpoint(const std::filesystem::path& path, Model& model, Optimizer& optimizer,
                              const Settings& settings, const nn::Buffers<nn::ModelValue<Model>>& others = {}) {
  const io::NpzReader file(path);
  const std::string source = path.string();
  detail::check_settings(settings, detail::read_settings(file, source), source);
  TrainingState state = detail::read_training_state(file, source);
  detail::StagedLoad<nn::ModelValue<Model>> load(file, source);
  load.state("model.", nn::state(model));
  load.state("others.", others, false);
  std::vector<std::string> wanted{"optimizer.steps", "optimizer.lr"};
  for (const auto& entry : others) {
    wanted.push_back("others." + entry.name);
  }
  detail::for_each_slot(model, optimizer, [&](const std::string& name, auto& values) {
    load.tensor(name, values);
    wanted.push_back(name);
  });
  for (const auto& entry : nn::state(model)) {
    wanted.push_back("model." + entry.name);
  }
  detail::check_wanted(file, source, "model.", wanted);
  detail::check_wanted(file, source, "others.", wanted);
  detail::check_wanted(file, source, "optimizer.", wanted);
  load.counter("optimizer.steps", optimizer.steps());
  const auto lr = load.template number<double>("optimizer.lr");
  ensure<FormatError>(std::isfinite(lr) && lr >= 0, source, ": need a finite optimizer.lr >= 0, got ", lr);
  load.commit();
  optimizer.set_lr(lr);
  return state;
}

}  // namespace engram::train
