#include "support/program.hpp"

#include <engram/io/file.hpp>

namespace support {

namespace {

/// Single-character edits between two words (Levenshtein).
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row[b.size()];
}

/// "--epoch: no such option; did you mean --epochs?"
std::string unknown_option(const CLI::App& app, const std::string& word) {
  const std::string given = word.substr(0, word.find('='));
  if (!given.starts_with("-")) {
    return "need options that start with --, got '" + given + "'; see --help";
  }
  std::string nearest;
  std::size_t smallest = 4;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      const std::string known = "--" + name;
      const bool begins = given.size() > 3 && known.starts_with(given);
      const std::size_t distance = begins ? 0 : edit_distance(given, known);
      if (distance < smallest) {
        smallest = distance;
        nearest = known;
      }
    }
  }
  return given + ": no such option; " + (nearest.empty() ? "see --help" : "did you mean " + nearest + "?");
}

/// The first option that is given an empty value, as of a variable of the shell that is not set, if there is one:
/// --labels "", or --labels=, for which CLI11 would take the next word.
std::string option_without_value(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with("--") && word.ends_with("=")) {
      return std::string(word.substr(0, word.size() - 1));
    }
    if (word.empty() && std::string_view(argv[i - 1]).starts_with("--")) {
      return argv[i - 1];
    }
  }
  return "";
}

/// Starts the program anew with OMP_WAIT_POLICY=passive, unless the user has said otherwise: OpenMP's threads spin
/// while they wait, which costs more than ten times the speed where something else runs, and asks before main only.
void wait_passively(char** argv) {
#if defined(__linux__)
  if (std::getenv("OMP_WAIT_POLICY") == nullptr && setenv("OMP_WAIT_POLICY", "passive", 1) == 0) {
    std::error_code error;
    const auto itself = std::filesystem::read_symlink("/proc/self/exe", error);  // its name, for ps and pkill
    execv(error ? "/proc/self/exe" : itself.c_str(), argv);  // comes back only if it fails; then spinning it is
  }
#else
  (void)argv;
#endif
}

/// A part of a larger work, see run_process(), is asked to stop, as by Ctrl-C, when that ends before it, even killed.
void stop_with_parent() {
#if defined(__linux__)
  const char* parent = std::getenv(part_of);
  if (parent != nullptr && parent == std::to_string(getppid())) {
    prctl(PR_SET_PDEATHSIG, SIGINT);
  }
#endif
}

}  // namespace

CLI::Validator whole_number(long long least) {
  return CLI::Validator(
      [least](std::string& given) {
        long long value = 0;
        const bool good = engram::parse_number(given, value) && value >= least;
        return good ? std::string() : "need a whole number >= " + std::to_string(least) + ", got '" + given + "'";
      },
      ">= " + std::to_string(least));
}

CLI::Validator number(const std::string& what, std::function<bool(double)> accepts) {
  return CLI::Validator(
      [what, accepts = std::move(accepts)](std::string& given) {
        double value = 0;
        const bool good = engram::parse_number(given, value) && std::isfinite(value) && accepts(value);
        return good ? std::string() : "need " + what + ", got '" + given + "'";
      },
      what);
}

CLI::Validator positive_number() {
  return number("a number > 0", [](double x) { return x > 0; });
}

CLI::Validator share() {
  return number("a number from 0 to 1", [](double x) { return x >= 0 && x <= 1; });
}

void need_other_path(const std::filesystem::path& in, const std::filesystem::path& out) {
  std::error_code ignored;
  engram::ensure<engram::ArgumentError>(!std::filesystem::equivalent(in, out, ignored),
                                        "--out: need another path than that of the input, got ", out.string());
}

void need_extension(const char* option, const std::filesystem::path& file,
                    std::initializer_list<std::string_view> extensions) {
  std::string known;
  for (const std::string_view& extension : extensions) {
    known += known.empty() ? "" : &extension + 1 == extensions.end() ? " or " : ", ";
    known += extension;
  }
  const bool fits = std::ranges::find(extensions, engram::io::lower_extension(file)) != extensions.end();
  engram::ensure<engram::ArgumentError>(fits, option, ": need a name that ends with ", known, ", got ", file.string());
}

void need_folder_of(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  engram::ensure<engram::IoError>(std::filesystem::is_directory(folder), file.string(),
                                  ": cannot be written: there is no folder ", folder.string());
}

int run(Program& app, int argc, char** argv, const std::function<int()>& body) {
  std::signal(SIGXFSZ, SIG_IGN);  // a log that may not grow any more ends no training
  wait_passively(argv);
  stop_with_parent();
  int threads = 0;
  app.add_option("--threads", threads, "Threads to compute with; 0: as many as there are cores")
      ->capture_default_str()
      ->check(whole_number(0));
  app.allow_extras();
  app.get_formatter()->column_width(34);
  const auto refuse = [&](const std::string& message) {
    std::string line = message.substr(0, message.find('\n'));
    std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), line.c_str());
    return 2;
  };
  if (const std::string option = option_without_value(argc, argv); !option.empty()) {
    return refuse(option + ": need a value, got ''");
  }
  try {
    app.parse(argc, argv);
    if (const auto extras = app.remaining(); !extras.empty()) {
      return refuse(unknown_option(app, extras.front()));
    }
    const engram::ThreadScope scope(threads);
    return body();
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::RequiredError& error) {
    // A mistyped name of a required option is an unknown option first.
    const auto extras = app.remaining();
    return refuse(extras.empty() ? std::string(error.what()) : unknown_option(app, extras.front()));
  } catch (const std::bad_alloc&) {
    return refuse("not enough memory for what these options ask for");
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

Program::Program(const std::string& description, const std::string& name) : CLI::App(description, name) {}

Program::~Program() = default;

}  // namespace support
