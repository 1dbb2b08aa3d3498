#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>

namespace engram::data {

/// Positions of the frames to learn from and of those kept apart, both ascending.
struct Split {
  std::vector<Index> training;
  std::vector<Index> held_out;
};

/// Holds out round(fraction * count) frames, chosen at random. Neighbouring frames of a video are near duplicates:
/// a random split of a video measures memory, not generalisation; see block_split.
/// @throws ArgumentError unless 0 <= fraction < 1 and a frame is left to learn from
inline Split random_split(Index count, double fraction, Rng rng) {
  ensure<ArgumentError>(fraction >= 0 && fraction < 1, "random_split: need 0 <= fraction < 1, got ", fraction);
  const auto held_out = static_cast<Index>(std::lround(fraction * static_cast<double>(count)));
  ensure<ArgumentError>(count > held_out, "random_split: need a frame to learn from, got ", count, " frames of which ",
                        held_out, " are held out");
  std::vector<Index> order = rng.permutation(count);
  Split split{{order.begin() + held_out, order.end()}, {order.begin(), order.begin() + held_out}};
  std::ranges::sort(split.training);
  std::ranges::sort(split.held_out);
  return split;
}

/// Cuts the frames into `blocks` contiguous runs of nearly equal length (block b holds the frames i with
/// floor(i * blocks / count) = b) and holds out those listed.
/// @throws ArgumentError unless 1 <= blocks <= count, the listed blocks exist and one is left to learn from
inline Split block_split(Index count, Index blocks, std::span<const Index> held_out) {
  ensure<ArgumentError>(blocks >= 1 && blocks <= count, "block_split: need 1 <= blocks <= ", count, " frames, got ",
                        blocks, " blocks");
  for (const Index block : held_out) {
    ensure<ArgumentError>(block >= 0 && block < blocks, "block_split: need blocks in 0..", blocks - 1, ", got ", block);
  }
  Split split;
  for (Index i = 0; i < count; ++i) {
    const bool out = std::ranges::find(held_out, i * blocks / count) != held_out.end();
    (out ? split.held_out : split.training).push_back(i);
  }
  ensure<ArgumentError>(!split.training.empty(), "block_split: need a block to learn from, got all ", blocks,
                        " held out");
  return split;
}

}  // namespace engram::data
