#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>

namespace engram::data {

/// The pixel value that becomes 1 where none is given: the largest of an integer type, 1 of floating point.
template <class P>
constexpr double default_maximum = std::is_floating_point_v<P> ? 1.0
                                                               : static_cast<double>(std::numeric_limits<P>::max());

namespace detail {

/// Integers are rounded and clipped to what P holds; NaN becomes 0.
template <class P, std::floating_point T>
P to_pixel(T value) {
  if constexpr (std::is_floating_point_v<P>) {
    return static_cast<P>(value);
  } else {
    constexpr auto most = static_cast<T>(std::numeric_limits<P>::max());
    return value > T{0} ? static_cast<P>(std::lround(std::min(value, most))) : P{0};
  }
}

}  // namespace detail

/// Images of one size in the type that they were recorded in, scaled to about 0..1 when they are asked for.
class Frames {
 public:
  using Pixels = std::variant<Tensor<std::uint8_t>, Tensor<std::uint16_t>, Tensor<float>>;

  /// @param pixels   [N, H, W] or [N, C, H, W]
  /// @param maximum  the pixel value that becomes 1; 0 takes the type's: 255, 65535, or 1 for floating point, where no
  ///                 pixel may then be larger
  /// @param source   what error texts call them: the file
  /// @throws ShapeError for another rank or no frame, ArgumentError for a negative or missing maximum, FormatError for
  /// a pixel that is not a finite number
  explicit Frames(Pixels pixels, double maximum = 0, std::string source = "frames")
      : pixels_(std::move(pixels)), source_(std::move(source)) {
    const Shape shape = pixel_shape();
    ensure<ShapeError>((shape.rank() == 3 || shape.rank() == 4) && shape.size() > 0, source_,
                       ": need frames [N, H, W] or [N, C, H, W], got ", shape);
    ensure<ArgumentError>(maximum == 0 || (maximum >= 1e-30 && std::isfinite(maximum)), source_,
                          ": need a finite maximum >= 1e-30, got ", maximum);
    shape_ = shape.rank() == 4 ? shape : Shape{shape[0], 1, shape[1], shape[2]};
    maximum_ =
        maximum > 0 ? maximum : std::visit([]<class P>(const Tensor<P>&) { return default_maximum<P>; }, pixels_);
    check_values(maximum);
  }

  /// [N, C, H, W].
  const Shape& shape() const { return shape_; }
  Index size() const { return shape_[0]; }
  double maximum() const { return maximum_; }
  const std::string& source() const { return source_; }
  const Pixels& pixels() const { return pixels_; }

  /// The listed frames, divided by the maximum: [n, C, H, W].
  /// @throws ArgumentError for a frame that there is not
  template <std::floating_point T>
  Tensor<T> batch(std::span<const Index> frames) const {
    for (const Index frame : frames) {
      ensure<ArgumentError>(frame >= 0 && frame < size(), source_, ": need frames in 0..", size() - 1, ", got ", frame);
    }
    auto out = Tensor<T>::uninitialized({std::ssize(frames), shape_[1], shape_[2], shape_[3]});
    const Index pixels_each = shape_.size() / shape_[0];
    const T scale = static_cast<T>(1 / maximum_);
    std::visit(
        [&](const auto& pixels) {
          parallel_ranges(std::ssize(frames), 16, [&](Index begin, Index end) {
            for (Index i = begin; i < end; ++i) {
              const auto* from = pixels.data() + frames[static_cast<std::size_t>(i)] * pixels_each;
              std::transform(from, from + pixels_each, out.data() + i * pixels_each,
                             [scale](auto p) { return static_cast<T>(p) * scale; });
            }
          });
        },
        pixels_);
    return out;
  }

  /// The listed frames as grey levels 0..255, whatever their type: [n, C, H, W].
  Tensor<std::uint8_t> levels(std::span<const Index> frames) const { return to_levels(batch<float>(frames)); }

  /// Values 0..1 [n, C, H, W] as such frames would be recorded: in their type and unit and, without channels, [n, H,
  /// W]. Integers are rounded and clipped to what their type holds; NaN becomes 0.
  Pixels as_recorded(const Tensor<float>& values) const {
    return std::visit(
        [&]<class P>(const Tensor<P>& pixels) -> Pixels {
          const Shape& s = values.shape();
          auto out = Tensor<P>::uninitialized(pixels.rank() == 3 ? Shape{s[0], s[2], s[3]} : s);
          std::transform(values.data(), values.data() + values.size(), out.data(),
                         [unit = static_cast<float>(maximum_)](float v) { return detail::to_pixel<P>(v * unit); });
          return out;
        },
        pixels_);
  }

  /// Values 0..1 to grey levels: rounded, clipped to 0..255; NaN becomes 0.
  template <std::floating_point T>
  static Tensor<std::uint8_t> to_levels(const Tensor<T>& values) {
    auto out = Tensor<std::uint8_t>::uninitialized(values.shape());
    std::transform(values.data(), values.data() + values.size(), out.data(),
                   [](T v) { return detail::to_pixel<std::uint8_t>(v * 255); });
    return out;
  }

 private:
  Shape pixel_shape() const {
    return std::visit([](const auto& pixels) { return pixels.shape(); }, pixels_);
  }
  /// @param maximum  0: the type's, which for floating point must then hold
  void check_values(double maximum) const {
    const auto* values = std::get_if<Tensor<float>>(&pixels_);
    if (values == nullptr) {
      return;
    }
    const Index size = shape_.size() / shape_[0];
    const std::span<const float> all = values->elements();
    if (const auto bad = std::ranges::find_if_not(all, [](float v) { return std::isfinite(v); }); bad != all.end()) {
      fail<FormatError>(source_, ": need finite pixels, got ", *bad, " in frame ", (bad - all.begin()) / size);
    }
    if (const auto large = std::ranges::find_if(all, [](float v) { return v > 1; });
        maximum == 0 && large != all.end()) {
      fail<ArgumentError>(source_, ": need a maximum for floating-point pixels above 1, such as 255, got ", *large,
                          " in frame ", (large - all.begin()) / size);
    }
  }

  Pixels pixels_;
  std::string source_;
  Shape shape_;
  double maximum_ = 1;
};

}  // namespace engram::data
