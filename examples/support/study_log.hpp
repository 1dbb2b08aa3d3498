// What a study has done so far: study.json.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <engram/core/error.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/file.hpp>

namespace support {

/// A part that has been done.
struct DonePart {
  std::string name;
  std::string command;    ///< with all its arguments, from the study's folder
  double seconds = 0;     ///< of all runs that it took
  double memory_mib = 0;  ///< the most that it had
};

/// Kept in the study's folder, and rewritten after each part.
class StudyLog {
 public:
  /// Reads what is there, if anything.
  /// @throws FormatError if it is no study.json
  explicit StudyLog(std::filesystem::path file) : file_(std::move(file)) {
    if (!std::filesystem::exists(file_)) {
      return;
    }
    try {
      const auto json = nlohmann::json::parse(engram::io::read_text(file_));
      settings_ = json.at("settings");
      for (const auto& part : json.at("parts")) {
        parts_.push_back({part.at("name"), part.at("command"), part.at("seconds"), part.at("memory_mib")});
      }
      if (json.contains("begun")) {
        const auto& begun = json.at("begun");
        begun_ = {begun.at("name"), begun.at("command"), begun.at("seconds"), 0};
      }
    } catch (const nlohmann::json::exception& error) {
      engram::fail<engram::FormatError>(file_.string(), ": need what a study wrote, got ", error.what());
    }
  }

  const nlohmann::ordered_json& settings() const { return settings_; }
  const std::vector<DonePart>& parts() const { return parts_; }

  /// Nothing if the part has not been done.
  const DonePart* find(const std::string& name) const {
    const auto found = std::ranges::find(parts_, name, &DonePart::name);
    return found == parts_.end() ? nullptr : &*found;
  }

  void set_settings(nlohmann::ordered_json settings) {
    settings_ = std::move(settings);
    save();
  }
  /// Takes a part for not done: what it is made of is to be made anew.
  void forget(const std::string& name) {
    if (std::erase_if(parts_, [&](const DonePart& part) { return part.name == name; }) > 0) {
      save();
    }
  }
  /// Remembers that a part has begun, and forgets that it or another has before.
  /// @returns whether the same part with the same command had begun, and not ended, so that it may go on
  bool begin(const std::string& name, const std::string& command) {
    const bool goes_on = begun_.name == name && begun_.command == command;
    if (!goes_on) {
      begun_ = {name, command, 0, 0};
      save();
    }
    return goes_on;
  }
  /// Adds the part that had begun; the seconds of its earlier runs are added to its own.
  void add(DonePart part) {
    part.seconds += begun_.seconds;
    begun_ = {};
    std::erase_if(parts_, [&](const DonePart& old) { return old.name == part.name; });
    parts_.push_back(std::move(part));
    save();
  }
  /// Remembers the time of a run of the part that had begun, which was stopped.
  void add_unfinished(double seconds) {
    begun_.seconds += seconds;
    save();
  }

 private:
  void save() const {
    nlohmann::ordered_json json;
    json["settings"] = settings_;
    json["parts"] = nlohmann::ordered_json::array();
    for (const DonePart& part : parts_) {
      json["parts"].push_back(
          {{"name", part.name}, {"command", part.command}, {"seconds", part.seconds}, {"memory_mib", part.memory_mib}});
    }
    if (!begun_.name.empty()) {
      json["begun"] = {{"name", begun_.name}, {"command", begun_.command}, {"seconds", begun_.seconds}};
    }
    engram::io::write_atomically(file_, json.dump(2) + "\n");
  }

  std::filesystem::path file_;
  nlohmann::ordered_json settings_;
  std::vector<DonePart> parts_;
  DonePart begun_;  ///< and not ended; without a name: none
};

}  // namespace support
