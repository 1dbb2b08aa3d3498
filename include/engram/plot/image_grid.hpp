#pragma once

#include <algorithm>
#include <cstdint>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::plot {

struct ImageGridOptions {
  Index columns = 8;
  Index scale = 2;                ///< edge of a pixel in the picture
  Index gap = 4;                  ///< picture pixels between images and around them
  std::uint8_t background = 255;  ///< level of the gaps
};

/// Images side by side, row after row, for io::write_png.
/// @param images  grey levels [N, H, W] or [N, C, H, W] with C = 1 or 3
/// @returns       [H', W'], or [3, H', W'] for colours
/// @throws ShapeError for another shape or no image, ArgumentError unless columns, scale >= 1 and gap >= 0
inline Tensor<std::uint8_t> image_grid(const Tensor<std::uint8_t>& images, const ImageGridOptions& options = {}) {
  const Index channels = images.rank() == 4 ? images.dim(1) : 1;
  ensure<ShapeError>(
      (images.rank() == 3 || images.rank() == 4) && images.size() > 0 && (channels == 1 || channels == 3),
      "image_grid: need images [N, H, W] or [N, C, H, W] with 1 or 3 channels, got ", images.shape());
  ensure<ArgumentError>(options.columns >= 1 && options.scale >= 1 && options.gap >= 0,
                        "image_grid: need columns, scale >= 1 and gap >= 0, got ", options.columns, ", ", options.scale,
                        " and ", options.gap);
  const Index count = images.dim(0);
  const Index height = images.dim(-2);
  const Index width = images.dim(-1);
  const Index columns = std::min(options.columns, count);
  const Index rows = (count + columns - 1) / columns;
  const Index cell_height = height * options.scale + options.gap;
  const Index cell_width = width * options.scale + options.gap;
  const Index grid_height = rows * cell_height + options.gap;
  const Index grid_width = columns * cell_width + options.gap;
  auto grid = Tensor<std::uint8_t>::full(
      channels == 1 ? Shape{grid_height, grid_width} : Shape{3, grid_height, grid_width}, options.background);
  for (Index plane = 0; plane < count * channels; ++plane) {
    const Index image = plane / channels;
    const std::uint8_t* from = images.data() + plane * height * width;
    std::uint8_t* to = grid.data() + plane % channels * grid_height * grid_width +
                       (options.gap + image / columns * cell_height) * grid_width + options.gap +
                       image % columns * cell_width;
    for (Index y = 0; y < height * options.scale; ++y) {
      for (Index x = 0; x < width * options.scale; ++x) {
        to[y * grid_width + x] = from[y / options.scale * width + x / options.scale];
      }
    }
  }
  return grid;
}

}  // namespace engram::plot
