#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <engram/nn/activation.hpp>
#include <engram/nn/batch_norm.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/nn/pooling.hpp>

namespace engram::nn {

/// Modules applied one after another; parts are named by their position, as in PyTorch ("0.weight"). A value: copies
/// are deep. A Sequential is a module itself, so they nest. Batch norm with the ReLU and the 2 x 2 max pooling that
/// follow it is done as one operation (ops/batch_norm_relu.hpp).
template <std::floating_point T>
class Sequential {
 public:
  Sequential() = default;
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
  struct Part {
    virtual ~Part() = default;
    virtual Variable<T> eval(const Variable<T>& x, Followers followers) const = 0;
    virtual Variable<T> train(const Variable<T>& x, Followers followers) = 0;
    virtual bool takes_followers() const = 0;  ///< is a batch norm
    virtual bool is_relu() const = 0;
    virtual bool is_max_pool_2x2() const = 0;
    virtual Parameters<T> parameters() const = 0;
    virtual Buffers<T> buffers() = 0;
    virtual void describe(LayerVisitor<T>& visitor) const = 0;
    virtual std::unique_ptr<Part> clone() const = 0;
  };

  template <class M>
  struct Holder final : Part {
    explicit Holder(M m) : module(std::move(m)) {}

    Variable<T> eval(const Variable<T>& x, Followers followers) const override {
      if constexpr (has_then) {
        return followers == Followers::none ? module(x) : module.then(followers, x);
      } else {
        return module(x);
      }
    }
    Variable<T> train(const Variable<T>& x, Followers followers) override {
      if constexpr (has_then) {
        return followers == Followers::none ? module(x, Mode::train) : module.then(followers, x, Mode::train);
      } else {
        return run(module, x, Mode::train);
      }
    }
    bool takes_followers() const override { return has_then; }
    bool is_relu() const override { return std::same_as<M, ReLU>; }
    bool is_max_pool_2x2() const override {
      if constexpr (std::same_as<M, MaxPool2d>) {
        return module.step == Pool2dStep{.kernel = 2} || module.step == Pool2dStep{.kernel = 2, .stride = 2};
      } else {
        return false;
      }
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

    static constexpr bool has_then = std::same_as<M, BatchNorm2d<T>>;
    M module;
  };

  /// What part i can do in one operation with itself.
  Followers followers_of(std::size_t i) const {
    if (!parts_[i]->takes_followers() || i + 1 >= parts_.size() || !parts_[i + 1]->is_relu()) {
      return Followers::none;
    }
    return i + 2 < parts_.size() && parts_[i + 2]->is_max_pool_2x2() ? Followers::relu_max_pool2d : Followers::relu;
  }

  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace engram::nn
