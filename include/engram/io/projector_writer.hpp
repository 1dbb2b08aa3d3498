#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/folder.hpp>
#include <engram/io/image.hpp>

namespace engram::io {

/// What is known of the points of an embedding.
struct ProjectorData {
  std::vector<std::string> columns{};  ///< names of the labels, [L]
  Tensor<double> labels{};             ///< [N, L]; no element: none
  Tensor<std::uint8_t> images{};       ///< a thumbnail of each point, grey [N, H, W]; no element: none
};

/// Writes points of many dimensions, such as latent codes, for TensorBoard's projector, which turns them by PCA, t-SNE
/// or UMAP and colours them by labels: `tensorboard --logdir FOLDER`, in the same folder as a TensorBoardWriter's files
/// or alone. Each embedding is a folder of its own with tensors.tsv, metadata.tsv and sprite.png;
/// projector_config.pbtxt lists them. As PyTorch's SummaryWriter.add_embedding, which adds to the list of an earlier
/// run instead of writing it anew.
///
///     io::ProjectorWriter projector("runs/first");
///     projector.add("codes", codes, {.columns = {"angle"}, .labels = angles});
class ProjectorWriter {
 public:
  /// @param folder  made if it is not there
  /// @throws IoError if it cannot be made
  explicit ProjectorWriter(std::filesystem::path folder) : folder_(std::move(folder)) { make_folder(folder_); }

  /// Most thumbnails of a size: they go into one picture, of which TensorBoard shows no more than 8192 x 8192 pixels.
  static Index most_images(Index height, Index width) {
    const Index columns = largest_sprite / std::max<Index>({1, height, width});
    return columns * columns;
  }

  /// Adds an embedding, or writes one of the same name again.
  /// @param name    letters, digits, "-", "_" and "."; the folder's
  /// @param points  [N, D]
  /// @throws ShapeError for another shape, or labels or images that are not N; ArgumentError for another name, a point
  /// that is not finite, or more images than most_images(); IoError if a file cannot be written
  template <std::floating_point T>
  void add(const std::string& name, const Tensor<T>& points, const ProjectorData& data = {}) {
    check(name, points.shape(), data);
    std::string tensors;
    for (Index i = 0; i < points.size(); ++i) {
      ensure<ArgumentError>(std::isfinite(points[i]), "ProjectorWriter: need finite points, got ", points[i],
                            " in row ", i / points.dim(1));
      tensors += text(points[i], (i + 1) % points.dim(1) == 0 ? '\n' : '\t');
    }
    make_folder(folder_ / name);
    write_atomically(folder_ / name / "tensors.tsv", tensors);
    if (data.labels.size() > 0) {
      write_atomically(folder_ / name / "metadata.tsv", metadata(data));
    }
    if (data.images.size() > 0) {
      write_png(folder_ / name / "sprite.png", sprite(data.images));
    }
    std::erase_if(entries_, [&](const auto& entry) { return entry.first == name; });
    entries_.emplace_back(name, config_entry(name, data));
    std::string config;
    for (const auto& entry : entries_) {
      config += entry.second;
    }
    write_atomically(folder_ / "projector_config.pbtxt", config);
  }

 private:
  static constexpr Index largest_sprite = 8192;

  static void check(const std::string& name, const Shape& points, const ProjectorData& data) {
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
             c == '.';
    };
    ensure<ArgumentError>(!name.empty() && name.front() != '.' && std::ranges::all_of(name, plain),
                          "ProjectorWriter: need a name of letters, digits, -, _ and ., got \"", name, "\"");
    ensure<ShapeError>(points.rank() == 2 && points.size() > 0, "ProjectorWriter: need points [N, D], got ", points);
    const Shape& labels = data.labels.shape();
    ensure<ShapeError>(data.labels.size() == 0 ||
                           (labels.rank() == 2 && labels[0] == points[0] && labels[1] == std::ssize(data.columns)),
                       "ProjectorWriter: need labels [", points[0], ", ", data.columns.size(), "], got ", labels);
    const Shape& images = data.images.shape();
    ensure<ShapeError>(data.images.size() == 0 || (images.rank() == 3 && images[0] == points[0]),
                       "ProjectorWriter: need images [", points[0], ", H, W], got ", images);
    if (data.images.size() > 0) {
      const Index most = most_images(images[1], images[2]);
      ensure<ArgumentError>(points[0] <= most, "ProjectorWriter: need at most ", most, " images of ", images[1], " x ",
                            images[2], " pixels, got ", points[0]);
    }
  }

  /// A first line of names, unless there is one column: the projector then wants none.
  static std::string metadata(const ProjectorData& data) {
    std::string out;
    for (std::size_t c = 0; c < data.columns.size() && data.columns.size() > 1; ++c) {
      std::string name = data.columns[c];
      std::ranges::replace_if(
          name, [](char letter) { return letter == '\t' || letter == '\n'; }, ' ');
      out += name + (c + 1 == data.columns.size() ? '\n' : '\t');
    }
    for (Index i = 0; i < data.labels.size(); ++i) {
      out += text(data.labels[i], (i + 1) % data.labels.dim(1) == 0 ? '\n' : '\t');
    }
    return out;
  }

  /// All images in rows from left to right, with room for as many rows as columns: the projector takes the number of
  /// columns for that of rows.
  static Tensor<std::uint8_t> sprite(const Tensor<std::uint8_t>& images) {
    const Index count = images.dim(0);
    const Index height = images.dim(1);
    const Index width = images.dim(2);
    auto columns = static_cast<Index>(std::sqrt(static_cast<double>(count)));
    columns += columns * columns < count ? 1 : 0;
    auto out = Tensor<std::uint8_t>::full({columns * height, columns * width}, 255);
    for (Index i = 0; i < count * height; ++i) {
      const Index image = i / height;
      const Index row = image / columns * height + i % height;
      std::copy_n(images.data() + i * width, width, out.data() + (row * columns + image % columns) * width);
    }
    return out;
  }

  static std::string config_entry(const std::string& name, const ProjectorData& data) {
    std::string out = text("embeddings {\n  tensor_name: \"", name, "\"\n  tensor_path: \"", name, "/tensors.tsv\"\n");
    if (data.labels.size() > 0) {
      out += text("  metadata_path: \"", name, "/metadata.tsv\"\n");
    }
    if (data.images.size() > 0) {
      out += text("  sprite {\n    image_path: \"", name, "/sprite.png\"\n    single_image_dim: ", data.images.dim(2),
                  "\n    single_image_dim: ", data.images.dim(1), "\n  }\n");
    }
    return out + "}\n";
  }

  std::filesystem::path folder_;
  std::vector<std::pair<std::string, std::string>> entries_;  ///< names, and their part of the list
};

}  // namespace engram::io
