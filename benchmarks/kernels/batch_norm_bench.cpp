// Batch norm, ReLU and 2 x 2 pooling of the study's maps [64, 64, 48, 48]: alone, joined as one operation, and the same
// one after the other ("apart"). They only move memory. GB/s counts each array that an operation reads or writes once,
// and for the operations apart the arrays of the joined one, so that the two rates compare. The maps (38 MB) may partly
// stay in a large last-level cache: a share of the memory's bandwidth above 1 means just that.
#include <limits>

#include <engram/kernels/batch_norm_relu_max_pool2d.hpp>
#include <engram/kernels/elementwise.hpp>
#include <engram/kernels/max_pool2d.hpp>

#include "support/kernel_bench.hpp"

using namespace engram_bench;
using kernels::BatchNormGeometry;
using kernels::BatchNormGradients;
using kernels::BatchNormInputs;

namespace {

constexpr BatchNormGeometry maps{.batch = 64, .channels = 64, .area = 48 * 48, .width = 48};
constexpr Index elements = 64 * 64 * 48 * 48;
constexpr Index pooled = elements / 4;

/// Maps, what belongs to each channel, and room for results.
struct Arrays {
  Tensor<float> x = random_tensor({elements}, 1);
  Tensor<float> dy = random_tensor({elements}, 2);
  Tensor<float> y = Tensor<float>::zeros({elements});
  Tensor<float> mean = Tensor<float>::zeros({maps.channels});
  Tensor<float> variance = Tensor<float>::full({maps.channels}, 1);
  Tensor<float> weight = random_tensor({maps.channels}, 3);
  Tensor<float> bias = random_tensor({maps.channels}, 4);
  Tensor<float> dweight = Tensor<float>::zeros({maps.channels});
  Tensor<float> dbias = Tensor<float>::zeros({maps.channels});
  Tensor<std::int32_t> winners = Tensor<std::int32_t>::zeros({pooled});

  /// @param floor  0 for ReLU
  BatchNormInputs<float> inputs(float floor = std::numeric_limits<float>::quiet_NaN()) const {
    return {.x = x.data(),
            .mean = mean.data(),
            .variance = variance.data(),
            .weight = weight.data(),
            .bias = bias.data(),
            .eps = 1e-5F,
            .floor = floor};
  }
  BatchNormGradients<float> gradients() { return {.dx = y.data(), .dweight = dweight.data(), .dbias = dbias.data()}; }
};

const kernels::PoolGeometry pool{.window = {.height = 48, .width = 48, .kernel = 2, .stride = 2},
                                 .planes = maps.batch * maps.channels,
                                 .out_height = 24,
                                 .out_width = 24};

/// @param elements_moved  of the arrays that it reads or writes
template <class Run>
void add(const std::string& name, Index elements_moved, Run run) {
  add_kernel(name, {.bytes = static_cast<double>(elements_moved) * sizeof(float)},
             [run] { return [run, a = Arrays()]() mutable { run(a); }; });
}

void relu_in_place(Tensor<float>& x) {
  x = kernels::map_in_place([](float v) { return v < 0 ? 0 : v; }, std::move(x));
}

void add_forward() {
  add("batch_norm/statistics", elements,
      [](Arrays& a) { kernels::batch_statistics(maps, a.x.data(), a.mean.data(), a.variance.data()); });
  add("batch_norm/forward", 2 * elements, [](Arrays& a) { kernels::batch_norm(maps, a.inputs(), a.y.data()); });
  add("max_pool2d/forward", elements + 2 * pooled,
      [](Arrays& a) { kernels::max_pool2d(pool, a.x.data(), a.y.data(), a.winners.data()); });
  add("batch_norm_relu/forward/joined", 2 * elements,
      [](Arrays& a) { kernels::batch_norm(maps, a.inputs(0), a.y.data()); });
  add("batch_norm_relu/forward/apart", 2 * elements, [](Arrays& a) {
    kernels::batch_norm(maps, a.inputs(), a.y.data());
    relu_in_place(a.y);
  });
  add("batch_norm_relu_max_pool2d/forward/joined", elements + pooled,
      [](Arrays& a) { kernels::batch_norm_relu_max_pool2d(maps, a.inputs(0), a.y.data()); });
  add("batch_norm_relu_max_pool2d/forward/apart", elements + pooled, [](Arrays& a) {
    kernels::batch_norm(maps, a.inputs(), a.y.data());
    relu_in_place(a.y);
    kernels::max_pool2d(pool, a.y.data(), a.dy.data(), a.winners.data());
  });
}

void add_gradients() {
  add("batch_norm/gradient", 3 * elements,
      [](Arrays& a) { kernels::batch_norm_grad(maps, a.dy.data(), a.inputs(), true, a.gradients()); });
  add("max_pool2d/gradient", elements + 2 * pooled,
      [](Arrays& a) { kernels::max_pool2d_grad(pool, a.dy.data(), a.winners.data(), a.y.data()); });
  add("batch_norm_relu/gradient/joined", 3 * elements,
      [](Arrays& a) { kernels::batch_norm_grad(maps, a.dy.data(), a.inputs(0), true, a.gradients()); });
  add("batch_norm_relu_max_pool2d/gradient/joined", 2 * elements + pooled,
      [](Arrays& a) { kernels::batch_norm_relu_max_pool2d_grad(maps, a.dy.data(), a.inputs(0), true, a.gradients()); });
  add("batch_norm_relu_max_pool2d/gradient/apart", 2 * elements + pooled, [](Arrays& a) {
    kernels::max_pool2d_grad(pool, a.dy.data(), a.winners.data(), a.y.data());
    kernels::batch_norm_grad(maps, a.y.data(), a.inputs(0), true, a.gradients());
  });
}

}  // namespace

int main(int argc, char** argv) {
  add_forward();
  add_gradients();
  return run_benchmarks(argc, argv);
}
