#pragma once

// Operations, layers, optimisers and the training of the models for float and double, declared as compiled
// elsewhere: for projects of many source files, each of which would compile them again. Every file includes this
// header first, or is compiled with -include engram/extern_templates/training.hpp; exactly one file defines
// ENGRAM_INSTANTIATE_TEMPLATES before that and so holds the code.

#include <engram/autograd/backward.hpp>
#include <engram/infer/plan.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/ops/activation.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/avg_pool2d.hpp>
#include <engram/ops/batch_norm.hpp>
#include <engram/ops/batch_norm_relu.hpp>
#include <engram/ops/concat.hpp>
#include <engram/ops/conv2d.hpp>
#include <engram/ops/conv2d_batch_norm_relu_max_pool2d.hpp>
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
#include <engram/optim/adam.hpp>
#include <engram/optim/adamw.hpp>
#include <engram/optim/rmsprop.hpp>
#include <engram/optim/sgd.hpp>
#include <engram/train/checkpoint.hpp>
#include <engram/train/fit.hpp>
#include <engram/train/model_file.hpp>

#if defined(ENGRAM_INSTANTIATE_TEMPLATES)
#define ENGRAM_TEMPLATE template
#else
#define ENGRAM_TEMPLATE extern template
#endif

// clang-format off
#define ENGRAM_NETWORK_TEMPLATES(T) \
  ENGRAM_TEMPLATE Variable<T> relu(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> leaky_relu(const Variable<T>&, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> elu(const Variable<T>&, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> gelu(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> silu(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> sigmoid(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> tanh(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> softplus(const Variable<T>&, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> add(const Variable<T>&, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> sub(const Variable<T>&, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> mul(const Variable<T>&, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> div(const Variable<T>&, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> scale_shift(const Variable<T>&, std::type_identity_t<T>, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> operator+(const Variable<T>&, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> operator-(const Variable<T>&, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> operator*(const Variable<T>&, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> operator/(const Variable<T>&, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> operator+(const Variable<T>&, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> operator+(std::type_identity_t<T>, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> operator-(const Variable<T>&, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> operator-(std::type_identity_t<T>, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> operator-(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> operator*(const Variable<T>&, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> operator*(std::type_identity_t<T>, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> operator/(const Variable<T>&, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> operator/(std::type_identity_t<T>, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> avg_pool2d(const Variable<T>&, AvgPool2dStep); \
  ENGRAM_TEMPLATE Variable<T> adaptive_avg_pool2d(const Variable<T>&, Pair); \
  ENGRAM_TEMPLATE Variable<T> batch_norm(const Variable<T>&, const Variable<T>&, const Variable<T>&, RunningStatistics<T>&, Mode, const BatchNormOptions&); \
  ENGRAM_TEMPLATE Variable<T> batch_norm_relu(const Variable<T>&, const Variable<T>&, const Variable<T>&, RunningStatistics<T>&, Mode, const BatchNormOptions&); \
  ENGRAM_TEMPLATE Variable<T> batch_norm_relu_max_pool2d(const Variable<T>&, const Variable<T>&, const Variable<T>&, RunningStatistics<T>&, Mode, const BatchNormOptions&); \
  ENGRAM_TEMPLATE Variable<T> concat(const std::vector<Variable<T>>&, Index); \
  ENGRAM_TEMPLATE Variable<T> concat(std::initializer_list<Variable<T>>, Index); \
  ENGRAM_TEMPLATE Variable<T> conv2d(const Variable<T>&, const Variable<T>&, const Optional<T>&, const Conv2dStep&); \
  ENGRAM_TEMPLATE Variable<T> conv2d_batch_norm_relu_max_pool2d(const Variable<T>&, const Variable<T>&, const Optional<T>&, const Conv2dStep&, const Variable<T>&, const Variable<T>&, RunningStatistics<T>&, const BatchNormOptions&); \
  ENGRAM_TEMPLATE Variable<T> conv_transpose2d(const Variable<T>&, const Variable<T>&, const Optional<T>&, const ConvTranspose2dStep&); \
  ENGRAM_TEMPLATE Variable<T> cross_entropy(const Variable<T>&, const Tensor<std::int64_t>&, const CrossEntropyOptions<T>&); \
  ENGRAM_TEMPLATE Variable<T> dropout(const Variable<T>&, double, const Rng&); \
  ENGRAM_TEMPLATE Variable<T> exp(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> log(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> sqrt(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> abs(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> square(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> sin(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> cos(const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> clamp(const Variable<T>&, std::type_identity_t<T>, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> group_norm(const Variable<T>&, Index, const Optional<T>&, const Optional<T>&, double); \
  ENGRAM_TEMPLATE Variable<T> layer_norm(const Variable<T>&, const Shape&, const Optional<T>&, const Optional<T>&, double); \
  ENGRAM_TEMPLATE Variable<T> linear(const Variable<T>&, const Variable<T>&, const Optional<T>&); \
  ENGRAM_TEMPLATE Variable<T> mse_loss(const Variable<T>&, const Variable<T>&, Reduction); \
  ENGRAM_TEMPLATE Variable<T> l1_loss(const Variable<T>&, const Variable<T>&, Reduction); \
  ENGRAM_TEMPLATE Variable<T> huber_loss(const Variable<T>&, const Variable<T>&, Reduction, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> bce_with_logits(const Variable<T>&, const Variable<T>&, Reduction); \
  ENGRAM_TEMPLATE Variable<T> matmul(const Variable<T>&, const Variable<T>&); \
  ENGRAM_TEMPLATE Variable<T> max_pool2d(const Variable<T>&, Pool2dStep); \
  ENGRAM_TEMPLATE Variable<T> pad(const Variable<T>&, const Padding2d&, PadMode, std::type_identity_t<T>); \
  ENGRAM_TEMPLATE Variable<T> sum(const Variable<T>&, const std::vector<Index>&, bool); \
  ENGRAM_TEMPLATE Variable<T> mean(const Variable<T>&, const std::vector<Index>&, bool); \
  ENGRAM_TEMPLATE Variable<T> reshape(const Variable<T>&, std::span<const Index>); \
  ENGRAM_TEMPLATE Variable<T> reshape(const Variable<T>&, std::initializer_list<Index>); \
  ENGRAM_TEMPLATE Variable<T> flatten(const Variable<T>&, Index, Index); \
  ENGRAM_TEMPLATE Variable<T> permute(const Variable<T>&, const std::vector<Index>&); \
  ENGRAM_TEMPLATE Variable<T> transpose(const Variable<T>&, Index, Index); \
  ENGRAM_TEMPLATE Variable<T> slice(const Variable<T>&, Index, const SliceRange&); \
  ENGRAM_TEMPLATE Variable<T> softmax(const Variable<T>&, Index); \
  ENGRAM_TEMPLATE Variable<T> log_softmax(const Variable<T>&, Index); \
  ENGRAM_TEMPLATE Variable<T> upsample2d(const Variable<T>&, const Upsample2dOptions&); \
  ENGRAM_TEMPLATE Gradients<T> backward(Variable<T>); \
  ENGRAM_TEMPLATE class nn::BatchNorm<T, 1>; \
  ENGRAM_TEMPLATE class nn::BatchNorm<T, 2>; \
  ENGRAM_TEMPLATE class nn::Conv2d<T>; \
  ENGRAM_TEMPLATE class nn::ConvTranspose2d<T>; \
  ENGRAM_TEMPLATE class nn::Linear<T>; \
  ENGRAM_TEMPLATE class nn::Sequential<T>; \
  ENGRAM_TEMPLATE class infer::Lowering<T>; \
  ENGRAM_TEMPLATE class models::ConvAutoencoder<T>; \
  ENGRAM_TEMPLATE class models::DirectionTagger<T>; \
  ENGRAM_TEMPLATE class models::ReductionDecoder<T>; \
  ENGRAM_TEMPLATE class optim::RuleOptimizer<T, optim::AdamRule>; \
  ENGRAM_TEMPLATE class optim::RuleOptimizer<T, optim::AdamWRule>; \
  ENGRAM_TEMPLATE class optim::RuleOptimizer<T, optim::RMSpropRule>; \
  ENGRAM_TEMPLATE class optim::RuleOptimizer<T, optim::SGDRule>;

#define ENGRAM_TRAINING_TEMPLATES(M) \
  ENGRAM_TEMPLATE bool train::fit(M&, optim::Adam<float>&, const train::Dataset<float>&, const train::FitOptions<float>&, train::TrainingState&); \
  ENGRAM_TEMPLATE double train::evaluate(const M&, const train::Dataset<float>&, const train::FitOptions<float>&); \
  ENGRAM_TEMPLATE void train::save_checkpoint(const std::filesystem::path&, M&, optim::Adam<float>&, const train::TrainingState&, const Settings&, const nn::Buffers<float>&); \
  ENGRAM_TEMPLATE train::TrainingState train::load_checkpoint(const std::filesystem::path&, M&, optim::Adam<float>&, const Settings&, const nn::Buffers<float>&); \
  ENGRAM_TEMPLATE void train::save_model(const std::filesystem::path&, M&, const Settings&); \
  ENGRAM_TEMPLATE void train::load_model(const std::filesystem::path&, M&);
// clang-format on

namespace engram {

ENGRAM_NETWORK_TEMPLATES(float)
ENGRAM_NETWORK_TEMPLATES(double)
ENGRAM_TRAINING_TEMPLATES(models::ConvAutoencoder<float>)
ENGRAM_TRAINING_TEMPLATES(models::DirectionTagger<float>)
ENGRAM_TRAINING_TEMPLATES(models::ReductionDecoder<float>)

}  // namespace engram

#undef ENGRAM_NETWORK_TEMPLATES
#undef ENGRAM_TRAINING_TEMPLATES
#undef ENGRAM_TEMPLATE
