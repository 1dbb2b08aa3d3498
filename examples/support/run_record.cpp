#include "support/run_record.hpp"

#include <cairo.h>

#include <ctime>
#include <string>

#include <nlohmann/json.hpp>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/version.hpp>
#include <engram/io/atomic_file.hpp>

namespace support {

namespace {

std::string compiler() {
#if defined(__clang__)
  return engram::text("Clang ", __clang_major__, ".", __clang_minor__);
#else
  return engram::text("GCC ", __GNUC__, ".", __GNUC_MINOR__);
#endif
}

std::string now() {
  const std::time_t time = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time));
  return text;
}

}  // namespace

void write_run_record(const std::filesystem::path& folder, const CLI::App& app, const engram::Settings& more) {
  nlohmann::ordered_json record;
  record["program"] = app.get_name();
  nlohmann::ordered_json options;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_name() != "--help") {
      std::string given;
      for (const std::string& word : option->results()) {
        given += (given.empty() ? "" : ",") + word;
      }
      options[option->get_name()] = option->count() > 0 ? given : option->get_default_str();
    }
  }
  record["options"] = std::move(options);
  for (const auto& [name, value] : more.entries()) {
    record["settings"][name] = value;
  }
  record["threads"] = engram::thread_count();
  record["engram"] = engram::version;
  record["compiler"] = compiler();
  record["cairo"] = cairo_version_string();
  record["written"] = now();
  engram::io::write_atomically(folder / "run.json", record.dump(2) + "\n");
}

}  // namespace support
