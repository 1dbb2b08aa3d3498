#pragma once

#include <algorithm>
#include <exception>

#if defined(_OPENMP)
#include <omp.h>
#endif

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram {

namespace detail {

inline int& thread_request() {
  thread_local int request = 0;  // 0: what OpenMP would take
  return request;
}

}  // namespace detail

/// Threads that parallel loops started by the calling thread use.
inline int thread_count() {
#if defined(_OPENMP)
  return detail::thread_request() > 0 ? detail::thread_request() : omp_get_max_threads();
#else
  return 1;
#endif
}

/// While it lives, the calling thread's parallel loops use `count` threads. Neither OpenMP's settings
/// nor other threads of the process are touched. Results never depend on the count.
class ThreadScope {
 public:
  /// @param count  1 or more; 0 leaves the choice to OpenMP
  /// @throws ArgumentError if negative
  explicit ThreadScope(int count) : before_(detail::thread_request()) {
    ensure<ArgumentError>(count >= 0, "ThreadScope: need a count >= 0, got ", count);
    detail::thread_request() = count;
  }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;
  ~ThreadScope() { detail::thread_request() = before_; }

 private:
  int before_;
};

/// Calls task(i) for each i in 0 .. tasks-1, in any order and on any thread.
///
/// What a task is must follow from the problem's size alone, never from the number of threads: then the
/// result has the same bits on any number of them. Partial sums of tasks are added afterwards, in order.
/// The first exception (by task number among those that ran) is rethrown.
template <class Task>
void parallel_for(Index tasks, Task&& task) {
#if defined(_OPENMP)
  const int threads = static_cast<int>(std::min<Index>(tasks, thread_count()));
  if (threads > 1 && !omp_in_parallel()) {
    std::exception_ptr failure;
    Index failed_task = tasks;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (Index i = 0; i < tasks; ++i) {
      try {
        task(i);
      } catch (...) {
#pragma omp critical(engram_parallel_for)
        if (i < failed_task) {
          failed_task = i;
          failure = std::current_exception();
        }
      }
    }
    if (failure) {
      std::rethrow_exception(failure);
    }
    return;
  }
#endif
  for (Index i = 0; i < tasks; ++i) {
    task(i);
  }
}

/// Calls body(begin, end) for consecutive pieces of 0 .. size-1, each of `grain` elements but the last.
template <class Body>
void parallel_ranges(Index size, Index grain, Body&& body) {
  const Index step = grain < 1 ? 1 : grain;
  parallel_for((size + step - 1) / step, [&](Index piece) {
    const Index begin = piece * step;
    body(begin, begin + step < size ? begin + step : size);
  });
}

}  // namespace engram
