// The study's claims beside the numbers of this run.
#pragma once

#include <filesystem>
#include <vector>

#include "support/report.hpp"
#include "support/study_parts.hpp"

namespace support {

/// A claim is supported or contradicted if all seeds say so, else undecided, as where a number is missing.
std::vector<ReportClaim> study_claims(const StudyPlan& plan);

/// Seconds that a training's epochs took, without reading, snapshots and figures.
double training_seconds(const std::filesystem::path& folder);

}  // namespace support
