#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/random.hpp>
#include <engram/ops/activation.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/avg_pool2d.hpp>
#include <engram/ops/batch_norm.hpp>
#include <engram/ops/concat.hpp>
#include <engram/ops/conv2d.hpp>
#include <engram/ops/conv_transpose2d.hpp>
#include <engram/ops/cross_entropy.hpp>
#include <engram/ops/dropout.hpp>
#include <engram/ops/elementary.hpp>
#include <engram/ops/group_norm.hpp>
#include <engram/ops/layer_norm.hpp>
#include <engram/ops/linear.hpp>
#include <engram/ops/loss.hpp>
#include <engram/ops/matmul.hpp>
#include <engram/ops/max_pool2d.hpp>
#include <engram/ops/pad.hpp>
#include <engram/ops/reduce.hpp>
#include <engram/ops/shape.hpp>
#include <engram/ops/slice.hpp>
#include <engram/ops/softmax.hpp>
#include <engram/ops/upsample2d.hpp>

// What ops_bench times. peers/torch_ops.py has the same table, line by line.

namespace ops_bench {

using namespace engram;

using Value = Variable<float>;
using X = const std::vector<Value>&;

/// The shape of an operand, the range of its random elements, and whether backward computes its gradient.
struct Operand {
  Shape shape;
  bool learns = true;
  float low = -2;
  float high = 2;

