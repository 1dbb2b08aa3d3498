// What each model makes of frames, above the map of its codes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/plot/point_colors.hpp>

namespace support {

/// One column of the grid.
struct GridColumn {
  std::string title;
  engram::Tensor<std::uint8_t> images;  ///< [n, H, W], in a row; none of a model that makes none
  engram::Tensor<float> map;            ///< [N, 2]
};

/// Draws columns side by side: title, images, and the map once for each of `labels`; at the right the frames as they
/// were recorded [n, H, W], above what explains the colours.
void write_study_grid(const std::filesystem::path& file, const std::vector<GridColumn>& columns,
                      const engram::Tensor<std::uint8_t>& recorded,
                      const std::vector<engram::plot::PointColors>& labels);

}  // namespace support
