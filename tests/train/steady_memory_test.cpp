#include <doctest/doctest.h>

#include <engram/autograd/backward.hpp>
#include <engram/nn/activation.hpp>
#include <engram/nn/batch_norm.hpp>
#include <engram/nn/conv2d.hpp>
#include <engram/nn/dropout.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/pooling.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/nn/shape.hpp>
#include <engram/ops/loss.hpp>
#include <engram/optim/adam.hpp>

#include "support/random_tensor.hpp"
#include "support/resident_memory.hpp"

using namespace engram;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool keeps_freed_memory = true;
#elif defined(__has_feature)
constexpr bool keeps_freed_memory = __has_feature(address_sanitizer);
#else
constexpr bool keeps_freed_memory = false;
#endif

}  // namespace

TEST_CASE("training: 10,000 steps with batch sizes that vary keep the memory flat") {
  Rng rng(1);
  nn::Sequential<float> net(nn::Conv2d<float>({.in_channels = 1, .out_channels = 4, .kernel = 3}, rng),
                            nn::BatchNorm2d<float>(4), nn::ReLU(), nn::MaxPool2d(), nn::Flatten(),
                            nn::Dropout<float>(0.1, rng),
                            nn::Linear<float>({.in_features = 36, .out_features = 2}, rng));
  optim::Adam<float> adam(nn::variables(net));
  const auto images = normal<float>({32, 1, 8, 8}, 2);
  const auto targets = normal<float>({32, 2}, 3);
  Index warm = 0;
  std::size_t kept = 0;
  for (int step = 1; step <= 10'000; ++step) {
    const Index batch = 2 + rng.below(31);
    const auto first = [](const Tensor<float>& all, Shape shape) {
      return Variable<float>(
          Tensor<float>::from(shape, all.elements().subspan(0, static_cast<std::size_t>(shape.size()))));
    };
    auto loss = mse_loss(net(first(images, {batch, 1, 8, 8}), Mode::train), first(targets, {batch, 2}));
    adam.step(backward(std::move(loss)));
    if (step == 1'000) {
      warm = support::resident_bytes();
      kept = BufferPool::shared().kept_bytes();
    }
    if (step % 3'000 == 1'000) {
      MESSAGE("after ", step, " steps: ", support::resident_bytes() / 1024, " KiB resident, pool ",
              BufferPool::shared().kept_bytes());
    }
  }
  CHECK(BufferPool::shared().kept_bytes() < kept + (1 << 20));
  if (!keeps_freed_memory) {
    CHECK(support::resident_bytes() < warm + (1 << 20));
  }
}
