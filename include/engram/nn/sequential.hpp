#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <engram/nn/module.hpp>

namespace engram::nn {

/// Modules applied one after another; parts are named by their position, as in PyTorch ("0.weight"). A value:
/// copies are deep. A Sequential is a module itself, so they nest.
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
    for (const auto& part : parts_) {
      x = part->eval(x);
    }
    return x;
  }

  Variable<T> operator()(Variable<T> x, Mode mode) {
    for (const auto& part : parts_) {
      x = mode == Mode::train ? part->train(x) : part->eval(x);
    }
    return x;
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
    virtual Variable<T> eval(const Variable<T>& x) const = 0;
    virtual Variable<T> train(const Variable<T>& x) = 0;
    virtual Parameters<T> parameters() const = 0;
    virtual Buffers<T> buffers() = 0;
    virtual std::unique_ptr<Part> clone() const = 0;
  };

  template <class M>
  struct Holder final : Part {
    explicit Holder(M m) : module(std::move(m)) {}

    Variable<T> eval(const Variable<T>& x) const override { return module(x); }
    Variable<T> train(const Variable<T>& x) override { return run(module, x, Mode::train); }
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
    std::unique_ptr<Part> clone() const override { return std::make_unique<Holder>(module); }

    M module;
  };

  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace engram::nn
