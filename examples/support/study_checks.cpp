#include "support/study_checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <engram/analysis/held_out_fold.hpp>
#include <engram/core/error.hpp>
#include <engram/data/labels.hpp>
#include <engram/data/load.hpp>
#include <engram/io/child_process.hpp>
#include <engram/io/npz.hpp>

#include "support/fold_choice.hpp"
#include "support/label_choice.hpp"
#include "support/recording.hpp"
#include "support/split.hpp"
#include "support/words.hpp"

namespace support {

using engram::ArgumentError;
using engram::ensure;

namespace {

/// The labels of a recording of one's own, where it has some, and what their columns are.
std::optional<engram::data::Labels> complete_labels(StudyOptions& o, Index frames) {
  if (o.labels.empty()) {
    o.labels = labels_beside(o.images);
  }
  if (o.labels.empty()) {
    ensure<ArgumentError>(o.angles.empty() && o.numbers.empty() && o.classes.empty() && o.place.empty(),
                          "--labels: need the file of the labels, as ", o.images.string(), " has none");
    return std::nullopt;
  }
  engram::data::Labels labels = engram::data::load_labels(o.labels);
  engram::data::check_labels(labels, frames, o.images.string());
  for (const std::string& column : o.place) {
    labels.find(column);
  }
  LabelChoice choice{o.labels, o.angles, o.numbers, o.classes};
  complete_columns(choice, labels);
  o.angles = choice.angles;
  o.numbers = choice.numbers;
  o.classes = choice.classes;
  return labels;
}

/// What can be checked before hours of work.
void check_options(const StudyOptions& o, Index frames) {
  ensure<ArgumentError>(o.place.empty() || o.place.size() == 2, "--place: need two columns, such as x,y, got ",
                        o.place.size());
  ensure<ArgumentError>(o.place.empty() || (!o.arena() && !o.angles.empty()),
                        "--place: need --images with labels of an angle, as it is for the picture of directions");
  for (const std::uint64_t seed : o.seeds) {
    ensure<ArgumentError>(std::ranges::count(o.seeds, seed) == 1, "--seeds: need each once, got ", seed, " again");
  }
  ensure<ArgumentError>(frames >= 200, "need at least 200 frames, got ", frames);
  const auto split = make_split({.kind = "blocks", .blocks = o.blocks, .held_out_blocks = o.held_out_blocks}, frames);
  engram::naming("--blocks, --held-out-blocks", [&] {  // as labels will be decoded
    engram::analysis::held_out_fold(frames, split.held_out, FoldChoice().gap);
  });
  ensure<engram::Error>(engram::io::find_program("ffmpeg").has_value(),
                        "need the program ffmpeg for the movies; install the package ffmpeg");
}

/// @throws FormatError for a label that is not finite or never changes, a class that is no whole number, or columns
/// whose names options and files cannot tell apart
void check_values(const StudyOptions& o, const engram::data::Labels& labels) {
  std::map<std::string, std::string> files;
  for (const auto* columns : {&o.angles, &o.numbers, &o.classes}) {
    for (const std::string& name : *columns) {
      const engram::Tensor<double> values = labels.finite_column(name);
      const auto [least, largest] = std::ranges::minmax_element(values.elements());
      ensure<engram::FormatError>(*least < *largest, labels.source, ", column ", name, ": need numbers that vary, got ",
                                  *least,
                                  " in each row; choose the columns with "
                                  "--angles, --numbers and --classes");
      const auto broken = std::ranges::find_if(values.elements(), [](double v) { return v != std::round(v); });
      ensure<engram::FormatError>(columns != &o.classes || broken == values.elements().end(), labels.source,
                                  ", column ", name, ": need whole numbers that name classes, got ",
                                  broken == values.elements().end() ? 0 : *broken);
      ensure<engram::FormatError>(name.find(',') == name.npos, labels.source, ", column '", name,
                                  "': need a name without a comma, which parts names in options");
      const auto [at, is_new] = files.emplace(file_name_of(name), name);
      ensure<engram::FormatError>(is_new, labels.source,
                                  ": need columns that differ in letters, digits, '-' and '.', got '", at->second,
                                  "' and '", name, "'");
    }
  }
}

}  // namespace

nlohmann::ordered_json checked_settings(StudyOptions& o) {
  nlohmann::ordered_json settings{{"preset", o.preset}, {"epochs", o.epochs}};
  Index frames = o.arena_frames;
  if (o.arena()) {
    ensure<ArgumentError>(o.labels.empty() && o.angles.empty() && o.numbers.empty() && o.classes.empty(),
                          "--labels, --angles, --numbers, --classes: need --images, as the arena has its own");
    settings["images"] = "the arena";
  } else {
    const engram::data::Frames recording = engram::data::load_frames(o.images, o.frames);
    frames = recording.size();
    engram::naming(o.images.string(), [&] {
      engram::models::check_options({.image_height = recording.shape()[2], .image_width = recording.shape()[3]});
    });
    o.images = std::filesystem::canonical(o.images);
    const auto labels = complete_labels(o, frames);
    settings["images"] = o.images.string();
    settings["frames_crc32"] = checksum(recording);
    if (const auto clean = load_clean(o.images, recording)) {
      settings["clean_crc32"] = checksum(*clean);
    }
    if (labels) {
      check_values(o, *labels);
      o.labels = std::filesystem::canonical(o.labels);
      settings["labels"] = o.labels.string();
      settings["labels_crc32"] = checksum(labels->values);
      settings["columns"] = labels->columns;
    }
  }
  check_options(o, frames);
  settings["frames"] = frames;
  settings["array"] = o.frames.array;
  settings["maximum"] = o.frames.maximum;
  settings["angles"] = o.angles;
  settings["numbers"] = o.numbers;
  settings["classes"] = o.classes;
  settings["place"] = o.place;
  settings["blocks"] = o.blocks;
  settings["held_out_blocks"] = o.held_out_blocks;
  settings["first_seed"] = o.seeds.front();
  return settings;
}

}  // namespace support
