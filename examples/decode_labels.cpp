// Tells what codes carry: how well labels can be read from the codes of trained models, beside chance and beside labels
// shifted in time; how many directions the codes use, and how alike the codes of different models are.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/analysis/cka.hpp>
#include <engram/analysis/code_state.hpp>
#include <engram/analysis/decoding.hpp>
#include <engram/data/labels.hpp>
#include <engram/data/load.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/plot/bars.hpp>
#include <engram/train/dataset.hpp>

#include "support/program.hpp"
#include "support/recording.hpp"
#include "support/split.hpp"
#include "support/trained_model.hpp"

using namespace engram;

namespace {

struct Options {
  std::vector<std::filesystem::path> models;
  std::filesystem::path images;
  std::filesystem::path labels;
  std::filesystem::path out;
  std::filesystem::path figures;
  data::FrameOptions frames;
  std::vector<std::string> angles;
  std::vector<std::string> numbers;
  std::vector<std::string> classes;
  std::string which = "all";
  analysis::DecodingOptions decoding{.gap = 30};
};

/// Codes that a model gives the frames at these positions of the recording.
struct Code {
  std::string name;
  std::vector<Index> frames;
  Tensor<float> values;  ///< [N, D]
  bool saw_labels;       ///< those of its training frames, in training
};

struct Row {
  std::string code;
  std::string label;
  analysis::LabelKind kind;
  analysis::Decoder method;
  analysis::Decoding decoding;
};

std::string_view name_of(analysis::Decoder method) {
  return method == analysis::Decoder::ridge ? "ridge" : "neighbors";
}

std::string_view name_of(analysis::LabelKind kind) {
  constexpr std::string_view names[] = {"linear", "circular", "categorical"};
  return names[static_cast<std::size_t>(kind)];
}

/// The null's score that one in twenty shifts reaches.
double null_twentieth(const Row& row) {
  std::vector<double> null = row.decoding.null;
  if (row.kind == analysis::LabelKind::circular) {
    std::ranges::sort(null);  // a small error is a good one
  } else {
    std::ranges::sort(null, std::greater<>());
  }
  return null.empty() ? std::numeric_limits<double>::quiet_NaN() : null[null.size() / 20];
}

Code code_of(const std::filesystem::path& folder, const Options& o, const data::Labels& labels) {
  const auto trained = support::load_model_folder(folder);
  const data::Frames frames =
      support::load_frames_for(trained.network, trained.maximum(), trained.file, o.images, o.frames);
  data::check_labels(labels, frames.size(), o.images.string());
  const auto chosen = o.which == "all" ? support::all_frames(frames.size()) : support::held_out_indices(folder);
  const auto folder_name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  return {folder_name.string(), chosen, trained.encode(frames, chosen), trained.kind() == "direction_tagger"};
}

/// The codes of all models, of the same frames.
std::vector<Code> load_codes(const Options& o, const data::Labels& labels) {
  std::vector<Code> codes;
  for (const auto& folder : o.models) {
    codes.push_back(code_of(folder, o, labels));
    ensure<ArgumentError>(std::ranges::count(codes, codes.back().name, &Code::name) == 1,
                          "--model: need folders of different names, got two called ", codes.back().name);
    ensure<ArgumentError>(codes.back().frames == codes.front().frames, folder.string(),
                          ": need models with the same frames held out, got others than those of ",
                          o.models.front().string(), "; see --frames");
  }
  return codes;
}

std::vector<Row> decode_all(const std::vector<Code>& codes, const data::Labels& labels, const Options& o) {
  std::vector<Row> rows;
  const auto decode = [&](const std::vector<std::string>& columns, analysis::LabelKind kind, double period) {
    for (const std::string& column : columns) {
      const Tensor<double> label = train::take_rows(labels.column(column), codes.front().frames);
      for (const Code& code : codes) {
        for (const auto method : {analysis::Decoder::neighbors, analysis::Decoder::ridge}) {
          analysis::DecodingOptions options = o.decoding;
          options.kind = kind;
          options.period = period;
          options.method = method;
          rows.push_back({code.name, column, kind, method, naming(text(labels.source, ", column ", column), [&] {
                            return analysis::decode(code.values, label, options);
                          })});
        }
      }
    }
  };
  decode(o.angles, analysis::LabelKind::circular, 360);
  decode(o.numbers, analysis::LabelKind::linear, 1);
  decode(o.classes, analysis::LabelKind::categorical, 1);
  return rows;
}

void write_rows(const std::filesystem::path& path, const std::vector<Row>& rows) {
  std::string out = "code,label,kind,method,score,mean_error,median_error,chance,null_5_percent,p_value\n";
  const auto cell = [](double value) { return std::isnan(value) ? std::string() : text(value); };
  for (const Row& row : rows) {
    const analysis::Decoding& d = row.decoding;
    out += text(io::csv_cell(row.code), ",", io::csv_cell(row.label), ",", name_of(row.kind), ",", name_of(row.method));
    for (const double value : {d.score, d.error.mean, d.error.median, d.chance, null_twentieth(row), d.p_value}) {
      out += "," + cell(value);
    }
    out += "\n";
  }
  io::write_atomically(path, out);
}

/// For each label a figure FOLDER/LABEL.png: the score of each code beside the better of chance and what one in
/// twenty shifts reaches.
void write_figures(const std::filesystem::path& folder, const std::vector<Row>& rows, const std::vector<Code>& codes) {
  constexpr const char* scores[] = {"R2", "mean absolute error in degrees", "share of frames that are right"};
  std::filesystem::create_directories(folder);
  const Index count = std::ssize(codes);
  std::vector<std::string> names;
  for (const Code& code : codes) {
    names.push_back(code.name);
  }
  for (auto first = rows.begin(); first != rows.end(); first += 2 * count) {
    std::vector<plot::BarSeries> series;
    for (const Index method : {0, 1}) {
      plot::BarSeries bars{.name = std::string(name_of((first + method)->method)),
                           .values = Tensor<double>::uninitialized({count}),
                           .controls = Tensor<double>::uninitialized({count})};
      for (Index i = 0; i < count; ++i) {
        const Row& row = *(first + 2 * i + method);
        bars.values[i] = row.decoding.score;
        bars.controls[i] = row.kind == analysis::LabelKind::circular
                               ? std::fmin(null_twentieth(row), row.decoding.chance)
                               : std::fmax(null_twentieth(row), row.decoding.chance);
      }
      series.push_back(std::move(bars));
    }
    const bool circular = first->kind == analysis::LabelKind::circular;
    plot::write_bars(folder / (first->label + ".png"), names, series,
                     {.title = first->label + " decoded from codes",
                      .x_label = scores[static_cast<std::size_t>(first->kind)],
                      .control_name = "chance or one in 20 shifts, the better",
                      .lower_is_better = circular,
                      .decimals = circular ? 1 : 2});
  }
}

void print_rows(const std::vector<Row>& rows) {
  constexpr const char* measures[] = {"R2, the more the better", "degrees off, the less the better",
                                      "share of frames that are right, the more the better"};
  const std::string* label = nullptr;
  for (const Row& row : rows) {
    const analysis::Decoding& d = row.decoding;
    if (label == nullptr || *label != row.label) {
      label = &row.label;
      std::printf("%s: %s; by chance %.3g\n", row.label.c_str(), measures[static_cast<std::size_t>(row.kind)],
                  d.chance);
    }
    std::printf("  %-20s %-10s %8.3g", row.code.c_str(), std::string(name_of(row.method)).c_str(), d.score);
    if (row.kind == analysis::LabelKind::circular) {
      std::printf("  (half within %.3g)", d.error.median);
    }
    std::printf("  one in 20 shifts: %.3g, p = %.3f\n", null_twentieth(row), d.p_value);
  }
}

/// How many directions each code uses, and how alike they are.
void print_codes(const std::vector<Code>& codes) {
  std::printf("Codes: numbers, of which dead (less than a hundredth of the largest variance); participation ratio\n");
  for (const Code& code : codes) {
    const analysis::CodeState state = analysis::code_state(code.values);
    std::printf("  %-20s %3td  %3zu  %6.2f\n", code.name.c_str(), code.values.dim(1), state.dead.size(),
                state.participation_ratio);
  }
  if (codes.size() < 2) {
    return;
  }
  std::printf("Similarity of codes (linear CKA, 0 to 1)\n");
  for (std::size_t i = 0; i < codes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      std::printf("  %-20s %-20s %5.2f\n", codes[j].name.c_str(), codes[i].name.c_str(),
                  analysis::linear_cka(codes[j].values, codes[i].values));
    }
  }
}

