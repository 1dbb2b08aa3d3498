#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <engram/infer/runner.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/nn/conv_transpose2d.hpp>
#include <engram/nn/dropout.hpp>
#include <engram/nn/shape.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/random_tensor.hpp"

using namespace engram;

namespace {

/// Largest difference between what the plan and the model make of `batch` random items, over the largest result.
template <class T, class Model>
double plan_error(const Model& model, const Shape& item, Index batch) {
  const Tensor<T> x = normal<T>(infer::batch_of(batch, item), 7);
  const NoGrad no_grad;
  const Tensor<T> expected = model(Variable<T>(x)).value();
  infer::Runner<T> runner(infer::Plan<T>(model, item), batch);
  const std::span<const T> got = runner.run(x.elements());
  REQUIRE(std::ssize(got) == expected.size());
  double error = 0;
  double largest = 0;
  for (Index i = 0; i < expected.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(expected[i] - got[static_cast<std::size_t>(i)])));
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  CHECK(largest > 0);
  return error / largest;
}

/// A batch norm whose statistics and weights are not those it is made with.
template <class T>
nn::BatchNorm2d<T> used_batch_norm(Index channels, Rng& rng) {
  nn::BatchNorm2d<T> layer(channels);
  for (auto& parameter : layer.parameters()) {
    for (T& v : parameter.variable.mutable_value().elements()) {
      v = static_cast<T>(rng.normal());
    }
  }
  for (auto& buffer : layer.buffers()) {
    for (Index c = 0; buffer.values != nullptr && c < channels; ++c) {
      (*buffer.values)[c] = static_cast<T>(0.5 + rng.uniform());
    }
  }
  return layer;
}

template <class T>
using Layers = nn::Sequential<T>;

template <class T>
nn::Conv2d<T> conv(const nn::Conv2dOptions& options, Rng& rng) {
  return nn::Conv2d<T>(options, rng);
}

}  // namespace

namespace {

/// Passes all on, and names it.
struct Marked {
  std::string name;
  Variable<float> operator()(const Variable<float>& x) const { return x; }
  void describe(nn::LayerVisitor<float>& visitor) const { visitor.output(name); }
};

/// [N, ...] to [N, 1], then [N, 2] ...
struct Growing {
  std::shared_ptr<Index> width;
  Variable<float> operator()(const Variable<float>& x) const {
    return Variable<float>(Tensor<float>::zeros({x.shape()[0], (*width)++}));
  }
};

}  // namespace

TEST_CASE("infer: the study's networks give what the model gives") {
  Rng rng(1);
  const models::NetworkOptions small{.image_height = 26, .image_width = 30, .latent_dim = 5, .width = 16};
  for (const models::NetworkOptions& options : {models::NetworkOptions{}, small}) {
    models::ConvAutoencoder<float> autoencoder(options, rng);
    const Shape image{options.channels, options.image_height, options.image_width};
    for (int i = 0; i < 2; ++i) {  // moves the running statistics
      autoencoder(Variable<float>(normal<float>(infer::batch_of(4, image), 3)), Mode::train);
    }
    CHECK(plan_error<float>(autoencoder, image, 1) < 1e-5);
    CHECK(plan_error<float>(autoencoder, image, 7) < 1e-5);
    CHECK(plan_error<float>(models::DirectionTagger<float>(options, rng), image, 3) < 1e-5);
    CHECK(plan_error<float>(models::ReductionDecoder<float>(options, rng), {options.latent_dim}, 3) < 1e-5);
  }
}

