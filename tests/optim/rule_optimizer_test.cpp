#include <engram/optim/rule_optimizer.hpp>

#include <doctest/doctest.h>

#include <engram/optim/adam.hpp>
#include <engram/optim/sgd.hpp>

#include "optim/helpers.hpp"

using namespace engram;
using optim::Adam;
using optim::SGD;
using support::parameter;
using support::slopes;
using support::value;

namespace {

using Parameters = std::vector<Variable<double>>;

/// A rule of one's own: the sign of the gradient.
struct SignRule {
  struct Options {
    double lr = 1;
  };
  static constexpr std::string_view name = "Sign";
  static void check(const Options& o) { ensure<ArgumentError>(o.lr >= 0, "Sign: need lr >= 0, got ", o.lr); }
  static std::vector<optim::SlotNeed> slots(const Options&) { return {}; }
  template <std::floating_point T>
  static void update(const Options&, const optim::ParameterStep<T>& s) {
    s.for_each_element([p = s.parameter, g = s.gradient, lr = static_cast<T>(s.lr)](Index i) {
      p[i] -= g[i] > 0 ? lr : (g[i] < 0 ? -lr : 0);
    });
  }
};

}  // namespace

TEST_CASE("RuleOptimizer: a rule is all that an optimiser of one's own needs") {
  static_assert(optim::Optimizer<optim::RuleOptimizer<float, SignRule>, float>);
  const auto p = parameter(1);
  optim::RuleOptimizer<double, SignRule> sign({p}, {.lr = 0.25});
  sign.step(slopes({{p, 123}}));
  CHECK(value(p) == 0.75);
  CHECK(sign.slots().empty());
}

TEST_CASE("RuleOptimizer: groups move by their own options") {
  const Parameters encoder{parameter(1), parameter(2)};
  const Parameters head{parameter(3)};
  SGD<double> sgd({{encoder, {.lr = 0.5}}, {head, {.lr = 0.25, .weight_decay = 1}}});
  sgd.step(slopes({{encoder[0], 1}, {encoder[1], 1}, {head[0], 1}}));
  CHECK(value(encoder[0]) == 0.5);
  CHECK(value(encoder[1]) == 1.5);
  CHECK(value(head[0]) == 2);
  CHECK(sgd.groups().size() == 2);
  CHECK(sgd.groups()[1].options.weight_decay == 1);
}

TEST_CASE("RuleOptimizer: groups may be one, or be given as a vector") {
  const Parameters all{parameter(1)};
  Adam<double> one({{all, {.lr = 0.5}}});
  CHECK(one.lr() == 0.5);
  const std::vector<optim::ParameterGroup<double, optim::AdamOptions>> groups{{all, {.lr = 0.25}}};
  CHECK(Adam<double>(groups).lr() == 0.25);
}

TEST_CASE("RuleOptimizer: set_lr keeps the ratios of the groups' rates") {
  const Parameters encoder{parameter(1)};
  const Parameters head{parameter(1)};
  SGD<double> sgd({{encoder, {.lr = 0.1}}, {head, {.lr = 0.3}}});
  CHECK(sgd.lr(1) == 0.3);  // to the bit, so that a run resumed by set_lr(lr()) goes on as it was
  sgd.set_lr(0.5);
  CHECK(sgd.lr() == 0.5);
  CHECK(sgd.lr(0) == 0.5);
  CHECK(sgd.lr(1) == doctest::Approx(1.5).epsilon(1e-15));
  sgd.set_lr(0);
  CHECK(sgd.lr(1) == 0);
  sgd.set_lr(0.1);
  CHECK(sgd.lr(1) == 0.3);
  sgd.step(slopes({{encoder[0], 1}, {head[0], 1}}));
  CHECK(value(encoder[0]) == 0.9);
  CHECK(value(head[0]) == 0.7);
}

TEST_CASE("RuleOptimizer: a rate of 0 may be raised by set_lr") {
  const auto p = parameter(1);
  SGD<double> sgd({p}, {.lr = 0});
  sgd.set_lr(0.5);
  sgd.step(slopes({{p, 1}}));
  CHECK(value(p) == 0.5);
}

