#include <engram/train/crops.hpp>

#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

namespace {

/// Images [n, 2, 9, 12] whose pixels tell where they lie: 10000 image + 1000 channel + 12 row + column.
Tensor<double> located_pixels(Index n) {
  auto images = Tensor<double>::uninitialized({n, 2, 9, 12});
  for (Index i = 0; i < images.size(); ++i) {
    images[i] = static_cast<double>(10000 * (i / 216) + 1000 * (i / 108 % 2) + i % 108);
  }
  return images;
}

}  // namespace

TEST_CASE("random_crops: the same part of inputs and targets, at a new place each time, anywhere in the image") {
  const Variable<double> images(located_pixels(60));
  const Variable<double> targets(images.value());
  const auto batch = train::random_crops(5)(train::Batch<double>{images, targets}, Rng(1));
  REQUIRE(batch.inputs.shape() == Shape({60, 2, 5, 5}));
  CHECK(list(batch.inputs.value()) == list(batch.targets.value()));
  std::set<Index> rows;
  std::set<Index> columns;
  for (Index i = 0; i < 60; ++i) {
    const Tensor<double>& crops = batch.inputs.value();
    const auto corner = static_cast<Index>(crops[i * 50]) - 10000 * i;
    rows.insert(corner / 12);
    columns.insert(corner % 12);
    for (Index at = 0; at < 50; ++at) {
      REQUIRE(crops[i * 50 + at] ==
              static_cast<double>(10000 * i + corner + at / 25 * 1000 + at / 5 % 5 * 12 + at % 5));
    }
  }
  CHECK(rows == std::set<Index>{0, 1, 2, 3, 4});
  CHECK(columns == std::set<Index>{0, 1, 2, 3, 4, 5, 6, 7});
  const auto others = train::random_crops(5)(train::Batch<double>{images, images}, Rng(2));
  CHECK(list(others.inputs.value()) != list(batch.inputs.value()));
  CHECK(others.inputs.node() == others.targets.node());
}

TEST_CASE("random_crops: sides that are not longer are kept whole") {
  const Variable<double> images(located_pixels(3));
  const auto batch = train::random_crops(9)(train::Batch<double>{images, images}, Rng(1));
  CHECK(batch.inputs.shape() == Shape({3, 2, 9, 9}));
  CHECK(list(train::random_crops(20)(train::Batch<double>{images, images}, Rng(1)).inputs.value()) ==
        list(images.value()));
}

TEST_CASE("crops: an example's part is the same in any batch, and another of another seed") {
  const auto images = located_pixels(20);
  const auto all = train::crops(train::pairs(images, images), 4, 7);
  CHECK(all.size == 20);
  const auto together = all.batch(std::vector<Index>{0, 5, 3}).inputs.value();
  const auto alone = all.batch(std::vector<Index>{3}).inputs.value();
  CHECK(std::vector<double>(together.data() + 64, together.data() + 96) == list(alone));
  const auto other = train::crops(train::pairs(images, images), 4, 8);
  CHECK(list(other.batch(std::vector<Index>{0, 5, 3}).inputs.value()) != list(together));
}

TEST_CASE("crops: what does not fit is refused") {
  CHECK_THROWS_WITH_AS(train::random_crops(0), "crops: need a size >= 1, got 0", ArgumentError);
  const Variable<float> images(Tensor<float>::zeros({2, 1, 5, 5}));
  const Variable<float> codes(Tensor<float>::zeros({2, 3}));
  CHECK_THROWS_WITH_AS(
      train::random_crops(3)(train::Batch<float>{images, codes}, Rng(0)),
      "crops: need inputs and targets [N, C, H, W] of the same N, H and W, got inputs [2, 1, 5, 5] and targets [2, 3]",
      ShapeError);
}
