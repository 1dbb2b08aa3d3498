#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/io/npz.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>
#include <engram/optim/adam.hpp>
#include <engram/optim/adamw.hpp>
#include <engram/optim/clip.hpp>
#include <engram/optim/rmsprop.hpp>
#include <engram/optim/schedules.hpp>
#include <engram/optim/sgd.hpp>

#include "golden/cases.hpp"

using namespace engram;

namespace {

using Json = nlohmann::json;

io::NpzReader file_of(const Json& one) {
  return io::NpzReader(one["file"].get<std::string>());
}

/// Entry `step` of the first axis.
template <class T>
Tensor<T> row(const Tensor<T>& all, Index step) {
  const Shape shape(all.shape().extents().subspan(1));
  return Tensor<T>::from(shape, all.elements().subspan(static_cast<std::size_t>(step * shape.size()),
                                                       static_cast<std::size_t>(shape.size())));
}

/// Gradients in which each parameter's is the tensor at its place.
template <class T>
Gradients<T> gradients(const std::vector<Variable<T>>& parameters, const std::vector<Tensor<T>>& slopes) {
  Variable<T> loss(Tensor<T>::zeros({}));
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    loss = loss + sum(parameters[k] * Variable<T>(slopes[k]));
  }
  return backward(std::move(loss));
}

/// Largest relative error of the parameters after any step.
template <class T, class Optimizer>
double trajectory_error(const Json& one, const typename Optimizer::Options& options) {
  const auto file = file_of(one);
  const auto p = Variable<T>::parameter(file.read("p").template as<T>());
  const auto slopes = file.read("grads").template as<T>();
  const auto expected = file.read("trajectory").template as<double>();
  Optimizer optimizer({p}, options);
  double worst = 0;
  for (Index step = 0; step < slopes.dim(0); ++step) {
    optimizer.step(gradients<T>({p}, {row(slopes, step)}));
    worst = std::max(worst, golden::relative_error(p.value(), row(expected, step)));
  }
  return worst;
}

template <class Options>
Options adam_options(const Json& attrs) {
  Options o;
  o.lr = attrs.value("lr", o.lr);
  if (attrs.contains("betas")) {
    o.beta1 = attrs.at("betas")[0];
    o.beta2 = attrs.at("betas")[1];
  }
  o.eps = attrs.value("eps", o.eps);
  o.weight_decay = attrs.value("weight_decay", o.weight_decay);
  o.amsgrad = attrs.value("amsgrad", o.amsgrad);
  return o;
}

/// Infinite for an unknown optimiser.
template <class T>
double optimizer_error(const Json& one) {
  const Json& attrs = one["attrs"];
  const std::string name = attrs.at("name");
  if (name == "sgd") {
    return trajectory_error<T, optim::SGD<T>>(one, {.lr = attrs.at("lr"),
                                                    .momentum = attrs.value("momentum", 0.0),
                                                    .dampening = attrs.value("dampening", 0.0),
                                                    .weight_decay = attrs.value("weight_decay", 0.0),
                                                    .nesterov = attrs.value("nesterov", false)});
  }
  if (name == "adam") {
    return trajectory_error<T, optim::Adam<T>>(one, adam_options<optim::AdamOptions>(attrs));
  }
  if (name == "adamw") {
    return trajectory_error<T, optim::AdamW<T>>(one, adam_options<optim::AdamWOptions>(attrs));
  }
  if (name == "rmsprop") {
    return trajectory_error<T, optim::RMSprop<T>>(one, {.lr = attrs.value("lr", 0.01),
                                                        .alpha = attrs.value("alpha", 0.99),
                                                        .eps = attrs.value("eps", 1e-8),
                                                        .weight_decay = attrs.value("weight_decay", 0.0),
                                                        .momentum = attrs.value("momentum", 0.0),
                                                        .centered = attrs.value("centered", false)});
  }
  return std::numeric_limits<double>::infinity();
}

/// Checks each case of `op`, and that there are any.
template <class Error>
void check_cases(const std::string& op, double tolerance, Error error) {
  std::map<std::string, double> worst;
  for (const Json& one : golden::cases(op)) {
    CAPTURE(one.dump());
    const double found = error(one);
    CHECK(found < tolerance);
    double& known = worst[one["attrs"].value("name", op)];
    known = std::max(known, found);
  }
  for (const auto& [name, largest] : worst) {
    MESSAGE(name, ": largest relative error ", largest);
  }
  CHECK((!worst.empty() || !golden::is_shipped()));
}

