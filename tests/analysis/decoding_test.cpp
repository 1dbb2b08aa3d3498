#include <engram/analysis/decoding.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"
#include "support/waves.hpp"

using namespace engram;
using namespace engram::analysis;

namespace {

// What the golden numbers below come from, with scikit-learn 1.2.1 (x is codes(), cv = KFold(6)):
//   ridge = make_pipeline(StandardScaler(), Ridge(2.0)); knn = KNeighborsRegressor(3); mean = DummyRegressor()
//   p = cross_val_predict(model, x, lin, cv=cv); r2_score(lin, p), abs(lin - p).mean(), np.median(abs(lin - p))
//   e: absolute circular errors of cross_val_predict(model, x, np.c_[cos, sin], cv=cv); e.mean(), np.median(e)
//   c = cross_val_predict(model, x, one_hot, cv=cv); accuracy_score(cls, np.unique(cls)[c.argmax(1)])
// of i = np.arange(60): lin = wave(60, 1, 1.6)[:, 0], ang = (21 * i + 30 * np.sin(i)) % 360,
// cls = (i * i) % 3 + 2 * ((i // 7) % 2).

Tensor<double> codes() {
  auto x = wave(60, 3, 1);
  for (Index i = 0; i < x.size(); ++i) {
    x[i] *= i % 3 == 0 ? 1 : i % 3 == 1 ? 10 : 100;
  }
  return x;
}

Tensor<double> linear_label() {
  return wave(60, 1, 1.6).reshaped({60});
}

Tensor<double> angles() {
  auto label = Tensor<double>::uninitialized({60});
  for (Index i = 0; i < 60; ++i) {
    label[i] = static_cast<double>(21 * i) + 30 * std::sin(static_cast<double>(i));
  }
  return label;
}

Tensor<std::int32_t> classes() {
  auto label = Tensor<std::int32_t>::uninitialized({60});
  for (Index i = 0; i < 60; ++i) {
    label[i] = static_cast<std::int32_t>(i * i % 3 + 2 * (i / 7 % 2));
  }
  return label;
}

DecodingOptions options(LabelKind kind, Decoder method) {
  return {.kind = kind,
          .period = 360,
          .method = method,
          .n_neighbors = 3,
          .alpha = 2,
          .folds = 6,
          .shifts = 20,
          .min_shift = 7};
}

void check_error(const AbsoluteError& error, double mean, double median) {
  CHECK(error.mean == doctest::Approx(mean).epsilon(1e-12));
  CHECK(error.median == doctest::Approx(median).epsilon(1e-12));
}

/// Whether each null score is as far from chance towards a perfect one as that of the label shifted so from its own.
template <class L>
void check_null(const Tensor<L>& label, DecodingOptions chosen) {
  const Decoding result = decode(codes(), label, chosen);
  REQUIRE(result.null.size() == 20);
  REQUIRE(result.shifts == time_shifts(60, 20, 7, Rng(chosen.seed)));
  chosen.shifts = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    const Decoding alone = decode(codes(), shifted_in_time(label, result.shifts[i]), chosen);
    const double best = chosen.kind == LabelKind::circular ? 0 : 1;
    CHECK((result.null[i] - result.chance) * (best - alone.chance) ==
          doctest::Approx((alone.score - alone.chance) * (best - result.chance)).epsilon(1e-12));
  }
  const auto as_good = std::ranges::count_if(result.null, [&](double other) {
    return chosen.kind == LabelKind::circular ? other <= result.score : other >= result.score;
  });
  CHECK(result.p_value == static_cast<double>(1 + as_good) / 21);
}

/// A walk on a circle in degrees, and float codes [N, D] of which the first two hold its cosine and sine, with noise.
struct Walk {
  Tensor<double> angle;
  Tensor<float> codes;

  Walk(Index count, Index columns, double noise)
      : angle(Tensor<double>::uninitialized({count})), codes(normal<float>({count, columns}, 5)) {
    Rng rng(6);
    double at = 0;
    for (Index i = 0; i < count; ++i) {
      at += 12 * rng.normal();
      angle[i] = at;
      for (Index j = 0; j < 2; ++j) {
        float& code = codes[i * columns + j];
        code = static_cast<float>(std::cos((at - 90 * static_cast<double>(j)) / 360 * two_pi) +
                                  noise * static_cast<double>(code));
      }
    }
  }
};

}  // namespace

