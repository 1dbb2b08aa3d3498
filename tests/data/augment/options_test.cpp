#include <engram/data/augment/options.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

using namespace engram;
using namespace engram::data;

namespace {

const AugmentOptions all_on{.flip_horizontal = 0.25,
                            .flip_vertical = 0.75,
                            .quarter_turns = true,
                            .degrees = 30,
                            .shift = 4,
                            .contrast = 0.5,
                            .brightness = 0.2,
                            .noise = 0.1,
                            .cut_out = 7,
                            .cut_out_probability = 0.5,
                            .cut_out_fill = 0.3};

std::vector<Drawn> many(const AugmentOptions& options) {
  std::vector<Drawn> drawn;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    drawn.push_back(draw(options, Rng(1).split(i)));
  }
  return drawn;
}

/// Smallest, mean and largest of a number over many draws.
template <class F>
std::array<double, 3> range(const std::vector<Drawn>& drawn, F number) {
  std::array<double, 3> r{INFINITY, 0, -INFINITY};
  for (const Drawn& d : drawn) {
    const double x = static_cast<double>(number(d));
    r = {std::min(r[0], x), r[1] + x / static_cast<double>(drawn.size()), std::max(r[2], x)};
  }
  return r;
}

/// Whether `r` fills low..high evenly.
bool fills(const std::array<double, 3>& r, double low, double high) {
  const double slack = (high - low) * 0.02;
  return r[0] >= low && r[0] < low + slack && std::abs(r[1] - (low + high) / 2) < slack && r[2] <= high &&
         r[2] > high - slack;
}

}  // namespace

TEST_CASE("draw: nothing unless it is asked for") {
  const Drawn drawn = draw({}, Rng(1));
  CHECK(drawn.motion == Motion{});
  CHECK(drawn.contrast == 1);
  CHECK(drawn.brightness == 0);
  CHECK(drawn.noise == 0);
  CHECK(drawn.cut_out == 0);
}

TEST_CASE("draw: numbers fill their ranges evenly") {
  const auto drawn = many(all_on);
  CHECK(fills(range(drawn, [](const Drawn& d) { return d.motion.degrees; }), -30, 30));
  CHECK(fills(range(drawn, [](const Drawn& d) { return d.motion.shift_x; }), -4, 4));
  CHECK(fills(range(drawn, [](const Drawn& d) { return d.motion.shift_y; }), -4, 4));
  CHECK(fills(range(drawn, [](const Drawn& d) { return d.contrast; }), 0.5, 1.5));
  CHECK(fills(range(drawn, [](const Drawn& d) { return d.brightness; }), -0.2, 0.2));
  CHECK(fills(range(drawn, [](const Drawn& d) { return d.cut_out_x; }), 0, 1));
  CHECK(fills(range(drawn, [](const Drawn& d) { return d.cut_out_y; }), 0, 1));
}

TEST_CASE("draw: probabilities") {
  const auto drawn = many(all_on);
  const auto mean = [&](auto number) { return range(drawn, number)[1]; };
  CHECK(mean([](const Drawn& d) { return d.motion.flip_horizontal; }) == doctest::Approx(0.25).epsilon(0.1));
  CHECK(mean([](const Drawn& d) { return d.motion.flip_vertical; }) == doctest::Approx(0.75).epsilon(0.04));
  CHECK(mean([](const Drawn& d) { return d.cut_out == 7; }) == doctest::Approx(0.5).epsilon(0.07));
  CHECK(mean([](const Drawn& d) { return d.cut_out == 0; }) == doctest::Approx(0.5).epsilon(0.07));
  for (const Index turns : {0, 1, 2, 3}) {
    CHECK(mean([&](const Drawn& d) { return d.motion.quarter_turns == turns; }) == doctest::Approx(0.25).epsilon(0.1));
  }
  const auto certain = many({.flip_horizontal = 1});
  CHECK(std::ranges::all_of(certain, [](const Drawn& d) { return d.motion.flip_horizontal; }));
}

TEST_CASE("draw: switching options off leaves what is drawn for the others") {
  const Drawn all = draw(all_on, Rng(4));
  const Drawn scene = draw(scene_of(all_on), Rng(4));
  const Drawn damage = draw(damage_of(all_on), Rng(4));
  CHECK(scene.motion == all.motion);
  CHECK(scene.contrast == all.contrast);
  CHECK(scene.brightness == all.brightness);
  CHECK(scene.noise == 0);
  CHECK(scene.cut_out == 0);
  CHECK(damage.motion == Motion{});
  CHECK(damage.contrast == 1);
  CHECK(damage.brightness == 0);
  CHECK(damage.noise == 0.1);
  CHECK(damage.noise_state == all.noise_state);
  CHECK(damage.cut_out == all.cut_out);
  CHECK(damage.cut_out_x == all.cut_out_x);
  CHECK(damage.cut_out_y == all.cut_out_y);
  CHECK(damage.cut_out_fill == 0.3);
  CHECK(draw({.shift = 4}, Rng(4)).motion.shift_x == all.motion.shift_x);
}

TEST_CASE("draw: errors name the option and its value") {
  const auto text = [](const AugmentOptions& options) {
    try {
      draw(options, Rng(0));
    } catch (const ArgumentError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK(text({.flip_horizontal = 1.5}) == "augment: need flip_horizontal from 0 to 1, got 1.5");
  CHECK(text({.flip_vertical = -0.1}) == "augment: need flip_vertical from 0 to 1, got -0.1");
  CHECK(text({.degrees = -3}) == "augment: need degrees from 0 to 180, got -3");
  CHECK(text({.degrees = 360}) == "augment: need degrees from 0 to 180, got 360");
  CHECK(text({.degrees = NAN}) == "augment: need degrees from 0 to 180, got nan");
  CHECK(text({.shift = -1}) == "augment: need shift >= 0 and finite, got -1");
  CHECK(text({.shift = INFINITY}) == "augment: need shift >= 0 and finite, got inf");
  CHECK(text({.outside = {.fill = NAN}}) == "augment: need a finite outside.fill, got nan");
  CHECK(text({.contrast = 1.5}) == "augment: need contrast from 0 to 1, got 1.5");
  CHECK(text({.brightness = -1}) == "augment: need brightness >= 0 and finite, got -1");
  CHECK(text({.noise = NAN}) == "augment: need noise >= 0 and finite, got nan");
  CHECK(text({.cut_out = -2}) == "augment: need cut_out >= 0, got -2");
  CHECK(text({.cut_out_probability = 2}) == "augment: need cut_out_probability from 0 to 1, got 2");
  CHECK(text({.cut_out_fill = INFINITY}) == "augment: need a finite cut_out_fill, got inf");
  CHECK(text({.degrees = 180, .contrast = 1}) == "none");
}
