// What the columns of a recording's labels are.
#pragma once

#include <engram/data/labels.hpp>

#include "support/study_parts.hpp"

namespace support {

/// Where the options name no columns, guesses what each is: an angle by its name (angle, direction, heading,
/// orientation, deg), a class if it has up to 20 different whole numbers, else a number; distances come first among
/// them. Says so. A column without a name is none.
/// @throws ArgumentError for a column that is named but not there; FormatError for angles that were guessed and span
/// less than 6.4
void complete_columns(StudyOptions& options, const engram::data::Labels& labels);

}  // namespace support