  Operand(std::initializer_list<Index> extents) : shape(extents) {}
  explicit Operand(const Shape& s) : shape(s) {}
};

inline Operand constant(Operand operand) {
  operand.learns = false;
  return operand;
}

inline Operand positive(Operand operand) {
  operand.low = 0.01F;
  operand.high = 1;
  return operand;
}

struct Case {
  std::string name;
  std::vector<Operand> operands;
  std::function<Value(X)> operation;
  double multiply_adds = 0;  ///< of the forward pass; backward takes as many per operand. 0: bound by memory
};

/// Batch norm of x, weight and bias.
inline std::function<Value(X)> batch_norm_of(Index channels, Mode mode) {
  RunningStatistics<float> running{Tensor<float>::zeros({channels}), Tensor<float>::full({channels}, 1)};
  return [=](X x) mutable { return batch_norm(x[0], x[1], x[2], running, mode); };
}

/// Cross entropy of x with random classes.
inline std::function<Value(X)> cross_entropy_of(const Shape& places, Index classes) {
  auto target = Tensor<std::int64_t>::uninitialized(places);
  Rng rng(1);
  for (std::int64_t& t : target.elements()) {
    t = rng.below(classes);
  }
  return [=](X x) { return cross_entropy(x[0], target); };
}

inline std::vector<Case> cases() {
  const Operand maps{64, 64, 24, 24};
  const Operand small_maps{64, 64, 12, 12};
  const Operand large_maps{64, 64, 48, 48};
  const Operand frames{64, 1, 50, 50};
  const Operand per_channel{64, 1, 1};
  const Operand weight{64};
  const Operand rows{4096, 256};
  const Operand row{256};
  const Operand logits{16, 32, 48, 48};
  const Operand features{64, 10368};
  const Operand code{64, 16};
  const Operand filters{64, 64, 3, 3};
  const auto convolve = [](const Conv2dStep& step) { return [=](X x) { return conv2d(x[0], x[1], x[2], step); }; };
  const auto transposed = [](const ConvTranspose2dStep& step) {
    return [=](X x) { return conv_transpose2d(x[0], x[1], x[2], step); };
  };
  const auto padded = [](PadMode mode) { return [=](X x) { return pad(x[0], 1, mode); }; };
  const auto summed = [](std::vector<Index> dims) { return [=](X x) { return sum(x[0], dims); }; };
  const auto averaged = [](std::vector<Index> dims) { return [=](X x) { return mean(x[0], dims); }; };

  return {
      {"relu", {maps}, [](X x) { return relu(x[0]); }},
      {"leaky_relu", {maps}, [](X x) { return leaky_relu(x[0]); }},
      {"elu", {maps}, [](X x) { return elu(x[0]); }},
      {"gelu", {maps}, [](X x) { return gelu(x[0]); }},
      {"silu", {maps}, [](X x) { return silu(x[0]); }},
      {"sigmoid", {maps}, [](X x) { return sigmoid(x[0]); }},
      {"tanh", {maps}, [](X x) { return tanh(x[0]); }},
      {"softplus", {maps}, [](X x) { return softplus(x[0]); }},
      {"exp", {maps}, [](X x) { return exp(x[0]); }},
      {"log", {positive(maps)}, [](X x) { return log(x[0]); }},
      {"sqrt", {positive(maps)}, [](X x) { return sqrt(x[0]); }},
      {"abs", {maps}, [](X x) { return abs(x[0]); }},
      {"square", {maps}, [](X x) { return square(x[0]); }},
      {"sin", {maps}, [](X x) { return sin(x[0]); }},
      {"cos", {maps}, [](X x) { return cos(x[0]); }},
      {"clamp", {maps}, [](X x) { return clamp(x[0], -1, 1); }},
      {"dropout", {maps}, [pass = 0u](X x) mutable { return dropout(x[0], 0.5, Rng(pass++)); }},

      {"add", {maps, maps}, [](X x) { return x[0] + x[1]; }},
      {"sub", {maps, maps}, [](X x) { return x[0] - x[1]; }},
      {"mul", {maps, maps}, [](X x) { return x[0] * x[1]; }},
      {"div", {maps, positive(maps)}, [](X x) { return x[0] / x[1]; }},
      {"add_per_channel", {maps, per_channel}, [](X x) { return x[0] + x[1]; }},
      {"mul_per_channel", {maps, per_channel}, [](X x) { return x[0] * x[1]; }},
      {"div_per_channel", {maps, positive(per_channel)}, [](X x) { return x[0] / x[1]; }},
      {"add_row", {rows, row}, [](X x) { return x[0] + x[1]; }},
      {"mul_number", {maps}, [](X x) { return x[0] * 1.5F; }},

      {"conv2d_3x3_64", {maps, filters, weight}, convolve({}), 64. * 64 * 22 * 22 * 64 * 9},
      {"conv2d_3x3_1_to_64", {constant(frames), {64, 1, 3, 3}, weight}, convolve({}), 64. * 64 * 48 * 48 * 9},
      {"conv2d_3x3_64_one_image", {{1, 64, 24, 24}, filters, weight}, convolve({}), 64. * 22 * 22 * 64 * 9},
      {"conv2d_3x3_64_padding1", {maps, filters, weight}, convolve({.padding = 1}), 64. * 64 * 24 * 24 * 64 * 9},
      {"conv2d_3x3_64_stride2", {maps, filters, weight}, convolve({.stride = 2}), 64. * 64 * 11 * 11 * 64 * 9},
      {"conv2d_3x3_64_dilation2", {maps, filters, weight}, convolve({.dilation = 2}), 64. * 64 * 20 * 20 * 64 * 9},
      {"conv2d_1x1_64", {maps, {64, 64, 1, 1}, weight}, convolve({}), 64. * 64 * 24 * 24 * 64},
      {"conv2d_3x3_groups4", {maps, {64, 16, 3, 3}, weight}, convolve({.groups = 4}), 64. * 64 * 22 * 22 * 16 * 9},
      {"conv2d_3x3_depthwise", {maps, {64, 1, 3, 3}, weight}, convolve({.groups = 64}), 64. * 64 * 22 * 22 * 9},
      {"conv_transpose2d_3x3_64", {maps, filters, weight}, transposed({}), 64. * 64 * 24 * 24 * 64 * 9},
      {"conv_transpose2d_2x2_stride2",
       {maps, {64, 64, 2, 2}, weight},
       transposed({.stride = 2}),
       64. * 64 * 24 * 24 * 64 * 4},
      {"conv_transpose2d_3x3_64_to_1", {large_maps, {64, 1, 3, 3}, {1}}, transposed({}), 64. * 64 * 48 * 48 * 9},

      {"linear_10368_to_16",
       {features, {16, 10368}, {16}},
       [](X x) { return linear(x[0], x[1], x[2]); },
       64. * 10368 * 16},
      {"linear_16_to_10368",
       {code, {10368, 16}, {10368}},
       [](X x) { return linear(x[0], x[1], x[2]); },
       64. * 10368 * 16},
      {"matmul_512", {{512, 512}, {512, 512}}, [](X x) { return matmul(x[0], x[1]); }, 512. * 512 * 512},
      {"matmul_batched_64", {{64, 64, 64}, {64, 64, 64}}, [](X x) { return matmul(x[0], x[1]); }, 64. * 64 * 64 * 64},

      {"max_pool2d_2", {maps}, [](X x) { return max_pool2d(x[0]); }},
      {"max_pool2d_3_stride2", {maps}, [](X x) { return max_pool2d(x[0], {.kernel = 3, .stride = 2, .padding = 1}); }},
      {"avg_pool2d_2", {maps}, [](X x) { return avg_pool2d(x[0]); }},
      {"avg_pool2d_3_stride2", {maps}, [](X x) { return avg_pool2d(x[0], {.kernel = 3, .stride = 2, .padding = 1}); }},
      {"adaptive_avg_pool2d_1", {maps}, [](X x) { return adaptive_avg_pool2d(x[0], 1); }},
      {"adaptive_avg_pool2d_5", {maps}, [](X x) { return adaptive_avg_pool2d(x[0], 5); }},
      {"upsample2d_nearest", {small_maps}, [](X x) { return upsample2d(x[0], {.scale = 2}); }},
      {"upsample2d_bilinear",
       {small_maps},
       [](X x) { return upsample2d(x[0], {.scale = 2, .mode = UpsampleMode::bilinear}); }},
      {"pad_constant", {maps}, padded(PadMode::constant)},
      {"pad_reflect", {maps}, padded(PadMode::reflect)},
      {"pad_replicate", {maps}, padded(PadMode::replicate)},
      {"pad_circular", {maps}, padded(PadMode::circular)},

      {"batch_norm_train", {maps, weight, weight}, batch_norm_of(64, Mode::train)},
      {"batch_norm_eval", {maps, weight, weight}, batch_norm_of(64, Mode::eval)},
      {"batch_norm_train_10368", {features, {10368}, {10368}}, batch_norm_of(10368, Mode::train)},
      {"layer_norm", {rows, row, row}, [](X x) { return layer_norm(x[0], {256}, x[1], x[2]); }},
      {"group_norm", {maps, weight, weight}, [](X x) { return group_norm(x[0], 8, x[1], x[2]); }},
      {"softmax_rows", {rows}, [](X x) { return softmax(x[0], -1); }},
      {"softmax_channels", {logits}, [](X x) { return softmax(x[0], 1); }},
      {"log_softmax_rows", {rows}, [](X x) { return log_softmax(x[0], -1); }},
      {"log_softmax_channels", {logits}, [](X x) { return log_softmax(x[0], 1); }},

      {"sum_all", {maps}, summed({})},
      {"sum_last", {maps}, summed({-1})},
      {"sum_first", {maps}, summed({0})},
      {"sum_but_channels", {maps}, summed({0, 2, 3})},
      {"mean_all", {maps}, averaged({})},
      {"mean_last", {maps}, averaged({-1})},
      {"mean_first", {maps}, averaged({0})},
      {"mean_but_channels", {maps}, averaged({0, 2, 3})},

      {"reshape",
       {maps},
       [](X x) {
         return reshape(x[0], {-1, 24, 24});
       }},
      {"flatten", {maps}, [](X x) { return flatten(x[0]); }},
      {"permute_to_nhwc",
       {maps},
       [](X x) {
         return permute(x[0], {0, 2, 3, 1});
       }},
      {"transpose_rows", {rows}, [](X x) { return transpose(x[0], 0, 1); }},
      {"slice_channels", {maps}, [](X x) { return slice(x[0], 1, {.start = 16, .stop = 48}); }},
      {"slice_every_second_column", {maps}, [](X x) { return slice(x[0], -1, {.step = 2}); }},
      {"concat_images", {maps, maps}, [](X x) { return concat(x, 0); }},
      {"concat_channels", {maps, maps}, [](X x) { return concat(x, 1); }},

      {"mse_loss", {frames, constant(frames)}, [](X x) { return mse_loss(x[0], x[1]); }},
      {"l1_loss", {frames, constant(frames)}, [](X x) { return l1_loss(x[0], x[1]); }},
      {"huber_loss", {frames, constant(frames)}, [](X x) { return huber_loss(x[0], x[1]); }},
      {"bce_with_logits", {frames, constant(positive(frames))}, [](X x) { return bce_with_logits(x[0], x[1]); }},
      {"cross_entropy_rows", {{4096, 100}}, cross_entropy_of({4096}, 100)},
      {"cross_entropy_images", {logits}, cross_entropy_of({16, 48, 48}, 32)},
  };
}

}  // namespace ops_bench
