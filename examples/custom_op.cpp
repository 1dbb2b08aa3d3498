// A differentiable operation that the library does not have, in user code: log(cosh(x - target)), a loss that is
// quadratic for small errors and linear for large ones. The derivative stands next to the value and is checked.
#include <cmath>
#include <cstdio>

#include <engram/autograd/gradient_check.hpp>
#include <engram/kernels/elementwise.hpp>

using engram::Tensor, engram::Variable;

/// log(cosh(x - target)) of each element; d/dx = tanh(x - target).
template <std::floating_point T>
Variable<T> log_cosh(const Variable<T>& x, const Variable<T>& target) {
  engram::ensure<engram::ShapeError>(x.shape() == target.shape(), "log_cosh: need x and target of one shape, got x ",
                                     x.shape(), " and target ", target.shape());
  const auto slope = [x, target](const Tensor<T>& dy, T sign) {
    return engram::kernels::map([sign](T d, T p, T q) { return sign * d * std::tanh(p - q); }, dy, x.value(),
                                target.value());
  };
  return engram::differentiable(
      "log_cosh", engram::kernels::map([](T p, T q) { return std::log(std::cosh(p - q)); }, x.value(), target.value()),
      engram::wrt(x, [slope](const Tensor<T>& dy) { return slope(dy, T(1)); }),
      engram::wrt(target, [slope](const Tensor<T>& dy) { return slope(dy, T(-1)); }));
}

int main() {
  const Variable<double> x(Tensor<double>::from({2, 3}, {0.3, -1.2, 2.0, 0.0, 0.7, -0.1}));
  const Variable<double> target(Tensor<double>::from({2, 3}, {0.1, 0.4, -1.0, 0.5, 0.7, 3.0}));
  const auto check = engram::gradient_check([](const auto& a, const auto& b) { return log_cosh(a, b); }, x, target);
  std::printf("%s; worst is %s\n", check.ok() ? "derivatives agree with differences" : "WRONG", check.text().c_str());
  return check.ok() ? 0 : 1;
}
