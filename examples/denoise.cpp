// Denoises frames with a trained model: a denoiser, an autoencoder, or a decoder of PCA or UMAP codes.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <engram/denoising/blind_spot_denoiser.hpp>
#include <engram/denoising/noise_curve.hpp>
#include <engram/io/file.hpp>
#include <engram/io/folder.hpp>
#include <engram/io/image.hpp>
#include <engram/io/movie_writer.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>
#include <engram/plot/image_grid.hpp>
#include <engram/train/dataset.hpp>

#include "support/denoiser.hpp"
#include "support/picture.hpp"
#include "support/program.hpp"
#include "support/recording.hpp"
#include "support/split.hpp"
#include "support/trained_model.hpp"

using namespace engram;

namespace {

enum class Kind { npz, npy, folder };

Kind kind_of(const std::filesystem::path& path, bool input) {
  const std::string extension = io::lower_extension(path);
  if (input && std::filesystem::is_directory(path)) {
    return Kind::folder;
  }
  return extension == ".npz" ? Kind::npz : extension == ".npy" ? Kind::npy : Kind::folder;
}

/// Where the picture goes: frames.npz becomes frames.png, a folder frames gets frames.png beside it.
std::filesystem::path picture_path(const std::filesystem::path& out, Kind kind) {
  auto picture = out.has_filename() ? out : out.parent_path();
  if (kind == Kind::folder) {
    return picture += ".png";
  }
  return picture.replace_extension(".png");
}

/// @throws ArgumentError if writing the results would replace what they are made of
void check_paths(const std::filesystem::path& images, const std::filesystem::path& out, Kind kind) {
  ensure<ArgumentError>(kind == kind_of(out, false), "--out: need the kind of --images (.npz, .npy or a folder), got ",
                        out.string());
  support::need_other_path(images, out);
  if (kind != Kind::folder) {
    support::need_folder_of(out);
  }
}

/// The names of the denoised images. @throws ArgumentError if two would be the same
std::vector<std::filesystem::path> output_names(const std::vector<std::filesystem::path>& images) {
  std::vector<std::filesystem::path> names;
  for (const auto& image : images) {
    auto name = image.filename().replace_extension(".png");
    const auto twin = std::ranges::find(names, name);
    ensure<ArgumentError>(
        twin == names.end(), image.string(), ": need names that differ before the extension, got ",
        twin == names.end() ? "" : images[static_cast<std::size_t>(twin - names.begin())].filename().string(), " too");
    names.push_back(std::move(name));
  }
  return names;
}

/// Frames [N, C, H, W] as a folder of PNG files, each under the name of the image it was made of.
void write_folder(const std::filesystem::path& out, const std::filesystem::path& images,
                  const Tensor<std::uint8_t>& frames) {
  const auto names = output_names(io::list_images(images));
  io::make_folder(out);
  const Index size = frames.size() / frames.dim(0);
  for (Index i = 0; i < frames.dim(0); ++i) {
    const Shape one{frames.dim(1), frames.dim(2), frames.dim(3)};
    const auto pixels = Tensor<std::uint8_t>::from(
        one, frames.elements().subspan(static_cast<std::size_t>(i * size), static_cast<std::size_t>(size)));
    io::write_png(out / names[static_cast<std::size_t>(i)], pixels);
  }
}

struct Options {
  std::filesystem::path model;
  std::filesystem::path images;
  std::filesystem::path out;
  data::FrameOptions frames;
  std::vector<std::filesystem::path> movies;
  Index movie_frames = 0;
  double fps = 30;
  bool estimate_noise = false;
};

/// Looks whether frames are such as the denoiser was trained on, in scale and in noise, and warns if not; takes the
/// noise that the frames have themselves if the options say so.
void look_at_frames(denoising::BlindSpotDenoiser<float>& denoiser, const data::Frames& frames, const Options& o) {
  constexpr double much = 1.5;
  const auto warn = [&](const std::string& words) {
    std::fprintf(stderr, "warning: %s: %s\n", o.images.c_str(), words.c_str());
  };
  const auto sample =
      support::sample_frames(frames, support::all_frames(frames.size()), 100, support::usual_crop(frames)).frames;
  if (const std::string unlike = support::unlike_training(sample, denoiser.network().options()); !unlike.empty()) {
    warn(unlike);
  }
  std::optional<support::Denoised> found;
  try {
    found = support::denoise_by_themselves(denoiser, sample);
  } catch (const ArgumentError& error) {  // too few pixels to tell
    ensure<ArgumentError>(!o.estimate_noise, o.images.string(), ": ", error.what());
    return;
  }
  const auto strength = support::strength_beside(found->noise, denoiser.noise());
  if (o.estimate_noise) {
    denoiser = denoising::BlindSpotDenoiser<float>(denoiser.network(), denoiser.spots(), found->noise);
  } else if (strength && (*strength > much || *strength < 1 / much)) {
    char times[32];
    std::snprintf(times, sizeof times, "%.1f", *strength);
    warn(text("the noise is ", times,
              " times as strong as that of the frames the denoiser was trained on; one trained on such frames does "
              "better, --estimate-noise may"));
  }
  for (const auto& warning : support::correlation_warnings(found->correlation, denoiser.spots())) {
    warn(warning);
  }
}

/// Each frame beside what the model made of it, `levels` [N, C, H, W].
void write_movie(const std::filesystem::path& path, const Options& o, const data::Frames& frames,
                 const Tensor<std::uint8_t>& levels) {
  const support::LateSignals late;
  io::MovieWriter movie(path, {.fps = o.fps});
  const Index shown = o.movie_frames == 0 ? frames.size() : std::min(o.movie_frames, frames.size());
  for (Index i = 0; i < shown; ++i) {
    const std::vector<Index> one{i};
    const auto output = train::take_rows(levels, one);
    auto both = Tensor<std::uint8_t>::uninitialized({2, levels.dim(1), levels.dim(2), levels.dim(3)});
    std::ranges::copy(output.elements(), std::ranges::copy(frames.levels(one).elements(), both.data()).out);
    movie.add(support::interleaved(plot::image_grid(both, {.columns = 2, .scale = 4})));
  }
  movie.commit();
}

int denoise(const Options& o) {
  const auto& images = o.images;
  const auto& out = o.out;
  const auto trained = support::load_model_folder(o.model);
  ensure<ArgumentError>(trained.denoise != nullptr, trained.file.string(), ": need a model that makes images, got a ",
                        trained.kind());
  const data::Frames frames =
      support::load_frames_for(trained.network, trained.maximum(), trained.file, images, o.frames);
  const Shape& s = frames.shape();
  const Kind kind = kind_of(images, true);
  for (const auto& movie : o.movies) {
    support::need_extension("--movie", movie, {".mp4", ".avi", ".gif"});
    support::need_folder_of(movie);
  }
  check_paths(images, out, kind);
  ensure<ArgumentError>(!o.estimate_noise || trained.denoiser != nullptr, "--estimate-noise: need a denoiser, got a ",
                        trained.kind());
  if (trained.denoiser != nullptr) {
    look_at_frames(*trained.denoiser, frames, o);
  }

  const auto denoised = trained.denoise(frames, support::all_frames(s[0]));
  const auto levels = data::Frames::to_levels(denoised);
  if (kind == Kind::npz) {
    io::NpzWriter writer(out);
    std::visit([&](const auto& pixels) { writer.add("images", pixels); }, frames.as_recorded(denoised));
    support::add_labels_of(images, s[0], writer);
    writer.commit();
  } else if (kind == Kind::npy) {
    std::visit([&](const auto& pixels) { io::write_npy(out, pixels); }, frames.as_recorded(denoised));
  } else {
    write_folder(out, images, levels);
  }
  const auto picture = picture_path(out, kind);
  const auto shown = support::few_of(support::all_frames(frames.size()));
  io::write_png(picture, support::inputs_above_outputs(frames, shown, train::take_rows(levels, shown)));
  std::printf("%s: %td frames; %s: inputs above outputs\n", out.c_str(), frames.size(), picture.c_str());
  for (const auto& movie : o.movies) {
    write_movie(movie, o, frames, levels);
    std::printf("%s: each frame beside what was made of it\n", movie.c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  support::Program app("Denoises frames with a trained model.", "denoise");
  app.add_option("--model", o.model, "Folder that train_denoiser, train_autoencoder or train_decoder wrote")
      ->required();
  app.add_option("--images", o.images, "Frames: .npz, .npy, a movie or a folder of PNG, JPEG or BMP images")
      ->required();
  app.add_option(
         "--out", o.out,
         "Denoised frames, of the same kind as --images, in their type and unit; folders are of 8-bit images; a "
         "picture is put beside it")
      ->required();
  app.add_option("--movie", o.movies, "Movies of each frame beside what was made of it, .mp4, .avi or .gif")
      ->delimiter(',');
  app.add_option("--movie-frames", o.movie_frames, "Of the beginning; 0: all")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--fps", o.fps, "Frames per second of the movies; a .gif has at most 50")
      ->capture_default_str()
      ->check(support::positive_number());
  app.add_flag("--estimate-noise", o.estimate_noise,
               "With a denoiser: the noise's strength is that of these frames, not of those it was trained on");
  support::add_frame_options(app, o.frames);
  return support::run(app, argc, argv, [&] { return denoise(o); });
}
