#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parse_number.hpp>

namespace engram {

/// Named values in the order in which they were set: what a model file says about its model.
class Settings {
 public:
  /// @throws ArgumentError for a name with a '=' or a zero byte, or a value with a zero byte: files cannot hold them
  template <class V>
  void set(std::string name, const V& value) {
    std::string words = engram::text(value);
    ensure<ArgumentError>(name.find_first_of(std::string_view("=\0", 2)) == name.npos,
                          "Settings::set: need a name without '=' and zero bytes, got ", name);
    ensure<ArgumentError>(words.find('\0') == words.npos, "Settings::set: need a value of ", name,
                          " without zero bytes, got ", words.size(), " characters with one");
    for (auto& [known, old] : entries_) {
      if (known == name) {
        old = std::move(words);
        return;
      }
    }
    entries_.emplace_back(std::move(name), std::move(words));
  }

  /// The value, null if there is none; it lives as long as the settings.
  const std::string* find(std::string_view name) const& {
    for (const auto& [known, value] : entries_) {
      if (known == name) {
        return &value;
      }
    }
    return nullptr;
  }

  const std::string* find(std::string_view name) const&& = delete;

  /// @throws FormatError if there is no such setting
  const std::string& get(std::string_view name) const& {
    const std::string* value = find(name);
    ensure<FormatError>(value != nullptr, "need the setting ", name, ", got none");
    return *value;
  }
  const std::string& get(std::string_view name) const&& = delete;

  /// @throws FormatError if there is no such setting or it is no number of this type
  template <class Number>
  Number number(std::string_view name) const {
    const std::string& digits = get(name);
    Number value{};
    ensure<FormatError>(parse_number(digits, value), "need a number for the setting ", name, ", got '", digits, "'");
    return value;
  }

  const std::vector<std::pair<std::string, std::string>>& entries() const& { return entries_; }
  const std::vector<std::pair<std::string, std::string>>& entries() const&& = delete;

  /// One "name=value" per setting, and back.
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const auto& [name, value] : entries_) {
      all.push_back(name + "=" + value);
    }
    return all;
  }
  static Settings from_lines(const std::vector<std::string>& lines) {
    Settings settings;
    for (const auto& line : lines) {
      const std::size_t equals = line.find('=');
      ensure<FormatError>(equals != line.npos && line.find('\0') == line.npos, "need settings as name=value, got '",
                          line, "'");
      settings.set(line.substr(0, equals), line.substr(equals + 1));
    }
    return settings;
  }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

}  // namespace engram
