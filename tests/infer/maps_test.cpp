#include <engram/infer/maps.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

using namespace engram;

TEST_CASE("infer::Maps: images to channels-last maps with margins of zeros, and back") {
  const infer::Maps maps{.channels = 2, .height = 2, .width = 3, .margins = {1, 0, 0, 1}};
  REQUIRE(maps.size() == 12);
  REQUIRE(maps.row() == 8);
  REQUIRE(maps.image() == 24);
  std::vector<float> images(24);  // [2, 2, 2, 3]
  std::iota(images.begin(), images.end(), 1.0f);
  std::vector<float> data(48, -1.0f);
  infer::to_maps(images.data(), maps, 2, data.data());
  const std::vector<float> first{0, 0, 0, 0, 0, 0, 0, 0, 1, 7, 2, 8, 3, 9, 0, 0, 4, 10, 5, 11, 6, 12, 0, 0};
  CHECK(std::vector<float>(data.begin(), data.begin() + 24) == first);
  CHECK(data[static_cast<std::size_t>(24 + maps.pixel(1, 2) + 1)] == 24);
  std::vector<float> back(24);
  infer::to_images(maps, 2, data.data(), back.data());
  CHECK(back == images);
}

TEST_CASE("infer::clear_margins: clears all sides and leaves the pixels") {
  const infer::Maps maps{.channels = 1, .height = 2, .width = 2, .margins = {1, 2, 1, 1}};
  std::vector<float> data(static_cast<std::size_t>(2 * maps.image()), 1.0f);
  infer::clear_margins(maps, 2, data.data());
  CHECK(std::accumulate(data.begin(), data.end(), 0.0f) == 8);
  CHECK(data[static_cast<std::size_t>(maps.image() + maps.pixel(1, 1))] == 1);
}
