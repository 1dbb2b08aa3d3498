// The whole study: trains an autoencoder, decoders of PCA and UMAP codes and a direction tagger, tells what their codes
// carry, and writes it all down in report.html. Interrupted, it goes on where it stopped.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <engram/io/file.hpp>
#include <engram/io/folder.hpp>
#include <engram/train/interrupt.hpp>

#include "support/part_process.hpp"
#include "support/program.hpp"
#include "support/result_files.hpp"
#include "support/study_checks.hpp"
#include "support/study_log.hpp"
#include "support/study_parts.hpp"
#include "support/study_progress.hpp"
#include "support/study_report.hpp"

using namespace engram;

namespace {

/// @throws ArgumentError if a study of other settings is here
void check_settings(support::StudyLog& log, const nlohmann::ordered_json& settings) {
  for (const auto& [name, value] : log.settings().items()) {
    ensure<ArgumentError>(settings.contains(name) && settings[name] == value, "--out: holds a study with ", name, " ",
                          value.dump(), ", got ", settings.value(name, nlohmann::ordered_json()).dump(),
                          "; use another --out");
  }
  log.set_settings(settings);
}

/// Makes the study's folder, in which nobody else may work meanwhile, and goes there.
/// @throws ArgumentError if the folder holds something else, or the recording
void enter_folder(support::StudyOptions& o) {
  const bool empty = !std::filesystem::exists(o.out) || std::filesystem::is_empty(o.out);
  ensure<ArgumentError>(empty || std::filesystem::exists(o.out / "study.json"),
                        "--out: need a new folder or one of a study, got ", o.out.string(),
                        ", which has other files and no study.json");
  io::make_folder(o.out);
  o.out = std::filesystem::canonical(o.out);
  for (const auto& file : {o.images, o.labels}) {
    ensure<ArgumentError>(file.empty() || file.parent_path() != o.out, "--out: need another folder than that of ",
                          file.string());
  }
  std::filesystem::current_path(o.out);  // all paths of the parts are within
  // Parts inherit the lock: one that outlives this program, killed, keeps others away from its files.
  const int lock = ::open(".lock", O_RDWR | O_CREAT, 0666);
  ensure<Error>(lock >= 0 && ::flock(lock, LOCK_EX | LOCK_NB) == 0, o.out.string(),
                ": need the folder for this study alone, got one at work, or a part that outlives it, of process ",
                io::read_text(".lock"));
  const std::string id = std::to_string(::getpid());
  ensure<IoError>(::ftruncate(lock, 0) == 0 && ::pwrite(lock, id.data(), id.size(), 0) == std::ssize(id),
                  o.out.string(), "/.lock: cannot be written: ", std::strerror(errno));
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

/// "status 2", "signal 9 (Killed)".
std::string end_words(int status) {
  return status < 128 ? text("status ", status) : text("signal ", status - 128, " (", ::strsignal(status - 128), ")");
}

/// Runs one part; it goes on where the same command was stopped.
/// @returns whether to go on
bool run_part(const support::StudyPart& part, const support::StudyOptions& o, const std::filesystem::path& programs,
              support::StudyLog& log, support::StudyProgress& progress, const train::Interrupt& interrupt) {
  std::vector<std::string> arguments = part.arguments;
  const bool goes_on = log.begin(part.name, command_of(part));
  if (goes_on && part.resumes && support::ResultFiles{part.out}.begun()) {
    arguments.push_back("--resume");
  } else {
    std::filesystem::remove_all(part.out);  // what was begun and cannot go on
  }
  arguments.insert(arguments.end(), {"--threads", std::to_string(o.threads)});
  const std::filesystem::path said = std::filesystem::path("logs") / (part.name + ".txt");
  io::make_folder(said.parent_path());
  if (part.out.has_parent_path()) {
    io::make_folder(part.out.parent_path());
  }
  const support::PartEnd end = support::run_process(programs / part.program, arguments, said, [&](double seconds) {
    progress.show(seconds);
    return !interrupt.requested();
  });
  if (end.status != 0) {
    log.add_unfinished(end.seconds);
    progress.clear();
    if (interrupt.requested() && (end.status == 130 || end.status > 128)) {
      std::fprintf(stderr, "stopped in the part %s; the same command goes on there\n", part.name.c_str());
      return false;
    }
    fail<Error>(part.name, ": ", part.program, " ended with ", end_words(end.status), ": ", last_line(said), " (",
                (o.out / said).string(), ")");
  }
  progress.end(end.seconds);
  log.add({part.name, command_of(part), end.seconds, end.memory_mib});
  return true;
}

/// Whether a part has been done, and all that it is made of is as it was then.
bool is_done(const support::StudyPart& part, const support::StudyLog& log, bool made_of_new) {
  const support::DonePart* done = log.find(part.name);
  return !made_of_new && done != nullptr && done->command == command_of(part) && std::filesystem::exists(part.out);
}

/// @returns whether all are done
bool run_parts(const support::StudyPlan& plan, const std::filesystem::path& programs, support::StudyLog& log) {
  support::StudyProgress progress(plan.parts());
  const train::Interrupt interrupt;
  bool new_recording = false;
  std::set<std::uint64_t> new_models;  // by their seeds
  std::vector<std::size_t> to_do;
  for (std::size_t i = 0; i < plan.parts().size(); ++i) {
    const support::StudyPart& part = plan.parts()[i];
    if (is_done(part, log, new_recording || (!part.resumes && new_models.contains(part.seed)))) {
      progress.set_done(i, log.find(part.name)->seconds);
    } else if (part.optional && !std::filesystem::exists(programs / part.program)) {
      std::fprintf(stderr, "%s: left out, as the program %s has not been built\n", part.what.c_str(),
                   part.program.c_str());
      progress.set_done(i, 0);
    } else {
      to_do.push_back(i);
      log.forget(part.name);  // also if this run is stopped before it comes to the part
      new_recording = new_recording || part.program == "make_arena";
      if (part.resumes) {
        new_models.insert(part.seed);
      }
    }
  }
  for (const std::size_t i : to_do) {
    progress.begin(i);
    if (!run_part(plan.parts()[i], plan.options(), programs, log, progress, interrupt)) {
      return false;
    }
  }
  return true;
}

int run_study(support::StudyOptions o) {
  const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const nlohmann::ordered_json settings = support::checked_settings(o);
  enter_folder(o);
  support::StudyLog log("study.json");
  check_settings(log, settings);
  const support::StudyPlan plan(o, settings["frames"].get<Index>());
  for (const support::StudyPart& part : plan.parts()) {
    ensure<Error>(part.optional || std::filesystem::exists(programs / part.program), (programs / part.program).string(),
                  ": no such program; build the target study_programs");
  }
  if (!run_parts(plan, programs, log)) {
    return 130;
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
                 "quick: trainings of 32,000 frames each; standard: of 160,000; full: the study's own settings, 150 "
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
