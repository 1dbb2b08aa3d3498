#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/infer/step.hpp>

namespace engram::infer {

/// A result of a model that a plan computes.
struct Output {
  std::string name;
  Shape shape;            ///< of one item, as [16] or [1, 50, 50]
  Maps maps{};            ///< where it is found ...
  std::size_t after = 0;  ///< ... once so many steps are done
};

/// "code, output".
inline std::string names_of(const std::vector<Output>& outputs) {
  std::string names;
  for (const Output& output : outputs) {
    names += (names.empty() ? "" : ", ") + output.name;
  }
  return names;
}

/// Steps, and where their input and the results are.
template <class T>
struct Program {
  Maps input;
  std::vector<std::unique_ptr<const Step<T>>> steps;
  std::vector<Output> outputs;
};

/// Collects steps in order; they are made at the end, when it is known what margins each must leave around its result
/// for the next.
template <class T>
class ProgramBuilder {
 public:
  using Make = std::function<std::unique_ptr<const Step<T>>(const Maps& in, const Maps& out)>;

  /// @param item  shape of the result
  void add(const Shape& item, const Margins& needs, Make make) {
    plans_.push_back({maps_of(item), needs, std::move(make)});
  }

  /// What is here is an output.
  /// @throws ArgumentError if there is one of this name
  void mark(std::string_view name, const Shape& item) {
    for (const Output& output : outputs_) {
      ensure<ArgumentError>(output.name != name,
                            "infer: need different names of outputs (\"output\" is the model's result), got \"", name,
                            "\" twice");
    }
    outputs_.push_back({.name = std::string(name), .shape = item, .after = plans_.size()});
  }

  std::string output_names() const { return names_of(outputs_) + (outputs_.empty() ? "output" : ", output"); }

  /// @param item  shape of an item for the first step
  Program<T> link(const Shape& item) && {
    std::vector<Maps> maps{maps_of(item)};  // after 0, 1, 2 ... steps
    for (const Planned& planned : plans_) {
      maps.back().margins = planned.needs;
      maps.push_back(planned.out);
    }
    Program<T> program{.input = maps.front(), .steps = {}, .outputs = std::move(outputs_)};
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      program.steps.push_back(plans_[i].make(maps[i], maps[i + 1]));
    }
    for (Output& output : program.outputs) {
      output.maps = maps[output.after];
    }
    return program;
  }

 private:
  struct Planned {
    Maps out;
    Margins needs;
    Make make;
  };

  /// Without margins.
  static Maps maps_of(const Shape& item) {
    return item.rank() == 3   ? Maps{.channels = item[0], .height = item[1], .width = item[2]}
           : item.rank() == 1 ? Maps{.channels = item[0]}
                              : Maps{.channels = item[0], .width = item.size() / item[0]};
  }

  std::vector<Planned> plans_;
  std::vector<Output> outputs_;
};

}  // namespace engram::infer