TEST_CASE("decode: a linear label as scikit-learn") {
  const Decoding ridge = decode(codes(), linear_label(), options(LabelKind::linear, Decoder::ridge));
  CHECK(ridge.score == doctest::Approx(0.6289223538673546).epsilon(1e-12));
  check_error(ridge.error, 0.38359408295131936, 0.41395341170611655);
  CHECK(ridge.chance == doctest::Approx(-0.11129376041455918).epsilon(1e-12));
  check_error(ridge.chance_error, 0.674911475351912, 0.7296168328950825);
  const Decoding neighbors = decode(codes(), linear_label(), options(LabelKind::linear, Decoder::neighbors));
  CHECK(neighbors.score == doctest::Approx(0.9546801369922284).epsilon(1e-12));
  check_error(neighbors.error, 0.10456020526831362, 0.0820486938896009);
  CHECK(neighbors.chance == ridge.chance);
  CHECK(neighbors.predicted.shape() == Shape{60});
}

TEST_CASE("decode: an angle as scikit-learn decodes cosine and sine") {
  const Decoding ridge = decode(codes(), angles(), options(LabelKind::circular, Decoder::ridge));
  CHECK(ridge.score == ridge.error.mean);
  check_error(ridge.error, 51.11104425483606, 42.05948182844622);
  CHECK(ridge.chance == ridge.chance_error.mean);
  check_error(ridge.chance_error, 107.33449412682427, 112.07335003384463);
  const Decoding neighbors = decode(codes(), angles(), options(LabelKind::circular, Decoder::neighbors));
  check_error(neighbors.error, 36.46583405823453, 29.274545375693762);
  CHECK(*std::ranges::min_element(neighbors.predicted.elements()) >= 0);
  CHECK(*std::ranges::max_element(neighbors.predicted.elements()) < 360);
}

TEST_CASE("decode: classes as scikit-learn; the neighbours' vote is KNeighborsClassifier's") {
  const Decoding ridge = decode(codes(), classes(), options(LabelKind::categorical, Decoder::ridge));
  CHECK(ridge.score == doctest::Approx(10.0 / 60).epsilon(1e-15));
  CHECK(ridge.chance == doctest::Approx(21.0 / 60).epsilon(1e-15));  // as DummyClassifier()
  CHECK(std::isnan(ridge.error.mean));
  const Decoding neighbors = decode(codes(), classes(), options(LabelKind::categorical, Decoder::neighbors));
  CHECK(neighbors.score == doctest::Approx(14.0 / 60).epsilon(1e-15));
  CHECK(list(neighbors.predicted) ==
        list(decode(codes(), cast<double>(classes()), options(LabelKind::categorical, Decoder::neighbors)).predicted));
}

TEST_CASE("decode: the null scores are those of the shifted labels") {
  for (const Decoder method : {Decoder::neighbors, Decoder::ridge}) {
    check_null(linear_label(), options(LabelKind::linear, method));
    check_null(angles(), options(LabelKind::circular, method));
    check_null(classes(), options(LabelKind::categorical, method));
  }
}

TEST_CASE("decode: an angle that the codes hold is found, and no shift does as well") {
  const Walk walk(2000, 4, 0.1);
  for (const Decoder method : {Decoder::neighbors, Decoder::ridge}) {
    const Decoding result =
        decode(walk.codes, walk.angle, {.kind = LabelKind::circular, .period = 360, .method = method});
    CHECK(result.null.size() == 200);
    CHECK(result.p_value == 1.0 / 201);
    CHECK(result.score < 45);
    CHECK(result.score < result.chance / 2);
    CHECK(result.error.median < result.error.mean);
    CHECK(std::ranges::min(result.shifts) >= 200);
    CHECK(std::ranges::max(result.shifts) <= 1800);
  }
  const Decoding exact = decode(Walk(2000, 2, 0).codes, walk.angle,
                                {.kind = LabelKind::circular, .period = 360, .method = Decoder::ridge, .alpha = 0});
  CHECK(exact.error.mean < 1e-4);
}

