#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/data/arena/smooth_noise.hpp>
#include <engram/data/arena/world.hpp>

namespace engram::data::arena {

/// What the animal looks like in one frame, but for its texture.
struct Pose {
  Vec2 centre;           ///< of the body
  double heading = 0;    ///< of the body
  double bend = 0;       ///< by how much the spine turns from the tail's base to the snout
  double head_turn = 0;  ///< by how much the head turns beyond that
  double length = 0;     ///< of the body
  double width = 0;      ///< of the body, where it is widest
  double tail_turn = 0;  ///< between body and tail at its base
  double tail_bend = 0;  ///< by how much the tail turns from base to end
  double light = 0;      ///< grey levels added to the body
};

/// The smaller way from one angle to another, in (-pi, pi].
inline double angle_between(double from, double to) {
  return std::remainder(to - from, 2 * std::numbers::pi);
}

/// An animal that visits ports: walks to one, stays there with small moves and turns, goes to another.
class Animal {
 public:
  explicit Animal(Rng rng) : rng_(rng) {
    port_ = static_cast<int>(rng_.below(port_count));
    stay();
    position_ = goal_;
    heading_ = goal_heading_;
    for (int frame = 0; frame < 500; ++frame) {
      step();
    }
  }

  /// The next frame.
  Pose step() {
    for (SmoothNoise* noise : {&wander_, &sniff_, &sway_, &length_, &width_, &tail_, &light_}) {
      noise->step(rng_);
    }
    walking_ ? walk() : dwell();
    limit_to_reach();
    curl_ += 0.08 * (curl_goal_ - curl_);
    return pose();
  }

 private:
  void turn_towards(double angle, double gain, double fastest) {
    const double wanted = std::clamp(gain * angle_between(heading_, angle), -fastest, fastest);
    turn_ += 0.25 * (wanted - turn_);
    heading_ += turn_;
  }

  void accelerate_towards(Vec2 velocity) {
    velocity_ = velocity_ + 0.2 * (velocity - velocity_);
    position_ = position_ + velocity_;
  }

  void walk() {
    const Vec2 to_goal = goal_ - position_;
    const double distance = norm(to_goal);
    const double wanted = std::atan2(to_goal.y, to_goal.x) + 0.4 * std::min(1.0, distance / 30) * wander_.value();
    const double aligned = std::cos(angle_between(heading_, wanted));
    turn_towards(wanted, 0.15, 0.15);
    accelerate_towards(cruise_ * std::max(aligned, 0.05) * std::clamp(distance / 15, 0.4, 1.0) * direction(heading_));
    if (distance < 8) {
      if (via_ > 0) {
        --via_;
        head_for_next();
      } else {
        walking_ = false;
        frames_left_ = static_cast<Index>(rng_.uniform(260, 640));
        stay();
      }
    }
  }

  void dwell() {
    const Vec2 to_goal = goal_ - position_;
    const double speed = std::min(0.7, 0.07 * norm(to_goal));
    accelerate_towards((speed / (norm(to_goal) + 1e-9)) * to_goal);
    turn_towards(goal_heading_ + 0.25 * wander_.value(), 0.08, 0.1);
    --frames_left_;
    if (frames_left_ <= 0) {
      leave();
    } else if (--frames_in_pose_ <= 0) {
      stay();
    }
  }

  /// Chooses where to stand at the port: with the head in it, beside it along the wall, or in front of it.
  void stay() {
    const Port place = port(port_);
    const double outward = std::atan2(place.outward.y, place.outward.x);
    const double kind = rng_.uniform();
    const double side = rng_.uniform() < 0.5 ? -1 : 1;
    frames_in_pose_ = static_cast<Index>(rng_.uniform(25, 110));
    curl_goal_ = rng_.uniform() < 0.2 ? side * rng_.uniform(1.2, 3.2) : 0;
    if (kind < 0.3) {
      goal_heading_ = outward + radians(rng_.uniform(-55, 55));
      goal_ = place.centre - rng_.uniform(1, 4) * place.outward - 8.5 * direction(goal_heading_);
    } else if (kind < 0.8) {
      goal_heading_ = outward + side * radians(rng_.uniform(50, 130));
      const double out = rng_.uniform(86, 97);
      goal_ = out * place.outward + side * rng_.uniform(13, 26) * place.along;
    } else {
      goal_heading_ = radians(rng_.uniform(0, 360));
      const double out = rng_.uniform(78, 90);
      goal_ = out * place.outward + side * rng_.uniform(8, 24) * place.along;
    }
  }

  void leave() {
    walking_ = true;
    curl_goal_ = 0;
    cruise_ = rng_.uniform(1.1, 2.2);
    const double kind = rng_.uniform();
    via_ = kind < 0.6 ? 0 : kind < 0.88 ? 1 : 2;
    const auto hop = rng_.uniform() < 0.5 ? 1 + 4 * rng_.below(2) : 1 + rng_.below(port_count - 1);
    port_ = (port_ + static_cast<int>(hop)) % port_count;
    head_for_next();
  }

  /// Goes to a point anywhere in the arena while some are left to pass, then to the port.
  void head_for_next() {
    if (via_ > 0) {
      const double out = rng_.uniform(0, 85);
      goal_ = out * direction(radians(rng_.uniform(0, 360)));
    } else {
      goal_ = rng_.uniform(80, 90) * port(port_).outward;
    }
  }

  void limit_to_reach() {
    const double distance = norm(position_);
    if (distance > reach) {
      const Vec2 outward = (1 / distance) * position_;
      position_ = reach * outward;
      velocity_ = velocity_ - std::max(0.0, dot(velocity_, outward)) * outward;
    }
  }

  Pose pose() const {
    const double bend = 0.22 * sway_.value() + 5 * turn_ + curl_;
    return {.centre = position_,
            .heading = heading_,
            .bend = bend,
            .head_turn = std::clamp(0.3 * sniff_.value() + 2 * turn_, -1.0, 1.0),
            .length = 18.4 + 3.3 * std::tanh(0.2 + 0.55 * length_.value()),
            .width = 6.15 + 0.5 * std::tanh(0.8 * width_.value()),
            .tail_turn = 0.3 * tail_.value() - 2 * turn_,
            .tail_bend = 0.9 * tail_.value() + 0.6 * sway_.value() - 4 * turn_ - 0.5 * curl_,
            .light = 4 * light_.value()};
  }

  Rng rng_;
  SmoothNoise wander_{25}, sniff_{6}, sway_{15}, length_{20}, width_{40}, tail_{14}, light_{30};
  Vec2 position_, velocity_, goal_;
  double heading_ = 0, turn_ = 0, goal_heading_ = 0, cruise_ = 0, curl_ = 0, curl_goal_ = 0;
  int port_ = 0, via_ = 0;
  bool walking_ = false;
  Index frames_left_ = 200, frames_in_pose_ = 0;
};

/// The first `frames` poses of an animal; a longer trajectory starts with the same ones.
inline std::vector<Pose> trajectory(Index frames, Rng rng) {
  Animal animal(rng);
  std::vector<Pose> poses(static_cast<std::size_t>(frames));
  std::generate(poses.begin(), poses.end(), [&] { return animal.step(); });
  return poses;
}

}  // namespace engram::data::arena