/// Empty for an unknown schedule.
optim::Schedule schedule_of(const Json& attrs) {
  const std::string name = attrs.at("name");
  if (name == "step") {
    return optim::StepLR{.step_size = attrs.at("step_size"), .gamma = attrs.value("gamma", 0.1)};
  }
  if (name == "multistep") {
    return optim::MultiStepLR{.milestones = attrs.at("milestones"), .gamma = attrs.value("gamma", 0.1)};
  }
  if (name == "exponential") {
    return optim::ExponentialLR{.gamma = attrs.at("gamma")};
  }
  if (name == "cosine") {
    return optim::CosineAnnealingLR{.t_max = attrs.at("t_max"), .eta_min = attrs.value("eta_min", 0.0)};
  }
  if (name == "one_cycle") {
    return optim::OneCycleLR{.max_lr = attrs.at("max_lr"),
                             .pct_start = attrs.value("pct_start", 0.3),
                             .div_factor = attrs.value("div_factor", 25.0),
                             .final_div_factor = attrs.value("final_div_factor", 1e4)};
  }
  if (name == "reduce_on_plateau") {
    return optim::ReduceLROnPlateau{
        .mode = attrs.value("mode", "min") == "max" ? optim::PlateauMode::max : optim::PlateauMode::min,
        .factor = attrs.value("factor", 0.1),
        .patience = attrs.value("patience", Index{10}),
        .threshold = attrs.value("threshold", 1e-4),
        .threshold_mode =
            attrs.value("threshold_mode", "rel") == "abs" ? optim::ThresholdMode::abs : optim::ThresholdMode::rel,
        .cooldown = attrs.value("cooldown", Index{0}),
        .min_lr = attrs.value("min_lr", 0.0),
        .eps = attrs.value("eps", 1e-8)};
  }
  if (name == "warmup") {
    return optim::Warmup{.total_iters = attrs.value("total_iters", Index{5}),
                         .start_factor = attrs.value("start_factor", 1.0 / 3),
                         .then = attrs.contains("then") ? schedule_of(attrs.at("then")) : optim::Schedule()};
  }
  return {};
}

/// Largest error of any epoch's rate, relative to that rate. An epoch has one step and ends with a validation.
double schedule_error(const Json& one) {
  const optim::Schedule schedule = schedule_of(one["attrs"]);
  if (!schedule) {
    return std::numeric_limits<double>::infinity();
  }
  const auto file = file_of(one);
  const auto expected = file.read("lr").as<double>();
  const auto metrics = file.contains("metric") ? file.read("metric").as<double>() : Tensor<double>();
  const Index steps = one["attrs"].value("total_steps", expected.size());
  double worst = 0;
  for (Index i = 0; i < expected.size(); ++i) {
    const auto seen = metrics.elements().first(static_cast<std::size_t>(std::min(i, metrics.size())));
    const double rate = schedule(one["attrs"].at("base_lr"), {.epoch = i, .step = i, .steps = steps, .metrics = seen});
    const double error = std::abs(rate - expected[i]) / std::max(std::abs(expected[i]), 1e-12);
    if (!std::isfinite(error)) {
      return std::numeric_limits<double>::infinity();
    }
    worst = std::max(worst, error);
  }
  return worst;
}

/// Largest relative error of the norm and of the gradients after clipping.
template <class T>
double clip_error(const Json& one) {
  const auto file = file_of(one);
  std::vector<Variable<T>> parameters;
  std::vector<Tensor<T>> slopes;
  for (const std::string name : one["inputs"]) {
    slopes.push_back(file.read(name).template as<T>());
    parameters.push_back(Variable<T>::parameter(Tensor<T>::zeros(slopes.back().shape())));
  }
  auto clipped = gradients(parameters, slopes);
  const Json norm_type = one["attrs"].value("norm_type", Json(2.0));
  const double norm =
      optim::clip_grad_norm(clipped, parameters, one["attrs"].at("max_norm"),
                            norm_type.is_string() ? std::numeric_limits<double>::infinity() : norm_type.get<double>());
  double worst = golden::relative_error(Tensor<double>::full({}, norm), file.read("total_norm").template as<double>());
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const std::string name = text("clipped_", one["inputs"][k].get<std::string>());
    const auto expected = file.read(name).template as<double>();
    worst = std::max(worst, golden::relative_error(clipped[parameters[k]], expected));
  }
  return worst;
}

}  // namespace

TEST_CASE("optimisers: PyTorch's trajectories, in double") {
  check_cases("optim", 1e-10, optimizer_error<double>);
}

TEST_CASE("optimisers: PyTorch's trajectories, in float") {
  check_cases("optim", 1e-4, optimizer_error<float>);
}

TEST_CASE("schedules: PyTorch's rates") {
  check_cases("scheduler", 1e-10, schedule_error);
}

TEST_CASE("clip_grad_norm: PyTorch's norms and clipped gradients, in double") {
  check_cases("clip_grad_norm", 1e-10, clip_error<double>);
}

TEST_CASE("clip_grad_norm: PyTorch's norms and clipped gradients, in float") {
  check_cases("clip_grad_norm", 1e-4, clip_error<float>);
}
