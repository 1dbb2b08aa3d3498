#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/augment/motion.hpp>

namespace engram::data {

/// Which columns of labels move with the image; all others stay (distances, flags).
struct LabelRoles {
  std::vector<Index> angles = {};                     ///< degrees, 0 to the right, growing clockwise on screen
  std::vector<std::pair<Index, Index>> vectors = {};  ///< (x, y), y downwards, such as neck minus base or (cos, sin)
  std::vector<std::pair<Index, Index>> points = {};   ///< (x, y) in pixels of the frame, from its upper left pixel
};

/// @throws ArgumentError for a column that there is not, or that is named twice
inline void check_roles(const LabelRoles& roles, Index columns) {
  std::vector<Index> named = roles.angles;
  for (const auto* pairs : {&roles.vectors, &roles.points}) {
    for (const auto& [x, y] : *pairs) {
      named.push_back(x);
      named.push_back(y);
    }
  }
  for (const Index column : named) {
    ensure<ArgumentError>(column >= 0 && column < columns, "LabelRoles: need columns in 0..", columns - 1, ", got ",
                          column);
    ensure<ArgumentError>(std::ranges::count(named, column) == 1, "LabelRoles: need each column once, got ", column,
                          " again");
  }
}

/// An angle's label once its image is moved, in [0, 360); unchanged if nothing turns or flips it.
template <std::floating_point T>
T moved_angle(T degrees, const Motion& motion) {
  const double turn = 90 * static_cast<double>(motion.quarter_turns % 4) + motion.degrees;
  if (!motion.flip_horizontal && !motion.flip_vertical && turn == 0) {
    return degrees;
  }
  auto angle = static_cast<double>(degrees);
  angle = motion.flip_horizontal ? 180 - angle : angle;
  angle = motion.flip_vertical ? -angle : angle;
  angle = std::fmod(angle + turn, 360);
  const auto wrapped = static_cast<T>(angle < 0 ? angle + 360 : angle);
  return wrapped >= T{360} ? T{0} : wrapped;  // rounding can reach 360
}

namespace detail {

/// Moves one row of labels in place, for an image of `height` x `width` pixels.
template <std::floating_point T>
void move_row(T* row, const LabelRoles& roles, const Motion& motion, Index height, Index width) {
  if (motion == Motion{}) {
    return;
  }
  for (const Index column : roles.angles) {
    row[column] = moved_angle(row[column], motion);
  }
  const Linear2 m = motion.linear();
  const auto move_pair = [&](std::pair<Index, Index> at, double centre_x, double centre_y, double dx, double dy) {
    const double x = static_cast<double>(row[at.first]) - centre_x;
    const double y = static_cast<double>(row[at.second]) - centre_y;
    row[at.first] = static_cast<T>(centre_x + m.xx * x + m.xy * y + dx);
    row[at.second] = static_cast<T>(centre_y + m.yx * x + m.yy * y + dy);
  };
  for (const auto& vector : roles.vectors) {
    move_pair(vector, 0, 0, 0, 0);
  }
  for (const auto& point : roles.points) {
    move_pair(point, static_cast<double>(width - 1) / 2, static_cast<double>(height - 1) / 2, motion.shift_x,
              motion.shift_y);
  }
}

}  // namespace detail

/// Moves the labels of images that were moved, all alike. Angles turn: by the motion's degrees, a horizontal flip
/// makes a to 180 - a, a vertical one to -a. Vectors turn and flip likewise; points are shifted too.
/// @param labels  [L] or [N, L]
/// @param height  of the images, pixels
/// @param width   of the images, pixels
/// @returns       the same shape
/// @throws ShapeError for another rank, ArgumentError for a column that there is not, or that has two roles
template <std::floating_point T>
Tensor<T> move_labels(Tensor<T> labels, const LabelRoles& roles, const Motion& motion, Index height, Index width) {
  ensure<ShapeError>(labels.rank() == 1 || labels.rank() == 2, "move_labels: need labels [L] or [N, L], got ",
                     labels.shape());
  const Index columns = labels.dim(-1);
  check_roles(roles, columns);
  for (Index at = 0; at < labels.size(); at += columns) {
    detail::move_row(labels.data() + at, roles, motion, height, width);
  }
  return labels;
}

}  // namespace engram::data
