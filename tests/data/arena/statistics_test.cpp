#include <engram/data/arena.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace engram;
using namespace engram::data;
using arena::Vec2;

namespace {

/// A clean recording with the poses it was drawn from.
struct Session {
  explicit Session(Index frames, std::uint64_t seed)
      : clean(make_arena({.frames = frames, .seed = seed}).clean),
        poses(arena::trajectory(frames, Rng(seed).split(0))) {}

  /// Level between pixels (bilinear) of a point of the arena; -1 outside the crop.
  double level(Index frame, Vec2 point) const {
    const Vec2 at = point - poses[static_cast<std::size_t>(frame)].centre + arena::animal_in_crop;
    if (at.x < 0 || at.y < 0 || at.x >= 49 || at.y >= 49) {
      return -1;
    }
    const auto column = static_cast<Index>(at.x), row = static_cast<Index>(at.y);
    const double right = at.x - static_cast<double>(column), down = at.y - static_cast<double>(row);
    const std::uint8_t* p = clean.data() + frame * 2500 + row * 50 + column;
    return (1 - down) * ((1 - right) * p[0] + right * p[1]) + down * ((1 - right) * p[50] + right * p[51]);
  }

  /// The brightest pixel that is less than a pixel away in either direction; the point has a level.
  double brightest(Index frame, Vec2 point) const {
    const Vec2 at = point - poses[static_cast<std::size_t>(frame)].centre + arena::animal_in_crop;
    const std::uint8_t* p = clean.data() + frame * 2500 + static_cast<Index>(at.y) * 50 + static_cast<Index>(at.x);
    return std::max({p[0], p[1], p[50], p[51]});
  }

