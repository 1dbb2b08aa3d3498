#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <engram/autograd/node.hpp>
#include <engram/core/tensor.hpp>

namespace engram {

template <std::floating_point T>
class Variable;
template <std::floating_point T>
class Gradients;
template <class T>
struct Edge;
namespace detail {
struct Backward;
}

/// An operand that may be left out (the bias of a layer).
template <class T>
using Optional = std::type_identity_t<std::optional<Variable<T>>>;

/// A value in the computation graph. Copies are cheap handles to the same value.
template <std::floating_point T>
class Variable {
 public:
  using value_type = T;

  /// A constant.
  explicit Variable(Tensor<T> value) : node_(std::allocate_shared<detail::Node<T>>(PoolAllocator<detail::Node<T>>())) {
    node_->value = std::move(value);
  }

  /// A value that backward computes a gradient for.
  static Variable parameter(Tensor<T> value) {
    Variable v(std::move(value));
    v.node_->requires_grad = true;
    v.node_->op = "parameter";
    return v;
  }

  const Tensor<T>& value() const { return node_->value; }
  const Shape& shape() const { return node_->value.shape(); }
  bool requires_grad() const { return node_->requires_grad; }
  std::string_view op() const { return node_->op; }

  /// Off: the parameter is a constant to the operations that come after, for all handles to it, and costs backward
  /// nothing; operations that were recorded before keep their derivative. PyTorch's requires_grad_. See nn::freeze.
  /// @throws ArgumentError unless it was made by `parameter`
  void set_requires_grad(bool on) {
    ensure<ArgumentError>(node_->op == "parameter", "set_requires_grad: need a parameter, got the ", op(), " of shape ",
                          shape());
    node_->requires_grad = on;
  }

  /// The value, to be changed in place by optimisers and loaders between two passes.
  Tensor<T>& mutable_value() { return node_->value; }

  /// Identifies the value: equal for copies of one handle.
  const detail::Node<T>* node() const { return node_.get(); }

 private:
  template <class U, class F>
  friend Edge<U> wrt(const Variable<U>& input, F derivative);
  template <class U, class... Edges>
  friend Variable<U> differentiable(std::string_view op, Tensor<U> value, Edges... edges);
  template <class U, class F>
  friend Variable<U> differentiable_jointly(std::string_view op, Tensor<U> value,
                                            std::type_identity_t<std::span<const Variable<U>>> inputs, F derivative);
  template <std::floating_point U>
  friend class Gradients;
  friend detail::Backward;

  std::shared_ptr<detail::Node<T>> node_;
};

/// One input of an operation, paired with the derivative of the result with respect to it; both null if nothing needs
/// its gradient.
template <class T>
struct Edge {
  std::shared_ptr<detail::Node<T>> input;
  std::unique_ptr<detail::InputDerivative<T>> derivative;
};

/// Pairs `input` with its derivative, a callable on (dy) or, if it needs the operation's result, (dy, y). It
/// may take dy by value to reuse its memory. It must not capture the result: that would be a cycle.
template <class T, class F>
Edge<T> wrt(const Variable<T>& input, F derivative) {
  Edge<T> edge;
  if (detail::recording() && input.requires_grad()) {
    edge.input = input.node_;
    edge.derivative.reset(new detail::CalledDerivative<T, F>(std::move(derivative)));
  }
  return edge;
}

/// Records `value` as the result of `op`, with one derivative per input. Inputs that need no gradient are
/// dropped, and with them everything their derivative captured.
/// @param edges  what `wrt` returns
template <class T, class... Edges>
Variable<T> differentiable(std::string_view op, Tensor<T> value, Edges... edges) {
  Variable<T> result(std::move(value));
  result.node_->op = op;
  (result.node_->add_edge(std::move(edges.input), std::move(edges.derivative)), ...);
  return result;
}

/// As differentiable, for operations whose derivatives share work (batch norm) or that take any number of inputs
/// (concat): `derivative(dy, needed)`, with a PoolVector<bool>, returns a PoolVector of one gradient per input, of
/// which those with needed[i] count.
template <class T, class F>
Variable<T> differentiable_jointly(std::string_view op, Tensor<T> value,
                                   std::type_identity_t<std::span<const Variable<T>>> inputs, F derivative) {
  Variable<T> result(std::move(value));
  detail::Node<T>& node = *result.node_;
  node.op = op;
  if (!detail::recording()) {
    return result;
  }
  PoolVector<bool> needed;
  for (const Variable<T>& input : inputs) {
    needed.push_back(input.requires_grad());
    if (needed.back()) {
      node.inputs.push_back(input.node_);
      node.requires_grad = true;
    }
  }
  if (node.requires_grad) {
    node.derivative.reset(new detail::JointDerivative<T, F>(std::move(needed), std::move(derivative)));
  }
  return result;
}

}  // namespace engram
