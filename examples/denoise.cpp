// Denoises frames with a trained autoencoder.
#include <cstdio>
#include <filesystem>
#include <numeric>

#include <engram/engram.hpp>

#include "support/denoising.hpp"
#include "support/program.hpp"

using namespace engram;

namespace {

enum class Kind { npz, npy, folder };

Kind kind_of(const std::filesystem::path& path, bool input) {
  const std::string extension = data::detail::lower_extension(path);
  if (input && std::filesystem::is_directory(path)) {
    return Kind::folder;
  }
  return extension == ".npz" ? Kind::npz : extension == ".npy" ? Kind::npy : Kind::folder;
}

/// Frames [N, C, H, W] as a folder of PNG files, each under the name of the image it was made of.
void write_folder(const std::filesystem::path& out, const std::filesystem::path& images,
                  const Tensor<std::uint8_t>& frames) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  ensure<IoError>(!error, out.string(), ": cannot be made: ", error.message());
  const auto files = io::list_images(images);
  const Index size = frames.size() / frames.dim(0);
  for (Index i = 0; i < frames.dim(0); ++i) {
    const Shape one{frames.dim(1), frames.dim(2), frames.dim(3)};
    const auto pixels = Tensor<std::uint8_t>::from(one, frames.elements().subspan(
        static_cast<std::size_t>(i * size), static_cast<std::size_t>(size)));
    io::write_png((out / files[static_cast<std::size_t>(i)].filename()).replace_extension(".png"), pixels);
  }
}

/// Up to 8 frames spread over the recording, inputs above outputs.
void write_picture(const std::filesystem::path& path, const data::Frames& frames,
                   const Tensor<std::uint8_t>& outputs) {
  const Index columns = std::min<Index>(8, frames.size());
  std::vector<Index> shown;
  for (Index i = 0; i < columns; ++i) {
    shown.push_back(i * frames.size() / columns);
  }
  const auto above = frames.levels(shown);
  const auto below = train::take_rows(outputs, std::span<const Index>(shown));
  auto both = Tensor<std::uint8_t>::uninitialized({2 * columns, above.dim(1), above.dim(2), above.dim(3)});
  std::ranges::copy(below.elements(), std::ranges::copy(above.elements(), both.data()).out);
  io::write_png(path, plot::image_grid(both, {.columns = columns, .scale = 3}));
}

int denoise(const std::filesystem::path& folder, const std::filesystem::path& images,
            const std::filesystem::path& out, data::FrameOptions options) {
  const auto file = folder / "model.npz";
  const Settings settings = train::load_settings(file);
  if (options.maximum == 0) {
    options.maximum = settings.number<double>("maximum");
  }
  const models::NetworkOptions network = models::read_options(settings);
  Rng rng(0);
  models::ConvAutoencoder<float> model(network, rng);
  train::load_model(file, model);
  const data::Frames frames = data::load_frames(images, options);
  const Shape& s = frames.shape();
  ensure<ShapeError>(s[1] == network.channels && s[2] == network.image_height && s[3] == network.image_width,
                     images.string(), ": need frames [N, ", network.channels, ", ", network.image_height, ", ",
                     network.image_width, "] as ", file.string(), " was trained on, got ", s);
  const Kind kind = kind_of(images, true);
  ensure<ArgumentError>(kind == kind_of(out, false), "--out: need the kind of --images (.npz, .npy or a folder), got ",
                        out.string());

  std::vector<Index> all(static_cast<std::size_t>(frames.size()));
  std::iota(all.begin(), all.end(), Index{0});
  const auto levels = data::Frames::to_levels(support::denoised(model, frames, all));
  const bool flat = std::visit([](const auto& pixels) { return pixels.rank() == 3; }, frames.pixels());
  const auto pixels = flat ? levels.reshaped({s[0], s[2], s[3]}) : levels;
  if (kind == Kind::npz) {
    io::NpzWriter writer(out);
    writer.add("images", pixels);
    writer.commit();
  } else if (kind == Kind::npy) {
    io::write_npy(out, pixels);
  } else {
    write_folder(out, images, levels);
  }
  auto picture = out;
  picture.replace_extension(".png");
  write_picture(picture, frames, levels);
  std::printf("%s: %td frames; %s: inputs above outputs\n", out.c_str(), frames.size(), picture.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path model;
  std::filesystem::path images;
  std::filesystem::path out;
  data::FrameOptions options;
  CLI::App app("Denoises frames with a trained autoencoder.", "denoise");
  app.add_option("--model", model, "Folder that train_autoencoder wrote")->required();
  app.add_option("--images", images, "Frames: .npz, .npy or a folder of PNG, JPEG or BMP images")->required();
  app.add_option("--out", out, "Denoised frames, of the same kind as --images; a picture is put beside it")
      ->required();
  app.add_option("--array", options.array, "Array of the .npz that holds the frames")->capture_default_str();
  app.add_option("--maximum", options.maximum, "Pixel value that becomes 1; 0: as in the training")
      ->capture_default_str();
  return support::run(app, argc, argv, [&] { return denoise(model, images, out, options); });
}
