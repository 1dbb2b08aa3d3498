#include "support/study_report.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <engram/io/atomic_file.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>

#include "support/denoiser.hpp"
#include "support/recording.hpp"
#include "support/report.hpp"
#include "support/split.hpp"
#include "support/study_claims.hpp"
#include "support/study_files.hpp"
#include "support/study_looks.hpp"
#include "support/study_rings.hpp"
#include "support/study_seeds.hpp"
#include "support/study_tables.hpp"
#include "support/words.hpp"

namespace support {

namespace {

using engram::text;
using Columns = std::vector<std::pair<std::string, std::string>>;

/// A study's files, read for its report.
class StudyReport {
 public:
  StudyReport(const StudyPlan& plan, const StudyLog& log) : plan_(plan), log_(log), recording_(plan) {}

  Report report() {
    Report all{.title = plan_.arena() ? "The codes of the arena" : "The codes of " + recording_name()};
    all.summary = summary();
    all.claims = study_claims(plan_);
    all.map = study_map(plan_, recording_);
    all.sections = {denoising(), forming(), reductions()};
    if (plan_.has_labels()) {
      all.sections.push_back(carried());
    }
    if (has_model("direction_tagger")) {
      all.sections.push_back(tagger());
    }
    if (log_.find("rings") != nullptr) {
      all.sections.push_back(rings());
    }
    if (plan_.options().seeds.size() > 1) {
      all.sections.push_back({.heading = "From seed to seed",
                              .text = {"How alike the codes of the same frames are that different trainings make."},
                              .figures = {},
                              .tables = {seed_similarity(plan_, recording_)}});
    }
    all.sections.push_back(times());
    all.settings = settings();
    all.files = study_files(plan_);
    return all;
  }

 private:
  std::string recording_name() const { return plan_.options().images.filename().string(); }
  bool has_model(const std::string& name) const {
    return std::ranges::find(plan_.models(), name, &StudyModel::name) != plan_.models().end();
  }
  /// The same file of each seed.
  std::vector<std::filesystem::path> of_seeds(const std::filesystem::path& file) const {
    std::vector<std::filesystem::path> all;
    for (const std::uint64_t seed : plan_.options().seeds) {
      all.push_back(plan_.folder(seed) / file);
    }
    return all;
  }
  std::string seed_words() const {
    const auto& seeds = plan_.options().seeds;
    return seeds.size() == 1 ? text("seed ", seeds.front())
                             : text(seeds.size(), " seeds: the median, and the range in brackets");
  }
  static void add_if_there(std::vector<ReportFigure>& figures, const std::filesystem::path& file,
                           const std::string& caption) {
    if (std::filesystem::exists(file)) {
      figures.push_back({file, caption});
    }
  }

  std::vector<std::string> summary() const {
    const engram::Shape& s = recording_.frames.shape();
    return {text(s[0], " frames of ", s[2], " x ", s[3], " pixels, ", held_out_indices("autoencoder").size(),
                 " of them held out; preset ", plan_.options().preset, ", ", plan_.epochs(), " epochs; ", seed_words(),
                 ".")};
  }

  ReportSection denoising() const {
    ReportSection section{.heading = "Denoising"};
    section.text = {
        "The autoencoder makes 16 numbers of each frame, and the frame of those. What is not in most frames, such as "
        "the camera's noise, finds no room in the code; nor does what is rare, such as the tail. So its frames are "
        "there "
        "to be studied. The denoiser makes frames to keep: a U-Net that tells each pixel from those around it, learnt "
        "from the noisy frames alone, and joined with the pixel itself as the noise allows. It has no code.",
        text("PSNR and SSIM tell how near an image comes to ",
             load_clean(plan_.options().images, recording_.frames)
                 ? "the clean one. What"
                 : "the mean of the frames before and after, as the clean one is not known. What",
             " a good denoiser takes away looks like noise: its pixels do not go with their "
             "neighbours (residual correlation near 0) nor with the image (structure correlation near 0).")};
    for (const auto& warning : correlation_warnings(read_noise_correlation("denoiser/noise_correlation.csv"), {})) {
      section.text.push_back("Of the denoiser: " + warning + ".");
    }
    section.figures = {
        {.file = "autoencoder/network.png", .caption = "The autoencoder, drawn from the model.", .wide = true},
        {.file = "denoised.png",
         .caption = "Frames as recorded, above, and as the autoencoder makes them, below.",
         .wide = true},
        {.file = "denoising.png",
         .caption = "Held-out frames as recorded, as each model makes them, and clean where that is known.",
         .wide = true},
        {"denoiser/noise_curve.png", "The noise that the denoiser found in the frames, which do not come with it."},
        {"denoising.mp4", "The beginning of the recording: as recorded, and as the autoencoder makes it."},
        {"autoencoder/loss.png", "The autoencoder's loss in training."}};
    section.tables = {joint_table(of_seeds("denoising.csv"), 2,
                                  {{"method", "Method"},
                                   {"psnr", "PSNR (dB)"},
                                   {"ssim", "SSIM"},
                                   {"tail_psnr", "PSNR of the tail"},
                                   {"residual_correlation", "Residual correlation"},
                                   {"structure_correlation", "Structure correlation"}},
                                  "Held-out frames, " + seed_words())};
    return section;
  }

