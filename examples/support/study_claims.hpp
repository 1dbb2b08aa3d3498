// The study's claims beside the numbers of this run.
#pragma once

#include <filesystem>
#include <vector>

#include "support/report.hpp"
#include "support/study_parts.hpp"

namespace support {

/// A claim is supported or contradicted if all seeds say so, else undecided, as where a number is missing.
std::vector<ReportClaim> study_claims(const StudyPlan& plan);

/// Seconds of a training's shortest epoch, without snapshots and figures: the one that other work disturbed least.
double epoch_seconds(const std::filesystem::path& folder);

}  // namespace support
