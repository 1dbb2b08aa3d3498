#include "support/study_seeds.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <engram/analysis/cka.hpp>
#include <engram/analysis/procrustes.hpp>
#include <engram/io/atomic_file.hpp>

#include "support/split.hpp"
#include "support/study_tables.hpp"
#include "support/trained_model.hpp"

namespace support {

ReportTable seed_similarity(const StudyPlan& plan, const StudyRecording& recording) {
  ReportTable table{.caption = "Codes of the same training from different seeds: the median over pairs, and the range",
                    .columns = {"Model", "Linear CKA (1: the same)", "Procrustes disparity (0: the same)"},
                    .rows = {}};
  std::string csv = "code,seed,other_seed,linear_cka,procrustes_disparity\n";
  const auto& seeds = plan.options().seeds;
  for (const StudyModel& model : plan.models()) {
    std::vector<engram::Tensor<float>> codes;
    for (const std::uint64_t seed : seeds) {
      codes.push_back(load_model_folder(plan.folder(seed) / model.name)
                          .encode(recording.frames, all_frames(recording.frames.size())));
    }
    std::vector<double> cka;
    std::vector<double> disparity;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      for (std::size_t j = i + 1; j < codes.size(); ++j) {
        cka.push_back(engram::analysis::linear_cka(codes[i], codes[j]));
        disparity.push_back(engram::analysis::procrustes_disparity(codes[i], codes[j]));
        csv += engram::text(model.name, ",", seeds[i], ",", seeds[j], ",", cka.back(), ",", disparity.back(), "\n");
      }
    }
    table.rows.push_back({model.what, spread(cka, 3), spread(disparity, 3)});
  }
  engram::io::write_atomically("seeds.csv", csv);
  return table;
}

}  // namespace support
