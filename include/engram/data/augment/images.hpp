#pragma once

#include <string_view>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>

namespace engram::data::detail {

/// What the extents of one image or of a batch of them mean.
struct ImageSizes {
  Index images = 1;
  Index channels = 1;
  Index height = 0;
  Index width = 0;

  Index plane() const { return height * width; }
  Index image() const { return channels * plane(); }
};

/// @throws ShapeError unless `shape` is [H, W], [C, H, W] or [N, C, H, W]; `name` is the function that asks
inline ImageSizes image_sizes(std::string_view name, const Shape& shape) {
  const Index rank = shape.rank();
  ensure<ShapeError>(rank >= 2 && rank <= 4, name, ": need images [H, W], [C, H, W] or [N, C, H, W], got ", shape);
  return {.images = rank == 4 ? shape[0] : 1,
          .channels = rank >= 3 ? shape[-3] : 1,
          .height = shape[-2],
          .width = shape[-1]};
}

/// Calls task(image) for each image, in parallel.
template <class Task>
void for_each_image(const ImageSizes& sizes, Task&& task) {
  parallel_ranges(sizes.images, 4, [&](Index begin, Index end) {
    for (Index image = begin; image < end; ++image) {
      task(image);
    }
  });
}

}  // namespace engram::data::detail
