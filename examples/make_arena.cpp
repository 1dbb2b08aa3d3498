// Renders the synthetic arena: noisy frames, the clean frames behind them, and labels.
#include <cstdio>
#include <filesystem>
#include <span>

#include <engram/data/arena.hpp>
#include <engram/io/npz.hpp>

#include "support/program.hpp"

int main(int argc, char** argv) {
  engram::data::ArenaOptions options;
  std::filesystem::path out;
  support::Program app("Renders frames of an animal in a round arena, with labels and the camera's noise.",
                       "make_arena");
  app.add_option("--frames", options.frames, "Number of frames")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--seed", options.seed, "The same seed gives the same recording")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--out", out, "The .npz to write: images, clean, tail [N, 50, 50] u1; labels [N, 13] f8; columns")
      ->required();
  return support::run(app, argc, argv, [&] {
    support::need_extension("--out", out, {".npz"});
    engram::io::NpzWriter file(out);
    const auto recording = engram::data::make_arena(options);
    file.add("images", recording.images);
    file.add("clean", recording.clean);
    file.add("tail", recording.tail);
    file.add("labels", recording.labels);
    file.add("columns", std::span<const std::string>(recording.columns));
    file.commit();
    std::printf("%s: %td frames, seed %llu\n", out.c_str(), options.frames,
                static_cast<unsigned long long>(options.seed));
    return 0;
  });
}
