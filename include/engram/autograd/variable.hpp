#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <engram/core/tensor.hpp>

namespace engram {

template <std::floating_point T>
class Variable;
template <std::floating_point T>
class Gradients;
template <std::floating_point T>
Gradients<T> backward(Variable<T> root);

/// An operand that may be left out (the bias of a layer).
template <class T>
using Optional = std::type_identity_t<std::optional<Variable<T>>>;

namespace detail {

/// What backward asks of an operation: the gradients of its inputs from that of its result.
template <class T>
struct Derivative {
  virtual ~Derivative() = default;
  /// Sets grads[i], i numbering the inputs that need a gradient. `y` is the operation's result.
  virtual void operator()(Tensor<T> dy, const Tensor<T>& y, std::span<Tensor<T>> grads) = 0;
};

template <class T>
struct Node {
  std::string_view op = "constant";
  Tensor<T> value;
  bool requires_grad = false;
  std::vector<std::shared_ptr<Node>> inputs;  ///< those that need a gradient
  std::unique_ptr<Derivative<T>> derivative;

  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Releases the graph below with a work list: one nested destructor call per node would overflow the
  /// stack on deep graphs.
  ~Node() {
    std::vector<std::shared_ptr<Node>> pending;
    release_into(pending);
    while (!pending.empty()) {
      const std::shared_ptr<Node> node = std::move(pending.back());
      pending.pop_back();
      if (node.use_count() == 1) {
        node->release_into(pending);
      }
    }
  }

  /// Moves the inputs to `pending`, which then keeps alive whatever the derivative has captured of them.
  void release_into(std::vector<std::shared_ptr<Node>>& pending) {
    for (auto& input : inputs) {
      pending.push_back(std::move(input));
    }
    inputs.clear();
    derivative.reset();
  }
};

inline bool& recording() {
  thread_local bool on = true;
  return on;
}

}  // namespace detail

/// While it lives, operations of the calling thread record nothing for backward: for inference.
class NoGrad {
 public:
  NoGrad() : before_(std::exchange(detail::recording(), false)) {}
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;
  ~NoGrad() { detail::recording() = before_; }

 private:
  bool before_;
};

/// A value in the computation graph. Copies are cheap handles to the same value.
template <std::floating_point T>
class Variable {
 public:
  using value_type = T;

  /// A constant.
  explicit Variable(Tensor<T> value) : node_(std::make_shared<detail::Node<T>>()) { node_->value = std::move(value); }

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

  /// The value, to be changed in place by optimisers and loaders between two passes.
  Tensor<T>& mutable_value() { return node_->value; }

  /// Identifies the value: equal for copies of one handle.
  const detail::Node<T>* node() const { return node_.get(); }

 private:
  template <class U, class... Edges>
  friend Variable<U> differentiable(std::string_view op, Tensor<U> value, Edges... edges);
  template <class U, std::size_t N, class F>
  friend Variable<U> differentiable_jointly(std::string_view op, Tensor<U> value,
                                            const std::array<const Variable<U>*, N>& inputs, F derivative);
  template <std::floating_point U>
  friend class Gradients;
  template <std::floating_point U>
  friend Gradients<U> backward(Variable<U> root);

  std::shared_ptr<detail::Node<T>> node_;
};

/// One input of an operation, paired with the derivative of the result with respect to it.
template <class T, class F>
struct Edge {
  Variable<T> input;
  F derivative;
};

/// Pairs `input` with its derivative, a callable on (dy) or, if it needs the operation's result, (dy, y). It
/// may take dy by value to reuse its memory. It must not capture the result: that would be a cycle.
template <class T, class F>
Edge<T, F> wrt(const Variable<T>& input, F derivative) {
  return {input, std::move(derivative)};
}

namespace detail {

template <class T, class... Fs>
struct SeparateDerivatives final : Derivative<T> {
  std::tuple<std::unique_ptr<Fs>...> each;  // null for an input that needs no gradient

  void operator()(Tensor<T> dy, const Tensor<T>& y, std::span<Tensor<T>> grads) override {
    std::size_t next = 0;
    const auto apply = [&](auto& derivative) {
      if (derivative == nullptr) {
        return;
      }
      const std::size_t slot = next++;
      if (slot + 1 == grads.size()) {
        grads[slot] = call(*derivative, std::move(dy), y);
      } else {
        grads[slot] = call(*derivative, std::as_const(dy), y);
      }
    };
    std::apply([&](auto&... derivatives) { (apply(derivatives), ...); }, each);
  }

  template <class F, class Dy>
  static Tensor<T> call(F& derivative, Dy&& dy, const Tensor<T>& y) {
    if constexpr (std::invocable<F&, Dy&&, const Tensor<T>&>) {
      return derivative(std::forward<Dy>(dy), y);
    } else {
      return derivative(std::forward<Dy>(dy));
    }
  }
};

template <class T, std::size_t N, class F>
struct JointDerivative final : Derivative<T> {
  std::array<bool, N> needed;
  F derivative;

  JointDerivative(std::array<bool, N> n, F f) : needed(n), derivative(std::move(f)) {}

  void operator()(Tensor<T> dy, const Tensor<T>&, std::span<Tensor<T>> grads) override {
    std::array<Tensor<T>, N> all = derivative(std::move(dy), needed);
    std::size_t next = 0;
    for (std::size_t i = 0; i < N; ++i) {
      if (needed[i]) {
        grads[next++] = std::move(all[i]);
      }
    }
  }
};

}  // namespace detail

/// Records `value` as the result of `op`, with one derivative per input. Inputs that need no gradient are
/// dropped, and with them everything their derivative captured.
template <class T, class... Edges>
Variable<T> differentiable(std::string_view op, Tensor<T> value, Edges... edges) {
  Variable<T> result(std::move(value));
  result.node_->op = op;
  if (!detail::recording() || !(edges.input.requires_grad() || ...)) {
    return result;
  }
  auto derivative = std::make_unique<detail::SeparateDerivatives<T, decltype(edges.derivative)...>>();
  const auto keep = [&]<class F>(Edge<T, F>& edge) {
    std::unique_ptr<F> kept;
    if (edge.input.requires_grad()) {
      result.node_->inputs.push_back(edge.input.node_);
      kept = std::make_unique<F>(std::move(edge.derivative));
    }
    return kept;
  };
  derivative->each = std::tuple<std::unique_ptr<decltype(edges.derivative)>...>{keep(edges)...};
  result.node_->requires_grad = true;
  result.node_->derivative = std::move(derivative);
  return result;
}

/// As differentiable, for operations whose derivatives share work (batch norm): `derivative(dy, needed)` returns
/// an array of N gradients, of which those with needed[i] count.
template <class T, std::size_t N, class F>
Variable<T> differentiable_jointly(std::string_view op, Tensor<T> value,
                                   const std::array<const Variable<T>*, N>& inputs, F derivative) {
  Variable<T> result(std::move(value));
  result.node_->op = op;
  if (!detail::recording()) {
    return result;
  }
  std::array<bool, N> needed{};
  for (std::size_t i = 0; i < N; ++i) {
    needed[i] = inputs[i]->requires_grad();
    if (needed[i]) {
      result.node_->inputs.push_back(inputs[i]->node_);
      result.node_->requires_grad = true;
    }
  }
  if (result.node_->requires_grad) {
    result.node_->derivative = std::make_unique<detail::JointDerivative<T, N, F>>(needed, std::move(derivative));
  }
  return result;
}

}  // namespace engram
