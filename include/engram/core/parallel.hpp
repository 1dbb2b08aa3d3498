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

namespace detail {

/// Calls piece(body, begin, end) for the pieces of 0 .. size-1 as parallel_ranges does; not a template, so that the
/// machinery of threads and errors is compiled once.
inline void run_pieces(Index size, Index grain, void (*piece)(const void* body, Index begin, Index end),
                       const void* body) {
  const Index pieces = (size + grain - 1) / grain;
  const auto run = [=](Index i) { piece(body, i * grain, std::min(i * grain + grain, size)); };
#if defined(_OPENMP)
  const int threads = static_cast<int>(std::min<Index>(pieces, thread_count()));
  if (threads > 1 && !omp_in_parallel()) {
    std::exception_ptr failure;
    Index failed_piece = pieces;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (Index i = 0; i < pieces; ++i) {
      try {
        run(i);
      } catch (...) {
#pragma omp critical(engram_run_pieces)
        if (i < failed_piece) {
          failed_piece = i;
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
  for (Index i = 0; i < pieces; ++i) {
    run(i);
  }
}

template <class Body>
void call_with_range(const void* body, Index begin, Index end) {
  (*static_cast<const Body*>(body))(begin, end);
}
template <class Task>
void call_with_begin(const void* task, Index begin, Index) {
  (*static_cast<const Task*>(task))(begin);
}

}  // namespace detail

/// Calls body(begin, end) for consecutive pieces of 0 .. size-1, each of `grain` elements but the last, in any order
/// and on any thread.
///
/// What a piece is must follow from the problem's size alone, never from the number of threads: then the result has the
/// same bits on any number of them. Partial sums of pieces are added afterwards, in order. The first exception (by
/// piece among those that ran) is rethrown.
template <class Body>
void parallel_ranges(Index size, Index grain, const Body& body) {
  detail::run_pieces(size, std::max<Index>(grain, 1), detail::call_with_range<Body>, &body);
}

/// Calls task(i) for each i in 0 .. tasks-1, as parallel_ranges with a grain of 1.
template <class Task>
void parallel_for(Index tasks, const Task& task) {
  detail::run_pieces(tasks, 1, detail::call_with_begin<Task>, &task);
}

}  // namespace engram
