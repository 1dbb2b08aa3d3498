// How many directions codes use and how alike they are: tables, told in words as they are made.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include <engram/analysis/cka.hpp>
#include <engram/analysis/code_state.hpp>
#include <engram/analysis/procrustes.hpp>
#include <engram/core/error.hpp>
#include <engram/io/csv.hpp>

#include "support/model_codes.hpp"

namespace support {

/// A row for each code: its numbers, how many of them are dead, the participation ratio, and the share of the variance
/// that each number has; empty where a code has fewer numbers than others.
std::string code_table(const std::vector<ModelCode>& codes);

/// A row for each pair of codes.
std::string similarity_table(const std::vector<ModelCode>& codes);

}  // namespace support
