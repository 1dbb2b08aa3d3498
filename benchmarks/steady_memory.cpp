// Does memory grow in a long training? steady_memory [steps 10000] [threads 2] [width 8]
//
// Trains the study's autoencoder, with dropout between its halves, on random frames in batches of 1 to 64 and prints
// what the process holds. Everything is a function of a seed: two runs ask for the same blocks in the same order.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include <engram/autograd/backward.hpp>
#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/models/parts.hpp>
#include <engram/nn/dropout.hpp>
#include <engram/nn/module.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/nn/shape.hpp>
#include <engram/ops/loss.hpp>
#include <engram/optim/adam.hpp>

using namespace engram;

namespace {

constexpr double mebibyte = 1 << 20;

double resident_mebibytes() {
  std::ifstream file("/proc/self/statm");
  long all = 0;
  long resident = 0;
  ensure<IoError>(static_cast<bool>(file >> all >> resident), "steady_memory: cannot read /proc/self/statm");
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / mebibyte;
}

nn::Sequential<float> make_network(const models::NetworkOptions& options, Rng& rng) {
  const Index features = models::feature_count(options);
  nn::Sequential<float> network;
  network.add(models::make_encoder<float>(options, rng))
      .add(nn::Flatten())
      .add(models::make_bottleneck<float>(features, options.latent_dim, rng))
      .add(nn::Dropout<float>(0.1, rng))
      .add(models::make_bottleneck<float>(options.latent_dim, features, rng))
      .add([options](const Variable<float>& x) { return models::feature_maps(options, x); })
      .add(models::make_decoder<float>(options, rng));
  return network;
}

Variable<float> random_frames(Index count, const models::NetworkOptions& options, Rng& rng) {
  auto frames = Tensor<float>::uninitialized({count, options.channels, options.image_height, options.image_width});
  for (float& v : frames.elements()) {
    v = static_cast<float>(rng.uniform());
  }
  return Variable<float>(std::move(frames));
}

void run_training(int steps, Index width) {
  Rng rng(1);
  const models::NetworkOptions options{.width = width};
  auto network = make_network(options, rng);
  optim::Adam<float> adam(nn::variables(network));
  const auto start = std::chrono::steady_clock::now();
  double total = 0;
  int counted = 0;
  std::printf("%8s %8s %12s %12s %8s\n", "step", "loss", "RSS MiB", "pool MiB", "seconds");
  for (int step = 1; step <= steps; ++step) {
    const auto x = random_frames(1 + rng.below(64), options, rng);
    if (x.shape()[0] == 1) {  // from which batch norm cannot learn
      const NoGrad no_grad;
      total += static_cast<double>(mse_loss(network(x), x).value().item());
    } else {
      auto loss = mse_loss(network(x, Mode::train), x);
      total += static_cast<double>(loss.value().item());
      adam.step(backward(std::move(loss)));
    }
    ++counted;
    if (step == 1 || step % std::max(1, steps / 10) == 0 || step == steps) {
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      std::printf("%8d %8.4f %12.1f %12.1f %8.1f\n", step, total / counted, resident_mebibytes(),
                  static_cast<double>(BufferPool::shared().kept_bytes()) / mebibyte, seconds.count());
      std::fflush(stdout);
      total = 0;
      counted = 0;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto option = [&](int position, int otherwise) {
      return argc > position ? std::stoi(argv[position]) : otherwise;
    };
    const ThreadScope threads(option(2, 2));
    run_training(option(1, 10000), option(3, 8));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steady_memory [steps] [threads] [width]: %s\n", error.what());
    return 1;
  }
}
