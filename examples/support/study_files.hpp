// The files that a study leaves, for the end of its report.
#pragma once

#include <vector>

#include "support/report.hpp"
#include "support/study_parts.hpp"

namespace support {

std::vector<ReportFile> study_files(const StudyPlan& plan);

}  // namespace support
