#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/layout.hpp>
#include <engram/plot/pixels.hpp>

namespace engram::plot {

/// An image beside a map, with a line to the point that stands for it.
struct Callout {
  Index point;                 ///< row of the map
  Tensor<std::uint8_t> image;  ///< grey levels [H, W]
  std::string title = {};      ///< below the image; empty: none
};

namespace detail {

/// Callouts in a column, all images as high as there is room for.
class CalloutColumn {
 public:
  /// @param points  there are
  /// @param unit    of all lengths; letters are 16 of them high
  /// @param height  that there is room for
  CalloutColumn(const std::vector<Callout>& callouts, Index points, double unit, double height)
      : callouts_(callouts), unit_(unit) {
    for (const Callout& callout : callouts_) {
      ensure<ShapeError>(callout.image.rank() == 2 && callout.image.size() > 0,
                         "scatter: need callouts with images [H, W], got ", callout.image.shape());
      ensure<ArgumentError>(callout.point >= 0 && callout.point < points, "scatter: need callouts of the points 0 to ",
                            points - 1, ", got ", callout.point);
      const double room = height / static_cast<double>(callouts_.size()) - title_room(callout) - 8 * unit;
      scales_.push_back(pixel_scale(std::min(room, 190 * unit), std::max(callout.image.dim(0), callout.image.dim(1))));
      width_ = std::max(width_, static_cast<double>(callout.image.dim(1)) * scales_.back());
    }
  }

  /// 0 if there are none.
  double width() const { return width_; }

  /// @param at  places [N, 2] of the points on the canvas
  void draw(Canvas& canvas, double x, double y, double height, const Tensor<double>& at) const {
    const double row = callouts_.empty() ? 0 : height / static_cast<double>(callouts_.size());
    for (std::size_t i = 0; i < callouts_.size(); ++i) {
      const Callout& callout = callouts_[i];
      const double wide = static_cast<double>(callout.image.dim(1)) * scales_[i];
      const double high = static_cast<double>(callout.image.dim(0)) * scales_[i];
      const double top = y + static_cast<double>(i) * row + (row - high - title_room(callout)) / 2;
      const double point_x = at[2 * callout.point];
      const double point_y = at[2 * callout.point + 1];
      canvas.line(x + wide, top + high / 2, point_x, point_y, 4 * unit_, white);
      canvas.line(x + wide, top + high / 2, point_x, point_y, 1.5 * unit_, black);
      canvas.disc(point_x, point_y, 8 * unit_, black);
      canvas.disc(point_x, point_y, 6 * unit_, white);
      canvas.disc(point_x, point_y, 3.5 * unit_, black);
      draw_pixels(canvas, x, top, callout.image.dim(0), callout.image.dim(1), scales_[i],
                  [&](Index image_row, Index column) {
                    return 0x010101U * callout.image[image_row * callout.image.dim(1) + column];
                  });
      canvas.text(x + wide / 2, top + high + 14 * unit_, 16 * unit_, fitted(canvas, callout.title, 16 * unit_, wide),
                  Align::centre);
    }
  }

 private:
  double title_room(const Callout& callout) const { return callout.title.empty() ? 0 : 26 * unit_; }

  const std::vector<Callout>& callouts_;
  double unit_;
  std::vector<double> scales_ = {};  ///< pixels of the canvas to one of each image
  double width_ = 0;
};

}  // namespace detail

}  // namespace engram::plot
