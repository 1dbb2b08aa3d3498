// Shows what augmentation makes of frames: each original above versions of it that a training would see.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include <engram/data/augment.hpp>
#include <engram/data/load.hpp>
#include <engram/io/image.hpp>
#include <engram/plot/image_grid.hpp>

#include "support/program.hpp"

using namespace engram;

int main(int argc, char** argv) {
  std::filesystem::path images;
  std::filesystem::path out;
  data::FrameOptions options;
  std::uint64_t seed = 0;
  Index count = 8;
  support::Program app("Draws frames above randomly turned, flipped, shifted, lit, noisy and cut-out versions of them.",
                       "augment_frames");
  app.add_option("--images", images, "Frames: .npz, .npy, a movie or a folder of PNG, JPEG or BMP images")->required();
  app.add_option("--array", options.array, "Array of the .npz that holds the frames")->capture_default_str();
  app.add_option("--frames", count, "Number of frames, spread over the recording")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--seed", seed, "The same seed gives the same picture")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--out", out, "The picture to write: .png")->required();
  return support::run(app, argc, argv, [&] {
    support::need_extension("--out", out, {".png"});
    support::need_other_path(images, out);
    const data::Frames frames = data::load_frames(images, options);
    count = std::min(count, frames.size());
    std::vector<Index> shown;
    for (Index i = 0; i < count; ++i) {
      shown.push_back(i * frames.size() / count);
    }
    const auto originals = frames.batch<float>(shown);
    const Shape& s = originals.shape();
    const data::Outside mirror{.padding_mode = data::PaddingMode::reflect};
    const std::vector<data::AugmentOptions> rows{
        {},
        {.degrees = 180, .outside = mirror},
        {.flip_horizontal = 0.5, .flip_vertical = 0.5, .shift = 8, .outside = mirror},
        {.contrast = 0.5, .brightness = 0.1, .noise = 0.05, .cut_out = 16},
        {.quarter_turns = s[2] == s[3], .degrees = 45, .shift = 3, .outside = mirror, .contrast = 0.3, .noise = 0.02}};
    auto all = Tensor<float>::uninitialized({std::ssize(rows) * s[0], s[1], s[2], s[3]});
    float* next = all.data();
    for (const auto& row : rows) {
      next = std::ranges::copy(data::augment(originals, row, Rng(seed)).elements(), next).out;
    }
    io::write_png(out, plot::image_grid(data::Frames::to_levels(all), {.columns = count, .scale = 3}));
    std::printf("%s: %td originals above %td rows of versions\n", out.c_str(), count, std::ssize(rows) - 1);
    return 0;
  });
}
