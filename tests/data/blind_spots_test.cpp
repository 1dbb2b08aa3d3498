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
  return data::hide_pixels(images, options, [=](Index i) { return Rng(seed).split(static_cast<std::uint64_t>(i)); });
}

}  // namespace

TEST_CASE("hide_pixels: one pixel of each square, at random places, new ones with each generator") {
  const auto images = normal<double>({40, 1, 20, 20}, 1);
  const auto mask = hidden(images, {.rate = 0.04}).spots;
  std::vector<int> met(25);
  for (Index i = 0; i < 40; ++i) {
    for (Index square = 0; square < 16; ++square) {
      int spots = 0;
      for (Index at = 0; at < 25; ++at) {
        const Index row = square / 4 * 5 + at / 5;
        const Index column = square % 4 * 5 + at % 5;
        if (mask[(i * 20 + row) * 20 + column] == 1) {
          ++spots;
          ++met[static_cast<std::size_t>(at)];
        }
      }
      REQUIRE(spots == 1);
    }
  }
  CHECK(std::ranges::min(met) > 8);  // 25.6 on average
  CHECK(std::ranges::max(met) < 48);
  CHECK(list(hidden(images, {}, 1).spots) == list(mask));
  CHECK(list(hidden(images, {}, 2).spots) != list(mask));
}

TEST_CASE("hide_pixels: a spot holds what its fill says of the other pixels of its window, in all channels alike") {
  const auto images = normal<double>({6, 2, 9, 13}, 3);
  for (const BlindSpotFill fill : {BlindSpotFill::neighbor, BlindSpotFill::mean, BlindSpotFill::median}) {
    const auto out = hidden(images, {.rate = 0.1, .fill = fill, .radius = 1});
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
      std::vector<double> others;
      for (Index r = std::max<Index>(0, row - 1); r <= std::min<Index>(8, row + 1); ++r) {
        for (Index c = std::max<Index>(0, column - 1); c <= std::min<Index>(12, column + 1); ++c) {
          if (r != row || c != column) {
            others.push_back(images[at + (r - row) * 13 + c - column]);
          }
        }
      }
      std::ranges::sort(others);
      double sum = 0;
      for (const double other : others) {
        sum += other;
      }
      if (fill == BlindSpotFill::neighbor) {
        REQUIRE(std::ranges::count(others, inputs[at]) == 1);
      } else if (fill == BlindSpotFill::mean) {
        REQUIRE(inputs[at] == doctest::Approx(sum / static_cast<double>(others.size())).epsilon(1e-12));
      } else {
        REQUIRE(inputs[at] == (others[(others.size() - 1) / 2] + others[others.size() / 2]) / 2);
      }
      REQUIRE(mask[at / 117 % 2 == 0 ? at + 117 : at - 117] == 1);  // the other channel
    }
    CHECK(spots > 60);
  }
}

TEST_CASE("hide_pixels: pixels along the lines through a spot are hidden too, but not predicted") {
  const auto images = normal<double>({1, 1, 30, 30}, 3);
  const auto out = hidden(images, {.rate = 1.0 / 900, .along_rows = 3, .along_columns = 1});
  const auto& mask = out.spots;
  const auto at = std::ranges::find(mask.elements(), 1.0) - mask.elements().begin();
  CHECK(std::ranges::count(mask.elements(), 1.0) == 1);
  for (Index i = 0; i < 900; ++i) {
    const Index rows = std::abs(i / 30 - at / 30);
    const Index columns = std::abs(i % 30 - at % 30);
    CHECK((out.images[i] != images[i]) == ((rows == 0 && columns <= 3) || (columns == 0 && rows <= 1)));
  }
}