TEST_CASE("infer: layers in combinations that the networks do not have") {
  Rng rng(2);
  using nn::ReLU, nn::MaxPool2d;
  const auto check = [](const Layers<float>& model, const Shape& item) {
    CHECK(plan_error<float>(model, item, 1) < 1e-5);
    CHECK(plan_error<float>(model, item, 6) < 1e-5);
  };
  SUBCASE("nothing at all") {
    check(Layers<float>(), {3, 5, 4});
  }
  SUBCASE("stride, padding, dilation, odd channels") {
    check(Layers<float>(
              conv<float>({.in_channels = 3, .out_channels = 5, .kernel = {3, 2}, .stride = {2, 3}, .padding = {2, 1}},
                          rng),
              ReLU(),
              conv<float>(
                  {.in_channels = 5, .out_channels = 7, .kernel = 3, .padding = 2, .dilation = 2, .bias = false}, rng)),
          {3, 13, 17});
  }
  SUBCASE("groups run as they are") {
    check(Layers<float>(conv<float>({.in_channels = 4, .out_channels = 6, .kernel = 3, .groups = 2}, rng), ReLU()),
          {4, 6, 7});
  }
  SUBCASE("pooling of an odd number of rows, by points and directly") {
    for (const auto algorithm : {ConvAlgorithm::automatic, ConvAlgorithm::direct}) {
      check(Layers<float>(
                conv<float>({.in_channels = 16, .out_channels = 32, .kernel = 3, .padding = 1, .algorithm = algorithm},
                            rng),
                used_batch_norm<float>(32, rng), ReLU(), MaxPool2d{}),
            {16, 15, 13});
    }
  }
  SUBCASE("pooling before ReLU and batch norm, other poolings") {
    check(Layers<float>(conv<float>({.in_channels = 2, .out_channels = 20, .kernel = 3}, rng), MaxPool2d{}, ReLU(),
                        used_batch_norm<float>(20, rng), MaxPool2d{{.kernel = 3, .stride = 2, .padding = 1}},
                        nn::AvgPool2d{}),
          {2, 18, 18});
  }
  SUBCASE("batch norm and ReLU first, twice, and after each other") {
    check(Layers<float>(used_batch_norm<float>(3, rng), ReLU(), used_batch_norm<float>(3, rng),
                        conv<float>({.in_channels = 3, .out_channels = 4, .kernel = 1}, rng), ReLU(),
                        used_batch_norm<float>(4, rng)),
          {3, 6, 5});
  }
  SUBCASE("few filters with stride and padding") {
    check(Layers<float>(
              conv<float>({.in_channels = 17, .out_channels = 2, .kernel = {3, 4}, .stride = {1, 2}, .padding = {1, 3}},
                          rng),
              ReLU()),
          {17, 9, 10});
  }
  SUBCASE("transposed convolutions") {
    const auto expand = [&](const nn::ConvTranspose2dOptions& options) {
      return nn::ConvTranspose2d<float>(options, rng);
    };
    check(
        Layers<float>(
            expand({.in_channels = 3, .out_channels = 40, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1}),
            used_batch_norm<float>(40, rng), ReLU(),
            expand({.in_channels = 40, .out_channels = 33, .kernel = {2, 3}, .stride = {2, 3}}), ReLU(),
            expand({.in_channels = 33, .out_channels = 2, .kernel = 3, .padding = 1}),
            expand({.in_channels = 2, .out_channels = 4, .kernel = 3, .groups = 2})),
        {3, 5, 6});
  }
  SUBCASE("a kernel as large as its image") {
    check(Layers<float>(
              conv<float>({.in_channels = 3, .out_channels = 8, .kernel = 5}, rng), ReLU(),
              nn::ConvTranspose2d<float>({.in_channels = 8, .out_channels = 3, .kernel = 3}, rng),
              nn::ConvTranspose2d<float>({.in_channels = 3, .out_channels = 4, .kernel = 3, .padding = 2}, rng)),
          {3, 5, 5});
    check(
        Layers<float>(conv<float>({.in_channels = 2, .out_channels = 3, .kernel = 3, .stride = 3, .padding = 1}, rng)),
        {2, 3, 3});
  }
  SUBCASE("sequences") {
    nn::BatchNorm1d<float> norm(3);
    norm(Variable<float>(normal<float>({4, 3, 7}, 1)), Mode::train);
    check(Layers<float>(norm, ReLU()), {3, 7});
  }
  SUBCASE("linear layers, Flatten, dropout, activations that have no step") {
    check(Layers<float>(conv<float>({.in_channels = 2, .out_channels = 3, .kernel = 3}, rng), nn::Flatten{},
                        nn::Dropout<float>(0.5, rng),
                        nn::Linear<float>({.in_features = 3 * 4 * 5, .out_features = 300}, rng), nn::Tanh{},
                        nn::Linear<float>({.in_features = 300, .out_features = 3, .bias = false}, rng),
                        nn::BatchNorm1d<float>(3)),
          {2, 6, 7});
  }
}