int decode_labels(Options o) {
  if (o.angles.empty() && o.numbers.empty() && o.classes.empty()) {
    o.angles = {"body_angle"};
    o.numbers = {"distance", "x", "y"};
    o.classes = {"in_port"};
  }
  const data::Labels labels = data::load_labels(o.labels);
  const std::vector<Code> codes = load_codes(o, labels);
  const std::vector<Row> rows = decode_all(codes, labels, o);
  if (!o.out.empty()) {
    write_rows(o.out, rows);
  }
  if (!o.figures.empty()) {
    write_figures(o.figures, rows, codes);
  }
  std::printf("%td frames%s\n", std::ssize(codes.front().frames), o.which == "all" ? "" : ", held out");
  for (const Code& code : codes) {
    if (code.saw_labels && o.which == "all") {
      std::printf("%s was trained with labels of most of these frames: --frames held_out tells of new ones\n",
                  code.name.c_str());
    }
  }
  print_rows(rows);
  print_codes(codes);
  if (!o.out.empty()) {
    std::printf("%s: the scores\n", o.out.c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app(
      "Tells how well labels can be read from the codes of trained models: cross-validated over blocks of time, beside "
      "chance and labels shifted in time. Without --angles, --numbers and --classes it takes the arena's columns.",
      "decode_labels");
  app.add_option("--model", o.models, "Folders that the training programs wrote")->required();
  app.add_option("--images", o.images, "Frames: .npz, .npy or a folder of PNG, JPEG or BMP images")->required();
  app.add_option("--labels", o.labels, "Labels, one row per frame: .csv, .npy or .npz")->required();
  app.add_option("--out", o.out, "Table of the scores, .csv");
  app.add_option("--figures", o.figures, "Folder for a figure of each label, .png");
  support::add_frame_options(app, o.frames);
  app.add_option("--angles", o.angles, "Columns in degrees")->delimiter(',');
  app.add_option("--numbers", o.numbers, "Columns that are numbers, such as distances")->delimiter(',');
  app.add_option("--classes", o.classes, "Columns that name classes by whole numbers")->delimiter(',');
  app.add_option("--frames", o.which,
                 "all: of models that have not seen the labels; held_out: those that no model has learned from, which "
                 "alone tell of a tagger's codes of new frames, but may be too few to tell anything")
      ->capture_default_str()
      ->check(CLI::IsMember({"held_out", "all"}));
  app.add_option("--folds", o.decoding.folds, "Blocks of time, each decoded from the others")
      ->capture_default_str()
      ->check(support::whole_number(2));
  app.add_option("--gap", o.decoding.gap, "Frames on either side of a block that are not learned from")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--shifts", o.decoding.shifts, "Of the labels in time, for the null")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--seed", o.decoding.seed, "Of the shifts")->capture_default_str()->check(support::whole_number(0));
  return support::run(app, argc, argv, [&] { return decode_labels(o); });
}
