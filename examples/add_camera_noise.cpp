// Puts the arena's camera noise over clean frames, so that a denoiser can be judged on them.
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <span>
#include <variant>
#include <vector>

#include <engram/data/arena/noise.hpp>
#include <engram/data/load.hpp>
#include <engram/io/npz.hpp>

#include "support/program.hpp"
#include "support/recording.hpp"

using namespace engram;

int main(int argc, char** argv) {
  std::filesystem::path images;
  std::filesystem::path out;
  data::FrameOptions options;
  std::uint64_t seed = 0;
  support::Program app(
      "Adds camera noise of standard deviation min(13.5, 3.6 + 1.13 sqrt(level)) to frames of grey levels 0..255.",
      "add_camera_noise");
  app.add_option("--images", images, "Clean frames: .npz, .npy, a movie or a folder of PNG, JPEG or BMP images")
      ->required();
  app.add_option("--array", options.array, "Array of the .npz that holds the frames")->capture_default_str();
  app.add_option("--maximum", options.maximum, "Pixel value that becomes level 255; 0: the type's largest")
      ->capture_default_str()
      ->check(support::number("a number >= 0", [](double x) { return x >= 0; }));
  app.add_option("--seed", seed, "The same seed gives the same noise")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--out", out,
                 "The .npz to write: images (noisy) and clean, u1; and the labels of --images if it has any")
      ->required();
  return support::run(app, argc, argv, [&] {
    support::need_other_path(images, out);
    support::need_extension("--out", out, {".npz"});
    const data::Frames frames = data::load_frames(images, options);
    std::vector<Index> all(static_cast<std::size_t>(frames.size()));
    std::iota(all.begin(), all.end(), Index{0});
    const Shape& s = frames.shape();
    const bool flat = std::visit([](const auto& pixels) { return pixels.rank() == 3; }, frames.pixels());
    const auto levels = frames.levels(std::span<const Index>(all));
    const auto clean = levels.reshaped(flat ? Shape{s[0], s[2], s[3]} : s);
    io::NpzWriter file(out);
    file.add("images", data::add_camera_noise(clean, Rng(seed)));
    file.add("clean", clean);
    support::add_labels_of(images, frames.size(), file);
    file.commit();
    std::printf("%s: %td frames, seed %llu\n", out.c_str(), frames.size(), static_cast<unsigned long long>(seed));
    return 0;
  });
}
