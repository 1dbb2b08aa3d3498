#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <vector>

#include <engram/core/buffer.hpp>

namespace engram {

namespace detail {

inline void* take_from_pool(std::size_t bytes) {
  return BufferPool::shared().take_exactly(bytes);
}
inline void give_back_to_pool(void* data, std::size_t bytes) noexcept {
  BufferPool::shared().give_back({data, BufferPool::rounded(bytes)});
}

}  // namespace detail

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
    return static_cast<T*>(detail::take_from_pool(count * sizeof(T)));
  }
  void deallocate(T* data, std::size_t count) noexcept { detail::give_back_to_pool(data, count * sizeof(T)); }
  bool operator==(const PoolAllocator&) const = default;
};

/// A vector whose elements are in the pool.
template <class T>
using PoolVector = std::vector<T, PoolAllocator<T>>;

/// Base of classes whose objects are made by `new` in every step of a computation: they are in the pool.
struct Pooled {
  static void* operator new(std::size_t bytes) { return detail::take_from_pool(bytes); }
  static void operator delete(void* data, std::size_t bytes) noexcept { detail::give_back_to_pool(data, bytes); }
};

}  // namespace engram
