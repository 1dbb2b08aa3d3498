// A network of one's own: a small U-Net with skip connections and residual blocks, composed from the library's layers,
// shown as a table and trained to remove the camera's noise from frames of the synthetic arena.
#include <cstdio>
#include <vector>

#include <engram/analysis/psnr.hpp>
#include <engram/data/arena.hpp>
#include <engram/nn/activation.hpp>
#include <engram/nn/batch_norm.hpp>
#include <engram/nn/conv2d.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/nn/summary.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/avg_pool2d.hpp>
#include <engram/ops/concat.hpp>
#include <engram/ops/upsample2d.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/fit.hpp>
#include <engram/train/progress.hpp>

using namespace engram;
using Var = Variable<float>;

/// Two convolutions whose result is added to what went in (He, Zhang, Ren, Sun, CVPR 2016).
class Residual {
 public:
  Residual(Index channels, Rng& rng)
      : body_{convolve(channels, rng), nn::BatchNorm2d<float>(channels), nn::ReLU(), convolve(channels, rng),
              nn::BatchNorm2d<float>(channels)} {}

  Var operator()(const Var& x) const { return relu(x + body_(x)); }
  Var operator()(const Var& x, Mode mode) { return relu(x + body_(x, mode)); }
  nn::Parameters<float> parameters() const { return body_.parameters(); }
  nn::Buffers<float> buffers() { return body_.buffers(); }

 private:
  static nn::Conv2d<float> convolve(Index channels, Rng& rng) {
    return {{.in_channels = channels, .out_channels = channels, .kernel = 3, .padding = 1, .bias = false}, rng};
  }
  nn::Sequential<float> body_;
};

/// Down twice, up twice; each way up sees what the way down had at the same size (Ronneberger, Fischer, Brox, MICCAI
/// 2015). The network learns the noise, which is taken from the input. Images of any size.
class UNet {
 public:
  UNet(Index width, Rng& rng)
      : parts_{block(1, width, rng), block(width, 2 * width, rng), block(2 * width, 2 * width, rng),
               block(4 * width, width, rng), block(2 * width, width, rng)},
        last_({.in_channels = width, .out_channels = 1, .kernel = 1}, rng) {}

  Var operator()(const Var& x) const { return forward(*this, x); }
  Var operator()(const Var& x, Mode mode) { return forward(*this, x, mode); }

  nn::Parameters<float> parameters() const {
    nn::Parameters<float> all;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      nn::append(all, text(names[i]), parts_[i].parameters());
    }
    nn::append(all, "last", last_.parameters());
    return all;
  }
  nn::Buffers<float> buffers() {
    nn::Buffers<float> all;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      nn::append(all, text(names[i]), parts_[i].buffers());
    }
    return all;
  }

 private:
  static constexpr const char* names[] = {"down_1", "down_2", "middle", "up_2", "up_1"};

  static nn::Sequential<float> block(Index in, Index out, Rng& rng) {
    return nn::Sequential<float>{
        nn::Conv2d<float>({.in_channels = in, .out_channels = out, .kernel = 3, .padding = 1}, rng), nn::ReLU(),
        Residual(out, rng)};
  }

  /// One description of the network for both modes: `mode` is empty in evaluation.
  template <class Self, class... M>
  static Var forward(Self& self, const Var& x, M... mode) {
    const auto up_to = [](const Var& small, const Var& like) {
      return upsample2d(small, {.size = {like.shape()[2], like.shape()[3]}, .mode = UpsampleMode::bilinear});
    };
    const Var first = self.parts_[0](x, mode...);
    const Var second = self.parts_[1](avg_pool2d(first), mode...);
    const Var bottom = self.parts_[2](avg_pool2d(second), mode...);
    const Var third = self.parts_[3](concat({up_to(bottom, second), second}, 1), mode...);
    const Var fourth = self.parts_[4](concat({up_to(third, first), first}, 1), mode...);
    return x - self.last_(fourth);
  }

  std::vector<nn::Sequential<float>> parts_;
  nn::Conv2d<float> last_;
};

/// Frames of a recording as [N, 1, 50, 50] in 0..1.
Tensor<float> scaled(const Tensor<std::uint8_t>& pixels) {
  auto x = cast<float>(pixels).reshaped({-1, 1, pixels.dim(1), pixels.dim(2)});
  for (float& v : x.elements()) {
    v /= 255;
  }
  return x;
}

int main() {
  const auto recording = data::make_arena({.frames = 1000, .seed = 1});
  const auto unseen = data::make_arena({.frames = 200, .seed = 2});
  Rng rng(0);
  UNet net(8, rng);
  std::puts(nn::summary(net, {1, 1, 50, 50}).text().c_str());

  optim::Adam<float> adam(nn::variables(net), {.lr = 3e-3});
  train::TrainingState state;
  train::fit(net, adam, train::pairs(scaled(recording.images), scaled(recording.clean)),
             {.epochs = 4, .batch_size = 16, .callbacks = {train::progress()}}, state);

  const NoGrad no_grad;
  const auto noisy = scaled(unseen.images);
  const auto clean = scaled(unseen.clean);
  std::printf("PSNR of frames of another recording: noisy %.1f dB, through the network %.1f dB\n",
              analysis::psnr(noisy, clean), analysis::psnr(net(Var(noisy)).value(), clean));
}
