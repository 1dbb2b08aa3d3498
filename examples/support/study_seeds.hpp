// How alike the codes are that the same training makes from different seeds.
#pragma once

#include "support/report.hpp"
#include "support/study_looks.hpp"
#include "support/study_parts.hpp"

namespace support {

/// Linear CKA and Procrustes disparity of each model's codes of all frames, over the pairs of seeds; needs two or more.
/// Also written to seeds.csv.
ReportTable seed_similarity(const StudyPlan& plan, const StudyRecording& recording);

}  // namespace support
