#pragma once

#include <algorithm>
#include <concepts>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/pool_allocator.hpp>
#include <engram/core/shape.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::optim {

/// A slot by PyTorch's name, and whether the options ask for it. The slot "step" holds one number per parameter: the
/// steps in which it had a gradient, this one included. Every other has the parameter's shape and begins at zero.
struct SlotNeed {
  std::string_view name;
  bool needed = true;
};

/// One parameter in one step, as a rule sees it.
template <std::floating_point T>
struct ParameterStep {
  Index size = 0;
  T* parameter = nullptr;
  const T* gradient = nullptr;
  double lr = 0;                                             ///< of the parameter's group, as it is now
  PoolVector<std::pair<std::string_view, T*>> in_slot = {};  ///< this parameter's elements of each slot

  /// Null if no group needs the slot.
  T* slot(std::string_view name) const {
    const auto found = std::ranges::find(in_slot, name, [](const auto& one) { return one.first; });
    return found == in_slot.end() ? nullptr : found->second;
  }

  /// Steps of this parameter, 1 in the first; 0 if the rule has no slot "step".
  double count() const {
    const T* step = slot("step");
    return step == nullptr ? 0 : static_cast<double>(*step);
  }

  /// Calls f(i) for each element, which must touch element i alone: in vectors and on all threads, with the same bits
  /// on any number of them.
  template <class F>
  void for_each_element(F f) const {
    parallel_ranges(size, 1 << 14, [&](Index begin, Index end) {
      kernels::simd::with_widest([&] { kernels::for_each_lane(begin, end, f); });
    });
  }
};

/// What an optimiser consists of: an aggregate of options with a member `lr`, a name for errors, a check that throws
/// ArgumentError, the slots (always all of them, in one order), and an update of one parameter.
template <class R, class T>
concept Rule = requires(const typename R::Options& options, const ParameterStep<T>& step) {
  { options.lr } -> std::convertible_to<double>;
  { R::name } -> std::convertible_to<std::string_view>;
  R::check(options);
  { R::slots(options) } -> std::same_as<std::vector<SlotNeed>>;
  R::update(options, step);
};

}  // namespace engram::optim