TEST_CASE("RuleOptimizer: a slot has one tensor per parameter of all groups, in their order") {
  const auto a = Variable<float>::parameter(Tensor<float>::zeros({2, 3}));
  const auto b = Variable<float>::parameter(Tensor<float>::zeros({4}));
  SGD<float> sgd({{{a}, {.lr = 1}}, {{b}, {.lr = 1, .momentum = 0.9, .dampening = 0.5}}});
  REQUIRE(sgd.slots().size() == 2);
  const auto slots = sgd.slots();
  CHECK(slots[0].name == "step");
  CHECK(slots[1].name == "momentum_buffer");
  REQUIRE(slots[0].per_parameter->size() == 2);
  REQUIRE(slots[1].per_parameter->size() == 2);
  CHECK((*slots[0].per_parameter)[0].shape() == Shape{});
  CHECK((*slots[1].per_parameter)[0].shape() == Shape{2, 3});
  CHECK((*slots[1].per_parameter)[1].shape() == Shape{4});
}

TEST_CASE("RuleOptimizer: a parameter without a gradient stays, and so does what is kept for it") {
  const auto p = parameter(1);
  const auto q = parameter(5);
  SGD<double> sgd({p, q}, {.lr = 0.5, .momentum = 0.5});
  sgd.step(slopes({{p, 1}, {q, 1}}));
  sgd.step(slopes({{p, 1}}));
  CHECK(value(q) == 4.5);
  CHECK((*sgd.slots()[0].per_parameter)[1].item() == 1);
}

TEST_CASE("RuleOptimizer: a step without any gradient is refused and does not count") {
  const auto p = parameter(1);
  Adam<double> adam({p});
  CHECK_THROWS_WITH_AS(
      adam.step({}),
      "Adam: need a gradient of one of its 1 parameters, got none: it was made for another model, NoGrad is on, "
      "or all are frozen",
      ArgumentError);
  CHECK(adam.steps() == 0);
  CHECK((*adam.slots()[0].per_parameter)[0].item() == 0);
  Adam<double> of_nothing{Parameters{}};
  of_nothing.step({});
  CHECK(of_nothing.steps() == 1);
}

TEST_CASE("RuleOptimizer: impossible rates and groups are named") {
  const Parameters a{parameter(1), parameter(2)};
  const Parameters b{parameter(3), a[1]};
  Adam<double> adam(a);
  CHECK_THROWS_WITH_AS(adam.set_lr(-1), "Adam: need a learning rate >= 0, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(Adam<double>({{a, {}}, {b, {}}}),
                       "Adam: need each parameter once, got parameter 1 of group 1 again: it is parameter 1 of group 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(Adam<double>({a[0], a[0]}),
                       "Adam: need each parameter once, got parameter 1 of group 0 again: it is parameter 0 of group 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(SGD<double>({{{a[0]}, {.lr = 0}}, {{a[1]}, {.lr = 1}}}),
                       "SGD: need a rate > 0 in the first of several groups, by which set_lr scales the others, got 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(SGD<double>({{{a[0]}, {.lr = 1}}, {{a[1]}, {.lr = 1, .nesterov = true}}}),
                       "SGD: need momentum > 0 and dampening 0 with nesterov, got momentum 0, dampening 0 in group 1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(Adam<double>(std::vector<Adam<double>::Group>{}),
                       "Adam: need at least one group of parameters, got none", ArgumentError);
}

TEST_CASE("RuleOptimizer: tells its parameters in the order of its slots' tensors") {
  const std::vector<Variable<double>> first{parameter(1)};
  const std::vector<Variable<double>> second{parameter(2), parameter(3)};
  const SGD<double> sgd({{second, {.lr = 0.1}}, {first, {.lr = 0.2}}});
  const auto all = sgd.parameters();
  REQUIRE(all.size() == 3);
  CHECK(all[0].node() == second[0].node());
  CHECK(all[2].node() == first[0].node());
}
