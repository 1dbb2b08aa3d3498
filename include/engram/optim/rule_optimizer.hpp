#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/core/error.hpp>
#include <engram/optim/optimizer.hpp>
#include <engram/optim/rule.hpp>

namespace engram::optim {

/// Parameters that share options, such as a learning rate of their own.
template <std::floating_point T, class Options>
struct ParameterGroup {
  std::vector<Variable<T>> parameters;
  Options options;
};

/// An optimiser that moves each parameter by a rule of its gradient and of what was kept from the steps before.
template <std::floating_point T, Rule<T> R>
class RuleOptimizer {
 public:
  using Options = typename R::Options;
  using Group = ParameterGroup<T, Options>;

  /// @throws ArgumentError for options that the rule refuses or a parameter that comes twice
  explicit RuleOptimizer(std::vector<Variable<T>> parameters, const Options& options = {})
      : RuleOptimizer(std::vector<Group>{Group{std::move(parameters), options}}) {}

  /// Several groups: `Adam<float> adam({{encoder, {.lr = 1e-4}}, {head, {.lr = 1e-3}}})`.
  /// @throws ArgumentError also for no group, and for a first of several groups whose rate is 0
  explicit RuleOptimizer(std::vector<Group> groups) : groups_(std::move(groups)) {
    check_groups();
    check_parameters();
    lr_ = groups_.front().options.lr;
    make_slots();
  }

  /// The first group's rate, as it is now, or another's.
  double lr(std::size_t group = 0) const {
    return group == 0 ? lr_ : groups_.at(group).options.lr * (lr_ / groups_.front().options.lr);
  }

  /// Sets the first group's rate and scales the others', so that their ratios to the first stay as they were given:
  /// a schedule, which knows one rate, moves all groups.
  /// @throws ArgumentError if negative or NaN
  void set_lr(double lr) {
    ensure<ArgumentError>(lr >= 0, R::name, ": need a learning rate >= 0, got ", lr);
    lr_ = lr;
  }

  /// The groups with the options that they were given.
  const std::vector<Group>& groups() const { return groups_; }

  /// The parameters of all groups, in their order.
  std::vector<Variable<T>> parameters() const {
    std::vector<Variable<T>> all;
    for (const Group& group : groups_) {
      all.insert(all.end(), group.parameters.begin(), group.parameters.end());
    }
    return all;
  }

  /// Moves each parameter that has a gradient; the others, and what is kept for them, stay as they are.
  /// @throws ArgumentError if none has
  void step(const Gradients<T>& gradients) {
    std::size_t count = 0;
    bool any = false;
    for (const Group& group : groups_) {
      count += group.parameters.size();
      any = any || std::ranges::any_of(group.parameters, [&](const auto& p) { return gradients.find(p) != nullptr; });
    }
    ensure<ArgumentError>(any || count == 0, R::name, ": need a gradient of one of its ", count,
                          " parameters, got none: it was made for another model, NoGrad is on, or all are frozen");
    ++steps_;
    std::size_t position = 0;
    for (std::size_t j = 0; j < groups_.size(); ++j) {
      for (Variable<T>& parameter : groups_[j].parameters) {
        if (const Tensor<T>* gradient = gradients.find(parameter)) {
          move(parameter, position, *gradient, lr(j), groups_[j].options);
        }
        ++position;
      }
    }
  }

  /// Calls of step, and what the rule keeps: with the parameters and lr(), all that a checkpoint must hold. A slot has
  /// one tensor for each of parameters().
  std::int64_t& steps() { return steps_; }
  Slots<T> slots() {
    Slots<T> all;
    for (auto& [name, per_parameter] : slots_) {
      all.push_back({name, &per_parameter});
    }
    return all;
  }

 private:
  void check_groups() const {
    ensure<ArgumentError>(!groups_.empty(), R::name, ": need at least one group of parameters, got none");
    for (std::size_t j = 0; j < groups_.size(); ++j) {
      try {
        R::check(groups_[j].options);
      } catch (const ArgumentError& error) {
        if (groups_.size() == 1) {
          throw;
        }
        fail<ArgumentError>(error.what(), " in group ", j);
      }
    }
    ensure<ArgumentError>(groups_.size() == 1 || groups_.front().options.lr > 0, R::name,
                          ": need a rate > 0 in the first of several groups, by which set_lr scales the others, got ",
                          groups_.front().options.lr);
  }

  void check_parameters() const {
    std::map<const void*, std::pair<std::size_t, std::size_t>> seen;  // group, position in it
    for (std::size_t j = 0; j < groups_.size(); ++j) {
      for (std::size_t k = 0; k < groups_[j].parameters.size(); ++k) {
        const auto [first, fresh] = seen.try_emplace(groups_[j].parameters[k].node(), j, k);
        ensure<ArgumentError>(fresh, R::name, ": need each parameter once, got parameter ", k, " of group ", j,
                              " again: it is parameter ", first->second.second, " of group ", first->second.first);
      }
    }
  }

  void make_slots() {
    const std::vector<SlotNeed> known = R::slots(groups_.front().options);
    for (std::size_t s = 0; s < known.size(); ++s) {
      if (std::ranges::none_of(groups_, [&](const Group& group) { return R::slots(group.options)[s].needed; })) {
        continue;
      }
      auto& [name, per_parameter] = slots_.emplace_back(std::string(known[s].name), std::vector<Tensor<T>>());
      for (const Group& group : groups_) {
        for (const auto& parameter : group.parameters) {
          per_parameter.push_back(Tensor<T>::zeros(name == "step" ? Shape{} : parameter.shape()));
        }
      }
    }
  }

  void move(Variable<T>& parameter, std::size_t position, const Tensor<T>& gradient, double lr,
            const Options& options) {
    ParameterStep<T> step{gradient.size(), parameter.mutable_value().data(), gradient.data(), lr, {}};
    for (auto& [name, per_parameter] : slots_) {
      step.in_slot.emplace_back(name, per_parameter[position].data());
    }
    if (T* count = step.slot("step")) {
      *count += 1;
    }
    R::update(options, step);
  }

  std::vector<Group> groups_;
  double lr_ = 0;  // the first group's
  std::int64_t steps_ = 0;
  std::vector<std::pair<std::string, std::vector<Tensor<T>>>> slots_;
};

}  // namespace engram::optim
