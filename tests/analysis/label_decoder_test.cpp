#include <engram/analysis/label_decoder.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include <engram/analysis/decoding.hpp>
#include <engram/analysis/held_out_fold.hpp>
#include <engram/analysis/neighbor_regression.hpp>
#include <engram/analysis/ridge.hpp>
#include <engram/analysis/scores.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/waves.hpp"

using namespace engram;
using namespace engram::analysis;

namespace {

const std::vector<Index> held_out{10, 11, 12, 13, 40, 41, 42, 43};

Tensor<double> label_of(Index count) {
  return wave(count, 1, 1.6).reshaped({count});
}

}  // namespace

TEST_CASE("LabelDecoder: of block folds, the numbers of decode() for each label") {
  const auto codes = wave(60, 3, 1);
  for (const Decoder method : {Decoder::neighbors, Decoder::ridge}) {
    const DecodingOptions options{.method = method, .folds = 6, .gap = 1, .shifts = 9};
    const LabelDecoder decoder(codes, block_folds(60, 6, 1), options);
    DecodingOptions circular = options;
    circular.kind = LabelKind::circular;
    circular.period = 2;
    CHECK(decoder.decode(label_of(60)).null == decode(codes, label_of(60), options).null);
    CHECK(decoder.decode(label_of(60), LabelKind::circular, 2).null == decode(codes, label_of(60), circular).null);
  }
}

TEST_CASE("LabelDecoder: held-out frames alone are predicted and scored, from the training frames") {
  const auto codes = wave(60, 3, 1);
  const auto label = label_of(60);
  const Fold fold = held_out_fold(60, held_out, 2);
  const auto truth = take_rows(label, held_out);
  const auto targets = take_rows(label.reshaped({60, 1}), fold.training);
  const auto known = take_rows(codes, fold.training);
  const auto asked = take_rows(codes, held_out);
  const auto check = [&](const DecodingOptions& options, const Tensor<double>& expected) {
    const Decoding result = LabelDecoder(codes, {fold}, options).decode(label);
    CHECK(largest_difference(take_rows(result.predicted, held_out), expected.reshaped({8})) < 1e-14);
    CHECK(result.score == doctest::Approx(r2_score(truth, expected.reshaped({8}))).epsilon(1e-14));
    CHECK(std::isnan(result.predicted[0]));
    CHECK(std::isnan(result.predicted[14]));
  };
  check({.n_neighbors = 3, .shifts = 0}, neighbor_regression(known, targets, asked, 3));
  const auto standard = analysis::detail::standardized(known, known);
  check({.method = Decoder::ridge, .shifts = 0},
        fit_ridge(standard, targets, 1.0).predict(analysis::detail::standardized(asked, known)));
}

TEST_CASE("LabelDecoder: the null shifts the label of the whole recording, then parts it into folds") {
  const auto codes = wave(60, 3, 1);
  const Fold fold = held_out_fold(60, held_out);
  for (const Decoder method : {Decoder::neighbors, Decoder::ridge}) {
    const Decoding result = LabelDecoder(codes, {fold}, {.method = method, .shifts = 20}).decode(label_of(60));
    CHECK(result.shifts == time_shifts(60, 20, 6, Rng(0)));
    for (std::size_t i = 0; i < 20; ++i) {
      const auto shifted = shifted_in_time(label_of(60), result.shifts[i]);
      const Decoding alone = LabelDecoder(codes, {fold}, {.method = method, .shifts = 0}).decode(shifted);
      const double skill = (alone.score - alone.chance) / (1 - alone.chance);
      CHECK((result.null[i] - result.chance) / (1 - result.chance) == doctest::Approx(skill).epsilon(1e-12));
    }
  }
}

TEST_CASE("LabelDecoder: what tells no more than the largest class is no better than its shifts") {
  // The class is rare in the held-out frames, so that its largest is told there more often than at most other times.
  constexpr Index n = 400;
  auto in_port = Tensor<double>::uninitialized({n});
  for (Index i = 0; i < n; ++i) {
    in_port[i] = i >= 100 && i < 160 ? i % 16 == 0 : i % 4 == 0;
  }
  std::vector<Index> rows(60);
  std::iota(rows.begin(), rows.end(), Index{100});
  const auto result = LabelDecoder(normal({n, 2}, 1), {held_out_fold(n, rows)}, {.method = Decoder::ridge})
                          .decode(in_port, LabelKind::categorical);
  CHECK(result.score == result.chance);
  CHECK(result.score > 0.9);
  CHECK(result.p_value > 0.5);
}

TEST_CASE("LabelDecoder: a copy, or one that was moved, decodes as before") {
  const auto codes = wave(60, 3, 1);
  for (const Decoder method : {Decoder::neighbors, Decoder::ridge}) {
    std::vector<LabelDecoder> decoders;
    decoders.emplace_back(codes, block_folds(60, 6), DecodingOptions{.method = method, .shifts = 5});
    const double score = decoders[0].decode(label_of(60)).score;
    const LabelDecoder moved = std::move(decoders[0]);
    decoders.clear();
    CHECK(moved.decode(label_of(60)).score == score);
  }
}

TEST_CASE("LabelDecoder: errors say what was needed and what was got") {
  const auto x = normal({20, 2}, 1);
  const DecodingOptions few{.n_neighbors = 2, .shifts = 0};
  CHECK_THROWS_WITH_AS(LabelDecoder(x, {}, few), "decode: need a fold, got none", ArgumentError);
  CHECK_THROWS_WITH_AS(LabelDecoder(x, {{{0, 1}, {}}}, few),
                       "decode: need training and held-out rows in each fold, got 2 and 0", ArgumentError);
  CHECK_THROWS_WITH_AS(LabelDecoder(x, {{{0, 20}, {3}}}, few), "decode: need rows in 0..19 in the folds, got 20",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(LabelDecoder(x, {{{0, 1}, {3}}, {{0, 1}, {4, 3}}}, few),
                       "decode: need rows that are held out once, got row 3 twice", ArgumentError);
  CHECK_THROWS_WITH_AS(LabelDecoder(x, {{{0, 1, 3}, {3}}}, few),
                       "decode: need a fold that learns from other rows than it holds out, got row 3 in both",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(LabelDecoder(x, {held_out_fold(20, {3})}, few).decode(normal({19}, 1)),
                       "decode: need a label [20] as there are codes, got [19]", ShapeError);
}
