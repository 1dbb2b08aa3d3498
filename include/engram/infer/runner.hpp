#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/infer/plan.hpp>

namespace engram::infer {

/// The buffers with which one thread evaluates a plan: made once, so that evaluating allocates nothing. Each caller
/// that evaluates at the same time as others needs a runner of its own.
///
///     const infer::Plan<float> plan(model, {1, 50, 50});
///     infer::Runner<float> runner(plan);
///     const std::span<const float> clean = runner.run(frame);  // 2500 numbers
///     const std::span<const float> code = runner.output("code");
template <std::floating_point T>
class Runner {
 public:
  /// @param batch  most items that `run` gets at once. They are shared by the threads that parallel loops have when the
  ///               runner is made (ThreadScope), a few at a time, each through the whole model.
  /// @throws ArgumentError unless batch >= 1
  explicit Runner(Plan<T> plan, Index batch = 1) : plan_(std::move(plan)), batch_(batch) {
    ensure<ArgumentError>(batch >= 1, "infer::Runner: need a batch >= 1, got ", batch);
    const Index threads = std::min<Index>(thread_count(), batch);
    group_ = std::clamp<Index>((batch + threads - 1) / threads, 1, 4);
    Index maps = plan_.input().image();
    Index scratch = 0;
    for (const auto& step : plan_.steps()) {
      maps = std::max(maps, step->out().image());
      scratch = std::max(scratch, step->scratch());
    }
    for (Index i = 0; i < threads; ++i) {
      workspaces_.push_back({zeros(group_ * maps), zeros(group_ * maps), zeros(scratch)});
    }
    for (const Output& output : plan_.outputs()) {
      outputs_.push_back(zeros(batch * output.shape.size()));
    }
  }

  const Plan<T>& plan() const { return plan_; }

  /// Evaluates the model.
  /// @param items    n items one after another, n <= batch
  /// @returns        the model's result for each, valid until the next call
  /// @throws ShapeError if it is not a number of whole items, or more than the batch
  std::span<const T> run(std::span<const T> items) {
    const Index size = plan_.item().size();
    const Index count = std::ssize(items) / size;
    ensure<ShapeError>(count * size == std::ssize(items) && count <= batch_, "infer::Runner: need at most ", batch_,
                       " items of shape ", plan_.item(), ", ", size, " numbers each, got ", items.size(), " numbers");
    items_ = count;
    const Index threads = std::min<Index>(std::ssize(workspaces_), thread_count());
    const Index group = std::clamp<Index>((count + threads - 1) / threads, 1, group_);
    std::atomic<Index> next = 0;
    parallel_for(threads, [&](Index thread) {
      for (Index begin = next.fetch_add(group); begin < count; begin = next.fetch_add(group)) {
        run_group(workspaces_[static_cast<std::size_t>(thread)], begin, std::min(group, count - begin), items.data());
      }
    });
    return output("output");
  }

  /// What the last run gave, by name: [n, shape of the output].
  /// @throws ArgumentError if the plan has no such output
  std::span<const T> output(std::string_view name) const {
    const Output& output = plan_.output(name);
    const auto i = static_cast<std::size_t>(&output - plan_.outputs().data());
    return {outputs_[i].data(), static_cast<std::size_t>(items_ * output.shape.size())};
  }

 private:
  struct Workspace {
    Buffer<T> in;
    Buffer<T> out;
    Buffer<T> scratch;
  };

  static Buffer<T> zeros(Index size) {
    Buffer<T> buffer(static_cast<std::size_t>(size));
    std::fill_n(buffer.data(), size, T{0});
    return buffer;
  }

  void run_group(Workspace& room, Index begin, Index count, const T* items) {
    T* in = room.in.data();
    T* out = room.out.data();
    to_maps(items + begin * plan_.item().size(), plan_.input(), count, in);
    write_outputs(0, begin, count, in);
    for (std::size_t i = 0; i < plan_.steps().size(); ++i) {
      const Step<T>& step = *plan_.steps()[i];
      clear_margins(step.out(), count, out);
      step.run(count, in, out, room.scratch.data());
      std::swap(in, out);
      write_outputs(i + 1, begin, count, in);
    }
  }

  void write_outputs(std::size_t steps_done, Index begin, Index count, const T* maps) {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const Output& output = plan_.outputs()[i];
      if (output.after == steps_done) {
        to_images(output.maps, count, maps, outputs_[i].data() + begin * output.shape.size());
      }
    }
  }

  Plan<T> plan_;
  Index batch_;
  Index group_ = 1;  ///< most items that go through the steps together: few, so that what is between steps stays in the
                     ///< cache; more than one, so that weights are read less often
  Index items_ = 0;  ///< of the last run
  std::vector<Workspace> workspaces_;
  std::vector<Buffer<T>> outputs_;
};

}  // namespace engram::infer
