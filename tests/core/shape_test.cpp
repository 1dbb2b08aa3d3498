#include <engram/core/shape.hpp>

#include <doctest/doctest.h>

using namespace engram;

TEST_CASE("Shape: extents, size and text") {
  const Shape s{8, 3, 28, 27};
  CHECK(s.rank() == 4);
  CHECK(s.size() == 8 * 3 * 28 * 27);
  CHECK(s[1] == 3);
  CHECK(s[-1] == 27);
  CHECK(s[-4] == 8);
  CHECK(s.text() == "[8, 3, 28, 27]");
  Index sum = 0;
  for (const Index extent : s) {
    sum += extent;
  }
  CHECK(sum == 66);
  CHECK(s.extents().size() == 4);
}

TEST_CASE("Shape: a scalar has one element, an extent of 0 none") {
  CHECK(Shape{}.rank() == 0);
  CHECK(Shape{}.size() == 1);
  CHECK(Shape{}.text() == "[]");
  CHECK(Shape{3, 0, 2}.size() == 0);
}

TEST_CASE("Shape: equal only in rank and each extent") {
  CHECK(Shape{2, 3} == Shape{2, 3});
  CHECK(Shape{2, 3} != Shape{3, 2});
  CHECK(Shape{2, 3} != Shape{2, 3, 1});
  CHECK(Shape{} != Shape{1});
}

TEST_CASE("Shape: what it cannot be") {
  CHECK_THROWS_WITH_AS((Shape{2, -1}), "Shape: need extents >= 0, got -1", ShapeError);
  CHECK_THROWS_WITH_AS((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), "Shape: need at most 8 extents, got 9", ShapeError);
  const Index large = Index{1} << 32;
  CHECK_THROWS_WITH_AS((Shape{large, large}), "Shape: the number of elements of [4294967296, 4294967296] overflows",
                       ShapeError);
  CHECK(Shape{large, large / 2 - 1}.size() == large * (large / 2 - 1));
}
