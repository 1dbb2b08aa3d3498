#include <engram/io/projector_writer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/temporary_folder.hpp"

using namespace engram;

TEST_CASE("ProjectorWriter: points, labels and thumbnails, and the list of both embeddings") {
  const TemporaryFolder folder;
  io::ProjectorWriter projector(folder / "runs" / "first");
  auto images = Tensor<std::uint8_t>::uninitialized({3, 2, 2});
  for (Index i = 0; i < 12; ++i) {
    images[i] = static_cast<std::uint8_t>(10 * i);
  }
  projector.add("codes", Tensor<float>::from({3, 2}, {1, 2.5, -3, 4, 5, 6e-8F}),
                {.columns = {"angle", "a\tb"},
                 .labels = Tensor<double>::from({3, 2}, {0.5, 1, 2, std::numeric_limits<double>::quiet_NaN(), 4, 5}),
                 .images = images});
  projector.add("map", Tensor<double>::from({1, 1}, {7}),
                {.columns = {"angle"}, .labels = Tensor<double>::from({1, 1}, {8})});
  const auto read = [&](const char* name) { return io::read_text(folder / "runs" / "first" / name); };
  CHECK(read("codes/tensors.tsv") == "1\t2.5\n-3\t4\n5\t6e-08\n");
  CHECK(read("codes/metadata.tsv") == "angle\ta b\n0.5\t1\n2\tnan\n4\t5\n");
  CHECK(read("map/metadata.tsv") == "8\n");
  const auto sprite = io::read_image(folder / "runs" / "first" / "codes" / "sprite.png");
  REQUIRE(sprite.shape() == Shape{1, 4, 4});
  const std::vector<int> rows{0, 10, 40, 50, 20, 30, 60, 70, 80, 90, 255, 255, 100, 110, 255, 255};
  CHECK(std::ranges::equal(sprite.elements(), rows));
  projector.add("pair", Tensor<float>::zeros({2, 1}), {.images = Tensor<std::uint8_t>::zeros({2, 3, 2})});
  CHECK(io::read_image(folder / "runs" / "first" / "pair" / "sprite.png").shape() == Shape{1, 6, 4});  // 2 x 2, square
  CHECK(io::ProjectorWriter::most_images(50, 50) == 163 * 163);
  CHECK(read("projector_config.pbtxt") ==
        "embeddings {\n  tensor_name: \"codes\"\n  tensor_path: \"codes/tensors.tsv\"\n"
        "  metadata_path: \"codes/metadata.tsv\"\n"
        "  sprite {\n    image_path: \"codes/sprite.png\"\n    single_image_dim: 2\n    single_image_dim: 2\n  }\n}\n"
        "embeddings {\n  tensor_name: \"map\"\n  tensor_path: \"map/tensors.tsv\"\n"
        "  metadata_path: \"map/metadata.tsv\"\n}\n"
        "embeddings {\n  tensor_name: \"pair\"\n  tensor_path: \"pair/tensors.tsv\"\n"
        "  sprite {\n    image_path: \"pair/sprite.png\"\n    single_image_dim: 2\n    single_image_dim: 3\n  }\n}\n");
}

TEST_CASE("ProjectorWriter: says what it needs") {
  const TemporaryFolder folder;
  io::ProjectorWriter projector(folder.path());
  const auto points = Tensor<float>::from({2, 1}, {1, 2});
  CHECK_THROWS_WITH_AS(projector.add("a/b", points),
                       "ProjectorWriter: need a name of letters, digits, -, _ and ., got \"a/b\"", ArgumentError);
  CHECK_THROWS_WITH_AS(projector.add("a", Tensor<float>::zeros({2})), "ProjectorWriter: need points [N, D], got [2]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(projector.add("a", points, {.columns = {"x"}, .labels = Tensor<double>::zeros({3, 1})}),
                       "ProjectorWriter: need labels [2, 1], got [3, 1]", ShapeError);
  CHECK_THROWS_WITH_AS(projector.add("a", points, {.images = Tensor<std::uint8_t>::zeros({2, 4})}),
                       "ProjectorWriter: need images [2, H, W], got [2, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(projector.add("a", points, {.images = Tensor<std::uint8_t>::zeros({2, 1, 9000})}),
                       "ProjectorWriter: need at most 0 images of 1 x 9000 pixels, got 2", ArgumentError);
  CHECK_THROWS_WITH_AS(projector.add("a", Tensor<float>::full({1, 1}, std::numeric_limits<float>::infinity())),
                       "ProjectorWriter: need finite points, got inf in row 0", ArgumentError);
  CHECK(folder.entries() == 0);
  write_file(folder / "file", "");
  CHECK_THROWS_AS(io::ProjectorWriter(folder / "file" / "runs"), IoError);
}
