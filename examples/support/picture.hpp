// What a model makes of frames, as a picture.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/data/frames.hpp>
#include <engram/plot/image_grid.hpp>

namespace support {

using engram::Index;

/// Up to 8 of `items`, spread evenly.
inline std::vector<Index> few_of(const std::vector<Index>& items, std::size_t most = 8) {
  const std::size_t count = std::min(most, items.size());
  std::vector<Index> few;
  for (std::size_t i = 0; i < count; ++i) {
    few.push_back(items[i * items.size() / count]);
  }
  return few;
}

/// The listed frames above what was made of them, `outputs` [n, C, H, W] of grey levels: an image [C, H, W], small
/// frames three times as large.
inline engram::Tensor<std::uint8_t> inputs_above_outputs(const engram::data::Frames& frames,
                                                         const std::vector<Index>& items,
                                                         const engram::Tensor<std::uint8_t>& outputs) {
  const auto above = frames.levels(items);
  auto both = engram::Tensor<std::uint8_t>::uninitialized({2 * above.dim(0), above.dim(1), above.dim(2), above.dim(3)});
  std::ranges::copy(outputs.elements(), std::ranges::copy(above.elements(), both.data()).out);
  return engram::plot::image_grid(both, {.columns = above.dim(0), .scale = above.dim(3) <= 100 ? Index{3} : Index{1}});
}

/// Images [n, C, H, W] of grey levels as [n, H, W]: colours become the mean of their parts.
inline engram::Tensor<std::uint8_t> grey(const engram::Tensor<std::uint8_t>& images) {
  const Index channels = images.dim(1);
  const Index pixels = images.dim(2) * images.dim(3);
  auto out = engram::Tensor<std::uint8_t>::uninitialized({images.dim(0), images.dim(2), images.dim(3)});
  for (Index i = 0; i < out.size(); ++i) {
    int sum = 0;
    for (Index c = 0; c < channels; ++c) {
      sum += images[(i / pixels * channels + c) * pixels + i % pixels];
    }
    out[i] = static_cast<std::uint8_t>(sum / static_cast<int>(channels));
  }
  return out;
}

/// Pixels [3, H, W] as [H, W, 3], as movies have them; grey ones [H, W] stay.
inline engram::Tensor<std::uint8_t> interleaved(const engram::Tensor<std::uint8_t>& planes) {
  if (planes.rank() == 2) {
    return planes;
  }
  const Index pixels = planes.dim(1) * planes.dim(2);
  auto out = engram::Tensor<std::uint8_t>::uninitialized({planes.dim(1), planes.dim(2), 3});
  for (Index i = 0; i < 3 * pixels; ++i) {
    out[i] = planes[i % 3 * pixels + i / 3];
  }
  return out;
}

}  // namespace support
