#include <engram/core/buffer.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <thread>

using namespace engram;

TEST_CASE("BufferPool: sizes are rounded up to eight steps per power of two") {
  CHECK(BufferPool::rounded(0) == 64);
  CHECK(BufferPool::rounded(64) == 64);
  CHECK(BufferPool::rounded(65) == 128);
  CHECK(BufferPool::rounded(512) == 512);
  CHECK(BufferPool::rounded(513) == 576);
  CHECK(BufferPool::rounded(1025) == 1152);
  CHECK(BufferPool::rounded(std::size_t{1} << 30) == std::size_t{1} << 30);
  CHECK(BufferPool::rounded((std::size_t{1} << 30) + 1) == (std::size_t{9} << 27));
}

TEST_CASE("BufferPool: a block is never too small and wastes at most an eighth") {
  bool fits = true;
  for (std::size_t bytes = 512; bytes < 200'000; ++bytes) {
    const std::size_t size = BufferPool::rounded(bytes);
    fits = fits && size >= bytes && size - bytes < bytes / 8 + 64 && BufferPool::rounded(size) == size;
  }
  CHECK(fits);
}

TEST_CASE("BufferPool: a block given back serves the next request of its size, and of down to half of it") {
  BufferPool pool;
  const auto block = pool.take(1000);
  CHECK(block.bytes == 1024);
  CHECK(pool.kept_bytes() == 0);
  pool.give_back(block);
  CHECK(pool.kept_bytes() == 1024);
  const auto larger = pool.take(1025);
  CHECK(larger.data != block.data);
  const auto half = pool.take(512);
  CHECK(half.data != block.data);
  const auto again = pool.take(513);
  CHECK(again.data == block.data);
  CHECK(again.bytes == 1024);
  CHECK(pool.kept_bytes() == 0);
  for (const auto& taken : {again, larger, half}) {
    pool.give_back(taken);
  }
  CHECK(pool.take(513).bytes == 1024);  // the smallest that fits
  pool.trim();
  CHECK(pool.kept_bytes() == 0);
  pool.give_back(again);
  pool.trim();
}

TEST_CASE("BufferPool: blocks are aligned to 64 bytes, large ones too") {
  BufferPool pool;
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, std::size_t{5} << 20}) {
    const auto block = pool.take(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(block.data) % BufferPool::alignment == 0);
    static_cast<char*>(block.data)[bytes - 1] = 1;
    pool.give_back(block);
  }
  pool.trim();
}

TEST_CASE("BufferPool: another thread may give a block back") {
  BufferPool pool;
  const auto block = pool.take(5000);
  std::thread([&] { pool.give_back(block); }).join();
  CHECK(pool.take(5000).data == block.data);
  pool.give_back(block);
  pool.trim();
}

TEST_CASE("Buffer: copies are deep, moves hand the block over") {
  Buffer<int> a(3);
  a.data()[2] = 7;
  Buffer<int> b = a;
  CHECK(b.data() != a.data());
  CHECK(b.data()[2] == 7);
  b.data()[2] = 8;
  CHECK(a.data()[2] == 7);
  const int* block = b.data();
  const Buffer<int> c = std::move(b);
  CHECK(c.data() == block);
  CHECK(c.size() == 3);
  Buffer<int> d;
  d = a;
  a = Buffer<int>(1);
  CHECK(d.data()[2] == 7);
  const Buffer<int>& same = d;
  d = same;
  CHECK(d.data()[2] == 7);
}

TEST_CASE("Buffer: none of its sizes overflows") {
  const Buffer<double> empty(0);
  CHECK(empty.data() == nullptr);
  const Buffer<double> copy = empty;
  CHECK(copy.size() == 0);
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  CHECK_THROWS_AS(Buffer<double>{most}, std::bad_alloc);
  CHECK_THROWS_AS(Buffer<double>{most / sizeof(double)}, std::bad_alloc);
}
