#include <engram/train/batch_gradients.hpp>

#include <doctest/doctest.h>

#include <engram/train/fit.hpp>

#include "support/numbers.hpp"
#include "support/small_training.hpp"

using namespace engram;

namespace {

/// SmallTraining with batches of 7, 7 and 2.
struct PiecewiseRun : support::SmallTraining {
  PiecewiseRun() {
    options.batch_size = 7;
    options.validation = training;
  }
};

/// The sizes of the batches that the model sees in training.
struct Watching {
  std::vector<Index>* sizes;
  Variable<double> operator()(const Variable<double>& x) const { return x; }
  Variable<double> operator()(const Variable<double>& x, Mode mode) {
    if (mode == Mode::train) {
      sizes->push_back(x.shape()[0]);
    }
    return x;
  }
};

train::Batch<double> noisy(train::Batch<double> batch, Rng rng) {
  auto x = batch.inputs.value();
  for (double& v : x.elements()) {
    v += 0.1 * rng.normal();
  }
  return {Variable<double>(std::move(x)), batch.targets};
}

double relative_difference(std::span<const double> a, std::span<const double> b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(a[i] - b[i]) / std::abs(b[i]));
  }
  return worst;
}

}  // namespace

TEST_CASE("micro batches: the same training as with whole batches") {
  for (const bool augmented : {false, true}) {
    PiecewiseRun whole;
    if (augmented) {
      whole.options.augment = noisy;
    }
    CHECK(whole.fit());
    for (const Index size : {1, 2, 3, 4, 7, 20}) {
      CAPTURE(size);
      PiecewiseRun pieces;
      pieces.options.augment = whole.options.augment;
      pieces.options.micro_batch_size = size;
      CHECK(pieces.fit());
      CHECK(pieces.state.step == whole.state.step);
      CHECK(relative_difference(pieces.weight(), whole.weight()) < 1e-12);
      for (const auto* column : {"train_loss", "validation_loss"}) {
        CHECK(pieces.state.history.last(column) == doctest::Approx(whole.state.history.last(column)).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("micro batches: pieces are nearly equal and no larger than asked for") {
  std::vector<Index> sizes;
  PiecewiseRun run;
  run.model.add(Watching{&sizes});
  run.options.epochs = 1;
  run.options.micro_batch_size = 3;
  CHECK(run.fit());
  CHECK(sizes == std::vector<Index>{2, 2, 3, 2, 2, 3, 2});
  sizes.clear();
  run.options.epochs = 2;
  run.options.micro_batch_size = 0;
  CHECK(run.fit());
  CHECK(sizes == std::vector<Index>{7, 7, 2});
}

TEST_CASE("micro batches: without augmentation a batch is fetched piece by piece") {
  PiecewiseRun run;
  run.options.epochs = 1;
  run.options.micro_batch_size = 4;
  run.options.validation = {};
  std::size_t largest = 0;
  const auto inner = run.training.batch;
  run.training.batch = [&](std::span<const Index> items) {
    largest = std::max(largest, items.size());
    return inner(items);
  };
  CHECK(run.fit());
  CHECK(largest == 4);
}

TEST_CASE("clip_grad_norm: the gradients of the whole batch get at most this norm") {
  for (const Index micro : {0, 2}) {
    PiecewiseRun run;
    run.options.micro_batch_size = micro;
    const std::vector<Index> items{3, 1, 4, 15, 9};
    const auto gradients = [&] {
      return train::detail::batch_gradients(run.model, run.training, items, run.options, run.state).gradients;
    };
    const auto norm = [&](const Gradients<double>& all) {
      double squares = 0;
      for (const auto& p : nn::variables(run.model)) {
        squares += dot(all[p], all[p]);
      }
      return std::sqrt(squares);
    };
    const double free = norm(gradients());
    run.options.clip_grad_norm = free / 3;
    CHECK(norm(gradients()) == doctest::Approx(free / 3).epsilon(1e-5));
    run.options.clip_grad_norm = 2 * free;
    CHECK(norm(gradients()) == doctest::Approx(free).epsilon(1e-12));
  }
}

TEST_CASE("augment: other random numbers for each batch and epoch, none of them in evaluation") {
  PiecewiseRun run;
  run.options.epochs = 2;
  std::vector<RngState> states;
  std::vector<Index> sizes;
  run.options.augment = [&](train::Batch<double> batch, Rng rng) {
    states.push_back(rng.state());
    sizes.push_back(batch.inputs.shape()[0]);
    return batch;
  };
  run.options.micro_batch_size = 3;
  CHECK(run.fit());
  CHECK(sizes == std::vector<Index>{7, 7, 2, 7, 7, 2});
  for (std::size_t i = 0; i < states.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      CHECK_FALSE(states[i] == states[j]);
    }
  }
}

TEST_CASE("augment: a training that goes on sees what one that never stopped sees") {
  PiecewiseRun whole;
  whole.options.augment = noisy;
  CHECK(whole.fit());
  PiecewiseRun plain;
  CHECK(plain.fit());
  CHECK_FALSE(std::ranges::equal(plain.weight(), whole.weight()));
  for (const Index stop_after : {1, 3, 4}) {
    PiecewiseRun run;
    run.options.augment = noisy;
    run.options.stop = [&] { return run.state.step == stop_after; };
    CHECK_FALSE(run.fit());
    run.options.stop = {};
    CHECK(run.fit());
    CHECK(std::ranges::equal(run.weight(), whole.weight()));
  }
}

TEST_CASE("augment: inputs that are their own targets stay so in pieces") {
  const auto x = Variable<double>(normal({5, 2}, 1));
  const auto piece = train::detail::examples(train::Batch<double>{x, x}, 1, 2);
  CHECK(piece.inputs.node() == piece.targets.node());
  CHECK(list(piece.inputs.value()) == std::vector<double>{x.value()[2], x.value()[3], x.value()[4], x.value()[5]});
}

TEST_CASE("augment: one that changes the number of examples is refused where the batch must be cut") {
  PiecewiseRun run;
  run.options.augment = [](train::Batch<double> batch, Rng) { return train::detail::examples(batch, 0, 2); };
  CHECK(run.fit());
  PiecewiseRun pieces;
  pieces.options.augment = run.options.augment;
  pieces.options.micro_batch_size = 4;
  CHECK_THROWS_WITH_AS(pieces.fit(),
                       "fit: need an augmentation that keeps the 7 examples of a batch, got inputs [2, 3] and targets "
                       "[2, 2]",
                       ShapeError);
}
