// Tells what codes carry: how well labels can be read from the codes of trained models, beside chance and beside labels
// shifted in time; how many directions the codes use, and how alike the codes of different models are.
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/block_folds.hpp>
#include <engram/analysis/label_decoder.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/folder.hpp>

#include "support/code_tables.hpp"
#include "support/decoding_report.hpp"
#include "support/fold_choice.hpp"
#include "support/label_choice.hpp"
#include "support/model_codes.hpp"
#include "support/program.hpp"
#include "support/recording.hpp"
#include "support/run_record.hpp"
#include "support/shift_count.hpp"
#include "support/words.hpp"

using namespace engram;

namespace {

struct Options {
  std::vector<std::filesystem::path> models;
  std::vector<std::filesystem::path> maps;
  std::filesystem::path images;
  support::LabelChoice labels;
  std::filesystem::path out;
  data::FrameOptions frames;
  support::FoldChoice folds;
  analysis::DecodingOptions decoding;
};

using Rows = std::vector<support::DecodedLabel>;  // of one label: two methods of the first code, of the second, ...

/// The rows of each label.
std::vector<Rows> decode_all(const std::vector<support::ModelCode>& codes,
                             const std::vector<support::ChosenLabel>& labels, const std::vector<analysis::Fold>& folds,
                             analysis::DecodingOptions options) {
  std::vector<Rows> all(labels.size());
  for (const support::ModelCode& code : codes) {
    for (const auto method : {analysis::Decoder::neighbors, analysis::Decoder::ridge}) {
      options.method = method;
      const analysis::LabelDecoder decoder(code.values, folds, options);
      for (std::size_t i = 0; i < labels.size(); ++i) {
        const support::ChosenLabel& label = labels[i];
        all[i].push_back({code.name, label.name, label.kind, method, naming(label.source, [&] {
                            return decoder.decode(label.values, label.kind, label.period);
                          })});
      }
    }
  }
  return all;
}

int decode_labels(Options o, const CLI::App& app) {
  std::vector<support::ModelCode> codes = support::load_codes(o.models, o.images, o.frames);
  for (const auto& map : o.maps) {
    codes.push_back(support::load_map_code(map, codes.front().values.dim(0)));
  }
  const auto labels = support::load_labels(o.labels, codes.front().values.dim(0), o.images.string());
  const std::vector<analysis::Fold> folds = support::make_folds(o.folds, codes.front().values.dim(0), o.models);
  support::print_folds(o.folds, codes.front().values.dim(0), folds);
  for (const support::ModelCode& code : codes) {
    if (code.saw_labels && !o.folds.held_out()) {
      std::printf("%s was trained with labels of most of these frames: --folds held_out tells of new ones\n",
                  code.name.c_str());
    }
  }
  o.decoding.shifts = support::shift_count(app, o.decoding.shifts, codes.front().values.dim(0));
  const std::vector<Rows> decoded = decode_all(codes, labels, folds, o.decoding);
  Rows rows;
  for (const Rows& of_label : decoded) {
    rows.insert(rows.end(), of_label.begin(), of_label.end());
  }
  support::print_decodings(rows);
  const std::string code_table = support::code_table(codes);
  const std::string similarity_table = support::similarity_table(codes);
  if (!o.out.empty()) {
    io::make_folder(o.out);
    support::write_run_record(o.out, app);
    io::write_atomically(o.out / "scores.csv", support::decoding_table(rows));
    io::write_atomically(o.out / "codes.csv", code_table);
    io::write_atomically(o.out / "similarity.csv", similarity_table);
    for (const Rows& of_label : decoded) {
      support::write_decoding_figure(o.out / (support::file_name_of(of_label.front().label) + ".png"), of_label,
                                     o.folds.held_out() ? "held-out frames" : "by blocks of time");
    }
    std::printf("%s: scores.csv, codes.csv, similarity.csv and a figure of each label\n", o.out.c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  support::Program app(
      "Tells how well labels can be read from the codes of trained models, beside chance and labels shifted in time. "
      "Without --angles, --numbers and --classes it takes the arena's columns.",
      "decode_labels");
  app.add_option("--model", o.models, "Folders that the training programs wrote")->required();
  app.add_option("--map", o.maps, "Maps of codes that visualize_latent_space wrote, map.npz: decoded like a code");
  app.add_option("--images", o.images, "Frames: .npz, .npy, a movie or a folder of PNG, JPEG or BMP images")
      ->required();
  support::add_label_options(app, o.labels);
  app.add_option("--out", o.out, "Folder for the tables and the figures");
  support::add_frame_options(app, o.frames);
  support::add_fold_options(app, o.folds);
  app.add_option("--shifts", o.decoding.shifts, "Of the labels in time, for the null")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--seed", o.decoding.seed, "Of the shifts")->capture_default_str()->check(support::whole_number(0));
  return support::run(app, argc, argv, [&] { return decode_labels(o, app); });
}
