// The study's convolutions, forward and both gradients, plain and transposed (decoder_...), directly and, where the
// library would choose them, by Winograd's points. GFLOP/s counts the direct convolution's arithmetic for both, so that
// they compare: by points it may exceed the machine's peak, since it does less than it is credited with.
#include <engram/kernels/conv2d.hpp>

#include "support/kernel_bench.hpp"
#include "support/study_layers.hpp"

using namespace engram_bench;
using kernels::Conv2dGeometry;

namespace {

/// The three arrays of a convolution: x, weight and y of the geometry, whatever is computed from the other two.
struct Arrays {
  Tensor<float> x;
  Tensor<float> weight;
  Tensor<float> y;

  explicit Arrays(const Conv2dGeometry& g)
      : x(random_tensor({g.batch * g.image_size()}, 1)),
        weight(random_tensor({g.weight_size()}, 2)),
        y(random_tensor({g.batch * g.result_size()}, 3)) {}
};

void forward(const Conv2dGeometry& g, Arrays& a) {
  kernels::conv2d<float>(g, a.x.data(), a.weight.data(), nullptr, a.y.data());
}
void to_input(const Conv2dGeometry& g, Arrays& a) {
  kernels::conv2d_grad_input<float>(g, a.y.data(), a.weight.data(), nullptr, a.x.data());
}
void to_weight(const Conv2dGeometry& g, Arrays& a) {
  kernels::conv2d_grad_weight<float>(g, a.y.data(), a.x.data(), a.weight.data());
}

using Pass = void (*)(const Conv2dGeometry&, Arrays&);

void add(const StudyLayer& layer, const std::string& pass, Pass compute) {
  Conv2dGeometry g = layer.geometry;
  const double flops = 2.0 * static_cast<double>(g.batch * g.filters * g.window.positions() * g.window.taps());
  const auto add_as = [&](const std::string& algorithm) {
    add_kernel(text("conv2d/", layer.name, "/", pass, "/", algorithm, "/batch:", g.batch), {.flops = flops},
               [g, compute] { return [g, compute, arrays = Arrays(g)]() mutable { compute(g, arrays); }; });
  };
  if (kernels::winograd::pays(g)) {
    add_as("winograd");
  }
  g.algorithm = kernels::ConvAlgorithm::direct;
  add_as("direct");
}

}  // namespace

int main(int argc, char** argv) {
  for (const Index batch : {64, 1}) {
    for (const StudyLayer& layer : study_layers(batch)) {
      add(layer, "forward", layer.transposed ? to_input : forward);
      add(layer, "grad_input", layer.transposed ? forward : to_input);
      add(layer, "grad_weight", to_weight);
    }
  }
  return run_benchmarks(argc, argv);
}
