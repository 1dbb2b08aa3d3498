#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <engram/core/pool_allocator.hpp>
#include <engram/core/tensor.hpp>

namespace engram {

namespace detail {

/// What backward asks of an operation: the gradients of its inputs from that of its result.
template <class T>
struct Derivative : Pooled {
  virtual ~Derivative() = default;
  /// Sets grads[i], i numbering the inputs that need a gradient. `y` is the operation's result.
  virtual void operator()(Tensor<T> dy, const Tensor<T>& y, std::span<Tensor<T>> grads) = 0;
};

/// The derivative with respect to one input.
template <class T>
struct InputDerivative : Pooled {
  virtual ~InputDerivative() = default;
  /// @param last  whether nobody needs dy any more
  virtual Tensor<T> operator()(Tensor<T>& dy, const Tensor<T>& y, bool last) = 0;
};

/// One derivative per input that needs a gradient.
template <class T>
struct SeparateDerivatives final : Derivative<T> {
  PoolVector<std::unique_ptr<InputDerivative<T>>> each;

  void operator()(Tensor<T> dy, const Tensor<T>& y, std::span<Tensor<T>> grads) override {
    for (std::size_t i = 0; i < each.size(); ++i) {
      grads[i] = (*each[i])(dy, y, i + 1 == each.size());
    }
  }
};

/// A value and how it came about: what a Variable is a handle to.
template <class T>
struct Node {
  std::string_view op = "constant";
  Tensor<T> value;
  bool requires_grad = false;
  PoolVector<std::shared_ptr<Node>> inputs;  ///< those that need a gradient
  std::unique_ptr<Derivative<T>> derivative;

  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Makes the result depend on `input`, unless it is null.
  void add_edge(std::shared_ptr<Node> input, std::unique_ptr<InputDerivative<T>> of_input) {
    if (input == nullptr) {
      return;
    }
    if (derivative == nullptr) {
      derivative.reset(new SeparateDerivatives<T>);
    }
    inputs.push_back(std::move(input));
    static_cast<SeparateDerivatives<T>&>(*derivative).each.push_back(std::move(of_input));
    requires_grad = true;
  }

  /// Releases the graph below with a work list: one nested destructor call per node would overflow the
  /// stack on deep graphs.
  ~Node() {
    PoolVector<std::shared_ptr<Node>> pending;
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
  void release_into(PoolVector<std::shared_ptr<Node>>& pending) {
    for (auto& input : inputs) {
      pending.push_back(std::move(input));
    }
    inputs.clear();
    derivative.reset();
  }
};

/// The one that calls f(dy) or f(dy, y).
template <class T, class F>
struct CalledDerivative final : InputDerivative<T> {
  F f;

  explicit CalledDerivative(F g) : f(std::move(g)) {}

  Tensor<T> operator()(Tensor<T>& dy, const Tensor<T>& y, bool last) override {
    return last ? call(std::move(dy), y) : call(std::as_const(dy), y);
  }

 private:
  template <class Dy>
  Tensor<T> call(Dy&& dy, const Tensor<T>& y) {
    if constexpr (std::invocable<F&, Dy&&, const Tensor<T>&>) {
      return f(std::forward<Dy>(dy), y);
    } else {
      return f(std::forward<Dy>(dy));
    }
  }
};

template <class T, class F>
struct JointDerivative final : Derivative<T> {
  PoolVector<bool> needed;
  F derivative;

  JointDerivative(PoolVector<bool> n, F f) : needed(std::move(n)), derivative(std::move(f)) {}

  void operator()(Tensor<T> dy, const Tensor<T>&, std::span<Tensor<T>> grads) override {
    PoolVector<Tensor<T>> all = derivative(std::move(dy), std::as_const(needed));
    std::size_t next = 0;
    for (std::size_t i = 0; i < needed.size(); ++i) {
      if (needed[i]) {
        grads[next++] = std::move(all[i]);
      }
    }
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

}  // namespace engram
