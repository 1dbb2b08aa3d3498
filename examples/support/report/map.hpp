// The map that a report's reader explores: codes of frames as points, over training.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/point_colors.hpp>

namespace support {

/// One code's embeddings.
struct MapCode {
  std::string name;                  ///< "autoencoder"
  engram::Tensor<float> points;      ///< [S, N, 2], in one frame of reference for all steps
  std::vector<engram::Index> steps;  ///< when each was taken, [S]
  std::string step_name = "epoch";   ///< what the steps count
};

/// What is known of each frame; the title in `colors` is its name.
struct MapLabel {
  engram::plot::PointColors colors;  ///< values [N], NaN where unknown
  std::string unit = {};             ///< as it follows the number, such as "px"
};

/// A picture of each frame.
struct MapImages {
  std::string name;                     ///< "recorded"
  engram::Tensor<std::uint8_t> images;  ///< grey levels [N, H, W]
};

/// Several codes of the same N frames.
struct CodeMap {
  std::vector<std::string> text;  ///< paragraphs above it
  std::vector<MapCode> codes;     ///< at least one; the first is shown first
  std::vector<MapLabel> labels;   ///< at least one; the first is shown first
  std::vector<MapImages> images;  ///< shown side by side

  engram::Index size() const { return codes.front().points.dim(1); }
};

/// @throws ShapeError naming the code or images that do not fit, ArgumentError without codes or labels or for points
/// that are not finite
inline void check_map(const CodeMap& map) {
  using engram::ArgumentError;
  using engram::ensure;
  using engram::ShapeError;
  ensure<ArgumentError>(!map.codes.empty() && !map.labels.empty(), "report: need a map with codes and labels, got ",
                        map.codes.size(), " codes and ", map.labels.size(), " labels");
  const engram::Shape& first = map.codes.front().points.shape();
  for (const MapCode& code : map.codes) {
    const engram::Shape& shape = code.points.shape();
    ensure<ShapeError>(shape.rank() == 3 && shape[2] == 2 && shape.size() > 0 && shape[1] == first[1], "report: code '",
                       code.name, "': need points [S, N, 2] of as many frames as ", first, ", got ", shape);
    ensure<ShapeError>(shape[0] == std::ssize(code.steps), "report: code '", code.name, "': need ", shape[0],
                       " steps for points ", shape, ", got ", code.steps.size());
    for (const float x : code.points.elements()) {
      ensure<ArgumentError>(x - x == 0, "report: code '", code.name, "': need finite points, got ", x);
    }
  }
  for (const MapImages& kind : map.images) {
    const engram::Shape& shape = kind.images.shape();
    ensure<ShapeError>(shape.rank() == 3 && shape[0] == map.size() && shape.size() > 0, "report: images '", kind.name,
                       "': need [", map.size(), ", H, W], got ", shape);
  }
}

}  // namespace support
