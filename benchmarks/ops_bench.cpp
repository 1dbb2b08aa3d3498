// Every operation and optimiser alone; peers/compare_ops.py puts PyTorch's beside them. The cases are in ops_cases.hpp.
//
// "forward" runs under NoGrad. "both" runs forward and then backward from a given gradient of the result, so that no
// loss is timed with it: the graph's root is a scalar whose derivative is that gradient. Each pass gets a fresh copy,
// which backward may use up, as it may within a network; making the copy is not timed. PyTorch's side does the same by
// torch.autograd.grad(y, inputs, copy). What a pass returns is freed within the time.
#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <engram/autograd/backward.hpp>
#include <engram/core/parallel.hpp>
#include <engram/optim/adam.hpp>
#include <engram/optim/adamw.hpp>
#include <engram/optim/rmsprop.hpp>
#include <engram/optim/sgd.hpp>

#include "ops_cases.hpp"

using namespace engram;
using namespace ops_bench;

namespace {

/// What is timed, and what happens untimed before each time.
struct Timed {
  std::function<void()> prepare;
  std::function<void()> run;
  double flops = 0;  // of a run
  double bytes = 0;  // where there are no flops: operands and results of a run, each counted once per pass
};

Tensor<float> random_values(const Operand& operand) {
  static std::minstd_rand generator(1);
  std::uniform_real_distribution<float> distribution(operand.low, operand.high);
  auto values = Tensor<float>::uninitialized(operand.shape);
  for (float& v : values.elements()) {
    v = distribution(generator);
  }
  return values;
}

std::vector<Value> make_operands(const std::vector<Operand>& operands) {
  std::vector<Value> x;
  for (const Operand& operand : operands) {
    x.push_back(operand.learns ? Value::parameter(random_values(operand)) : Value(random_values(operand)));
  }
  return x;
}

double bytes_of(const std::vector<Value>& x, const Value& y) {
  Index elements = y.shape().size();
  for (const Value& operand : x) {
    elements += operand.shape().size();
  }
  return static_cast<double>(elements) * sizeof(float);
}

Timed forward(const Case& c) {
  const auto x = make_operands(c.operands);
  auto run = [f = c.operation, x] {
    const NoGrad no_grad;
    benchmark::DoNotOptimize(f(x));
  };
  return {[] {}, std::move(run), 2 * c.multiply_adds, bytes_of(x, c.operation(x))};
}

/// A scalar whose derivative by y is dy.
Value with_gradient(const Value& y, Tensor<float> dy) {
  return differentiable("given", Tensor<float>::zeros({}),
                        wrt(y, [dy = std::move(dy)](const Tensor<float>&) mutable { return std::move(dy); }));
}

Timed both(const Case& c) {
  const auto x = make_operands(c.operands);
  const Value y = c.operation(x);
  const auto fresh = std::make_shared<Tensor<float>>();
  auto prepare = [fresh, dy = random_values(Operand(y.shape()))] { *fresh = dy; };
  auto run = [fresh, f = c.operation, x] {
    auto root = with_gradient(f(x), std::move(*fresh));
    benchmark::DoNotOptimize(backward(std::move(root)));
  };
  const auto learning = std::count_if(x.begin(), x.begin() + std::min(std::ssize(x), std::ptrdiff_t{2}),
                                      [](const Value& operand) { return operand.requires_grad(); });
  return {std::move(prepare), std::move(run), 2 * c.multiply_adds * static_cast<double>(1 + learning),
          2 * bytes_of(x, y)};
}

/// A step of 600,000 parameters in 30 tensors.
template <class Optimizer>
Timed step(const typename Optimizer::Options& options) {
  const std::vector<Operand> each(30, Operand{200, 100});
  const auto parameters = make_operands(each);
  auto root = differentiable_jointly("given", Tensor<float>::zeros({}), parameters,
                                     [each](const Tensor<float>&, const PoolVector<bool>&) {
                                       PoolVector<Tensor<float>> gradients;
                                       for (const Operand& operand : each) {
                                         gradients.push_back(random_values(operand));
                                       }
                                       return gradients;
                                     });
  const auto gradients = std::make_shared<Gradients<float>>(backward(std::move(root)));
  const auto optimizer = std::make_shared<Optimizer>(parameters, options);
  return {[] {}, [optimizer, gradients] { optimizer->step(*gradients); }, 0, 3 * bytes_of(parameters, parameters[0])};
}

void measure(benchmark::State& state, const std::string& name, const std::function<Timed()>& make) {
  const ThreadScope threads(static_cast<int>(state.range(0)));
  static std::string current;  // what Google Benchmark calls several times is set up once
  static Timed timed;
  if (current != name) {
    timed = {};
    timed = make();
    current = name;
  }
  for (int warm_up = 0; warm_up < 2; ++warm_up) {
    timed.prepare();
    timed.run();
  }
  std::vector<double> milliseconds;
  for (auto _ : state) {
    timed.prepare();
    const auto start = std::chrono::steady_clock::now();
    timed.run();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    state.SetIterationTime(seconds.count());
    milliseconds.push_back(1e3 * seconds.count());
  }
  const auto middle = milliseconds.begin() + std::ssize(milliseconds) / 2;
  std::nth_element(milliseconds.begin(), middle, milliseconds.end());
  state.counters["median_ms"] = *middle;
  state.counters["threads"] = thread_count();
  if (timed.flops > 0) {
    state.counters["FLOPS"] = {timed.flops, benchmark::Counter::kIsIterationInvariantRate};
  } else {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(timed.bytes));
  }
}

void add(const std::string& name, const std::function<Timed()>& make) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { measure(state, name, make); })
      ->ArgName("threads")
      ->Arg(1)
      ->Arg(2)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  for (const Case& c : cases()) {
    add(text(c.name, "/forward"), [c] { return forward(c); });
    add(text(c.name, "/both"), [c] { return both(c); });
  }
  add("sgd/step", [] { return step<optim::SGD<float>>({.lr = 1e-3}); });
  add("sgd_momentum/step", [] { return step<optim::SGD<float>>({.lr = 1e-3, .momentum = 0.9}); });
  add("adam/step", [] { return step<optim::Adam<float>>({}); });
  add("adamw/step", [] { return step<optim::AdamW<float>>({}); });
  add("rmsprop/step", [] { return step<optim::RMSprop<float>>({}); });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
}
