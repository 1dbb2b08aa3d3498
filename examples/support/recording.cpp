#include "support/recording.hpp"

namespace support {

engram::data::Frames load_frames_for(const engram::models::NetworkOptions& network, double maximum,
                                     const std::filesystem::path& model, const std::filesystem::path& images,
                                     engram::data::FrameOptions options) {
  if (options.maximum == 0) {
    options.maximum = maximum;
  }
  auto frames = engram::data::load_frames(images, options);
  const engram::Shape& s = frames.shape();
  const bool any_size = network.image_height == 0;
  const std::string extents =
      any_size ? "any height, any width" : engram::text(network.image_height, ", ", network.image_width);
  engram::ensure<engram::ShapeError>(
      s[1] == network.channels && (any_size || (s[2] == network.image_height && s[3] == network.image_width)),
      images.string(), ": need frames [N, ", network.channels, ", ", extents, "] as ", model.string(),
      " was trained on, got ", s);
  return frames;
}

void add_frame_options(CLI::App& app, engram::data::FrameOptions& options) {
  app.add_option("--array", options.array, "Array of the .npz that holds the frames")->capture_default_str();
  app.add_option("--maximum", options.maximum, "Pixel value that becomes 1; 0: as in the training")
      ->capture_default_str();
}

void add_labels_of(const std::filesystem::path& images, engram::Index frames, engram::io::NpzWriter& out) {
  if (engram::io::lower_extension(images) != ".npz") {
    return;
  }
  const engram::io::NpzReader file(images);
  const auto labels = file.contains("labels") ? file.read("labels") : engram::io::Array{};
  if (!labels.strings.empty() || labels.shape.rank() != 2 || labels.shape[0] != frames) {
    return;
  }
  out.add("labels", labels.as<double>());
  if (file.contains("columns")) {
    out.add("columns", std::span<const std::string>(file.read("columns").strings));
  }
}

std::optional<engram::data::Frames> load_clean(const std::filesystem::path& images,
                                               const engram::data::Frames& frames) {
  if (engram::io::lower_extension(images) != ".npz" || !engram::io::NpzReader(images).contains("clean")) {
    return std::nullopt;
  }
  auto clean = engram::data::load_frames(images, {.array = "clean", .maximum = frames.maximum()});
  engram::ensure<engram::ShapeError>(clean.shape() == frames.shape(), images.string(), ": need clean ", frames.shape(),
                                     " as the images are, got ", clean.shape());
  return clean;
}

}  // namespace support
