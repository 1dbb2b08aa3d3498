// Many small frames in few JPEG images, for a page that shows any of them at once.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/image.hpp>

namespace support {

/// How frames lie in atlases: frame n in atlas n / (columns * columns), row by row.
struct AtlasGrid {
  engram::Index columns = 0;     ///< and rows
  engram::Index cell_width = 0;  ///< a frame's, rounded up to JPEG's blocks, so that no frame shows in its neighbour
  engram::Index cell_height = 0;

  engram::Index frames() const { return columns * columns; }
};

/// A grid of about 1,500 x 1,500 pixels, which browsers decode within a few hundredths of a second.
/// @param frames  [N, H, W]
inline AtlasGrid atlas_grid(const engram::Shape& frames) {
  constexpr engram::Index block = 8;
  constexpr engram::Index side = 1500;
  const engram::Index height = (frames[1] + block - 1) / block * block;
  const engram::Index width = (frames[2] + block - 1) / block * block;
  return {.columns = std::max<engram::Index>(1, side / std::max(width, height)),
          .cell_width = width,
          .cell_height = height};
}

/// The atlases as JPEG files.
/// @param frames  grey levels [N, H, W]
inline std::vector<std::string> encode_atlases(const engram::Tensor<std::uint8_t>& frames, const AtlasGrid& grid) {
  using engram::Index;
  constexpr int quality = 75;  // at which the camera's noise is still seen as such
  const Index height = frames.dim(1);
  const Index width = frames.dim(2);
  std::vector<std::string> files;
  for (Index first = 0; first < frames.dim(0); first += grid.frames()) {
    const Index count = std::min(grid.frames(), frames.dim(0) - first);
    const Index rows = (count + grid.columns - 1) / grid.columns;
    auto atlas = engram::Tensor<std::uint8_t>::zeros({rows * grid.cell_height, grid.columns * grid.cell_width});
    for (Index i = 0; i < count; ++i) {
      const std::uint8_t* frame = frames.data() + (first + i) * height * width;
      for (Index y = 0; y < grid.cell_height; ++y) {
        const std::uint8_t* row = frame + std::min(y, height - 1) * width;
        std::uint8_t* to = atlas.data() + (i / grid.columns * grid.cell_height + y) * atlas.dim(1) +
                           i % grid.columns * grid.cell_width;
        std::fill(std::copy_n(row, width, to), to + grid.cell_width, row[width - 1]);
      }
    }
    std::string& file = files.emplace_back();
    const auto append = [](void* context, void* data, int size) {
      static_cast<std::string*>(context)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
    };
    const int written = stbi_write_jpg_to_func(append, &file, static_cast<int>(atlas.dim(1)),
                                               static_cast<int>(atlas.dim(0)), 1, atlas.data(), quality);
    engram::ensure<engram::Error>(written != 0, "report: frames ", frames.shape(), " cannot be encoded as JPEG");
  }
  return files;
}

}  // namespace support
