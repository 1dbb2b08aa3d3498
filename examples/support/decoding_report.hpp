// How well labels are decoded from codes: in words, as a table and as figures.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/decoding.hpp>
#include <engram/analysis/time_shifts.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/csv.hpp>
#include <engram/plot/bars.hpp>

#include "support/label_choice.hpp"

namespace support {

struct DecodedLabel {
  std::string code;
  std::string label;
  engram::analysis::LabelKind kind = engram::analysis::LabelKind::linear;
  engram::analysis::Decoder method = engram::analysis::Decoder::neighbors;
  engram::analysis::Decoding decoding = {};

  const char* method_name() const { return method == engram::analysis::Decoder::ridge ? "ridge" : "neighbors"; }
  bool lower_is_better() const { return kind == engram::analysis::LabelKind::circular; }

  /// The null's score that one in twenty shifts reaches; NaN without shifts.
  double null_twentieth() const { return engram::analysis::null_twentieth(decoding.null, !lower_is_better()); }
};

std::string decoding_table(const std::vector<DecodedLabel>& rows);

void print_decodings(const std::vector<DecodedLabel>& rows);

/// The figure of one label: the score of each code by each method beside the better of chance and what one in twenty
/// shifts reaches.
/// @param rows    of that label, those of one code beside each other in the same order of methods
/// @param frames  which were decoded: "by blocks of time", "held-out frames"
void write_decoding_figure(const std::filesystem::path& path, const std::vector<DecodedLabel>& rows,
                           const std::string& frames);

}  // namespace support
