#include <engram/kernels/strided.hpp>

#include <doctest/doctest.h>

#include <array>
#include <utility>
#include <vector>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

/// Position in memory of each iteration of the loop begin .. end-1, in order.
std::vector<Index> visited(const StridedLoop<1>& loop, Index begin, Index end) {
  std::vector<Index> all;
  Index next = begin;
  loop.for_each_run(begin, end, [&](Index position, const std::array<Index, 1>& at, Index count) {
    CHECK(position == next);
    CHECK(count > 0);
    for (Index i = 0; i < count; ++i) {
      all.push_back(at[0] + i * loop.inner_strides()[0]);
    }
    next += count;
  });
  return all;
}

/// The same by the definition.
std::vector<Index> expected(const Shape& extents, const Strides& strides, Index begin, Index end) {
  std::vector<Index> all;
  for (Index i = begin; i < end; ++i) {
    Index rest = i;
    Index at = 0;
    for (Index axis = extents.rank() - 1; axis >= 0; --axis) {
      at += rest % extents[axis] * strides[static_cast<std::size_t>(axis)];
      rest /= extents[axis];
    }
    all.push_back(at);
  }
  return all;
}

}  // namespace

TEST_CASE("row_major_strides: the last axis is dense") {
  const Strides s = row_major_strides({2, 3, 4});
  CHECK(s[0] == 12);
  CHECK(s[1] == 4);
  CHECK(s[2] == 1);
  CHECK(row_major_strides({})[0] == 0);
}

TEST_CASE("StridedLoop: visits what the strides say, from any iteration to any other") {
  const std::vector<std::pair<Shape, Strides>> loops{{{2, 3, 4}, {12, 4, 1}},
                                                     {{2, 3, 4}, {1, 2, 6}},
                                                     {{4, 3, 2}, {1, 8, 4}},
                                                     {{2, 3, 4}, {0, 1, 3}},
                                                     {{5, 4}, {4, 0}},
                                                     {{2, 3, 4}, {12, 0, 1}},
                                                     {{1, 5, 1}, {99, 2, 99}},
                                                     {{2, 2, 2, 2, 2}, {1, 2, 4, 8, 16}},
                                                     {{2, 1, 3, 1, 4}, {12, 7, 4, 7, 1}},
                                                     {{3, 4}, {-4, 1}}};
  for (const auto& example : loops) {
    const Shape& extents = example.first;
    const Strides& strides = example.second;
    CAPTURE(extents.text());
    const StridedLoop<1> loop(extents, {strides});
    CHECK(loop.size() == extents.size());
    for (Index begin = 0; begin <= loop.size(); ++begin) {
      for (const Index end : {begin, begin + 1, begin + 5, loop.size()}) {
        if (end <= loop.size()) {
          CHECK(visited(loop, begin, end) == expected(extents, strides, begin, end));
        }
      }
    }
  }
}

TEST_CASE("StridedLoop: axes that are passed in one sweep are joined") {
  const auto runs = [](const StridedLoop<2>& loop) {
    Index count = 0;
    loop.for_each_run(0, loop.size(), [&](Index, const std::array<Index, 2>&, Index) { ++count; });
    return count;
  };
  const Strides dense = row_major_strides({2, 3, 4});
  CHECK(runs({{2, 3, 4}, {dense, dense}}) == 1);
  CHECK(runs({{2, 3, 4}, {dense, Strides{0, 4, 1}}}) == 2);
  CHECK(runs({{2, 3, 4}, {dense, Strides{}}}) == 1);  // the second stands still
}

TEST_CASE("StridedLoop: a scalar is one iteration, an empty array none") {
  const StridedLoop<1> scalar(Shape{}, {Strides{}});
  CHECK(scalar.size() == 1);
  CHECK(visited(scalar, 0, 1) == std::vector<Index>{0});
  const StridedLoop<1> empty({3, 0, 2}, {row_major_strides({3, 0, 2})});
  CHECK(empty.size() == 0);
  CHECK(visited(empty, 0, 0).empty());
}

TEST_CASE("StridedLoop: parallel runs cover each iteration once, whatever the grain") {
  const Shape extents{7, 5, 3};
  const StridedLoop<1> loop(extents, {Strides{1, 7, 35}});
  for (const Index grain : {1, 4, 16, 1000}) {
    std::vector<int> times(105);
    loop.parallel_runs(grain, [&](Index, const std::array<Index, 1>& at, Index count) {
      for (Index i = 0; i < count; ++i) {
        ++times[static_cast<std::size_t>(at[0] + i * loop.inner_strides()[0])];
      }
    });
    CHECK(times == std::vector<int>(105, 1));
  }
}

TEST_CASE("copy_strided: a transpose, and its inverse, of several pieces") {
  const Index rows = 251;
  const Index columns = 270;
  const auto x = whole_numbers<float>(rows * columns, 1);
  auto y = unwritten<float>(rows * columns);
  copy_strided({{columns, rows}, {Strides{1, columns}, Strides{rows, 1}}}, x.data(), y.data());
  bool same = true;
  for (Index r = 0; r < rows; ++r) {
    for (Index c = 0; c < columns; ++c) {
      same = same && y.data()[c * rows + r] == x.data()[r * columns + c];
    }
  }
  CHECK(same);
  auto back = unwritten<float>(rows * columns);
  copy_strided({{columns, rows}, {Strides{rows, 1}, Strides{1, columns}}}, y.data(), back.data());
  CHECK(back == x);
}

TEST_CASE("copy_strided: dense arrays around the size of a piece") {
  for (const Index size : {0, 1, 32767, 32768, 32769}) {
    const auto x = whole_numbers<float>(size, 1);
    auto y = unwritten<float>(size);
    copy_strided({{size}, {Strides{1}, Strides{1}}}, x.data(), y.data());
    CHECK(y == x);
  }
}

TEST_CASE("copy_strided: what the loop leaves out stays as it is") {
  const std::vector<double> x{1, 2, 3};
  std::vector<double> y(7, 9);
  copy_strided({{3}, {Strides{1}, Strides{2}}}, x.data(), y.data() + 1);
  CHECK(y == std::vector<double>{9, 1, 9, 2, 9, 3, 9});
}
