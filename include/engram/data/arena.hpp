#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/arena/body.hpp>
#include <engram/data/arena/noise.hpp>
#include <engram/data/arena/trajectory.hpp>
#include <engram/data/arena/world.hpp>
#include <engram/data/direction_degrees.hpp>

namespace engram::data {

struct ArenaOptions {
  Index frames = 10000;
  std::uint64_t seed = 0;
};

/// Frames of an animal in the arena and where it was. Lengths are pixels of the recording, of which a crop's
/// pixel spans two; angles are degrees in [0, 360), 0 to the right, growing clockwise on screen.
struct ArenaRecording {
  Tensor<std::uint8_t> images;       ///< with the camera's noise [N, 50, 50]
  Tensor<std::uint8_t> clean;        ///< without it [N, 50, 50]
  Tensor<std::uint8_t> tail;         ///< 1 where the tail is seen, 0 elsewhere [N, 50, 50]
  Tensor<double> labels;             ///< [N, 13]
  std::vector<std::string> columns;  ///< the labels' names
};

namespace arena {

/// Angle of a direction in degrees, in [0, 360).
inline double degrees(Vec2 v) {
  return direction_degrees(v.x, v.y);
}

/// True if a head at `point` is at one of the ports: within 7 pixels of the crop of the middle between its
/// blobs.
inline bool in_port(Vec2 point) {
  for (int number = 0; number < port_count; ++number) {
    if (norm(point - port(number).centre) < 7) {
      return true;
    }
  }
  return false;
}

inline const std::array<const char*, 13>& column_names() {
  static constexpr std::array<const char*, 13> names{"base_x",   "base_y",         "neck_x",     "neck_y", "head_x",
                                                     "head_y",   "head_angle",     "body_angle", "x",      "y",
                                                     "distance", "location_angle", "in_port"};
  return names;
}

/// One row of labels.
inline std::array<double, 13> labels(const Pose& pose, const Skeleton& skeleton) {
  const auto recorded = [](Vec2 point) { return centre_in_recording + recording_scale * point; };
  const Vec2 base = recorded(skeleton.base());
  const Vec2 neck = recorded(skeleton.neck());
  const Vec2 head = recorded(skeleton.head());
  const Vec2 animal = recorded(pose.centre);
  const Vec2 from_centre = animal - centre_in_recording;
  return {base.x,
          base.y,
          neck.x,
          neck.y,
          head.x,
          head.y,
          degrees(head - neck),
          degrees(neck - base),
          animal.x,
          animal.y,
          norm(from_centre),
          degrees(from_centre),
          in_port(skeleton.head()) ? 1.0 : 0.0};
}

/// The crop around the animal without noise or marker.
/// @param tail  gets 1 for each pixel of which the tail covers half or more and the body next to nothing, else 0
inline Canvas draw(const Pose& pose, const Skeleton& skeleton, const Fur& fur, Index frame, std::uint8_t* tail) {
  Canvas canvas(pose.centre);
  draw_floor(canvas);
  draw_floor_lines(canvas);
  draw_wall(canvas);
  draw_ports(canvas);
  const auto cover = draw_tail(canvas, skeleton);
  const std::vector<float> before = canvas.levels;
  draw_body(canvas, pose, skeleton, fur, frame);
  for (std::size_t i = 0; i < cover.size(); ++i) {
    tail[i] = cover[i] >= 0.5F && std::abs(canvas.levels[i] - before[i]) < 1 ? 1 : 0;
  }
  return canvas;
}

/// The bright corner that the recording's software leaves in every frame.
inline void stamp_marker(std::uint8_t* frame) {
  for (const Index pixel : {Index{0}, Index{1}, Index{2}, crop_size, 2 * crop_size}) {
    frame[pixel] = 251;
  }
}

}  // namespace arena

/// Renders what an infrared camera above a round arena saw: a 50 x 50 crop that follows an animal without
/// turning with it. Six ports stand around the wall; the animal walks from port to port and dwells there.
/// Floor, wall and ports stand still in the arena and pass through the crop.
///
/// The arena's centre lies at (256, 256) in the recording. Frame n depends on seed and n alone: not on how
/// many frames follow and not on the number of threads. The corner marker is put over the noise.
/// @throws ArgumentError unless there is at least one frame
inline ArenaRecording make_arena(const ArenaOptions& options) {
  ensure<ArgumentError>(options.frames >= 1, "make_arena: need frames >= 1, got ", options.frames);
  const Rng rng(options.seed);
  const std::vector<arena::Pose> poses = arena::trajectory(options.frames, rng.split(0));
  const arena::Fur fur(rng.split(1));
  const Shape shape{options.frames, arena::crop_size, arena::crop_size};
  constexpr Index pixels = arena::crop_size * arena::crop_size;
  const auto& names = arena::column_names();
  ArenaRecording recording{.images = {},
                           .clean = Tensor<std::uint8_t>::uninitialized(shape),
                           .tail = Tensor<std::uint8_t>::uninitialized(shape),
                           .labels = Tensor<double>::uninitialized({options.frames, std::ssize(names)}),
                           .columns = {names.begin(), names.end()}};
  parallel_for(options.frames, [&](Index frame) {
    const arena::Pose& pose = poses[static_cast<std::size_t>(frame)];
    const arena::Skeleton skeleton = arena::skeleton(pose);
    const arena::Canvas canvas = arena::draw(pose, skeleton, fur, frame, recording.tail.data() + frame * pixels);
    std::transform(canvas.levels.begin(), canvas.levels.end(), recording.clean.data() + frame * pixels,
                   [](float level) { return static_cast<std::uint8_t>(std::clamp(level + 0.5F, 0.0F, 255.0F)); });
    std::ranges::copy(arena::labels(pose, skeleton), recording.labels.data() + frame * std::ssize(names));
  });
  recording.images = add_camera_noise(recording.clean, rng.split(2));
  for (Index frame = 0; frame < options.frames; ++frame) {
    arena::stamp_marker(recording.clean.data() + frame * pixels);
    arena::stamp_marker(recording.images.data() + frame * pixels);
  }
  return recording;
}

}  // namespace engram::data
