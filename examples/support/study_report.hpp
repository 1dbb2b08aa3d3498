// The report of a study, of the files that its parts wrote.
#pragma once

#include <filesystem>

#include "support/study_log.hpp"
#include "support/study_parts.hpp"

namespace support {

/// Writes report.html, claims.csv and grid.png to the current folder, which is the study's.
/// @throws IoError, FormatError naming a file that a part has not written as it should
void write_study_report(const StudyPlan& plan, const StudyLog& log);

}  // namespace support
