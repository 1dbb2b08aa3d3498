#pragma once

#include <filesystem>
#include <string>
#include <string_view>

/// A file that fixtures/make_fixtures.py has made.
inline std::filesystem::path fixture(std::string_view name) {
  return std::filesystem::path(ENGRAM_TEST_DIR "/io/fixtures") / name;
}

/// The bytes of an .npy file with the given header, whatever it says.
inline std::string npy_bytes(std::string_view dict, std::string_view elements, char version = 1) {
  std::string out = "\x93NUMPY";
  out += version;
  out += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) {
    out += static_cast<char>(dict.size() >> (8 * i) & 0xFF);
  }
  return out.append(dict).append(elements);
}

/// What f throws as an E; "no error" if nothing.
template <class E, class F>
std::string error_text(F f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "no error";
}
