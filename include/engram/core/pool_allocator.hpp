#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <vector>

#include <engram/core/buffer.hpp>

namespace engram {

/// Allocates from the pool that tensors share, so that small containers of a repeated computation ask the system for
/// nothing either.
template <class T>
struct PoolAllocator {
  static_assert(alignof(T) <= BufferPool::alignment);
  using value_type = T;

  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) noexcept {}  // NOLINT: allocators convert

  T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
      throw std::bad_array_new_length();
    }
    return static_cast<T*>(BufferPool::shared().take(BufferPool::rounded(count * sizeof(T))).data);
  }
  void deallocate(T* data, std::size_t count) noexcept {
    BufferPool::shared().give_back({data, BufferPool::rounded(count * sizeof(T))});
  }
  bool operator==(const PoolAllocator&) const = default;
};

/// A vector whose elements are in the pool.
template <class T>
using PoolVector = std::vector<T, PoolAllocator<T>>;

}  // namespace engram
