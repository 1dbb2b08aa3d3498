// Shows the codes of a trained model in two dimensions, coloured by labels, and as a movie how they formed in training:
// map.npz, for each label a figure and, where the training kept snapshots, a movie as .mp4 and .gif.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <engram/data/load.hpp>
#include <engram/embed/map_sequence.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/folder.hpp>
#include <engram/io/movie_writer.hpp>
#include <engram/io/projector_writer.hpp>
#include <engram/plot/scatter.hpp>
#include <engram/plot/write_figure.hpp>

#include "support/label_choice.hpp"
#include "support/latent_figure.hpp"
#include "support/latent_sequence.hpp"
#include "support/model_codes.hpp"
#include "support/picture.hpp"
#include "support/program.hpp"
#include "support/recording.hpp"
#include "support/run_record.hpp"
#include "support/status.hpp"
#include "support/trained_model.hpp"
#include "support/words.hpp"

using namespace engram;

namespace {

struct Options {
  std::filesystem::path model;
  std::filesystem::path images;
  support::LabelChoice labels;
  std::filesystem::path out;
  data::FrameOptions frames;
  std::string fit = "last";
  std::filesystem::path alternative;
  Index every = 1;
  embed::UmapOptions umap;
  std::vector<Index> chosen;
  std::vector<std::string> formats{"png"};
  bool keep_frames = false;
  bool projector = false;
  double fps = 8;
};

struct ColoredLabel {
  std::string name;  ///< of the files
  plot::PointColors colors;
};

/// The chosen labels; without labels, the map alone.
std::vector<ColoredLabel> colored_labels(const std::vector<support::ChosenLabel>& labels) {
  if (labels.empty()) {
    return {{"map", {}}};
  }
  std::vector<ColoredLabel> all;
  for (const support::ChosenLabel& label : labels) {
    all.push_back({label.name, support::colors_of(label)});
    if (auto* angle = std::get_if<plot::CircularColors>(&all.back().colors)) {
      angle->title += ", degrees";
    }
  }
  return all;
}

/// Codes of two numbers as they are, others by UMAP.
support::LatentSequence make_maps(const Options& o, const support::LatentSequence& codes, const data::Frames& frames) {
  if (codes.moments.front().dim(1) <= 2) {
    ensure<ArgumentError>(o.alternative.empty(), "--alternative: need codes of more than 2 numbers, got ",
                          codes.moments.front().dim(1), ", which are drawn as they are");
    return codes;
  }
  support::Status status;
  support::Stopwatch watch;
  double seconds = 0;
  const embed::MapProgress progress = [&](Index done, Index all) {
    seconds += watch.lap();
    status.show_share("map", done, all, seconds);
  };
  status.show("making the map");
  support::LatentSequence maps{.steps = codes.steps, .moments = {}};
  if (!o.alternative.empty()) {
    const auto other = support::load_model_folder(o.alternative);
    const auto reference = support::load_sequence(other, frames, 1).moments.back();
    ensure<ShapeError>(reference.dim(1) == codes.moments.front().dim(1), o.alternative.string(), ": need codes of ",
                       codes.moments.front().dim(1), " numbers as those of ", o.model.string(), ", got ",
                       reference.dim(1));
    maps.moments = embed::place_sequence(embed::Umap(o.umap).fit(reference), codes.moments, progress);
    return maps;
  }
  constexpr std::string_view names[] = {"last", "first", "every", "aligned"};
  const auto fit = static_cast<embed::SequenceFit>(std::ranges::find(names, o.fit) - std::begin(names));
  maps.moments = embed::map_sequence(codes.moments, {.fit = fit, .umap = o.umap}, progress);
  return maps;
}

/// The movie OUT/LABEL.mp4 and .gif, and its frames as .png where they are asked for.
void write_movie(const Options& o, const ColoredLabel& label, const support::LatentSequence& maps,
                 plot::ScatterOptions figure, const std::string& name) {
  support::Status status;
  support::Stopwatch watch;
  double seconds = 0;
  const support::LateSignals late;
  const std::string file_name = support::file_name_of(label.name);
  io::MovieWriter mp4(o.out / (file_name + ".mp4"), {.fps = o.fps});
  io::MovieWriter gif(o.out / (file_name + ".gif"), {.fps = o.fps});
  const auto folder = o.out / "frames" / file_name;
  if (o.keep_frames) {
    io::make_folder(folder);
  }
  const auto held = std::max<Index>(1, static_cast<Index>(o.fps + 0.5));  // the end is shown for a second
  for (std::size_t s = 0; s < maps.moments.size(); ++s) {
    figure.title = support::figure_title(name, maps.steps, s);
    plot::Canvas canvas(plot::FigureFormat::png, figure.width, figure.height);
    plot::scatter(canvas, maps.moments[s], label.colors, figure);
    const auto pixels = support::interleaved(canvas.pixels());
    const Index times = s + 1 == maps.moments.size() ? held : 1;
    for (Index i = 0; i < times; ++i) {
      mp4.add(pixels);
      gif.add(pixels);
    }
    if (o.keep_frames) {
      char file[40];
      std::snprintf(file, sizeof file, "step_%08td.png", maps.steps[s]);
      io::write_atomically(folder / file, canvas.finish());
    }
    seconds += watch.lap();
    status.show_share("frame", static_cast<Index>(s) + 1, std::ssize(maps.moments), seconds);
  }
  mp4.commit();
  gif.commit();
}

/// Codes, labels and thumbnails for TensorBoard's projector, in the folder OUT/tensorboard.
void write_projector(const Options& o, const Tensor<float>& codes, const std::vector<support::ChosenLabel>& labels,
                     const data::Frames& frames) {
  const Index count = codes.dim(0);
  const Index columns = std::ssize(labels);
  io::ProjectorData about{.labels = Tensor<double>::uninitialized({count, columns})};
  for (const support::ChosenLabel& label : labels) {
    const Index column = std::ssize(about.columns);
    about.columns.push_back(label.name);
    for (Index i = 0; i < count; ++i) {
      about.labels[i * columns + column] = label.values[i];
    }
  }
  const Shape& s = frames.shape();
  const bool pictured = s[1] == 1 && count <= io::ProjectorWriter::most_images(s[2], s[3]);
  if (pictured) {
    about.images = frames.levels(support::all_frames(count)).reshaped({count, s[2], s[3]});
  }
  const auto folder = o.out / "tensorboard";
  io::ProjectorWriter(folder).add("codes", codes, about);
  std::printf("%s: the codes%s for TensorBoard's projector, tensorboard --logdir %s\n", folder.c_str(),
              pictured    ? " with the frames"
              : s[1] == 1 ? ", too many for pictures of them,"
                          : "",
              folder.c_str());
}

int visualize(const Options& o, const CLI::App& app) {
  ensure<ArgumentError>(o.alternative.empty() || app.count("--fit") == 0, "--alternative: need no --fit, got ", o.fit);
  const auto model = support::load_model_folder(o.model);
  const auto frames = support::load_frames_for(model.network, model.maximum(), model.file, o.images, o.frames);
  const bool labelled = !o.labels.file.empty() || !o.labels.empty() || !support::labels_beside(o.images).empty();
  const auto labels =
      labelled ? support::load_labels(o.labels, frames.size(), o.images.string()) : std::vector<support::ChosenLabel>();
  const auto colored = colored_labels(labels);
  support::check_chosen(o.chosen, frames.size());

  const auto codes = support::load_sequence(model, frames, o.every);
  const support::LatentSequence maps = make_maps(o, codes, frames);
  io::make_folder(o.out);
  Settings settings;
  settings.set("frames_crc32", support::checksum(frames));
  support::write_run_record(o.out, app, settings);
  support::write_maps(o.out / "map.npz", maps, codes.moments.back());

  if (o.projector) {
    write_projector(o, codes.moments.back(), labels, frames);
  }

  const bool direct = codes.moments.front().dim(1) <= 2;
  const std::string folder = support::folder_name(o.model);
  plot::ScatterOptions figure{.title = support::figure_title(folder, maps.steps, maps.moments.size() - 1),
                              .x_label = direct ? "code 1" : "UMAP 1",
                              .y_label = direct ? "code 2" : "UMAP 2",
                              .width = 1200,
                              .height = 900};
  figure.callouts = support::make_callouts(model, frames, o.chosen, maps.moments.back());
  for (const ColoredLabel& label : colored) {
    for (const std::string& format : o.formats) {
      plot::write_scatter(o.out / (support::file_name_of(label.name) + "." + format), maps.moments.back(), label.colors,
                          figure);
    }
  }
  figure.bounds = plot::bounds_of(maps.moments.front());
  for (const auto& map : maps.moments) {
    figure.bounds = plot::joined(*figure.bounds, plot::bounds_of(map));
  }
  for (std::size_t i = 0; i < colored.size() && !maps.steps.empty(); ++i) {
    write_movie(o, colored[i], maps, figure, folder);
  }
  std::printf("%s: the map of %td frames%s; a figure%s %sbeside it\n", (o.out / "map.npz").c_str(), frames.size(),
              maps.steps.empty() ? "" : text(" at ", maps.steps.size(), " updates").c_str(),
              maps.steps.empty() ? "" : " and a movie", labels.empty() ? "" : "for each label ");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  support::Program app(
      "Shows the codes of a trained model in two dimensions, coloured by labels, and in a movie how they formed. Of "
      "labels without --angles, --numbers and --classes it takes the arena's columns.",
      "visualize_latent_space");
  app.add_option("--model", o.model, "Folder that a training program wrote, with --snapshots for a movie")->required();
  app.add_option("--images", o.images, "Frames: .npz, .npy, a movie or a folder of PNG, JPEG or BMP images")
      ->required();
  support::add_label_options(app, o.labels);
  app.add_option("--out", o.out, "Folder for map, figures and movies; made if it is not there")->required();
  support::add_frame_options(app, o.frames);
  app.add_option("--fit", o.fit,
                 "What the map is fitted to: the last snapshot or the first, in whose map all others are placed; every "
                 "snapshot, each turned onto the one before; or all of them, aligned")
      ->capture_default_str()
      ->check(CLI::IsMember({"last", "first", "every", "aligned"}));
  app.add_option("--alternative", o.alternative, "Folder of another training, in whose map the codes are placed");
  app.add_option("--every", o.every, "Which snapshots: each, each second, ..")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--n-neighbors", o.umap.n_neighbors, "Of UMAP")
      ->capture_default_str()
      ->check(support::whole_number(2));
  app.add_option("--min-dist", o.umap.min_dist, "Of UMAP")->capture_default_str()->check(support::share());
  app.add_option("--random-state", o.umap.random_state, "Seed of UMAP")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--chosen", o.chosen, "Frames to show beside the map; three of the recording if not given")
      ->delimiter(',');
  app.add_option("--formats", o.formats, "Of the figures: png, svg, pdf")
      ->capture_default_str()
      ->delimiter(',')
      ->check(CLI::IsMember({"png", "svg", "pdf"}));
  app.add_option("--fps", o.fps, "Updates that a second of the movie shows")
      ->capture_default_str()
      ->check(support::number("a number > 0 and <= 50", [](double x) { return x > 0 && x <= 50; }));
  app.add_flag("--keep-frames", o.keep_frames, "Each frame of the movie as .png too, in the folder frames");
  app.add_flag("--projector", o.projector,
               "The codes with labels and frames for TensorBoard's projector too, in the folder tensorboard");
  return support::run(app, argc, argv, [&] { return visualize(o, app); });
}
