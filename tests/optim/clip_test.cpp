#include <engram/optim/clip.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "optim/helpers.hpp"
#include "support/numbers.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using optim::clip_grad_norm;
using optim::clip_grad_value;

namespace {

/// Two parameters with gradients, [3, 0] and [-4], and one without.
struct Three {
  std::vector<Variable<double>> parameters{Variable<double>::parameter(Tensor<double>::zeros({2})),
                                           Variable<double>::parameter(Tensor<double>::zeros({1})),
                                           Variable<double>::parameter(Tensor<double>::zeros({1}))};
  Gradients<double> gradients = of(3, -4);

  Gradients<double> of(double a, double b) const {
    return support::gradients<double>(
        {{parameters[0], Tensor<double>::from({2}, {a, 0})}, {parameters[1], Tensor<double>::from({1}, {b})}});
  }
  std::vector<double> values() const {
    return {gradients[parameters[0]][0], gradients[parameters[0]][1], gradients[parameters[1]][0]};
  }
};

}  // namespace

TEST_CASE("clip_grad_norm: scales all gradients by one factor") {
  Three three;
  CHECK(clip_grad_norm(three.gradients, three.parameters, 2) == 5);
  const double factor = 2 / (5 + 1e-6);
  CHECK(three.values() == std::vector<double>{3 * factor, 0, -4 * factor});
}

TEST_CASE("clip_grad_norm: leaves small gradients as they are") {
  Three three;
  CHECK(clip_grad_norm(three.gradients, three.parameters, 5.5) == 5);
  CHECK(three.values() == std::vector<double>{3, 0, -4});
  CHECK(clip_grad_norm(three.gradients, three.parameters, infinity) == 5);
  CHECK(three.values() == std::vector<double>{3, 0, -4});
}

TEST_CASE("clip_grad_norm: other norms") {
  Three three;
  CHECK(clip_grad_norm(three.gradients, three.parameters, 100, 1) == 7);
  CHECK(clip_grad_norm(three.gradients, three.parameters, 100, 3) == doctest::Approx(std::cbrt(27 + 64)));
  CHECK(clip_grad_norm(three.gradients, three.parameters, 1, infinity) == 4);
  CHECK(three.values()[2] == -4 / (4 + 1e-6));
}

TEST_CASE("clip_grad_norm: only the parameters that are named, and 0 if none has a gradient") {
  Three three;
  CHECK(clip_grad_norm(three.gradients, {three.parameters[1]}, 1) == 4);
  CHECK(three.values()[0] == 3);
  CHECK(clip_grad_norm(three.gradients, {three.parameters[2]}, 1) == 0);
  CHECK(clip_grad_norm(three.gradients, {}, 0) == 0);
}

TEST_CASE("clip_grad_norm: what is not finite, as in PyTorch") {
  for (const double norm_type : {2.0, 3.0, infinity}) {
    Three three;
    three.gradients = three.of(3, infinity);
    CHECK(clip_grad_norm(three.gradients, three.parameters, 1, norm_type) == infinity);
    CHECK(three.values()[0] == 0);
    CHECK(std::isnan(three.values()[2]));
    for (const auto& [a, b] : {std::pair{3.0, double{NAN}}, std::pair{double{NAN}, 3.0}}) {
      three.gradients = three.of(a, b);
      CHECK(std::isnan(clip_grad_norm(three.gradients, three.parameters, 1, norm_type)));
      CHECK(std::isnan(three.values()[0]));
      CHECK(std::isnan(three.values()[2]));
    }
  }
}

TEST_CASE("clip_grad_norm: floats are summed in double, to the same bits on any number of threads") {
  const Index size = (1 << 16) + 7;
  const auto p = Variable<float>::parameter(Tensor<float>::zeros({size}));
  const auto slope = normal<float>({size}, 3);
  const double norm = std::sqrt(dot(slope, slope));
  CHECK(same_bits_on_any_threads([&] {
    auto gradients = support::gradients<float>({{p, slope}});
    CHECK(clip_grad_norm(gradients, {p}, 1) == doctest::Approx(norm).epsilon(1e-12));
    return gradients[p];
  }));
}

TEST_CASE("clip_grad_value: moves each element into the range") {
  Three three;
  clip_grad_value(three.gradients, three.parameters, 3.5);
  CHECK(three.values() == std::vector<double>{3, 0, -3.5});
  three.gradients = three.of(NAN, -infinity);
  clip_grad_value(three.gradients, three.parameters, 1);
  CHECK(std::isnan(three.values()[0]));
  CHECK(three.values()[2] == -1);
}

TEST_CASE("clip: impossible limits are named") {
  Three three;
  CHECK_THROWS_WITH_AS(clip_grad_norm(three.gradients, three.parameters, -1),
                       "clip_grad_norm: need max_norm >= 0 and norm_type > 0, got -1 and 2", ArgumentError);
  CHECK_THROWS_AS(clip_grad_norm(three.gradients, three.parameters, NAN), ArgumentError);
  CHECK_THROWS_AS(clip_grad_norm(three.gradients, three.parameters, 1, 0), ArgumentError);
  CHECK_THROWS_WITH_AS(clip_grad_value(three.gradients, three.parameters, -1),
                       "clip_grad_value: need clip_value >= 0, got -1", ArgumentError);
  CHECK_THROWS_AS(clip_grad_value(three.gradients, three.parameters, NAN), ArgumentError);
}