TEST_CASE("decode: labels that codes do not hold get p-values as large as chance has it") {
  // Slow courses that have nothing to do with each other: among 60 of them, p <= 0.1 is expected 6 times; more than 14
  // times with a probability of 0.1 %.
  Index small = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    auto x = normal({400, 4}, 2 * seed);
    auto y = normal({400}, 2 * seed + 1);
    for (Index i = 4; i < x.size(); ++i) {
      x[i] += 0.95 * x[i - 4];
    }
    for (Index i = 1; i < y.size(); ++i) {
      y[i] += 0.95 * y[i - 1];
    }
    const auto chosen = DecodingOptions{.method = Decoder::ridge, .shifts = 99, .min_shift = 40, .seed = seed};
    small += decode(x, y, chosen).p_value <= 0.1 ? 1 : 0;
  }
  CHECK(small <= 14);
}

TEST_CASE("decode: a gap beside the blocks takes away what near duplicates tell") {
  auto codes = Tensor<double>::uninitialized({200, 1});  // time itself: neighbours in the code are those in time
  for (Index i = 0; i < 200; ++i) {
    codes[i] = static_cast<double>(i);
  }
  const auto label = wave(200, 1, 0).reshaped({200});
  const double beside = decode(codes, label, {.n_neighbors = 1, .folds = 100, .shifts = 0}).score;
  const double apart = decode(codes, label, {.n_neighbors = 1, .folds = 100, .gap = 6, .shifts = 0}).score;
  CHECK(beside > 0.8);
  CHECK(apart < 0);
}

TEST_CASE("decode: scales of the codes do not matter for ridge, nor constant dimensions") {
  auto scaled = Tensor<double>::full({60, 4}, 3);
  for (Index i = 0; i < 60; ++i) {
    for (Index j = 0; j < 3; ++j) {
      scaled[4 * i + j] = 1e-6 * codes()[3 * i + j] + 1;
    }
  }
  const auto chosen = options(LabelKind::linear, Decoder::ridge);
  CHECK(decode(scaled, linear_label(), chosen).score ==
        doctest::Approx(decode(codes(), linear_label(), chosen).score).epsilon(1e-7));
}

TEST_CASE("decode: the same bits on any number of threads") {
  const Walk walk(600, 6, 0.5);
  for (const Decoder method : {Decoder::neighbors, Decoder::ridge}) {
    CHECK(same_bits_on_any_threads([&] {
      auto result = decode(walk.codes, walk.angle, {.kind = LabelKind::circular, .period = 360, .method = method});
      result.null.push_back(result.score);
      result.null.push_back(result.chance);
      return result.null;
    }));
  }
}

TEST_CASE("decode: errors say what was needed and what was got") {
  const auto x = normal({40, 2}, 1);
  const auto y = normal({40}, 2);
  auto broken = y;
  broken[7] = NAN;
  CHECK_THROWS_WITH_AS(decode(x, normal({39}, 2)), "decode: need a label [40] as there are codes, got [39]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(decode(x, broken), "decode: need finite labels, got nan at position 7", ArgumentError);
  CHECK_THROWS_WITH_AS(decode(broken.reshaped({20, 2}), normal({20}, 1)),
                       "decode: need finite codes, got nan in row 3, column 1", ArgumentError);
  CHECK_THROWS_WITH_AS(decode(x, Tensor<int>::full({40}, 3)), "decode: need a label that varies, got 3 in all frames",
                       ArgumentError);
  auto halves = Tensor<float>::full({40}, 1);
  halves[3] = 2.5f;
  CHECK_THROWS_WITH_AS(decode(x, halves, {.kind = LabelKind::categorical}),
                       "decode: need whole numbers as categorical labels, got 2.5", ArgumentError);
  CHECK_THROWS_WITH_AS(decode(x, y, {.period = 0}), "decode: need a finite period > 0, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(decode(x, y, {.n_neighbors = 37}),
                       "decode: need 1 <= n_neighbors <= 36 (the training frames), got 37", ArgumentError);
  CHECK_THROWS_WITH_AS(decode(x, y, {.folds = 41}), "block_folds: need 2 <= folds <= 40 (the rows), got 41",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(decode(x, y), "time_shifts: need at most 33 shifts (40 frames, least lag 4), got 200",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(decode(x, y, {.method = Decoder::ridge, .alpha = -1, .shifts = 9}),
                       "RidgeSolver: need a finite alpha >= 0, got -1", ArgumentError);
}
