#pragma once

#include <span>
#include <vector>

#include <engram/infer/maps.hpp>

namespace engram::infer {

/// The shape of `count` items: [count, extents of an item].
inline Shape batch_of(Index count, const Shape& item) {
  std::vector<Index> extents{count};
  extents.insert(extents.end(), item.begin(), item.end());
  return Shape(std::span<const Index>(extents));
}

/// One thing that inference does to a few images: all that it needs is prepared beforehand. Steps do not change, so
/// that any number of threads can run one.
template <class T>
class Step {
 public:
  Step(const Maps& in, const Maps& out) : in_(in), out_(out) {}
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  virtual ~Step() = default;

  const Maps& in() const { return in_; }
  const Maps& out() const { return out_; }

  /// Elements of room that run needs beside its input and output.
  virtual Index scratch() const { return 0; }

  /// @param in   maps with cleared margins
  /// @param out  maps whose pixels are overwritten; the margins stay
  virtual void run(Index images, const T* in, T* out, T* scratch) const = 0;

 private:
  Maps in_;
  Maps out_;
};

}  // namespace engram::infer
