#pragma once

#include <string_view>

// Semantic versioning; before 1.0 a new minor version may break what used the one before. CMakeLists.txt reads these.
#define ENGRAM_VERSION_MAJOR 0
#define ENGRAM_VERSION_MINOR 1
#define ENGRAM_VERSION_PATCH 0

#define ENGRAM_TEXT_OF(x) #x
#define ENGRAM_VERSION_TEXT(major, minor, patch) \
  ENGRAM_TEXT_OF(major) "." ENGRAM_TEXT_OF(minor) "." ENGRAM_TEXT_OF(patch)

namespace engram {

/// "0.1.0"
inline constexpr std::string_view version =
    ENGRAM_VERSION_TEXT(ENGRAM_VERSION_MAJOR, ENGRAM_VERSION_MINOR, ENGRAM_VERSION_PATCH);

}  // namespace engram

#undef ENGRAM_VERSION_TEXT
#undef ENGRAM_TEXT_OF
