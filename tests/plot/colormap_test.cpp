#include <engram/plot/colormap.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <tuple>

using namespace engram;
using namespace engram::plot;

namespace {

/// How far two colours look apart.
double distance(const Color& x, const Color& y) {
  const Oklab a = to_oklab(x);
  const Oklab b = to_oklab(y);
  return std::hypot(a.lightness - b.lightness, a.a - b.a, a.b - b.b);
}

/// How far apart two colours look to those who lack one kind of cone, at the least (Machado, Oliveira, Fernandes 2009).
double distance_without_cone(const Color& x, const Color& y) {
  constexpr double matrices[2][9] = {{0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216,  // protanopia
                                      -0.003882, -0.048116, 1.051998},
                                     {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413,  // deuteranopia
                                      -0.011820, 0.042940, 0.968881}};
  const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
  const auto screen = [](double v) {
    return v <= 0.0031308 ? 12.92 * std::max(v, 0.0) : 1.055 * std::pow(std::min(v, 1.0), 1 / 2.4) - 0.055;
  };
  double least = 1;
  for (const auto& m : matrices) {
    const auto seen = [&](const Color& c) {
      const double l[] = {linear(c.red), linear(c.green), linear(c.blue)};
      const auto part = [&](int i) { return screen(m[3 * i] * l[0] + m[3 * i + 1] * l[1] + m[3 * i + 2] * l[2]); };
      return Color{part(0), part(1), part(2)};
    };
    least = std::min(least, distance(seen(x), seen(y)));
  }
  return least;
}

}  // namespace

TEST_CASE("oklab: the published values of red, and there and back again") {
  // oklch.com and CSS Color 4 give oklab(62.8% 0.225 0.126) for #FF0000.
  const Oklab red = to_oklab(color(0xFF0000));
  CHECK(red.lightness == doctest::Approx(0.628).epsilon(0.001));
  CHECK(red.a == doctest::Approx(0.225).epsilon(0.002));
  CHECK(red.b == doctest::Approx(0.126).epsilon(0.002));
  CHECK(to_oklab(white).lightness == doctest::Approx(1));
  CHECK(to_oklab(black).lightness == 0);
  for (const std::uint32_t code : {0x123456u, 0xFFFFFFu, 0x0000FFu, 0x7F0080u}) {
    CHECK(distance(to_color(to_oklab(color(code))), color(code)) < 1e-3);
  }
}

TEST_CASE("sequential_color: viridis from end to end, values outside at the ends") {
  CHECK(distance(sequential_color(0), color(0x440154)) < 0.006);
  CHECK(distance(sequential_color(1), color(0xFDE725)) < 0.006);
  CHECK(distance(sequential_color(0.5), color(0x21918C)) <
        0.006);  // viridis in the middle, which is not one of its stops
  CHECK(sequential_color(-3) == sequential_color(0));
  CHECK(sequential_color(7) == sequential_color(1));
}

TEST_CASE("sequential_color: gets lighter and changes by about the same amount all the way") {
  double shortest = 1;
  double longest = 0;
  for (int i = 0; i < 100; ++i) {
    const Color here = sequential_color(i / 100.0);
    const Color next = sequential_color((i + 1) / 100.0);
    CHECK(to_oklab(next).lightness > to_oklab(here).lightness);
    shortest = std::min(shortest, distance(here, next));
    longest = std::max(longest, distance(here, next));
  }
  CHECK(longest < 1.5 * shortest);
}

TEST_CASE("cyclic_color: closes without a seam and has one lightness") {
  CHECK(cyclic_color(0) == cyclic_color(1));
  CHECK(distance(cyclic_color(-0.25), cyclic_color(0.75)) < 1e-9);
  const double lightness = to_oklab(cyclic_color(0)).lightness;
  double shortest = 1;
  double longest = 0;
  for (int i = 0; i < 360; ++i) {
    CHECK(to_oklab(cyclic_color(i / 360.0)).lightness == doctest::Approx(lightness).epsilon(0.001));
    const double step = distance(cyclic_color(i / 360.0), cyclic_color((i + 1) / 360.0));
    shortest = std::min(shortest, step);
    longest = std::max(longest, step);
  }
  CHECK(longest < 1.1 * shortest);
  CHECK(distance(cyclic_color(0), cyclic_color(0.5)) > 0.24);  // opposite directions have opposite colours
}

TEST_CASE("category_color: colours differ from each other, from white and from that of unknown points") {
  for (const Index count : {1, 8, 20, 24}) {
    for (Index i = 0; i < count; ++i) {
      CHECK(distance(category_color(i, count), white) > 0.12);
      CHECK(distance(category_color(i, count), unknown_color) > 0.12);
      for (Index j = 0; j < i; ++j) {
        CHECK_MESSAGE(distance(category_color(i, count), category_color(j, count)) > 0.07, i, " ", j, " of ", count);
      }
    }
  }
}

TEST_CASE("category_color: no colour is louder than the rest, and the colour-blind can tell them apart") {
  for (Index i = 0; i < 20; ++i) {
    const Oklab c = to_oklab(category_color(i, 20));
    CAPTURE(i);
    CHECK(c.lightness > 0.39);
    CHECK(c.lightness < (i < 19 ? 0.81 : 0.91));  // the yellow comes last
    CHECK(std::hypot(c.a, c.b) < 0.195);
    for (Index j = 0; j < i; ++j) {
      CHECK_MESSAGE(distance_without_cone(category_color(i, 20), category_color(j, 20)) > 0.06, i, " ", j);
    }
  }
}

TEST_CASE("category_color: a category keeps its colour when others come, up to 20 of them") {
  CHECK(category_color(0, 1) == color(0x0072B2));
  CHECK(category_color(4, 5) == category_color(4, 20));
}

TEST_CASE("category_color: hundreds of categories have as many colours") {
  std::set<std::tuple<double, double, double>> seen;
  for (Index i = 0; i < 300; ++i) {
    const Color c = category_color(i, 300);
    seen.insert({c.red, c.green, c.blue});
  }
  CHECK(seen.size() == 300);
}

TEST_CASE("category_color: what is none is refused") {
  CHECK_THROWS_WITH_AS(category_color(3, 3), "category_color: need 0 <= index < 3, got 3", ArgumentError);
  CHECK_THROWS_AS(category_color(-1, 3), ArgumentError);
}