TEST_CASE("infer: an image's result does not depend on its batch, nor on the number of threads") {
  Rng rng(3);
  const models::ConvAutoencoder<float> model({}, rng);
  const infer::Plan<float> plan(model, {1, 50, 50});
  const Tensor<float> x = normal<float>({11, 1, 50, 50}, 4);
  infer::Runner<float> single(plan);
  std::vector<float> expected;
  for (std::size_t i = 0; i < 11; ++i) {
    const auto y = single.run(x.elements().subspan(i * 2500, 2500));
    expected.insert(expected.end(), y.begin(), y.end());
  }
  for (const int threads : {1, 2, 3}) {
    const ThreadScope made(threads);
    infer::Runner<float> runner(plan, 11);
    for (const int threads_later : {3, 1}) {
      const ThreadScope scope(threads_later);
      const auto y = runner.run(x.elements());
      CHECK(std::equal(y.begin(), y.end(), expected.begin(), expected.end()));
    }
  }
  const infer::Plan<float> centred(nn::Sequential<float>([](const Variable<float>& images) {
                                     return images - mean(images);  // mixes whatever comes together
                                   }),
                                   {1, 50, 50});
  infer::Runner<float> alone(centred);
  infer::Runner<float> together(centred, 2);
  const auto first = alone.run(x.elements().first(2500));
  CHECK(std::ranges::equal(together.run(x.elements().first(5000)).first(2500), first));
}

TEST_CASE("infer: the code beside the image, or alone") {
  Rng rng(5);
  models::ConvAutoencoder<float> model({.image_height = 18, .image_width = 22, .latent_dim = 3, .width = 4}, rng);
  const Tensor<float> x = normal<float>({2, 1, 18, 22}, 6);
  const NoGrad no_grad;
  const Tensor<float> code = model.encode(Variable<float>(x)).value();
  infer::Runner<float> both(infer::Plan<float>(model, {1, 18, 22}), 2);
  infer::Runner<float> alone(infer::Plan<float>(model, {1, 18, 22}, {.until = "code"}), 2);
  both.run(x.elements());
  const auto output = alone.run(x.elements());
  REQUIRE(both.output("code").size() == 6);
  REQUIRE(output.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(both.output("code")[i] == doctest::Approx(code[static_cast<Index>(i)]).epsilon(1e-5));
    CHECK(both.output("code")[i] == output[i]);
  }
  CHECK(alone.plan().steps().size() < both.plan().steps().size());
}

TEST_CASE("infer: a plan keeps the weights that it was made with") {
  Rng rng(8);
  nn::Sequential<float> model(nn::Linear<float>({.in_features = 2, .out_features = 1}, rng), nn::Sigmoid{});
  infer::Runner<float> runner(infer::Plan<float>(model, {2}));
  const std::vector<float> x{1, 2};
  const float before = runner.run(x)[0];
  for (auto& parameter : model.parameters()) {
    parameter.variable.mutable_value()[0] += 1;
  }
  CHECK(runner.run(x)[0] == before);
}

