#include <engram/io/array.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

using namespace engram;
using io::Array;
using io::DType;

namespace {

template <class U>
Array array_of(DType dtype, const std::vector<U>& values) {
  Array array{.dtype = dtype, .shape = {std::ssize(values)}, .bytes = {}, .strings = {}};
  array.bytes.resize(values.size() * sizeof(U));
  std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
  return array;
}

}  // namespace

TEST_CASE("Array: elements convert to any type that holds them") {
  const auto bytes = array_of<std::int8_t>(DType::i8, {-128, -1, 127});
  CHECK(bytes.as<double>()[0] == -128);
  CHECK(bytes.as<std::int64_t>()[1] == -1);
  CHECK(bytes.as<std::int8_t>()[2] == 127);
  CHECK(array_of<double>(DType::f64, {3.0}).as<std::uint8_t>()[0] == 3);
  CHECK(array_of<std::uint8_t>(DType::boolean, {0, 1}).as<float>()[1] == 1.0f);
  CHECK(array_of<float>(DType::f32, {0.1f}).as<double>()[0] == static_cast<double>(0.1f));
}

TEST_CASE("Array: the shape stays, also of no elements and of a scalar") {
  Array array = array_of<std::uint16_t>(DType::u16, {1, 2, 3, 4, 5, 6});
  array.shape = {3, 2};
  CHECK(array.as<float>().shape() == Shape{3, 2});
  const Array none{.dtype = DType::i32, .shape = {0, 4}, .bytes = {}, .strings = {}};
  CHECK(none.as<std::int32_t>().shape() == Shape{0, 4});
  CHECK(none.as<double>().shape() == Shape{0, 4});
  array = array_of<double>(DType::f64, {7});
  array.shape = {};
  CHECK(array.as<float>().item() == 7.0f);
}

TEST_CASE("Array: an integer type refuses what it cannot hold, and names value and position") {
  CHECK_THROWS_WITH_AS(array_of<std::int64_t>(DType::i64, {1, 300}).as<std::uint8_t>(),
                       "need integers of 8 bits, got 300 at position 1", FormatError);
  CHECK_THROWS_WITH_AS(array_of<std::int8_t>(DType::i8, {-1}).as<std::uint64_t>(),
                       "need integers of 64 bits, got -1 at position 0", FormatError);
  CHECK_THROWS_WITH_AS(array_of<double>(DType::f64, {0, 2.5}).as<std::int32_t>(),
                       "need integers of 32 bits, got 2.5 at position 1", FormatError);
  CHECK_THROWS_WITH_AS(array_of<float>(DType::f32, {std::numeric_limits<float>::quiet_NaN()}).as<std::int64_t>(),
                       "need integers of 64 bits, got nan at position 0", FormatError);
}

TEST_CASE("Array: the limits of 64-bit integers, which are no doubles") {
  const double two63 = 9223372036854775808.0;
  CHECK(array_of<double>(DType::f64, {-two63}).as<std::int64_t>()[0] == std::numeric_limits<std::int64_t>::min());
  CHECK_THROWS_AS(array_of<double>(DType::f64, {two63}).as<std::int64_t>(), FormatError);
  CHECK(array_of<double>(DType::f64, {two63}).as<std::uint64_t>()[0] == std::uint64_t{1} << 63);
  CHECK_THROWS_AS(array_of<double>(DType::f64, {2 * two63}).as<std::uint64_t>(), FormatError);
  CHECK_THROWS_AS(array_of<double>(DType::f64, {-1}).as<std::uint64_t>(), FormatError);
  const auto largest = std::numeric_limits<std::uint64_t>::max();
  CHECK(array_of<std::uint64_t>(DType::u64, {largest}).as<std::uint64_t>()[0] == largest);
  CHECK_THROWS_AS(array_of<std::uint64_t>(DType::u64, {largest}).as<std::int64_t>(), FormatError);
}

TEST_CASE("Array: text is no number") {
  const Array text{.dtype = DType::text, .shape = {1}, .bytes = {}, .strings = {"1"}};
  CHECK_THROWS_WITH_AS(text.as<double>(), "need numbers, got an array of text", FormatError);
}
