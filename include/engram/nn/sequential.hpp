#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <engram/nn/activation.hpp>
#include <engram/nn/batch_norm.hpp>
#include <engram/nn/conv2d.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/nn/pooling.hpp>

namespace engram::nn {

namespace detail {

/// What can be one operation with what stands beside it.
enum class PartKind { other, conv2d, batch_norm2d, relu, max_pool_2x2 };

/// A module of whatever type, for Sequential. It stands outside of it because Clang leaves nobody with the table of
/// virtual functions of a member class of an extern template.
template <std::floating_point T>
struct SequentialPart {
  virtual ~SequentialPart() = default;
  virtual Variable<T> eval(const Variable<T>& x, Followers followers) const = 0;
  virtual Variable<T> train(const Variable<T>& x, Followers followers) = 0;
  virtual PartKind kind() const = 0;
  virtual Parameters<T> parameters() const = 0;
  virtual Buffers<T> buffers() = 0;
  virtual void describe(LayerVisitor<T>& visitor) const = 0;
  virtual std::unique_ptr<SequentialPart> clone() const = 0;
};

}  // namespace detail

/// Modules applied one after another; parts are named by their position, as in PyTorch ("0.weight"). A value: copies
/// are deep. A Sequential is a module itself, so they nest. Batch norm with the ReLU and the 2 x 2 max pooling that
/// follow it is done as one operation (ops/batch_norm_relu.hpp), in training with the convolution before it where that
/// pays (ops/conv2d_batch_norm_relu_max_pool2d.hpp).
template <std::floating_point T>
class Sequential {
 public:
  Sequential() = default;
  /// Write it with braces, Sequential<float>{Linear<float>({...}, rng), ReLU(), Linear<float>({...}, rng)}, where
  /// several parts draw from one generator: C++ makes what stands between braces in order, between parentheses in any,
  /// and then a seed gives other weights with another compiler.
  template <class First, class... Rest>
  requires(sizeof...(Rest) > 0 || !std::same_as<First, Sequential>) && Module<First, T> &&
      (Module<Rest, T> && ...) explicit Sequential(First first, Rest... rest) {
    add(std::move(first));
    (add(std::move(rest)), ...);
  }
  Sequential(const Sequential& other) {
    for (const auto& part : other.parts_) {
      parts_.push_back(part->clone());
    }
  }
  Sequential(Sequential&&) noexcept = default;
  Sequential& operator=(Sequential other) noexcept {
    parts_ = std::move(other.parts_);
    return *this;
  }

  template <Module<T> M>
  Sequential& add(M module) {
    parts_.push_back(std::make_unique<Holder<M>>(std::move(module)));
    return *this;
  }

  Index size() const { return std::ssize(parts_); }

  /// In evaluation mode.
  Variable<T> operator()(Variable<T> x) const {
    for (std::size_t i = 0; i < parts_.size();) {
      const Followers followers = followers_of(i);
      x = parts_[i]->eval(x, followers);
      i += 1 + static_cast<std::size_t>(followers);
    }
    return x;
  }

  Variable<T> operator()(Variable<T> x, Mode mode) {
    for (std::size_t i = 0; i < parts_.size();) {
      if (mode == Mode::train && joins_convolution(i, x)) {
        i += 4;
        continue;
      }
      const Followers followers = followers_of(i);
      x = mode == Mode::train ? parts_[i]->train(x, followers) : parts_[i]->eval(x, followers);
      i += 1 + static_cast<std::size_t>(followers);
    }
    return x;
  }

  void describe(LayerVisitor<T>& visitor) const {
    for (const auto& part : parts_) {
      part->describe(visitor);
    }
  }

  Parameters<T> parameters() const {
    Parameters<T> all;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      append(all, std::to_string(i), parts_[i]->parameters());
    }
    return all;
  }
  Buffers<T> buffers() {
    Buffers<T> all;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      append(all, std::to_string(i), parts_[i]->buffers());
    }
    return all;
  }

 private:
  using Kind = detail::PartKind;
  using Part = detail::SequentialPart<T>;

  template <class M>
  struct Holder final : Part {
    explicit Holder(M m) : module(std::move(m)) {}

    Variable<T> eval(const Variable<T>& x, Followers followers) const override {
      if constexpr (is_norm) {
        return followers == Followers::none ? module(x) : module.then(followers, x);
      } else {
        return module(x);
      }
    }
    Variable<T> train(const Variable<T>& x, Followers followers) override {
      if constexpr (is_norm) {
        return followers == Followers::none ? module(x, Mode::train) : module.then(followers, x, Mode::train);
      } else {
        return run(module, x, Mode::train);
      }
    }
    Kind kind() const override {
      if constexpr (std::same_as<M, MaxPool2d>) {
        return module.step.halves() ? Kind::max_pool_2x2 : Kind::other;
      }
      return std::same_as<M, Conv2d<T>>        ? Kind::conv2d
             : std::same_as<M, BatchNorm2d<T>> ? Kind::batch_norm2d
             : std::same_as<M, ReLU>           ? Kind::relu
                                               : Kind::other;
    }
    Parameters<T> parameters() const override {
      if constexpr (HasParameters<M, T>) {
        return module.parameters();
      } else {
        static_assert(
            !requires(M & m) { m.parameters(); }, "parameters() must be const and return nn::Parameters<T>");
        return {};
      }
    }
    Buffers<T> buffers() override {
      if constexpr (HasBuffers<M, T>) {
        return module.buffers();
      } else {
        static_assert(
            !requires(M & m) { m.buffers(); }, "buffers() must return nn::Buffers<T>");
        return {};
      }
    }
    void describe(LayerVisitor<T>& visitor) const override { nn::describe(module, visitor); }
    std::unique_ptr<Part> clone() const override { return std::make_unique<Holder>(module); }

    static constexpr bool is_norm = std::same_as<M, BatchNorm2d<T>>;
    M module;
  };

  Kind kind(std::size_t i) const { return i < parts_.size() ? parts_[i]->kind() : Kind::other; }

  /// What part i can do in one operation with itself.
  Followers followers_of(std::size_t i) const {
    if (kind(i) != Kind::batch_norm2d || kind(i + 1) != Kind::relu) {
      return Followers::none;
    }
    return kind(i + 2) == Kind::max_pool_2x2 ? Followers::relu_max_pool2d : Followers::relu;
  }

  /// Does parts i .. i+3 in one operation in training, if they are a convolution and what can be one with it.
  bool joins_convolution(std::size_t i, Variable<T>& x) {
    if (kind(i) != Kind::conv2d || followers_of(i + 1) != Followers::relu_max_pool2d) {
      return false;
    }
    auto y = static_cast<Holder<BatchNorm2d<T>>&>(*parts_[i + 1])
                 .module.after(static_cast<const Holder<Conv2d<T>>&>(*parts_[i]).module, x);
    if (y) {
      x = *std::move(y);
    }
    return y.has_value();
  }

  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace engram::nn
