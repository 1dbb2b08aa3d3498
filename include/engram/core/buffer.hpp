#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace engram {

/// Keeps freed blocks for the next tensor of about the same size, so that a training step in steady
/// state asks the system for nothing (no page is touched for the first time twice).
///
/// Blocks are 64-byte aligned. Sizes are rounded up to eight steps per power of two, which wastes at most an eighth. A
/// kept block serves requests of more than half its size, so that batches of varying size share their memory.
/// Any thread may free what another one took.
class BufferPool {
 public:
  static constexpr std::size_t alignment = 64;

  /// The pool that all tensors of the process share; it outlives every static tensor.
  static BufferPool& shared() {
    static BufferPool& pool = *new BufferPool;
    return pool;
  }

  /// Memory of at least the size that was asked for.
  struct Block {
    void* data = nullptr;
    std::size_t bytes = 0;
  };

  /// @throws std::bad_alloc if the system has no memory left, even after the pool gave back its own
  [[gnu::noinline]] Block take(std::size_t bytes) {
    const std::size_t bin = bin_of(bytes);
    return take_of_bins(bin, 2 * bin_bytes(bin));
  }

  /// As take, of exactly rounded(bytes): for those who keep no Block and know the size they asked for.
  [[gnu::noinline]] void* take_exactly(std::size_t bytes) {
    const std::size_t bin = bin_of(bytes);
    return take_of_bins(bin, bin_bytes(bin) + 1).data;
  }

  /// @param block  as take returned it
  [[gnu::noinline]] void give_back(Block block) noexcept {
    const std::size_t bin = bin_of(block.bytes);
    try {
      const std::lock_guard lock(mutex_);
      if (bin >= free_.size()) {
        free_.resize(bin + 1);
      }
      free_[bin].push_back(block.data);
      kept_bytes_ += block.bytes;
    } catch (...) {
      std::free(block.data);
    }
  }

  /// Returns all unused blocks to the system.
  void trim() noexcept {
    const std::lock_guard lock(mutex_);
    for (auto& blocks : free_) {
      for (void* block : blocks) {
        std::free(block);
      }
      blocks.clear();
    }
    kept_bytes_ = 0;
  }

  /// Bytes held for reuse at this moment.
  std::size_t kept_bytes() const {
    const std::lock_guard lock(mutex_);
    return kept_bytes_;
  }

  /// Usable size of the block that a request for `bytes` gets.
  static std::size_t rounded(std::size_t bytes) { return bin_bytes(bin_of(bytes)); }

 private:
  // Bin 8 e + s holds blocks of 2^e (1 + s / 8) units of 64 bytes, s = 0..7.
  static std::size_t bin_of(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(-1) / 4) {
      throw std::bad_alloc();
    }
    const std::size_t units = bytes <= alignment ? 1 : (bytes + alignment - 1) / alignment;
    if (units <= 8) {
      return units - 1;
    }
    const auto exponent = static_cast<std::size_t>(std::bit_width(units - 1)) - 1;  // 2^e < units <= 2^(e+1)
    const std::size_t step = std::size_t{1} << (exponent - 3);
    const std::size_t steps = (units - (std::size_t{1} << exponent) + step - 1) / step;  // 1..8
    return 8 + (exponent - 3) * 8 + steps - 1;
  }
  static std::size_t bin_bytes(std::size_t bin) {
    if (bin < 8) {
      return (bin + 1) * alignment;
    }
    const std::size_t exponent = (bin - 8) / 8 + 3;
    const std::size_t steps = (bin - 8) % 8 + 1;
    return ((std::size_t{1} << exponent) + steps * (std::size_t{1} << (exponent - 3))) * alignment;
  }

  /// A kept block of at least bin_bytes(bin) and less than `limit`, or a new one.
  Block take_of_bins(std::size_t bin, std::size_t limit) {
    {
      const std::lock_guard lock(mutex_);
      for (std::size_t larger = bin; larger < free_.size() && bin_bytes(larger) < limit; ++larger) {
        if (!free_[larger].empty()) {
          void* data = free_[larger].back();
          free_[larger].pop_back();
          kept_bytes_ -= bin_bytes(larger);
          return {data, bin_bytes(larger)};
        }
      }
    }
    return {allocate(bin_bytes(bin)), bin_bytes(bin)};
  }

  void* allocate(std::size_t bytes) {
    constexpr std::size_t huge_page = std::size_t{1} << 21;
    const bool large = bytes >= 2 * huge_page;
    const std::size_t align = large ? huge_page : alignment;
    const std::size_t padded = (bytes + align - 1) / align * align;
    void* block = std::aligned_alloc(align, padded);
    if (block == nullptr) {
      trim();
      block = std::aligned_alloc(align, padded);
      if (block == nullptr) {
        throw std::bad_alloc();
      }
    }
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (large) {
      (void)madvise(block, padded, MADV_HUGEPAGE);
    }
#endif
    return block;
  }

  mutable std::mutex mutex_;
  std::vector<std::vector<void*>> free_;
  std::size_t kept_bytes_ = 0;
};

/// An owned, 64-byte aligned run of elements from the pool. Copies are deep, moves are free.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;

  /// `size` elements with indeterminate values.
  explicit Buffer(std::size_t size) : size_(size) {
    if (size > static_cast<std::size_t>(-1) / sizeof(T)) {
      throw std::bad_alloc();
    }
    if (size > 0) {
      block_ = BufferPool::shared().take(size * sizeof(T));
    }
  }
  Buffer(const Buffer& other) : Buffer(other.size_) {
    if (size_ > 0) {
      std::memcpy(block_.data, other.block_.data, size_ * sizeof(T));
    }
  }
  Buffer(Buffer&& other) noexcept : block_(std::exchange(other.block_, {})), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(const Buffer& other) {
    if (this != &other) {
      *this = Buffer(other);
    }
    return *this;
  }
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() {
    if (block_.data != nullptr) {
      BufferPool::shared().give_back(block_);
    }
  }

  T* data() { return static_cast<T*>(block_.data); }
  const T* data() const { return static_cast<const T*>(block_.data); }
  std::size_t size() const { return size_; }

 private:
  BufferPool::Block block_;
  std::size_t size_ = 0;
};

}  // namespace engram