  ReportSection forming() const {
    ReportSection section{.heading = "How the code forms"};
    section.text = {"The codes of all frames, update by update, placed in the map of the last ones."};
    for (const std::string& label : looked_at()) {
      add_if_there(section.figures, "maps/autoencoder/" + file_name_of(label) + ".mp4",
                   "The autoencoder's codes by " + label + ".");
    }
    if (std::filesystem::exists("training_measures")) {
      section.text.push_back(
          "The curves tell when what can be read from the codes, by blocks of time, has come, and in how many "
          "directions they vary. The tagger has been told the angles of most frames.");
      std::vector<std::filesystem::path> curves;
      for (const auto& entry : std::filesystem::directory_iterator("training_measures")) {
        if (entry.path().extension() == ".png") {
          curves.push_back(entry.path());
        }
      }
      std::ranges::sort(curves);
      for (const auto& curve : curves) {
        section.figures.push_back({curve, curve.stem().string() + " over the training."});
      }
    }
    ReportTable truth{.caption = "How true the maps are to the codes, among 15 neighbours: 1 is best",
                      .columns = {"Map of", "Trustworthiness", "Continuity", "Share of neighbours kept"},
                      .rows = {}};
    for (const StudyModel& model : plan_.models()) {
      const std::filesystem::path file = "maps/" + model.name + "_truth.csv";
      if (std::filesystem::exists(file)) {
        const ReportTable one = table_from_csv(file, "");
        const auto& cells = one.rows.front();
        truth.rows.push_back({model.what, cells[3], cells[4], cells[5]});
      }
    }
    section.tables.push_back(std::move(truth));
    return section;
  }

  ReportSection reductions() {
    ReportSection section{.heading = "PCA and UMAP in place of the encoder"};
    section.text = {
        "Here the code is made by PCA or UMAP, fitted to the training frames, and only the decoder is trained."};
    std::vector<StudyModel> models;
    std::ranges::copy_if(plan_.models(), std::back_inserter(models), &StudyModel::makes_images);
    draw_study_grid("grid.png", plan_, recording_, models);
    section.figures = {
        {.file = "grid.png",
         .caption =
             "What each model makes of three held-out frames, which are at the right, above the map of its codes.",
         .wide = true},
        {"pca_16/explained_variance.png", "How many components hold how much of the variance."}};
    ReportTable table{.caption = "Time of an epoch of the trainings, the shortest, " + seed_words(),
                      .columns = {"Model", "Seconds per epoch", "Share of the autoencoder's"},
                      .rows = {}};
    for (const StudyModel& model : plan_.models()) {
      std::vector<double> seconds;
      std::vector<double> share;
      for (const auto& folder : of_seeds(model.name)) {
        seconds.push_back(epoch_seconds(folder));
        share.push_back(100 * seconds.back() / epoch_seconds(folder.parent_path() / "autoencoder"));
      }
      table.rows.push_back({model.what, spread(seconds, 1), spread(share, 0) + " %"});
    }
    section.tables.push_back(std::move(table));
    return section;
  }

  ReportSection carried() const {
    ReportSection section{.heading = "What the codes carry"};
    section.text = {
        "Labels are decoded from codes by the five nearest neighbours and by ridge regression, in two ways: each of "
        "ten blocks of time from the nine others, and the held-out frames from those that the models were trained on. "
        "The direction tagger was trained with the angles of the latter, so that only the second way tells of its "
        "angles; the map of the autoencoder's codes has been laid out with all frames.",
        "Angles: degrees off on average; numbers: R2; classes: share of frames that are right. Chance is what the mean "
        "of the frames that are learned from reaches, or their largest class. The p value is the share of shifts of "
        "the "
        "labels in time, which leave nothing but chance, that are decoded as well, each against its own chance. Bars "
        "that do not surpass what chance alone may reach are pale. A code is said to carry a label if by either method "
        "p < 0.025 and the score is a twentieth or more of the way from chance to a perfect one."};
    for (const ChosenLabel& label : recording_.labels) {
      const std::string file = file_name_of(label.name) + ".png";
      section.figures.push_back({"decoding/" + file, label.name + " decoded, by blocks."});
      section.figures.push_back({"decoding_held_out/" + file, label.name + " decoded, of held-out frames."});
    }
    const Columns scores{{"label", "Label"},
                         {"code", "Code"},
                         {"method", "Method"},
                         {"score", "Score"},
                         {"median_error", "Median error"},
                         {"chance", "Chance"},
                         {"null_5_percent", "One in 20 shifts"},
                         {"p_value", "p"}};
    section.tables = {
        joint_table(of_seeds("decoding/scores.csv"), 4, scores, "Decoded by blocks, " + seed_words()),
        joint_table(of_seeds("decoding_held_out/scores.csv"), 4, scores, "Held-out frames, " + seed_words()),
        joint_table(of_seeds("decoding/codes.csv"), 1,
                    {{"code", "Code"},
                     {"dimensions", "Numbers"},
                     {"dead_units", "Dead"},
                     {"participation_ratio", "Participation ratio"}},
                    "State of the codes: how many of their numbers vary, and in how many directions"),
        joint_table(of_seeds("decoding/similarity.csv"), 2,
                    {{"code", "Code"},
                     {"other_code", "Other code"},
                     {"linear_cka", "Linear CKA (1: the same)"},
                     {"procrustes_disparity", "Procrustes disparity (0: the same)"}},
                    "Similarity of the codes")};
    return section;
  }

