#include "support/split.hpp"

namespace support {

engram::data::Split make_split(const SplitOptions& o, Index frames) {
  const bool random = o.kind == "random";
  return engram::naming(random ? "--held-out" : "--blocks, --held-out-blocks", [&] {
    return random ? engram::data::random_split(frames, o.fraction, engram::Rng(o.seed).split(7))
                  : engram::data::block_split(frames, o.blocks, o.held_out_blocks);
  });
}

void write_settings(engram::Settings& settings, const SplitOptions& o) {
  settings.set("split", o.kind);
  if (o.kind == "random") {
    settings.set("held_out", o.fraction);
  } else {
    settings.set("blocks", o.blocks);
    std::string list;
    for (const Index block : o.held_out_blocks) {
      list += (list.empty() ? "" : " ") + std::to_string(block);
    }
    settings.set("held_out_blocks", list);
  }
}

std::uint64_t checksum(const engram::data::Frames& frames) {
  return std::visit([](const auto& pixels) { return checksum(pixels); }, frames.pixels());
}

void write_held_out(const std::filesystem::path& path, const engram::data::Frames& frames,
                    const engram::data::Frames* clean, const std::vector<Index>& indices) {
  engram::io::NpzWriter file(path);
  const auto add = [&](const char* name, const engram::data::Frames& all) {
    std::visit([&](const auto& pixels) { file.add(name, engram::train::take_rows(pixels, std::span(indices))); },
               all.pixels());
  };
  add("images", frames);
  if (clean != nullptr) {
    add("clean", *clean);
  }
  std::vector<std::int64_t> positions(indices.begin(), indices.end());
  file.add("indices", engram::Tensor<std::int64_t>::from({std::ssize(positions)}, positions));
  file.commit();
}

void write_held_out_once(const std::filesystem::path& path, const engram::data::Frames& frames,
                         const engram::data::Frames* clean, const std::vector<Index>& indices) {
  if (!indices.empty() && !std::filesystem::exists(path)) {
    write_held_out(path, frames, clean, indices);
  }
}

std::vector<Index> held_out_indices(const std::filesystem::path& folder) {
  const auto file = folder / "held_out.npz";
  engram::ensure<engram::IoError>(std::filesystem::exists(file), file.string(),
                                  ": no such file; need a model that was trained with some frames held out");
  const auto indices = engram::io::NpzReader(file).read("indices").as<std::int64_t>();
  return {indices.elements().begin(), indices.elements().end()};
}

std::vector<Index> all_frames(Index count) {
  std::vector<Index> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), Index{0});
  return all;
}

}  // namespace support
