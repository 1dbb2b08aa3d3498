#include <engram/core/parallel.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

using namespace engram;

TEST_CASE("parallel_for: each task runs once, on any number of threads") {
  for (const int threads : {1, 2, 3, 8}) {
    const ThreadScope scope(threads);
    for (const Index tasks : {0, 1, 2, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(tasks));
      parallel_for(tasks, [&](Index i) { ++runs[static_cast<std::size_t>(i)]; });
      bool once = true;
      for (const auto& count : runs) {
        once = once && count == 1;
      }
      CHECK(once);
    }
  }
}

TEST_CASE("parallel_for: of several errors the one of the lowest task arrives") {
  for (const int threads : {1, 4}) {
    const ThreadScope scope(threads);
    CHECK_THROWS_WITH_AS(parallel_for(100, [](Index i) { fail<ArgumentError>("task ", i); }), "task 0", ArgumentError);
  }
}

TEST_CASE("parallel_for: may be called from a task") {
  const ThreadScope scope(4);
  std::atomic<int> runs{0};
  parallel_for(5, [&](Index) { parallel_for(7, [&](Index) { ++runs; }); });
  CHECK(runs == 35);
}

TEST_CASE("parallel_ranges: consecutive pieces of the grain, the last one shorter") {
  const ThreadScope scope(1);
  const auto pieces = [](Index size, Index grain) {
    std::vector<std::pair<Index, Index>> all;
    parallel_ranges(size, grain, [&](Index begin, Index end) { all.emplace_back(begin, end); });
    return all;
  };
  using Pieces = std::vector<std::pair<Index, Index>>;
  CHECK(pieces(10, 4) == Pieces{{0, 4}, {4, 8}, {8, 10}});
  CHECK(pieces(8, 4) == Pieces{{0, 4}, {4, 8}});
  CHECK(pieces(3, 100) == Pieces{{0, 3}});
  CHECK(pieces(2, 0) == Pieces{{0, 1}, {1, 2}});
  CHECK(pieces(0, 4).empty());
}

TEST_CASE("ThreadScope: holds in its scope and on its thread alone") {
#if defined(_OPENMP)
  const int before = thread_count();
  {
    const ThreadScope outer(3);
    CHECK(thread_count() == 3);
    {
      const ThreadScope inner(5);
      CHECK(thread_count() == 5);
    }
    CHECK(thread_count() == 3);
    int elsewhere = 0;
    std::thread([&] { elsewhere = thread_count(); }).join();
    CHECK(elsewhere == before);
    const ThreadScope any(0);
    CHECK(thread_count() == before);
  }
  CHECK(thread_count() == before);
#endif
  CHECK_THROWS_WITH_AS(ThreadScope{-1}, "ThreadScope: need a count >= 0, got -1", ArgumentError);
}
