#include <engram/kernels/simd/tiles.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/numbers.hpp"

using namespace engram;
using namespace engram::kernels;

namespace {

/// c [rows, columns] = sum over p of a[p, i] b[p, j].
template <class T>
std::vector<T> naive(Index rows, Index columns, Index k, const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> c(static_cast<std::size_t>(rows * columns));
  for (Index p = 0; p < k; ++p) {
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) {
        c.data()[i * columns + j] += a.data()[p * rows + i] * b.data()[p * columns + j];
      }
    }
  }
  return c;
}

template <class T>
void check_tile(const simd::Tile<T>& tile, Index k) {
  const auto a = whole_numbers<T>(k * tile.rows, 1);
  const auto b = whole_numbers<T>(k * tile.columns, 2);
  const auto expected = naive(tile.rows, tile.columns, k, a, b);

  auto c = unwritten<T>(tile.rows * tile.columns);
  tile.packed(k, a.data(), b.data(), c.data(), tile.columns);
  CHECK(c == expected);
  tile.add_packed(k, a.data(), b.data(), c.data(), tile.columns);
  for (std::size_t i = 0; i < c.size(); ++i) {
    CHECK(c[i] == 2 * expected[i]);
  }

  // Rows of b in reverse order and 3 elements apart: unaligned.
  std::vector<Index> offsets;
  std::vector<T> apart(static_cast<std::size_t>(k * (tile.columns + 3) - std::min<Index>(k, 1) * 3));
  for (Index p = 0; p < k; ++p) {
    offsets.push_back((k - 1 - p) * (tile.columns + 3));
    std::copy_n(b.data() + p * tile.columns, tile.columns, apart.data() + offsets.back());
  }
  c = unwritten<T>(tile.rows * tile.columns);
  tile.shifted(k, a.data(), apart.data(), offsets.data(), c.data());
  CHECK(c == expected);

  // Row i of a stands at i, its elements `rows` apart.
  std::vector<const T*> rows;
  for (Index i = 0; i < tile.rows; ++i) {
    rows.push_back(k > 0 ? a.data() + i : nullptr);
  }
  offsets.clear();
  for (Index p = 0; p < k; ++p) {
    offsets.push_back(p * tile.rows);
  }
  c = unwritten<T>(tile.rows * tile.columns);
  tile.gathered(k, rows.data(), offsets.data(), b.data(), c.data());
  CHECK(c == expected);

  // Rows of a, b and c with gaps between them; those of c stay as they are.
  const Index lda = std::max<Index>(k, 1) + 2;
  const Index ldc = tile.columns + 5;
  std::vector<T> a_rows(static_cast<std::size_t>(tile.rows * lda));
  std::vector<T> strided(static_cast<std::size_t>(tile.rows * ldc), T(7));
  std::vector<T> spread = strided;
  std::vector<T> b_rows(static_cast<std::size_t>(k * (tile.columns + 3)));
  for (Index p = 0; p < k; ++p) {
    std::copy_n(b.data() + p * tile.columns, tile.columns, b_rows.data() + p * (tile.columns + 3));
    for (Index i = 0; i < tile.rows; ++i) {
      a_rows.data()[i * lda + p] = a.data()[p * tile.rows + i];
    }
  }
  for (Index i = 0; i < tile.rows; ++i) {
    std::copy_n(expected.data() + i * tile.columns, tile.columns, spread.data() + i * ldc);
  }
  tile.product(k, a_rows.data(), lda, b_rows.data(), tile.columns + 3, strided.data(), ldc);
  CHECK(strided == spread);

  tile.add_transposed(k, a.data(), tile.rows, b_rows.data(), tile.columns + 3, strided.data(), ldc);
  for (Index i = 0; i < tile.rows; ++i) {
    for (Index j = 0; j < tile.columns; ++j) {
      spread.data()[i * ldc + j] *= 2;
    }
  }
  CHECK(strided == spread);
}

template <class T>
void check_all_tiles() {
  for (const auto& set : runnable(simd::avx512::tiles<T>, simd::avx2::tiles<T>, simd::baseline::tiles<T>)) {
    for (const simd::Tile<T>& tile : {set.value.tall, set.value.wide, set.value.single, set.value.narrow}) {
      CAPTURE(set.name);
      CAPTURE(tile.rows);
      CHECK(tile.rows * tile.columns <= simd::largest_tile);
      CHECK(tile.rows <= simd::most_tile_rows);
      CHECK(tile.columns <= simd::most_tile_columns);
      for (const Index k : {0, 1, 2, 37}) {
        check_tile(tile, k);
      }
    }
  }
}

}  // namespace

TEST_CASE("tiles: each instruction set computes the plain product, in float") {
  check_all_tiles<float>();
}
TEST_CASE("tiles: each instruction set computes the plain product, in double") {
  check_all_tiles<double>();
}

TEST_CASE("tiles: the best shape wastes least") {
  const simd::Tile<float> tall{.rows = 6, .columns = 16};
  const simd::Tile<float> wide{.rows = 4, .columns = 24};
  const simd::Tile<float> single{.rows = 1, .columns = 64};
  const simd::Tiles<float> tiles{tall, wide, single, {}};
  CHECK(tiles.best(600, 480).rows == 6);
  CHECK(tiles.best(64, 4800).rows == 4);  // 66 rows against 64
  CHECK(tiles.best(1, 640).rows == 1);
  CHECK(tiles.best(2, 192).rows == 4);  // one row at a time must save half
}
