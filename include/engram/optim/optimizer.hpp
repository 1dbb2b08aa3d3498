#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include <engram/autograd/backward.hpp>

namespace engram::optim {

/// One tensor per parameter that an optimiser keeps between steps, under the name that PyTorch gives it.
template <std::floating_point T>
struct Slot {
  std::string name;
  std::vector<Tensor<T>>* per_parameter = nullptr;
};
template <std::floating_point T>
using Slots = std::vector<Slot<T>>;

/// What a training loop asks of an optimiser.
template <class O, class T>
concept Optimizer = requires(O& o, const Gradients<T>& gradients, double rate) {
  o.step(gradients);
  o.set_lr(rate);
  { o.lr() } -> std::convertible_to<double>;
  { o.steps() } -> std::same_as<std::int64_t&>;
  { o.slots() } -> std::same_as<Slots<T>>;
};

/// What a checkpoint asks as well: the parameters, in the order of the slots' tensors.
template <class O, class T>
concept SavableOptimizer = Optimizer<O, T> && requires(const O& o) {
  { o.parameters() } -> std::same_as<std::vector<Variable<T>>>;
};

}  // namespace engram::optim
