#include "support/code_tables.hpp"

namespace support {

std::string code_table(const std::vector<ModelCode>& codes) {
  Index most = 0;
  for (const ModelCode& code : codes) {
    most = std::max(most, code.values.dim(1));
  }
  std::string csv = "code,dimensions,dead_units,participation_ratio";
  for (Index j = 1; j <= most; ++j) {
    csv += engram::text(",variance_share_", j);
  }
  std::printf("Codes: numbers, of which dead (less than a hundredth of the largest variance); participation ratio\n");
  for (const ModelCode& code : codes) {
    const engram::analysis::CodeState state = engram::analysis::code_state(code.values);
    const auto variance = state.variance.elements();
    const double total = std::accumulate(variance.begin(), variance.end(), 0.0);
    csv += engram::text("\n", engram::io::csv_cell(code.name), ",", code.values.dim(1), ",", state.dead.size(), ",",
                        state.participation_ratio);
    for (Index j = 0; j < most; ++j) {
      csv += j < code.values.dim(1) && total > 0 ? engram::text(",", state.variance[j] / total) : ",";
    }
    std::printf("  %-20s %3td  %3zu  %6.2f\n", code.name.c_str(), code.values.dim(1), state.dead.size(),
                state.participation_ratio);
  }
  return csv + "\n";
}

std::string similarity_table(const std::vector<ModelCode>& codes) {
  std::string csv = "code,other_code,linear_cka,procrustes_disparity\n";
  if (codes.size() > 1) {
    std::printf("Similarity of codes: linear CKA (0 to 1, the same), Procrustes disparity (1 to 0, the same)\n");
  }
  std::vector<bool> vary;
  for (const ModelCode& code : codes) {
    vary.push_back(engram::analysis::code_state(code.values).participation_ratio > 0);
  }
  for (std::size_t i = 0; i < codes.size(); ++i) {
    for (std::size_t j = i + 1; j < codes.size(); ++j) {
      if (!vary[i] || !vary[j]) {
        continue;  // a code that is the same for all frames is like no other
      }
      const double cka = engram::analysis::linear_cka(codes[i].values, codes[j].values);
      const double disparity = engram::analysis::procrustes_disparity(codes[i].values, codes[j].values);
      csv += engram::text(engram::io::csv_cell(codes[i].name), ",", engram::io::csv_cell(codes[j].name), ",", cka, ",",
                          disparity, "\n");
      std::printf("  %-20s %-20s %5.2f  %5.2f\n", codes[i].name.c_str(), codes[j].name.c_str(), cka, disparity);
    }
  }
  return csv;
}

}  // namespace support
