// The whole study: trains an autoencoder, decoders of PCA and UMAP codes and a direction tagger, tells what their codes
// carry, and writes it all down in report.html. Interrupted, it goes on where it stopped.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <engram/data/labels.hpp>
#include <engram/data/load.hpp>
#include <engram/io/file.hpp>
#include <engram/io/npz.hpp>
#include <engram/train/interrupt.hpp>

#include "support/part_process.hpp"
#include "support/program.hpp"
#include "support/study_columns.hpp"
#include "support/study_log.hpp"
#include "support/study_parts.hpp"
#include "support/study_progress.hpp"
#include "support/study_report.hpp"

using namespace engram;

namespace {

/// The labels of a recording of one's own, where it has some.
void complete_labels(support::StudyOptions& o, Index frames) {
  if (o.labels.empty() && io::lower_extension(o.images) == ".npz" && io::NpzReader(o.images).contains("labels")) {
    o.labels = o.images;
  }
  if (o.labels.empty()) {
    ensure<ArgumentError>(o.angles.empty() && o.numbers.empty() && o.classes.empty() && o.place.empty(),
                          "--labels: need the file of the labels, as ", o.images.string(), " has none");
    return;
  }
  const data::Labels labels = data::load_labels(o.labels);
  data::check_labels(labels, frames, o.images.string());
  support::complete_columns(o, labels);
}

/// Frames of the recording, which is checked as far as that can be done before hours of work.
Index checked_frames(support::StudyOptions& o) {
  ensure<ArgumentError>(o.place.empty() || o.place.size() == 2, "--place: need two columns, such as x,y, got ",
                        o.place.size());
  if (o.arena()) {
    ensure<ArgumentError>(o.labels.empty() && o.angles.empty() && o.numbers.empty() && o.classes.empty(),
                          "--labels, --angles, --numbers, --classes: need --images, as the arena has its own");
    return o.arena_frames;
  }
  o.images = std::filesystem::absolute(o.images);
  o.labels = o.labels.empty() ? o.labels : std::filesystem::absolute(o.labels);
  const Index frames = data::load_frames(o.images, o.frames).size();
  complete_labels(o, frames);
  return frames;
}

/// What must be the same for a study to go on.
nlohmann::ordered_json settings_of(const support::StudyOptions& o, Index frames) {
  return {{"preset", o.preset},          {"images", o.arena() ? "the arena" : o.images.string()},
          {"labels", o.labels.string()}, {"frames", frames},
          {"maximum", o.frames.maximum}, {"angles", o.angles},
          {"numbers", o.numbers},        {"classes", o.classes},
          {"blocks", o.blocks},          {"held_out_blocks", o.held_out_blocks}};
}

/// @throws ArgumentError if a study of other settings is here
void check_settings(support::StudyLog& log, const nlohmann::ordered_json& settings) {
  for (const auto& [name, value] : log.settings().items()) {
    ensure<ArgumentError>(settings.contains(name) && settings[name] == value, "--out: holds a study with ", name, " ",
                          value.dump(), ", got ", settings.value(name, nlohmann::ordered_json()).dump(),
                          "; use another --out");
  }
  log.set_settings(settings);
}

std::string command_of(const support::StudyPart& part) {
  std::string command = part.program;
  for (const std::string& argument : part.arguments) {
    command += " " + argument;
  }
  return command;
}

/// What a part that failed said at last.
std::string last_line(const std::filesystem::path& log) {
  std::string said = io::read_text(log);
  while (!said.empty() && said.back() == '\n') {
    said.pop_back();
  }
  return said.substr(said.find_last_of('\n') + 1);
}

/// Runs one part, unless it was done before with the same command.
/// @returns whether to go on
bool run_part(const support::StudyPart& part, const support::StudyOptions& o, const std::filesystem::path& programs,
              support::StudyLog& log, support::StudyProgress& progress, const train::Interrupt& interrupt) {
  std::vector<std::string> arguments = part.arguments;
  if (part.resumes && std::filesystem::exists(part.out / "checkpoint.npz")) {
    arguments.push_back("--resume");
  } else {
    std::filesystem::remove_all(part.out);  // what was begun and cannot go on
  }
  arguments.insert(arguments.end(), {"--threads", std::to_string(o.threads)});
  const std::filesystem::path said = std::filesystem::path("logs") / (part.name + ".txt");
  for (const auto& folder : {said.parent_path(), part.out.parent_path()}) {
    if (!folder.empty()) {
      std::filesystem::create_directories(folder);
    }
  }
  const support::PartEnd end = support::run_part(programs / part.program, arguments, said, [&](double seconds) {
    progress.show(seconds);
    return !interrupt.requested();
  });
  if (end.status != 0) {
    log.add_unfinished(end.seconds);
    progress.clear();
    if (interrupt.requested()) {
      std::fprintf(stderr, "stopped in the part %s; the same command goes on there\n", part.name.c_str());
      return false;
    }
    fail<Error>(part.name, ": ", part.program, " failed with status ", end.status, ": ", last_line(said), " (",
                (o.out / said).string(), ")");
  }
  progress.end(end.seconds);
  log.add({part.name, command_of(part), end.seconds, end.memory_mib});
  return true;
}

int run_study(support::StudyOptions o) {
  const Index frames = checked_frames(o);
  const auto programs = std::filesystem::canonical("/proc/self/exe").parent_path();
  std::error_code error;
  std::filesystem::create_directories(o.out, error);
  ensure<IoError>(!error, o.out.string(), ": cannot be made: ", error.message());
  o.out = std::filesystem::canonical(o.out);
  std::filesystem::current_path(o.out);  // all paths of the parts are within
  support::StudyLog log("study.json");
  check_settings(log, settings_of(o, frames));

  const support::StudyPlan plan(o, frames);
  support::StudyProgress progress(plan.parts());
  const train::Interrupt interrupt;
  for (std::size_t i = 0; i < plan.parts().size(); ++i) {
    const support::StudyPart& part = plan.parts()[i];
    if (!std::filesystem::exists(programs / part.program)) {
      std::fprintf(stderr, "%s: left out, as the program %s has not been built\n", part.what.c_str(),
                   part.program.c_str());
      continue;
    }
    const support::DonePart* done = log.find(part.name);
    if (done != nullptr && done->command == command_of(part) && std::filesystem::exists(part.out)) {
      progress.skip(i, done->seconds);
      continue;
    }
    progress.begin(i);
    if (!run_part(part, o, programs, log, progress, interrupt)) {
      return 130;
    }
  }
  support::write_study_report(plan, log);
  std::printf("%s: open it in a browser\n", (o.out / "report.html").c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  support::StudyOptions o;
  support::Program app(
      "Runs the whole study on the synthetic arena or on your recording, and writes a report. The same command goes on "
      "with a study that was interrupted.",
      "run_study");
  app.add_option("--out", o.out, "Folder of the study")->capture_default_str();
  app.add_option("--preset", o.preset,
                 "quick: trainings of 40,000 frames each; standard: of 160,000; full: the study's own settings, 150 "
                 "epochs, Adam 1e-3, batches of 64")
      ->capture_default_str()
      ->check(CLI::IsMember({"quick", "standard", "full"}));
  app.add_option("--epochs", o.epochs, "Of each training; 0: what the preset says")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--images", o.images, "Your recording: .npz, .npy or a folder of images; the arena if not given");
  app.add_option("--array", o.frames.array, "Array of the .npz that holds the frames")->capture_default_str();
  app.add_option("--maximum", o.frames.maximum, "Pixel value that becomes 1; 0: the type's largest")
      ->capture_default_str();
  app.add_option("--labels", o.labels,
                 "Labels, one row per frame: .csv, .npy or .npz; the recording's own if not given");
  app.add_option("--angles", o.angles,
                 "Columns in degrees; the first one is what the direction tagger learns. Columns "
                 "of labels without these options are guessed")
      ->delimiter(',');
  app.add_option("--numbers", o.numbers, "Columns that are numbers, such as distances")->delimiter(',');
  app.add_option("--classes", o.classes, "Columns that name classes by whole numbers")->delimiter(',');
  app.add_option("--place", o.place, "Columns of where the animal is, for the picture of its directions")
      ->delimiter(',');
  app.add_option("--frames", o.arena_frames, "Of the arena")->capture_default_str()->check(support::whole_number(200));
  app.add_option("--blocks", o.blocks, "Blocks of time that the recording is parted in")
      ->capture_default_str()
      ->check(support::whole_number(2));
  app.add_option("--held-out-blocks", o.held_out_blocks, "Which of them are held out")
      ->capture_default_str()
      ->delimiter(',');
  app.add_option("--seeds", o.seeds, "Trains everything with each of them; figures are of the first, tables of all")
      ->capture_default_str()
      ->delimiter(',');
  return support::run(app, argc, argv, [&] {
    o.threads = thread_count();
    return run_study(o);
  });
}
