// What a study checks before hours of work.
#pragma once

#include <nlohmann/json.hpp>

#include "support/study_parts.hpp"

namespace support {

/// Reads the recording and its labels, completes the options by what they are, and tells what must be the same for a
/// study to go on.
/// @throws IoError, FormatError, ShapeError, ArgumentError for what no study can be made of
nlohmann::ordered_json checked_settings(StudyOptions& options);

}  // namespace support