  Tensor<std::uint8_t> clean;
  std::vector<arena::Pose> poses;
};

const Session& session() {
  static const Session made(4000, 3);
  return made;
}

double median(std::vector<double> values) {
  REQUIRE(!values.empty());
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

template <class Points>
double distance_to(const Points& points, Vec2 from) {
  double least = 1e9;
  for (const Vec2& point : points) {
    least = std::min(least, norm(point - from));
  }
  return least;
}

double distance_to_blobs(Vec2 from) {
  double least = 1e9;
  for (int blob = 0; blob < 2 * arena::port_count; ++blob) {
    least = std::min(least, norm(arena::port(blob / 2).blob(blob % 2) - from));
  }
  return least;
}

/// How far the body's half maximum, level 75 over a floor of 17.7, is from `from` in a direction.
double half_maximum(Index frame, Vec2 from, Vec2 towards) {
  double far = 0;
  while (far < 20 && session().level(frame, from + far * towards) > 75) {
    far += 0.05;
  }
  return far;
}

/// Calls visit(frame, pose, skeleton) for frames with no port near the body.
template <class Visit>
void for_free_animals(Visit&& visit) {
  for (Index frame = 0; frame < std::ssize(session().poses); ++frame) {
    const arena::Pose& pose = session().poses[static_cast<std::size_t>(frame)];
    if (distance_to_blobs(pose.centre) > 24) {
      visit(frame, pose, arena::skeleton(pose));
    }
  }
}

}  // namespace

// The wanted numbers were measured in the study's real frames. A band covers how much our measurement varies
// from one animal (seed) to the next, and never reaches farther than what was seen in real frames where that
// is known.

TEST_CASE("make_arena: the floor has mean level 17.7") {
  double sum = 0, count = 0;
  for (Index frame = 0; frame < std::ssize(session().poses); frame += 10) {
    const arena::Pose& pose = session().poses[static_cast<std::size_t>(frame)];
    const auto skeleton = arena::skeleton(pose);
    for (Index pixel = 101; pixel < 2500; pixel += 7) {
      const Vec2 in_crop{static_cast<double>(pixel % 50), static_cast<double>(pixel / 50)};
      const Vec2 point = pose.centre - arena::animal_in_crop + in_crop;
      const double level = session().clean[frame * 2500 + pixel];
      if (level < 30 && norm(point) < 104 && distance_to(skeleton.spine, point) > 7 &&
          distance_to(skeleton.tail, point) > 4 && distance_to_blobs(point) > 14) {
        sum += level;
        count += 1;
      }
    }
  }
  CHECK(sum / count > 16.5);  // shading +-4, and animals prefer some ports
  CHECK(sum / count < 19);
}

TEST_CASE("make_arena: the body is centred at column 24.5, row 24.4 and lies on level 132 with texture 14") {
  std::vector<double> columns, rows, levels, textures;
  for_free_animals([&](Index frame, const arena::Pose& pose, const arena::Skeleton& skeleton) {
    double column_sum = 0, row_sum = 0, pixels = 0, sum = 0, squares = 0, inner = 0;
    for (Index pixel = 10 * 50; pixel < 40 * 50; ++pixel) {
      const Vec2 at{static_cast<double>(pixel % 50), static_cast<double>(pixel / 50)};
      const double level = session().clean[frame * 2500 + pixel];
      const double away = distance_to(skeleton.spine, pose.centre - arena::animal_in_crop + at);
      if (away < 6 && level > 75) {
        column_sum += at.x;
        row_sum += at.y;
        pixels += 1;
      }
      if (away < 1.6 && norm(at - arena::animal_in_crop) < 7) {
        sum += level;
        squares += level * level;
        inner += 1;
      }
    }
    columns.push_back(column_sum / pixels);
    rows.push_back(row_sum / pixels);
    levels.push_back(sum / inner);
    textures.push_back(std::sqrt(squares / inner - sum / inner * (sum / inner)));
  });
  CHECK(std::abs(median(columns) - 24.5) < 0.15);
  CHECK(std::abs(median(rows) - 24.4) < 0.15);
  CHECK(std::abs(median(levels) - 132) < 8);  // an animal's fur is a few levels brighter or darker
  CHECK(std::abs(median(textures) - 14) < 5);
}

TEST_CASE("make_arena: full width at half maximum about 6.0 across and 18.8 along a straight body") {
  std::vector<double> across, along;
  for_free_animals([&](Index frame, const arena::Pose& pose, const arena::Skeleton& skeleton) {
    const std::size_t middle = arena::Skeleton::points / 2;
    const Vec2 from = skeleton.spine[middle], ahead = skeleton.tangents[middle], aside{-ahead.y, ahead.x};
    across.push_back(half_maximum(frame, from, aside) + half_maximum(frame, from, -1 * aside));
    if (std::abs(pose.bend) < 0.35 && std::abs(pose.head_turn) < 0.3) {
      along.push_back(half_maximum(frame, from, ahead) + half_maximum(frame, from, -1 * ahead));
    }
  });
  CHECK(median(across) > 5.5);
  CHECK(median(across) < 6.5);
  CHECK(median(along) > 17.5);
  CHECK(median(along) < 20.1);
  const auto near_range = std::ranges::count_if(along, [](double length) { return length > 14.5 && length < 21.9; });
  CHECK(static_cast<double>(near_range) > 0.95 * static_cast<double>(along.size()));
}

TEST_CASE("make_arena: bodies are sometimes curled and mostly not") {
  const auto curled =
      std::ranges::count_if(session().poses, [](const auto& pose) { return std::abs(pose.bend) > 1.2; });
  CHECK(curled > 4000 / 50);
  CHECK(curled < 4000 / 3);
}

TEST_CASE("make_arena: the tail is a thin line of level about 62") {
  std::vector<double> levels;
  for_free_animals([&](Index frame, const arena::Pose&, const arena::Skeleton& skeleton) {
    const Vec2 point = skeleton.tail[10];
    if (distance_to(skeleton.spine, point) > 6 && session().level(frame, point) >= 0) {
      levels.push_back(session().brightest(frame, point));
    }
  });
  CHECK(std::abs(median(levels) - 62) < 3);
}

TEST_CASE("make_arena: a blob falls off as in real frames, 131 in the middle to 32 outside") {
  constexpr std::array<double, 6> wanted{131, 125, 89, 58, 44, 36};
  std::array<double, 6> sums{}, counts{};
  for (Index frame = 0; frame < std::ssize(session().poses); frame += 2) {
    const arena::Pose& pose = session().poses[static_cast<std::size_t>(frame)];
    const auto skeleton = arena::skeleton(pose);
    for (int blob = 0; blob < 2 * arena::port_count; ++blob) {
      const Vec2 centre = arena::port(blob / 2).blob(blob % 2);
      const Vec2 at = centre - pose.centre + arena::animal_in_crop;
      if (std::min({at.x, at.y, 49 - at.x, 49 - at.y}) < 6 || distance_to(skeleton.spine, centre) < 12 ||
          distance_to(skeleton.tail, centre) < 8) {
        continue;
      }
      for (Index pixel = 150; pixel < 2500; ++pixel) {
        const Vec2 from = Vec2{static_cast<double>(pixel % 50), static_cast<double>(pixel / 50)} - at;
        const auto ring = static_cast<std::size_t>(norm(from) + 0.5);
        if (ring < sums.size()) {
          sums[ring] += session().clean[frame * 2500 + pixel];
          counts[ring] += 1;
        }
      }
    }
  }
  for (std::size_t ring = 0; ring < wanted.size(); ++ring) {
    CAPTURE(ring);
    CHECK(std::abs(sums[ring] / counts[ring] - wanted[ring]) < 4);  // the floor's shading is +-4
  }
}

TEST_CASE(
    "make_arena: between a port's blobs is a short double bar of level 150 to 255, and dark between its "
    "halves") {
  int seen = 0;
  for (Index frame = 0; frame < std::ssize(session().poses); frame += 5) {
    const arena::Pose& pose = session().poses[static_cast<std::size_t>(frame)];
    const auto skeleton = arena::skeleton(pose);
    for (int number = 0; number < arena::port_count; ++number) {
      const auto place = arena::port(number);
      if (distance_to(skeleton.spine, place.centre) < 9 || distance_to(skeleton.tail, place.centre) < 7 ||
          session().level(frame, place.centre + 4 * place.along) < 0 ||
          session().level(frame, place.centre - 4 * place.along) < 0) {
        continue;
      }
      ++seen;
      for (const double side : {-1.5, 1.5}) {
        double brightest = 0;
        for (double out = -1.5; out <= 1.5; out += 0.25) {
          const double level = session().level(frame, place.centre + out * place.outward + side * place.along);
          brightest = std::max(brightest, level);
        }
        CHECK(brightest > 140);
        CHECK(brightest <= 255);
      }
      CHECK(session().level(frame, place.centre) < 140);
      CHECK(session().level(frame, place.centre + 5 * place.along) < 80);
    }
  }
  CHECK(seen > 50);
}

TEST_CASE("trajectory: one blob is visible in about 85% of frames, two in half, over ten animals") {
  double one = 0, two = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (const arena::Pose& pose : arena::trajectory(10000, Rng(seed).split(0))) {
      int visible = 0;
      for (int blob = 0; blob < 2 * arena::port_count; ++blob) {
        const Vec2 at = arena::port(blob / 2).blob(blob % 2) - pose.centre + arena::animal_in_crop;
        visible += std::min(at.x, at.y) > -0.5 && std::max(at.x, at.y) < 49.5 ? 1 : 0;
      }
      one += visible >= 1 ? 1e-5 : 0;
      two += visible >= 2 ? 1e-5 : 0;
    }
  }
  CHECK(std::abs(one - 0.85) < 0.04);  // single animals differ by 0.05
  CHECK(std::abs(two - 0.5) < 0.06);
}

TEST_CASE("trajectory: distance runs from the centre to 190 pixels of the recording, the body points everywhere") {
  std::array<int, 12> directions{}, places{};
  std::array<int, 10> distances{};
  double farthest = 0;
  bool inside = true;
  for (const arena::Pose& pose : arena::trajectory(20000, Rng(0).split(0))) {
    const auto skeleton = arena::skeleton(pose);
    const double away = arena::recording_scale * norm(pose.centre);
    farthest = std::max(farthest, away);
    ++distances[static_cast<std::size_t>(std::min(away / 20, 9.0))];
    ++directions[static_cast<std::size_t>(arena::degrees(skeleton.neck() - skeleton.base()) / 30)];
    ++places[static_cast<std::size_t>(arena::degrees(pose.centre) / 30)];
    inside = inside && norm(skeleton.head()) < arena::wall_radius;
  }
  CHECK(inside);
  CHECK(farthest > 185);
  CHECK(farthest < 191);
  CHECK(*std::ranges::min_element(distances) > 20);    // the middle is small and crossed quickly
  CHECK(*std::ranges::min_element(directions) > 800);  // an even share would be 1667
  CHECK(*std::ranges::min_element(places) > 200);      // between two ports it only passes
}
