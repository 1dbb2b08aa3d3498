#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <engram/autograd/backward.hpp>

namespace engram {

/// The entry at which backward and central differences disagree most, or the first at which one of them is NaN.
struct GradientCheck {
  double error = 0;     ///< relative, but for the smallest derivatives, see gradient_check
  Index parameter = 0;  ///< number of the input, from 0
  Shape shape;          ///< of that input
  Index entry = 0;      ///< position in it, in row-major order
  double analytic = 0;  ///< what backward found
  double numeric = 0;   ///< what the central difference found
  std::string where;    ///< "parameter 1 [3, 4] entry [2, 1]"

  /// Whether every entry agrees; false for NaN.
  bool ok(double tolerance = 1e-6) const { return error <= tolerance; }

  /// One line that names the worst entry.
  std::string text() const {
    return engram::text(where, ": backward ", analytic, ", central difference ", numeric, ", error ", error);
  }
};

namespace detail {

/// "[2, 1]": a position as one index per axis.
inline std::string index_text(const Shape& shape, Index position) {
  std::vector<Index> index(static_cast<std::size_t>(shape.rank()));
  for (std::size_t axis = index.size(); axis-- > 0;) {
    index[axis] = position % shape[static_cast<Index>(axis)];
    position /= shape[static_cast<Index>(axis)];
  }
  return Shape(std::span<const Index>(index)).text();
}

/// Weights of the entries when a function of many results is made one number: irregular, none near 0.
inline double probe_weight(Index i) {
  return 1 + 0.5 * std::sin(1.7 * static_cast<double>(i) + 0.3);
}

/// What rounding may do to a central difference of values of at most `size`, which are sums of some operations.
inline double rounding_noise(double size, double step) {
  return 4 * std::numeric_limits<double>::epsilon() * size / step;
}

/// See gradient_check; NaN if one of the derivatives is.
inline double disagreement(double analytic, double numeric, double noise) {
  const double difference = std::abs(analytic - numeric);
  const double larger = std::max(std::abs(analytic), std::abs(numeric));
  const double unexplained = std::max(0.0, difference - noise);
  return std::max(difference / std::max(larger, 1.0), unexplained / std::max(larger, 1e-3));
}

/// Adds to a number for as long as it lives.
class Moved {
 public:
  Moved(double& number, double offset) : number_(number), before_(number) { number_ += offset; }
  Moved(const Moved&) = delete;
  Moved& operator=(const Moved&) = delete;
  ~Moved() { number_ = before_; }

 private:
  double& number_;
  double before_;
};

/// sum of weight * y, by which every entry of y counts.
inline Variable<double> probed(const Variable<double>& y) {
  if (y.value().size() == 1) {
    return y;
  }
  double total = 0;
  for (Index i = 0; i < y.value().size(); ++i) {
    total += probe_weight(i) * y.value()[i];
  }
  return differentiable("probe", Tensor<double>::full({}, total), wrt(y, [shape = y.shape()](const Tensor<double>& dy) {
                          auto dx = Tensor<double>::uninitialized(shape);
                          for (Index i = 0; i < dx.size(); ++i) {
                            dx[i] = dy[0] * probe_weight(i);
                          }
                          return dx;
                        }));
}

}  // namespace detail

/// Compares backward with central differences for every entry of every parameter.
///
/// With d = |analytic - numeric| and m = max(|analytic|, |numeric|), the error is the larger one of d / max(m, 1) and
/// (d - noise) / max(m, 1e-3). The second, for small derivatives, leaves out what rounding may do to the difference:
/// noise = 4 eps max(1, |f|) / step, 9e-10 max(1, |f|) for the default step.
///
/// @param f           returns a value of any shape, computed from the current values of `parameters`; a value of many
///                    entries is checked through a weighted sum of them
/// @param parameters  what f depends on; restored afterwards, also if f throws
/// @param step        half-width of the difference
template <class F>
requires std::same_as<std::invoke_result_t<F&>, Variable<double>> GradientCheck
gradient_check(F f, std::vector<Variable<double>> parameters, double step = 1e-6) {
  const auto grads = backward(detail::probed(f()));
  GradientCheck worst;
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const Tensor<double>* gradient = grads.find(parameters[k]);
    const Shape& shape = parameters[k].shape();
    for (Index i = 0; i < shape.size(); ++i) {
      const auto at = [&](double offset) {
        const detail::Moved moved(parameters[k].mutable_value()[i], offset);
        return detail::probed(f()).value().item();
      };
      const double above = at(step);
      const double below = at(-step);
      const double numeric = (above - below) / (2 * step);
      const double analytic = gradient == nullptr ? 0.0 : (*gradient)[i];
      const double size = std::max({1.0, std::abs(above), std::abs(below)});
      const double error = detail::disagreement(analytic, numeric, detail::rounding_noise(size, step));
      if (worst.where.empty() || (!(error <= worst.error) && !std::isnan(worst.error))) {
        worst = {error,
                 static_cast<Index>(k),
                 shape,
                 i,
                 analytic,
                 numeric,
                 text("parameter ", k, " ", shape, " entry ", detail::index_text(shape, i))};
      }
    }
  }
  return worst;
}

/// As above for a function of its arguments: gradient_check([](const auto& a, const auto& b) { return a * b; }, x, w).
/// The inputs' values are copied.
template <class F, class... More>
requires(!std::invocable<F&> && (std::same_as<More, Variable<double>> && ...)) GradientCheck
    gradient_check(F f, const Variable<double>& first, const More&... more) {
  const std::vector<Variable<double>> inputs{Variable<double>::parameter(first.value()),
                                             Variable<double>::parameter(more.value())...};
  return gradient_check(
      [&] {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
          return f(inputs[I]...);
        }
        (std::make_index_sequence<1 + sizeof...(More)>());
      },
      inputs);
}

/// The error of the worst entry, see gradient_check.
template <class F>
double gradient_error(F f, std::vector<Variable<double>> parameters, double step = 1e-6) {
  return gradient_check(std::move(f), std::move(parameters), step).error;
}

}  // namespace engram
