#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>

namespace support {

/// Single-character edits between two words (Levenshtein).
inline std::size_t edit_distance(const std::string& a, const std::string& b) {
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
inline std::string unknown_option(const CLI::App& app, const std::string& word) {
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

/// Runs a program: reads its options, then calls `body`, whose result is the exit status. Each error is one line on
/// stderr and exit status 2.
inline int run(CLI::App& app, int argc, char** argv, const std::function<int()>& body) {
  int threads = 0;
  app.add_option("--threads", threads, "Threads to compute with; 0: as many as there are cores")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.allow_extras();
  app.get_formatter()->column_width(34);
  const auto refuse = [&](const std::string& message) {
    std::string line = message.substr(0, message.find('\n'));
    std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), line.c_str());
    return 2;
  };
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
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace support