  ReportSection tagger() const {
    ReportSection section{.heading = "A network that learns direction alone"};
    section.text = {"The direction tagger has the autoencoder's encoder, but learns to tell the body's direction."};
    add_if_there(section.figures, "direction_tagger/predictions.png",
                 "Directions of held-out frames as measured and as told.");
    draw_study_grid("tagger_beside_autoencoder.png", plan_, recording_,
                    {plan_.models().front(), plan_.models().back()});
    section.figures.push_back({.file = "tagger_beside_autoencoder.png",
                               .caption = "The autoencoder's codes, and those of the tagger, which makes no images.",
                               .wide = true});
    for (const std::string& label : looked_at()) {
      add_if_there(section.figures, "maps/direction_tagger/" + file_name_of(label) + ".mp4",
                   "The tagger's codes by " + label + ", update by update.");
    }
    return section;
  }

  ReportSection rings() const {
    ReportSection section{.heading = "Is there a ring?"};
    section.text = {
        "Persistent homology of landmarks among the densest codes: a ring shows as one loop that lives much longer "
        "than all others, and than those of controls without a ring: normal numbers that vary alike, and the code's "
        "own, "
        "shuffled one by one. A code that looks alike for an animal turned round goes around twice a turn.",
        "The angles are those of all frames: the direction tagger was trained with most of them."};
    section.figures = {{"rings/rings.png", "The longest-lived loops of each code beside its controls."}};
    section.tables = {ring_summary("rings")};
    return section;
  }

  ReportSection times() const {
    ReportSection section{.heading = "Time and memory"};
    ReportTable table{.caption = "Wall time and peak memory of each part",
                      .columns = {"Part", "Seconds", "Memory (MiB)"},
                      .rows = {}};
    double seconds = 0;
    for (const StudyPart& part : plan_.parts()) {
      if (const DonePart* done = log_.find(part.name)) {
        table.rows.push_back({part.name, spread({done->seconds}, 1), spread({done->memory_mib}, 0)});
        seconds += done->seconds;
      }
    }
    section.text = {text("All parts took ", spread({seconds / 60}, 1), " minutes.")};
    section.tables.push_back(std::move(table));
    return section;
  }

  std::vector<std::pair<std::string, std::string>> settings() const {
    std::vector<std::pair<std::string, std::string>> all;
    const auto add = [&](const std::string& name, const nlohmann::json& value) {
      all.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    };
    for (const auto& [name, value] : log_.settings().items()) {
      if (!value.is_array() || !value.empty()) {
        add(name, value);
      }
    }
    const auto run = nlohmann::json::parse(engram::io::read_text("autoencoder/run.json"));
    for (const char* name : {"threads", "engram", "compiler", "cairo", "written"}) {
      add(name, run.at(name));
    }
    return all;
  }

  /// Labels that maps are drawn by.
  std::vector<std::string> looked_at() const {
    return plan_.looked_at().empty() ? std::vector<std::string>{"map"} : plan_.looked_at();
  }

  const StudyPlan& plan_;
  const StudyLog& log_;
  StudyRecording recording_;
};

void write_claims(const std::vector<ReportClaim>& claims) {
  std::string csv = "claim,study,measured,verdict\n";
  for (const ReportClaim& claim : claims) {
    csv += text(engram::io::csv_cell(claim.claim), ",", engram::io::csv_cell(claim.study), ",",
                engram::io::csv_cell(claim.measured), ",", verdict_name(claim.verdict), "\n");
  }
  engram::io::write_atomically("claims.csv", csv);
}

}  // namespace

void write_study_report(const StudyPlan& plan, const StudyLog& log) {
  const Report report = StudyReport(plan, log).report();
  write_claims(report.claims);
  write_report("report.html", report);
}

}  // namespace support
