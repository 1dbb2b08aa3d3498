#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/take_rows.hpp>
#include <engram/data/frames.hpp>

namespace engram::train {

/// What a model gets and what it should make of it; both may be the same Variable.
template <std::floating_point T>
struct Batch {
  Variable<T> inputs;
  Variable<T> targets;
};

/// Examples by number: any function that makes a batch of the listed ones.
template <std::floating_point T>
struct Dataset {
  Index size = 0;
  std::function<Batch<T>(std::span<const Index>)> batch = {};
};

using engram::take_rows;

namespace detail {

inline std::vector<Index> selected(const std::vector<Index>& items, std::span<const Index> positions) {
  std::vector<Index> out;
  out.reserve(positions.size());
  for (const Index p : positions) {
    out.push_back(items[static_cast<std::size_t>(p)]);
  }
  return out;
}

}  // namespace detail

/// Frames that are to be reproduced: for an autoencoder. `frames` must outlive the data set.
template <std::floating_point T>
Dataset<T> reconstruction(const data::Frames& frames, std::vector<Index> items) {
  const Index size = std::ssize(items);
  return {size, [&frames, items = std::move(items)](std::span<const Index> positions) {
            const Variable<T> x(frames.batch<T>(detail::selected(items, positions)));
            return Batch<T>{x, x};
          }};
}

/// Frames and others that are to be made of them, such as cleaner ones. Both must outlive the data set.
/// @throws ShapeError unless both have the same shape
template <std::floating_point T>
Dataset<T> frames_to_frames(const data::Frames& frames, const data::Frames& targets, std::vector<Index> items) {
  ensure<ShapeError>(frames.shape() == targets.shape(), "frames_to_frames: need targets ", frames.shape(),
                     " as the frames are, got ", targets.shape());
  const Index size = std::ssize(items);
  return {size, [&frames, &targets, items = std::move(items)](std::span<const Index> positions) {
            const auto chosen = detail::selected(items, positions);
            return Batch<T>{Variable<T>(frames.batch<T>(chosen)), Variable<T>(targets.batch<T>(chosen))};
          }};
}

/// Frames and the row of `targets` [N, ...] that belongs to each of all frames: for a tagger. `frames` must outlive
/// the data set.
template <std::floating_point T>
Dataset<T> frames_to_rows(const data::Frames& frames, Tensor<T> targets, std::vector<Index> items) {
  ensure<ShapeError>(targets.rank() >= 1 && targets.dim(0) == frames.size(),
                     "frames_to_rows: need one target for each of ", frames.size(), " frames, got targets ",
                     targets.shape());
  const Index size = std::ssize(items);
  return {size, [&frames, targets = std::move(targets), items = std::move(items)](std::span<const Index> positions) {
            const auto chosen = detail::selected(items, positions);
            return Batch<T>{Variable<T>(frames.batch<T>(chosen)),
                            Variable<T>(take_rows(targets, std::span<const Index>(chosen)))};
          }};
}

/// Rows `codes` [N, ...], one for each of all frames, and the frames to be made of them: for a decoder. `frames` must
/// outlive the data set.
template <std::floating_point T>
Dataset<T> rows_to_frames(Tensor<T> codes, const data::Frames& frames, std::vector<Index> items) {
  const Index size = std::ssize(items);
  return {size,
          [swapped = frames_to_rows<T>(frames, std::move(codes), std::move(items))](std::span<const Index> positions) {
            auto batch = swapped.batch(positions);
            return Batch<T>{std::move(batch.targets), std::move(batch.inputs)};
          }};
}

/// inputs [N, ...] and targets [N, ...], both in memory.
/// @throws ShapeError if their first extents differ
template <std::floating_point T>
Dataset<T> pairs(Tensor<T> inputs, Tensor<T> targets) {
  ensure<ShapeError>(inputs.rank() >= 1 && targets.rank() >= 1 && inputs.dim(0) == targets.dim(0),
                     "pairs: need inputs [N, ...] and targets [N, ...], got inputs ", inputs.shape(), " and targets ",
                     targets.shape());
  const Index size = inputs.dim(0);
  return {size, [inputs = std::move(inputs), targets = std::move(targets)](std::span<const Index> rows) {
            return Batch<T>{Variable<T>(take_rows(inputs, rows)), Variable<T>(take_rows(targets, rows))};
          }};
}

/// inputs [N, ...] and classes [N, ...], which batches carry as numbers; see class_loss.
/// @throws ShapeError if their first extents differ
template <std::floating_point T>
Dataset<T> pairs(Tensor<T> inputs, const Tensor<std::int64_t>& classes) {
  return pairs(std::move(inputs), cast<T>(classes));
}

}  // namespace engram::train
