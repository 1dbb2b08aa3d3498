#pragma once

/// Needs GUDHI (its simplex tree, edge collapse and persistent cohomology, all under the MIT licence) and Boost.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include <gudhi/Flag_complex_edge_collapser.h>
#include <gudhi/Persistent_cohomology.h>
#include <gudhi/Simplex_tree.h>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>

namespace engram::analysis {

/// A component or loop that is there at the scales birth .. death.
struct PersistencePair {
  double birth = 0;
  double death = 0;

  double lifetime() const { return death - birth; }
};

/// What rips_persistence() finds; each list by lifetime, longest first.
struct Persistence {
  std::vector<PersistencePair> components;  ///< degree 0; the first never dies
  std::vector<PersistencePair> loops;       ///< degree 1
  double diameter = 0;                      ///< largest distance between two points
};

/// How much one loop stands out.
struct RingScore {
  PersistencePair longest;   ///< the longest-lived loop, {0, 0} without any
  double over_second = 0;    ///< its lifetime relative to the second longest's; infinite if that is the only loop
  double over_diameter = 0;  ///< its lifetime relative to the diameter
};

namespace detail {

/// Euclidean distances [N, N] of the rows of x, in double.
template <class T>
Tensor<double> pairwise_distances(const Tensor<T>& x) {
  const Index n = x.dim(0);
  auto distances = Tensor<double>::zeros({n, n});
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < i; ++j) {
      double square = 0;
      for (Index d = 0; d < x.dim(1); ++d) {
        const double difference = static_cast<double>(x[i * x.dim(1) + d]) - static_cast<double>(x[j * x.dim(1) + d]);
        square += difference * difference;
      }
      distances[i * n + j] = distances[j * n + i] = std::sqrt(square);
    }
  }
  return distances;
}

/// Smallest distance within which one point has all others: at this scale and above it the complex is a cone, in which
/// nothing is born or dies.
inline double enclosing_radius(const Tensor<double>& distances) {
  const Index n = distances.dim(0);
  double radius = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < n; ++i) {
    radius = std::min(radius, *std::max_element(distances.data() + i * n, distances.data() + (i + 1) * n));
  }
  return radius;
}

/// The Vietoris-Rips complex up to `radius`, of simplices of at most 3 points, less the edges without which all
/// lifetimes stay what they are.
inline Gudhi::Simplex_tree<> rips_complex(const Tensor<double>& distances, double radius) {
  const Index n = distances.dim(0);
  std::vector<std::tuple<int, int, double>> edges;
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < i; ++j) {
      if (distances[i * n + j] <= radius) {
        edges.emplace_back(static_cast<int>(j), static_cast<int>(i), distances[i * n + j]);
      }
    }
  }
  Gudhi::Simplex_tree<> complex;
  for (Index i = 0; i < n; ++i) {
    complex.insert_simplex({static_cast<int>(i)}, 0.0);
  }
  for (const auto& [a, b, length] : Gudhi::collapse::flag_complex_collapse_edges(edges)) {
    complex.insert_simplex({a, b}, length);
  }
  complex.expansion(2);
  return complex;
}

inline std::vector<PersistencePair> by_lifetime(const std::vector<std::pair<double, double>>& intervals) {
  std::vector<PersistencePair> pairs;
  for (const auto& [birth, death] : intervals) {
    pairs.push_back({birth, death});
  }
  std::sort(pairs.begin(), pairs.end(), [](const PersistencePair& a, const PersistencePair& b) {
    return std::pair(-a.lifetime(), a.birth) < std::pair(-b.lifetime(), b.birth);
  });
  return pairs;
}

}  // namespace detail

/// Persistent homology in degrees 0 and 1 of the Vietoris-Rips complex of some points: at scale r points at most r
/// apart are joined, and triangles of joined points filled. Components are born at 0 and die where they meet; a loop is
/// born where its last gap closes and dies where it is filled. Coefficients in Z / 2; pairs that live at one scale only
/// are left out.
///
/// Points on a circle of radius 1, close together, have one loop that dies at sqrt(3). Meant for a few hundred points
/// (farthest_landmarks() chooses them); memory for N^2 distances. Edges are collapsed first, so that 400 points on a
/// ring take about half a second, but those of a normal distribution in 16 dimensions, where little collapses, 10.
/// @param x  points [N, D], compared by euclidean distance
/// @throws ShapeError unless x has two axes; ArgumentError unless N >= 1, D >= 1 and entries are finite
/// Source: Edelsbrunner, Letscher, Zomorodian, "Topological persistence and simplification", Discrete & Computational
/// Geometry 28, 2002; computed by GUDHI: Boissonnat, Pritam, "Edge collapse and persistence of flag complexes", SoCG
/// 2020; de Silva, Morozov, Vejdemo-Johansson, "Dualities in persistent (co)homology", Inverse Problems 27, 2011.
template <std::floating_point T>
Persistence rips_persistence(const Tensor<T>& x) {
  embed::check_rows("rips_persistence", "x", x);
  const Tensor<double> distances = detail::pairwise_distances(x);
  Gudhi::Simplex_tree<> complex = detail::rips_complex(distances, detail::enclosing_radius(distances));
  Gudhi::persistent_cohomology::Persistent_cohomology<Gudhi::Simplex_tree<>, Gudhi::persistent_cohomology::Field_Zp>
      cohomology(complex);
  cohomology.init_coefficients(2);
  cohomology.compute_persistent_cohomology(0);
  return {detail::by_lifetime(cohomology.intervals_in_dimension(0)),
          detail::by_lifetime(cohomology.intervals_in_dimension(1)),
          *std::max_element(distances.data(), distances.data() + distances.size())};
}

/// Whether there is a ring: how the longest-lived loop compares with the second and with the diameter. A round circle
/// of many points has over_diameter near sqrt(3) / 2; two rings that hang together have over_second near 1. What is
/// large, a control must say: the same number of landmarks from data without a ring.
inline RingScore ring_score(const Persistence& persistence) {
  RingScore score;
  const std::vector<PersistencePair>& loops = persistence.loops;
  if (!loops.empty()) {
    score.longest = loops[0];
    score.over_second =
        loops.size() > 1 ? loops[0].lifetime() / loops[1].lifetime() : std::numeric_limits<double>::infinity();
    score.over_diameter = loops[0].lifetime() / persistence.diameter;
  }
  return score;
}

}  // namespace engram::analysis
