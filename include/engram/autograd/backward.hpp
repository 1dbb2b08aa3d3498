#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <engram/autograd/variable.hpp>

namespace engram {

/// Gradients of one scalar with respect to every parameter it depends on. None at all: those of a constant.
///
/// They add up and scale as the scalars do: a loop that wants the mean over more examples than fit into memory says
/// `total.add(backward(std::move(loss)), share)` for each part of them and then steps by `total`.
template <std::floating_point T>
class Gradients {
 public:
  /// The gradient for `parameter`, same shape; null when the scalar does not depend on it.
  const Tensor<T>* find(const Variable<T>& parameter) const {
    const auto found = by_node_.find(parameter.node());
    return found == by_node_.end() ? nullptr : &found->second.gradient;
  }
  Tensor<T>* find(const Variable<T>& parameter) {
    const auto found = by_node_.find(parameter.node());
    return found == by_node_.end() ? nullptr : &found->second.gradient;
  }

  /// @throws ArgumentError when the scalar does not depend on `parameter`
  const Tensor<T>& operator[](const Variable<T>& parameter) const {
    const Tensor<T>* gradient = find(parameter);
    ensure<ArgumentError>(gradient != nullptr, "Gradients: the differentiated value does not depend on the ",
                          parameter.op(), " of shape ", parameter.shape());
    return *gradient;
  }

  /// Adds factor * other. A parameter that only one of them knows has 0 in the other.
  void add(Gradients other, T factor = T{1}) {
    other.scale(factor);
    for (auto& [node, entry] : other.by_node_) {
      accumulate(entry.node, std::move(entry.gradient));
    }
  }

  /// Multiplies each gradient by `factor`.
  void scale(T factor) {
    if (factor == T{1}) {
      return;
    }
    for (auto& [node, entry] : by_node_) {
      for (T& slope : entry.gradient.elements()) {
        slope *= factor;
      }
    }
  }

 private:
  friend detail::Backward;

  using NodePointer = std::shared_ptr<detail::Node<T>>;
  struct Entry {
    NodePointer node;  // keeps the address, which is the key, from being taken by another value
    Tensor<T> gradient;
  };

  void accumulate(const NodePointer& node, Tensor<T> gradient) {
    ensure<ShapeError>(gradient.shape() == node->value.shape(), "backward: the derivative of an operation on ",
                       node->value.shape(), " has shape ", gradient.shape());
    const auto [entry, inserted] = by_node_.try_emplace(node.get());
    if (inserted) {
      entry->second = {node, std::move(gradient)};
      return;
    }
    T* sum = entry->second.gradient.data();
    for (Index i = 0; i < gradient.size(); ++i) {
      sum[i] += gradient[i];
    }
  }

  using Key = const detail::Node<T>*;
  std::unordered_map<Key, Entry, std::hash<Key>, std::equal_to<>, PoolAllocator<std::pair<const Key, Entry>>> by_node_;
};

namespace detail {

/// The nodes that `root` depends on, each after its inputs, first inputs first; an explicit stack, since graphs may be
/// deep. Shared pointers keep the nodes alive, plain ones only look at them.
template <class Pointer>
PoolVector<Pointer> inputs_first(Pointer root) {
  PoolVector<Pointer> order;
  std::unordered_set<const void*, std::hash<const void*>, std::equal_to<>, PoolAllocator<const void*>> seen{
      std::to_address(root)};
  PoolVector<std::pair<Pointer, std::size_t>> stack;
  stack.emplace_back(std::move(root), 0);
  while (!stack.empty()) {
    auto& [node, next] = stack.back();
    if (next == node->inputs.size()) {
      order.push_back(std::move(node));
      stack.pop_back();
      continue;
    }
    const auto& input = node->inputs[next++];
    if (seen.insert(input.get()).second) {
      if constexpr (std::is_pointer_v<Pointer>) {
        stack.emplace_back(input.get(), 0);
      } else {
        stack.emplace_back(input, 0);
      }
    }
  }
  return order;
}

/// What backward does. A class, since Clang 16 does not know a template with a concept again as a friend.
struct Backward {
  template <std::floating_point T>
  static Gradients<T> from(Variable<T> root) {
    ensure<ShapeError>(root.value().size() == 1, "backward: need a root of one element, got shape ", root.shape());
    Gradients<T> grads;
    if (!root.requires_grad()) {
      return grads;
    }
    grads.accumulate(root.node_, Tensor<T>::full(root.shape(), T{1}));
    auto order = inputs_first(std::move(root.node_));
    while (!order.empty()) {
      const std::shared_ptr<Node<T>> node = std::move(order.back());
      order.pop_back();
      if (node->derivative == nullptr) {
        continue;
      }
      Tensor<T> dy;
      {
        auto entry = grads.by_node_.extract(node.get());
        dy = std::move(entry.mapped().gradient);
      }
      PoolVector<Tensor<T>> input_grads(node->inputs.size());
      (*node->derivative)(std::move(dy), node->value, input_grads);
      for (std::size_t i = 0; i < input_grads.size(); ++i) {
        grads.accumulate(node->inputs[i], std::move(input_grads[i]));
      }
      // From here on `node` dies with this iteration unless a handle outside still holds it.
    }
    return grads;
  }
};

}  // namespace detail

/// Gradients of a one-element `root` with respect to every parameter it depends on, by reverse mode.
///
/// `backward(loss)` leaves the graph as it is; `backward(std::move(loss))` gives each value of the graph back
/// to the pool as soon as nothing needs it, which is what a training step wants.
/// @throws ShapeError if root has more than one element
template <std::floating_point T>
Gradients<T> backward(Variable<T> root) {
  return detail::Backward::from(std::move(root));
}

}  // namespace engram
