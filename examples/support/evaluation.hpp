// What models make of many frames or codes: by plans, batch by batch.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/data/frames.hpp>
#include <engram/infer/runner.hpp>

#include "support/split.hpp"

namespace support {

using engram::Index;

inline constexpr Index evaluation_batch = 64;

/// What `of_batch(begin, count)` makes of `count` items at a time, each of shape `one`, in one: [items, one...].
template <class OfBatch>
engram::Tensor<float> in_batches(Index items, const engram::Shape& one, OfBatch of_batch,
                                 Index at_once = evaluation_batch) {
  std::vector<Index> extents{items};
  extents.insert(extents.end(), one.extents().begin(), one.extents().end());
  auto all = engram::Tensor<float>::uninitialized(engram::Shape(std::span<const Index>(extents)));
  for (Index begin = 0; begin < items; begin += at_once) {
    const auto& some = of_batch(begin, std::min(at_once, items - begin));
    std::ranges::copy(some.elements(), all.data() + begin * one.size());
  }
  return all;
}

/// The plan's last output for `count` items, which `batch(begin, count)` hands out as [count, ...].
template <class Batch>
engram::Tensor<float> outputs(const engram::infer::Plan<float>& plan, Index count, Batch batch) {
  const engram::Shape& one = plan.outputs().back().shape;
  engram::infer::Runner<float> runner(plan, evaluation_batch);
  return in_batches(count, one, [&](Index begin, Index some) {
    return engram::Tensor<float>::from({some * one.size()}, runner.run(batch(begin, some).elements()));
  });
}

/// outputs() for the listed frames.
inline engram::Tensor<float> outputs_of_frames(const engram::infer::Plan<float>& plan,
                                               const engram::data::Frames& frames, const std::vector<Index>& items) {
  return outputs(plan, std::ssize(items), [&](Index begin, Index count) {
    return frames.batch<float>(
        std::span(items).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));
  });
}

/// outputs() for rows [N, D].
inline engram::Tensor<float> outputs_of_rows(const engram::infer::Plan<float>& plan,
                                             const engram::Tensor<float>& rows) {
  return outputs(plan, rows.dim(0), [&](Index begin, Index count) {
    const auto part = rows.elements().subspan(static_cast<std::size_t>(begin * rows.dim(1)),
                                              static_cast<std::size_t>(count * rows.dim(1)));
    return engram::Tensor<float>::from({count, rows.dim(1)}, part);
  });
}

/// Pixels outside 0..1, which no camera delivers, become the nearer of both.
inline engram::Tensor<float> clipped(engram::Tensor<float> images) {
  for (float& pixel : images.elements()) {
    pixel = std::clamp(pixel, 0.0F, 1.0F);
  }
  return images;
}

/// Shape of one frame, [C, H, W].
inline engram::Shape frame_shape(const engram::data::Frames& frames) {
  const engram::Shape& s = frames.shape();
  return {s[1], s[2], s[3]};
}

/// An autoencoder's images of the listed frames, clipped to 0..1: [n, C, H, W].
template <class Model>
engram::Tensor<float> denoised(const Model& model, const engram::data::Frames& frames,
                               const std::vector<Index>& items) {
  return clipped(outputs_of_frames(engram::infer::Plan<float>(model, frame_shape(frames)), frames, items));
}

/// A model's codes of all frames, [N, latent_dim].
template <class Model>
engram::Tensor<float> all_codes(const Model& model, const engram::data::Frames& frames) {
  return outputs_of_frames(engram::infer::Plan<float>(model, frame_shape(frames), {.until = "code"}), frames,
                           all_frames(frames.size()));
}

/// A decoder's images of codes [n, D], clipped to 0..1: [n, C, H, W].
template <class Model>
engram::Tensor<float> decoded(const Model& model, const engram::Tensor<float>& codes) {
  return clipped(outputs_of_rows(engram::infer::Plan<float>(model, {codes.dim(1)}), codes));
}

}  // namespace support
