// Training steps and inference of the study's three networks; peers/compare_study.py puts PyTorch's beside them.
#include <sys/resource.h>

#include <benchmark/benchmark.h>

#include <engram/autograd/backward.hpp>
#include <engram/core/parallel.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/ops/loss.hpp>
#include <engram/optim/adam.hpp>

using namespace engram;

namespace {

Variable<float> random_values(const Shape& shape, Rng& rng) {
  auto values = Tensor<float>::uninitialized(shape);
  for (float& v : values.elements()) {
    v = static_cast<float>(rng.uniform());
  }
  return Variable<float>(std::move(values));
}

void report(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;  // of the process: run one case alone
}

template <class Model>
void train_step(benchmark::State& state, const Shape& input, const Shape& target) {
  const ThreadScope threads(static_cast<int>(state.range(1)));
  Rng rng(1);
  Model model({}, rng);
  optim::Adam<float> adam(nn::variables(model));
  const auto x = random_values(input, rng);
  const auto y = random_values(target, rng);
  const auto step = [&] {
    auto loss = mse_loss(model(x, Mode::train), y);
    adam.step(backward(std::move(loss)));
  };
  for (int warm_up = 0; warm_up < 2; ++warm_up) {
    step();
  }
  for (auto _ : state) {
    step();
  }
  report(state);
}

template <class Model>
void infer(benchmark::State& state, const Shape& input) {
  const ThreadScope threads(static_cast<int>(state.range(1)));
  const NoGrad no_grad;
  Rng rng(1);
  const Model model({}, rng);
  const auto x = random_values(input, rng);
  for (int warm_up = 0; warm_up < 2; ++warm_up) {
    benchmark::DoNotOptimize(model(x));
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(model(x));
  }
  report(state);
}

template <class Model>
void register_model(const std::string& name, std::initializer_list<Index> input, std::initializer_list<Index> target) {
  const auto with_batch = [](Index batch, const std::vector<Index>& extents) {
    std::vector<Index> all{batch};
    all.insert(all.end(), extents.begin(), extents.end());
    return Shape(std::span<const Index>(all));
  };
  const std::vector<Index> in = input;
  const std::vector<Index> out = target;
  benchmark::RegisterBenchmark(("train_step/" + name).c_str(),
                               [=](benchmark::State& state) {
                                 train_step<Model>(state, with_batch(state.range(0), in),
                                                   with_batch(state.range(0), out));
                               })
      ->ArgNames({"batch", "threads"})
      ->ArgsProduct({{64}, {1, 2}})
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark(("infer/" + name).c_str(),
                               [=](benchmark::State& state) { infer<Model>(state, with_batch(state.range(0), in)); })
      ->ArgNames({"batch", "threads"})
      ->ArgsProduct({{1, 64}, {1, 2}})
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  register_model<models::ConvAutoencoder<float>>("autoencoder", {1, 50, 50}, {1, 50, 50});
  register_model<models::DirectionTagger<float>>("tagger", {1, 50, 50}, {2});
  register_model<models::ReductionDecoder<float>>("decoder", {16}, {1, 50, 50});
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
}
