#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <engram/core/tensor.hpp>

namespace engram {

namespace detail {

/// What backward asks of an operation: the gradients of its inputs from that of its result.
template <class T>
struct Derivative {
  virtual ~Derivative() = default;
  /// Sets grads[i], i numbering the inputs that need a gradient. `y` is the operation's result.
  virtual void operator()(Tensor<T> dy, const Tensor<T>& y, std::span<Tensor<T>> grads) = 0;
};

/// A value and how it came about: what a Variable is a handle to.
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

template <class T, class F>
struct JointDerivative final : Derivative<T> {
  std::vector<bool> needed;
  F derivative;

  JointDerivative(std::vector<bool> n, F f) : needed(std::move(n)), derivative(std::move(f)) {}

  void operator()(Tensor<T> dy, const Tensor<T>&, std::span<Tensor<T>> grads) override {
    std::vector<Tensor<T>> all = derivative(std::move(dy), std::as_const(needed));
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
