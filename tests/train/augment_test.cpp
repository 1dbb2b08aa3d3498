#include <engram/train/augment.hpp>

#include <doctest/doctest.h>

#include <engram/train/fit_options.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;
using train::Batch;

namespace {

template <class T>
using Augment = decltype(train::FitOptions<T>::augment);

const data::AugmentOptions shifts{
    .flip_horizontal = 0.5, .degrees = 180, .shift = 2, .contrast = 0.3, .brightness = 0.1, .noise = 0.1, .cut_out = 3};

Batch<float> same_images() {
  const Variable<float> x(normal<float>({5, 1, 8, 8}, 1));
  return {x, x};
}

}  // namespace

TEST_CASE("augment_reconstruction: inputs get everything, targets all but noise and cut-out") {
  const Augment<float> augment = train::augment_reconstruction(shifts);
  const auto batch = same_images();
  const auto out = augment(batch, Rng(3));
  CHECK(list(out.inputs.value()) == list(data::augment(batch.inputs.value(), shifts, Rng(3))));
  CHECK(list(out.targets.value()) == list(data::augment(batch.inputs.value(), data::scene_of(shifts), Rng(3))));
  CHECK(list(out.inputs.value()) != list(out.targets.value()));
}

TEST_CASE("augment_reconstruction: noise alone leaves the targets as they were") {
  const Augment<float> augment = train::augment_reconstruction({.noise = 0.1, .cut_out = 2});
  const auto batch = same_images();
  const auto out = augment(batch, Rng(3));
  CHECK(list(out.targets.value()) == list(batch.inputs.value()));
  CHECK(largest_difference(out.inputs.value(), out.targets.value()) > 0.1);
}

TEST_CASE("augment_reconstruction: without noise and cut-out, one Variable stays one") {
  const Augment<float> augment = train::augment_reconstruction(data::scene_of(shifts));
  const auto out = augment(same_images(), Rng(3));
  CHECK(out.inputs.node() == out.targets.node());
}

TEST_CASE("augment_reconstruction: targets of their own move as the inputs do") {
  const Augment<double> augment = train::augment_reconstruction({.flip_horizontal = 0.5, .degrees = 90, .shift = 2});
  const auto noisy = normal({6, 1, 8, 8}, 1);
  auto clean = noisy;
  for (double& v : clean.elements()) {
    v *= 2;
  }
  const auto out = augment({Variable<double>(noisy), Variable<double>(clean)}, Rng(4));
  for (Index i = 0; i < noisy.size(); ++i) {
    CHECK(out.targets.value()[i] == doctest::Approx(2 * out.inputs.value()[i]));
  }
  CHECK(list(out.inputs.value()) != list(noisy));
}

TEST_CASE("augment_labelled: images and rows of targets") {
  const data::LabelRoles roles{.angles = {0}, .vectors = {{1, 2}}};
  const Augment<float> augment = train::augment_labelled(shifts, roles);
  const auto images = normal<float>({5, 1, 8, 8}, 1);
  const auto targets = normal<float>({5, 4}, 2);
  const auto out = augment({Variable<float>(images), Variable<float>(targets)}, Rng(3));
  const auto expected = data::augment(images, targets, roles, shifts, Rng(3));
  CHECK(list(out.inputs.value()) == list(expected.images));
  CHECK(list(out.targets.value()) == list(expected.targets));
  CHECK(list(out.targets.value()) != list(targets));
}

TEST_CASE("augment_labelled: without roles targets of any shape stay as they are") {
  const Variable<float> images(Tensor<float>::full({3, 1, 4, 4}, 0.5F));
  const Variable<float> classes(Tensor<float>::from({3}, {0, 1, 2}));
  const Augment<float> augment = train::augment_labelled({.noise = 0.1});
  const auto batch = augment({images, classes}, Rng(1));
  CHECK(batch.targets.node() == classes.node());
  CHECK(batch.inputs.value()[0] != 0.5F);
}

TEST_CASE("augment_reconstruction, augment_labelled: the generator decides, calls leave no trace") {
  const Augment<float> augment = train::augment_reconstruction(shifts);
  const auto batch = same_images();
  const auto first = augment(batch, Rng(3));
  const auto other = augment(batch, Rng(4));
  CHECK(list(augment(batch, Rng(3)).inputs.value()) == list(first.inputs.value()));
  CHECK(list(other.inputs.value()) != list(first.inputs.value()));
  CHECK(list(other.targets.value()) != list(first.targets.value()));
}

TEST_CASE("augment_reconstruction, augment_labelled: errors") {
  CHECK_THROWS_WITH_AS(train::augment_reconstruction({.degrees = 200}), "augment: need degrees from 0 to 180, got 200",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(train::augment_labelled({.shift = -1}, {}), "augment: need shift >= 0 and finite, got -1",
                       ArgumentError);
  const Augment<float> reconstruction = train::augment_reconstruction({});
  const Variable<float> images(Tensor<float>::zeros({2, 1, 4, 4}));
  const Variable<float> rows(Tensor<float>::zeros({2, 3}));
  CHECK_THROWS_WITH_AS(
      reconstruction({images, rows}, Rng(0)),
      "augment_reconstruction: need inputs and targets [N, C, H, W] of the same N, H and W, got inputs "
      "[2, 1, 4, 4] and targets [2, 3]",
      ShapeError);
  const Augment<float> labelled = train::augment_labelled({}, {.angles = {3}});
  CHECK_THROWS_WITH_AS(labelled({images, rows}, Rng(0)), "LabelRoles: need columns in 0..2, got 3", ArgumentError);
  CHECK_THROWS_AS(labelled({images, images}, Rng(0)), ShapeError);
}
