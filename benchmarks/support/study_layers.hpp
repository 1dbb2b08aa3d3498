#pragma once

#include <string>
#include <vector>

#include <engram/kernels/conv2d_geometry.hpp>

namespace engram_bench {

using namespace engram;

/// A convolution of the study's autoencoder (models/parts.hpp). A transposed one has the geometry of the convolution
/// whose gradient it is.
struct StudyLayer {
  std::string name;
  kernels::Conv2dGeometry geometry;
  bool transposed = false;
};

/// The layers in their order, for images of 50 x 50 pixels.
inline std::vector<StudyLayer> study_layers(Index batch) {
  const auto layer = [batch](std::string name, Index channels, Index filters, Index height, Index kernel) {
    return StudyLayer{std::move(name),
                      {.window = {.channels = channels, .height = height, .width = height, .kernel = kernel},
                       .batch = batch,
                       .filters = filters}};
  };
  const auto transposed = [&](std::string name, Index in, Index out, Index height, Index kernel, Index stride) {
    StudyLayer made = layer(std::move(name), out, in, (height - 1) * stride + kernel, kernel);
    made.geometry.window.stride = stride;
    made.transposed = true;
    return made;
  };
  return {layer("encoder_1/1-64/50x50", 1, 64, 50, 3),           layer("encoder_2/64-64/24x24", 64, 64, 24, 3),
          layer("encoder_3/64-128/11x11", 64, 128, 11, 3),       transposed("decoder_1/128-64/9x9", 128, 64, 9, 3, 1),
          transposed("decoder_2/64-64/11x11", 64, 64, 11, 2, 2), transposed("decoder_3/64-64/22x22", 64, 64, 22, 3, 1),
          transposed("decoder_4/64-64/24x24", 64, 64, 24, 2, 2), transposed("decoder_5/64-1/48x48", 64, 1, 48, 3, 1)};
}

}  // namespace engram_bench
