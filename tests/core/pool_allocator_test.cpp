#include <engram/core/pool_allocator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <new>

using namespace engram;

namespace {

struct Base : Pooled {
  virtual ~Base() = default;
};
struct Large final : Base {
  char room[1000] = {};
};

}  // namespace

TEST_CASE("PoolVector: its memory comes from the pool and goes back to it") {
  BufferPool& pool = BufferPool::shared();
  pool.trim();
  const void* place = nullptr;
  {
    PoolVector<int> v(100, 7);
    place = v.data();
    CHECK(v[99] == 7);
    CHECK(reinterpret_cast<std::uintptr_t>(v.data()) % BufferPool::alignment == 0);
    CHECK(pool.kept_bytes() == 0);
  }
  CHECK(pool.kept_bytes() == BufferPool::rounded(100 * sizeof(int)));
  const PoolVector<int> again(100);
  CHECK(again.data() == place);
  CHECK_THROWS_AS(PoolAllocator<int>().allocate(static_cast<std::size_t>(-1)), std::bad_array_new_length);
}

TEST_CASE("PoolVector: never takes a block larger than it gives back") {
  BufferPool& pool = BufferPool::shared();
  pool.trim();
  { const Buffer<char> larger(1500); }
  const std::size_t kept = pool.kept_bytes();
  { const PoolVector<char> smaller(1000); }
  CHECK(pool.kept_bytes() == kept + BufferPool::rounded(1000));
  pool.trim();
}

TEST_CASE("Pooled: objects go back to the pool with the size of what they really are") {
  BufferPool& pool = BufferPool::shared();
  pool.trim();
  { const std::unique_ptr<Base> object = std::make_unique<Large>(); }
  CHECK(pool.kept_bytes() == BufferPool::rounded(sizeof(Large)));
  pool.trim();
}
