// Makes frames with labels of a movie and the tracks of an animal's key points in it: square parts of the movie that
// follow the animal, where it was and which way it lay. What the training programs take as --images.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <numbers>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/take_rows.hpp>
#include <engram/data/crop_around.hpp>
#include <engram/data/labels.hpp>
#include <engram/data/load_tracks.hpp>
#include <engram/data/track_labels.hpp>
#include <engram/io/image.hpp>
#include <engram/io/movie_reader.hpp>
#include <engram/io/npz.hpp>
#include <engram/plot/image_grid.hpp>

#if defined(ENGRAM_WITH_TIFF)
#include <engram/io/tiff.hpp>
#endif
#if defined(ENGRAM_WITH_HDF5)
#include <engram/io/hdf5.hpp>
#endif

#include "support/program.hpp"

using namespace engram;

namespace {

struct Options {
  std::filesystem::path video;
  std::filesystem::path tracks;
  std::filesystem::path out;
  std::filesystem::path picture;
  std::string dataset = "frames";
  std::string individual;
  data::TrackLabelOptions labels;
  std::vector<double> centre;
  data::CropOptions crop;
  bool turned = false;
  double min_likelihood = 0.6;
  Index max_gap = 5;
  Index first = 0;
  Index last = std::numeric_limits<Index>::max();
  Index every = 1;
};

/// What becomes of the frames.
struct Recording {
  std::vector<std::uint8_t> pixels;
  Shape frame;                 ///< of each, [H, W]
  std::vector<double> labels;  ///< row by row: the frame's number, then what is known of it
  Index kept = 0;
  Index without_animal = 0;
};

void keep(Recording& recording, const Tensor<std::uint8_t>& frame, Index number, const double* labels, Index columns) {
  recording.frame = frame.shape();
  recording.pixels.insert(recording.pixels.end(), frame.elements().begin(), frame.elements().end());
  recording.labels.push_back(static_cast<double>(number));
  recording.labels.insert(recording.labels.end(), labels, labels + columns);
  ++recording.kept;
}

/// A line from the middle of each crop to where the body points to: whether tracks and movie go together is seen at
/// once.
void draw_directions(Tensor<std::uint8_t>& grid, const plot::ImageGridOptions& look, Index size,
                     const std::vector<double>& degrees) {
  const Index plane = grid.size() / 3;
  const Index cell = size * look.scale + look.gap;
  for (Index i = 0; i < std::ssize(degrees); ++i) {
    const double angle = degrees[static_cast<std::size_t>(i)] * (std::numbers::pi / 180);
    const Index length = std::isfinite(angle) ? size * look.scale / 3 : 0;
    for (Index at = 0; at <= 2 * length; ++at) {
      const double along = static_cast<double>(at) / 2;
      const auto x = look.gap + i % look.columns * cell +
                     std::lround(static_cast<double>(size * look.scale) / 2 + along * std::cos(angle));
      const auto y = look.gap + i / look.columns * cell +
                     std::lround(static_cast<double>(size * look.scale) / 2 + along * std::sin(angle));
      for (Index k = 0; k < 4; ++k) {
        const Index pixel = (y + k / 2) * grid.dim(2) + x + k % 2;
        grid[pixel] = 230;
        grid[plane + pixel] = grid[2 * plane + pixel] = 60;
      }
    }
  }
}

/// Up to 32 of the frames, spread over the recording.
void write_picture(const Options& o, const Recording& recording, const std::vector<std::string>& columns) {
  const Index count = std::min<Index>(32, recording.kept);
  const Index size = recording.frame.size();
  const auto angle = std::ranges::find(columns, "body_angle") - columns.begin();
  auto colours = Tensor<std::uint8_t>::uninitialized({count, 3, recording.frame[0], recording.frame[1]});
  std::vector<double> degrees;
  for (Index i = 0; i < count; ++i) {
    const Index frame = i * recording.kept / count;
    for (Index channel = 0; channel < 3; ++channel) {
      std::copy_n(recording.pixels.data() + frame * size, size, colours.data() + (3 * i + channel) * size);
    }
    if (angle < std::ssize(columns)) {
      degrees.push_back(o.turned ? 0 : recording.labels[static_cast<std::size_t>(frame * std::ssize(columns) + angle)]);
    }
  }
  const plot::ImageGridOptions look{.columns = 8, .scale = std::max<Index>(1, 100 / recording.frame[0])};
  auto grid = plot::image_grid(colours, look);
  draw_directions(grid, look, recording.frame[0], degrees);
  io::write_png(o.picture, grid);
  std::printf("%s: %td of the frames%s\n", o.picture.c_str(), count,
              degrees.empty() ? "" : ", with the body's direction");
}

/// Whether the n-th frame is wanted.
bool wanted(const Options& o, Index n) {
  return n >= o.first && n <= o.last && (n - o.first) % o.every == 0;
}

/// The movie's frames as they are.
Recording whole_frames(const Options& o, io::MovieReader& movie) {
  Recording recording;
  for (Tensor<std::uint8_t> frame; movie.frames() <= o.last && movie.next(frame);) {
    if (wanted(o, movie.frames() - 1)) {
      keep(recording, frame, movie.frames() - 1, nullptr, 0);
    }
  }
  return recording;
}

/// Parts of the frames around the animal; frames in which it is not known are left out.
Recording followed(const Options& o, io::MovieReader& movie, const data::Tracks& tracks, data::Labels& labels) {
  Recording recording;
  std::optional<Index> angle;
  data::TrackLabelOptions about = o.labels;
  const auto known = [](double value) { return std::isfinite(value); };
  Index outside = 0;  // places of the animal
  Tensor<std::uint8_t> frame;
  while (movie.frames() <= o.last && movie.next(frame)) {
    const Index n = movie.frames() - 1;
    if (n == 0) {  // only now is the middle of the frames known
      about.centre_x = o.centre.empty() ? static_cast<double>(frame.dim(1) - 1) / 2 : o.centre[0];
      about.centre_y = o.centre.empty() ? static_cast<double>(frame.dim(0) - 1) / 2 : o.centre[1];
      const double largest = 4 * static_cast<double>(std::max(frame.dim(0), frame.dim(1)));
      ensure<ArgumentError>(o.crop.window <= largest, "--window: need at most ", largest,
                            " pixels, four times the movie's larger side, got ", o.crop.window);
      labels = data::track_labels(tracks, about);
      angle = about.body_from.empty() ? std::nullopt : std::optional(labels.find("body_angle"));
    }
    ensure<FormatError>(n < tracks.size() || !tracks.has_every_frame, tracks.source,
                        ": need a row for each frame, got ", tracks.size(),
                        " rows for a movie of more frames; --last leaves those beyond out");
    if (!wanted(o, n)) {
      continue;
    }
    const double* row = labels.values.data() + std::min(n, tracks.size() - 1) * labels.values.dim(1);
    if (n >= tracks.size() || !known(row[0]) || (angle && !known(row[*angle]))) {
      ++recording.without_animal;
      continue;
    }
    const double unit = about.unit;
    const auto inside = [](double place, Index extent) { return place >= 0 && place < static_cast<double>(extent); };
    outside += inside(row[0] / unit, frame.dim(1)) && inside(row[1] / unit, frame.dim(0)) ? 0 : 1;
    keep(recording, data::crop_around(frame, row[0] / unit, row[1] / unit, o.turned ? row[*angle] : 0, o.crop), n, row,
         labels.values.dim(1));
  }
  ensure<FormatError>(movie.frames() > o.last || movie.frames() >= tracks.size(), tracks.source,
                      ": need a row for each frame, got rows for ", tracks.size(), " frames and a movie of ",
                      movie.frames());
  if (2 * outside > recording.kept) {
    std::fprintf(
        stderr,
        "warning: in %td of %td frames the animal is outside of the movie's %td x %td pixels; are the tracks of "
        "a movie of another size?\n",
        outside, recording.kept, frame.dim(0), frame.dim(1));
  }
  return recording;
}

/// A stack of images that is no movie: .tif, .tiff, .h5, .hdf5.
bool is_stack(const std::filesystem::path& path) {
  const std::string extension = io::lower_extension(path);
  return extension == ".tif" || extension == ".tiff" || extension == ".h5" || extension == ".hdf5";
}

io::Array read_stack(const Options& o) {
  [[maybe_unused]] const bool tiff = io::lower_extension(o.video).starts_with(".tif");
#if defined(ENGRAM_WITH_TIFF)
  if (tiff) {
    return io::read_tiff(o.video);
  }
#endif
#if defined(ENGRAM_WITH_HDF5)
  if (!tiff) {
    return io::read_hdf5(o.video, o.dataset);
  }
#endif
  fail<ArgumentError>(o.video.string(), ": need a build with ",
                      tiff ? "libtiff (Debian: libtiff-dev)" : "HDF5 (Debian: libhdf5-dev)");
}

/// The wanted images of a stack, in their type.
int prepare_stack(const Options& o) {
  io::NpzWriter file(o.out);
  const io::Array stack = read_stack(o);
  ensure<FormatError>(stack.shape.rank() == 3 || stack.shape.rank() == 4, o.video.string(),
                      ": need frames [N, H, W] or [N, C, H, W], got ", stack.shape);
  std::vector<Index> numbers;
  std::vector<double> labels;
  for (Index i = o.first; i < stack.shape[0] && i <= o.last; i += o.every) {
    numbers.push_back(i);
    labels.push_back(static_cast<double>(i));
  }
  ensure<ArgumentError>(!numbers.empty(), o.video.string(), ": need at least one frame, got none of ", stack.shape[0]);
  io::detail::with_type(stack.dtype, [&]<class P>(P) { file.add("images", take_rows(stack.as<P>(), numbers)); });
  const std::vector<std::string> columns{"frame"};
  file.add("labels", Tensor<double>::from({std::ssize(labels), 1}, labels));
  file.add("columns", std::span<const std::string>(columns));
  file.commit();
  std::printf("%s: %td frames of the %td of %s %s\n", o.out.c_str(), std::ssize(numbers), stack.shape[0],
              o.video.c_str(), stack.shape.text().c_str());
  return 0;
}

int prepare_frames(const Options& o, const CLI::App& app) {
  support::need_folder_of(o.out);
  support::need_other_path(o.video, o.out);
  support::need_other_path(o.tracks, o.out);
  support::need_folder_of(o.picture);
  support::need_extension("--out", o.out, {".npz"});
  if (!o.picture.empty()) {
    support::need_extension("--picture", o.picture, {".png"});
  }
  ensure<ArgumentError>(o.first <= o.last, "--last: need at least ", o.first, ", the first frame, got ", o.last);
  ensure<ArgumentError>(app.count("--dataset") == 0 || io::lower_extension(o.video).starts_with(".h"),
                        "--dataset: need an .h5 file as --video, got ", o.video.string());
  ensure<ArgumentError>(o.centre.empty() || o.centre.size() == 2, "--centre: need X,Y, got ", o.centre.size(),
                        " numbers");
  ensure<ArgumentError>(!o.turned || !o.labels.body_from.empty(),
                        "--turned: need --body-from and --body-to, which tell how far");
  for (const char* name : {"--size", "--window", "--turned", "--centre", "--position", "--body-from", "--body-to",
                           "--individual", "--unit", "--min-likelihood", "--max-gap"}) {
    ensure<ArgumentError>(app.count(name) == 0 || !o.tracks.empty(), name, ": need --tracks, which it is about");
  }
  if (is_stack(o.video)) {
    ensure<ArgumentError>(o.tracks.empty() && o.picture.empty(), o.video.string(),
                          ": need a movie for --tracks and --picture, got a stack of images");
    return prepare_stack(o);
  }
  io::NpzWriter file(o.out);
  io::MovieReader movie(o.video);
  data::Labels labels;
  Recording recording;
  if (o.tracks.empty()) {
    recording = whole_frames(o, movie);
  } else {
    const data::Tracks tracks = data::fill_gaps(data::load_tracks(o.tracks, o.individual), o.min_likelihood, o.max_gap);
    recording = followed(o, movie, tracks, labels);
  }
  ensure<ArgumentError>(recording.kept > 0, o.video.string(), ": need at least one frame, got none of ", movie.frames(),
                        ": ", recording.without_animal, " without a known animal, the others left out");
  std::vector<std::string> columns{"frame"};
  columns.insert(columns.end(), labels.columns.begin(), labels.columns.end());
  const Index kept = recording.kept;
  file.add("images", Tensor<std::uint8_t>::from({kept, recording.frame[0], recording.frame[1]}, recording.pixels));
  file.add("labels", Tensor<double>::from({kept, std::ssize(columns)}, recording.labels));
  file.add("columns", std::span<const std::string>(columns));
  if (!o.picture.empty()) {
    write_picture(o, recording, columns);
  }
  file.commit();
  std::printf("%s: %td frames of %td x %td, %td %s each, of %td frames in the movie", o.out.c_str(), kept,
              recording.frame[0], recording.frame[1], std::ssize(columns), columns.size() == 1 ? "label" : "labels",
              movie.frames());
  if (recording.without_animal > 0) {
    std::printf("; %td left out, in which the animal is not known", recording.without_animal);
  }
  std::printf("\n");
  return 0;
}

void add_options(support::Program& app, Options& o) {
  app.add_option(
         "--video", o.video,
         "The movie: anything that ffmpeg reads, as .avi or .mp4; or a stack of images, .tif or .h5, whose pixels "
         "keep their type")
      ->required();
  app.add_option("--dataset", o.dataset, "Which dataset of an .h5")->capture_default_str();
  app.add_option("--tracks", o.tracks,
                 "Key points of the animal, .csv: DeepLabCut's, SLEAP's analysis, or columns such as nose_x, nose_y; "
                 "without it whole frames are taken");
  app.add_option("--out", o.out, "The .npz to write: images [N, size, size] u1, labels [N, L] f8, columns")->required();
  app.add_option("--picture", o.picture, "A picture of some of the frames, .png");
  app.add_option("--individual", o.individual, "Which animal of the tracks, if there are several");
  app.add_option("--position", o.labels.position, "Points of which the animal's position is the mean; all if not given")
      ->delimiter(',');
  app.add_option("--body-from", o.labels.body_from, "Point that the body's direction goes from, as the tail's base");
  app.add_option("--body-to", o.labels.body_to, "Point that it goes to, as the neck");
  app.add_option("--centre", o.centre,
                 "X,Y of the arena's centre in the movie, pixels; the frames' middle if not given")
      ->delimiter(',');
  app.add_option("--unit", o.labels.unit, "What a pixel of the movie measures, such as 0.8 for 0.8 mm")
      ->capture_default_str()
      ->check(support::positive_number());
  app.add_option("--size", o.crop.size, "Pixels of the frames' sides")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--window", o.crop.window,
                 "Pixels of the movie that they span; 0: size, and then pixels are copied, not interpolated")
      ->capture_default_str()
      ->check(support::number("a number >= 0", [](double value) { return value >= 0; }));
  app.add_flag("--turned", o.turned, "Turns the frames so that the body points to the right in each");
  app.add_option("--min-likelihood", o.min_likelihood, "Points of less are taken for missing")
      ->capture_default_str()
      ->check(support::number("a number in 0..1", [](double value) { return value >= 0 && value <= 1; }));
  app.add_option("--max-gap", o.max_gap, "Most frames in a row for which a missing point is made up, in a line")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--first", o.first, "First frame, from 0 on")->capture_default_str()->check(support::whole_number(0));
  app.add_option("--last", o.last,
                 "Last frame; the movie's if not given, and only then is seen whether the tracks are as long as it")
      ->check(support::whole_number(0));
  app.add_option("--every", o.every, "Takes only each so many-th frame from the first on")
      ->capture_default_str()
      ->check(support::whole_number(1));
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  support::Program app("Makes labelled frames that follow an animal of a movie and tracks of its key points.",
                       "prepare_frames");
  add_options(app, o);
  return support::run(app, argc, argv, [&] { return prepare_frames(o, app); });
}