TEST_CASE("infer: NaN passes through ReLU and pooling") {
  Rng rng(9);
  nn::Sequential<float> model(nn::Conv2d<float>({.in_channels = 1, .out_channels = 2, .kernel = 1}, rng), nn::ReLU{},
                              nn::MaxPool2d{});
  infer::Runner<float> runner(infer::Plan<float>(model, {1, 2, 4}));
  std::vector<float> x(8, 0.5f);
  for (const std::size_t place : {0U, 1U, 4U, 5U}) {
    x.assign(8, 0.5f);
    x[place] = std::numeric_limits<float>::quiet_NaN();
    const auto y = runner.run(x);  // [2, 1, 2]
    CHECK(std::isnan(y[0]));
    CHECK_FALSE(std::isnan(y[1]));
    CHECK(std::isnan(y[2]));
  }
}

TEST_CASE("infer: several threads evaluate one plan, each with a runner of its own") {
  Rng rng(10);
  const models::DirectionTagger<float> model({.width = 8}, rng);
  const infer::Plan<float> plan(model, {1, 50, 50});
  const Tensor<float> x = normal<float>({1, 1, 50, 50}, 11);
  infer::Runner<float> runner(plan);
  const auto y = runner.run(x.elements());
  std::vector<int> same(4, 0);
  std::vector<std::thread> threads;
  for (int& result : same) {
    threads.emplace_back([&] {
      infer::Runner<float> own(plan);
      for (int i = 0; i < 20; ++i) {
        const auto z = own.run(x.elements());
        result += std::equal(y.begin(), y.end(), z.begin(), z.end()) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(same == std::vector<int>(4, 20));
}

TEST_CASE("infer: errors say what was found and what was needed") {
  Rng rng(12);
  const models::ConvAutoencoder<float> model({.width = 4}, rng);
  CHECK_THROWS_WITH_AS(
      infer::Plan<float>(model, {3, 50, 50}),
      "infer::Plan: need items that the model can take, got [3, 50, 50]: conv2d: need x [N, C, H, W] and weight "
      "[F, C / groups, KH, KW], got x [1, 3, 50, 50] and weight [4, 1, 3, 3], groups 1",
      ShapeError);
  CHECK_THROWS_WITH_AS(infer::Plan<float>(model, {1, 54, 50}),
                       "infer::Plan: need items that the model can take, got [1, 54, 50]: "
                       "infer: need items of shape [648] for a linear layer with weight [16, 648], got [720]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(infer::Plan<float>(model, {1, 50, 50}, {.until = "latent"}),
                       "infer: need one of the model's outputs (code, output) to end with, got \"latent\"",
                       ArgumentError);
  const infer::Plan<float> plan(model, {1, 50, 50});
  CHECK_THROWS_WITH_AS(infer::Runner<float>(plan, 0), "infer::Runner: need a batch >= 1, got 0", ArgumentError);
  infer::Runner<float> runner(plan, 2);
  CHECK_THROWS_WITH_AS(runner.run(std::vector<float>(2501)),
                       "infer::Runner: need at most 2 items of shape [1, 50, 50], 2500 numbers each, got 2501 numbers",
                       ShapeError);
  runner.run(std::vector<float>(2500));
  CHECK_THROWS_AS(runner.run(std::vector<float>(7500)), ShapeError);
  CHECK(runner.output("code").size() == 16);  // of the run before
  const nn::Sequential<float> twice(Marked{"output"});
  CHECK_THROWS_WITH_AS(
      infer::Plan<float>(twice, {3}),
      "infer: need different names of outputs (\"output\" is the model's result), got \"output\" twice", ArgumentError);
  infer::Runner<float> changing(infer::Plan<float>(nn::Sequential<float>(Growing{std::make_shared<Index>(1)}), {3}));
  CHECK_THROWS_WITH_AS(changing.run(std::vector<float>(3)),
                       "infer: need [1, 1] from a layer that gave this shape when the plan was made, got [1, 2]",
                       ShapeError);
  CHECK_THROWS_WITH_AS((void)runner.output("latent"),
                       "infer: need an output of the plan (code, output), got \"latent\"", ArgumentError);
}
