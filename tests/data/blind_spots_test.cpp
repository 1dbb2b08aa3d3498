#include <engram/data/blind_spots.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;
using data::BlindSpotFill;
using data::BlindSpotOptions;

namespace {

data::HiddenPixels<double> hidden(const Tensor<double>& images, const BlindSpotOptions& options,
                                  std::uint64_t seed = 1) {
  return data::hide_random_pixels(images, options,
                                  [=](Index i) { return Rng(seed).split(static_cast<std::uint64_t>(i)); });
}

data::HiddenPixels<double> hidden_at(const Tensor<double>& images, const BlindSpotOptions& options, Index place) {
  return data::hide_pixels(images, options, [=](Index, Rng&) { return place; }, [](Index) { return Rng(1); });
}

}  // namespace

TEST_CASE("hide_random_pixels: a grid of spots, at a random place in each image, another with each generator") {
  const auto images = normal<double>({90, 1, 12, 12}, 1);
  const auto mask = hidden(images, {.spacing = 3}).spots;
  std::vector<int> met(9);
  for (Index i = 0; i < 90; ++i) {
    const double* spots = mask.data() + i * 144;
    const auto first = std::find(spots, spots + 144, 1.0) - spots;
    ++met[static_cast<std::size_t>(first / 12 * 3 + first % 12)];
    for (Index at = 0; at < 144; ++at) {
      REQUIRE((spots[at] == 1) == (at / 12 % 3 == first / 12 && at % 12 % 3 == first % 12));
    }
  }
  CHECK(std::ranges::min(met) > 1);  // 10 on average
  CHECK(std::ranges::max(met) < 25);
  CHECK(list(hidden(images, {}, 1).spots) == list(mask));
  CHECK(list(hidden(images, {}, 2).spots) != list(mask));
}

TEST_CASE("hide_pixels: at all of the grid's places each pixel is a spot once, with lines hidden along it too") {
  const auto images = normal<double>({2, 2, 9, 11}, 1);
  for (const BlindSpotOptions& options : {BlindSpotOptions{.spacing = 2}, BlindSpotOptions{.spacing = 3},
                                          BlindSpotOptions{.spacing = 2, .along_rows = 2, .along_columns = 1}}) {
    auto times = Tensor<double>::zeros(images.shape());
    for (Index place = 0; place < options.places(); ++place) {
      const auto spots = hidden_at(images, options, place).spots;
      for (Index i = 0; i < times.size(); ++i) {
        times[i] += spots[i];
      }
    }
    CHECK(std::ranges::count(times.elements(), 1.0) == times.size());
  }
}

TEST_CASE("hide_pixels: a spot holds what its fill says of the visible pixels of its window, in all channels alike") {
  const auto images = normal<double>({6, 2, 9, 13}, 3);
  for (const BlindSpotFill fill : {BlindSpotFill::neighbor, BlindSpotFill::mean, BlindSpotFill::median}) {
    const auto out = hidden(images, {.spacing = 3, .fill = fill, .radius = 3});
    const auto& mask = out.spots;
    const auto& inputs = out.images;
    Index spots = 0;
    for (Index at = 0; at < images.size(); ++at) {
      const Index row = at / 13 % 9;
      const Index column = at % 13;
      if (mask[at] == 0) {
        REQUIRE(inputs[at] == images[at]);
        continue;
      }
      ++spots;
      std::vector<double> visible;
      for (Index r = std::max<Index>(0, row - 3); r <= std::min<Index>(8, row + 3); ++r) {
        for (Index c = std::max<Index>(0, column - 3); c <= std::min<Index>(12, column + 3); ++c) {
          const Index other = at + (r - row) * 13 + c - column;
          if (mask[other] == 0) {
            visible.push_back(images[other]);
          }
        }
      }
      std::ranges::sort(visible);
      double sum = 0;
      for (const double value : visible) {
        sum += value;
      }
      if (fill == BlindSpotFill::neighbor) {
        REQUIRE(std::ranges::count(visible, inputs[at]) == 1);
      } else if (fill == BlindSpotFill::mean) {
        REQUIRE(inputs[at] == doctest::Approx(sum / static_cast<double>(visible.size())).epsilon(1e-12));
      } else {
        REQUIRE(inputs[at] == (visible[(visible.size() - 1) / 2] + visible[visible.size() / 2]) / 2);
      }
      REQUIRE(mask[at / 117 % 2 == 0 ? at + 117 : at - 117] == 1);  // the other channel
    }
    CHECK(spots > 140);
  }
}

TEST_CASE("hide_pixels: pixels along the lines through a spot are hidden too, but not predicted") {
  const auto images = normal<double>({1, 1, 30, 30}, 3);
  const auto out = hidden_at(images, {.spacing = 20, .along_rows = 3, .along_columns = 1}, 10 * 26 + 11);
  CHECK(std::ranges::count(out.spots.elements(), 1.0) == 1);
  CHECK(out.spots[10 * 30 + 11] == 1);
  for (Index i = 0; i < 900; ++i) {
    const Index rows = std::abs(i / 30 - 10);
    const Index columns = std::abs(i % 30 - 11);
    CHECK((out.images[i] != images[i]) == ((rows == 0 && columns <= 3) || (columns == 0 && rows <= 1)));
  }
}

TEST_CASE("hide_pixels: a window that is hidden as a whole grows until it shows something") {
  const auto images = normal<double>({1, 1, 1, 9}, 3);
  const auto out = hidden_at(images, {.spacing = 2, .along_rows = 2}, 2);  // columns 0 to 4 and 6 to 8
  CHECK(out.images[2] == images[5]);
  CHECK_THROWS_WITH_AS(hidden_at(normal<double>({1, 1, 1, 3}, 3), {.spacing = 2, .along_rows = 2}, 1),
                       "blind_spots: need images that have more pixels than are hidden, got 1 x 3", ShapeError);
}
