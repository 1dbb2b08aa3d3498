#include "support/study_claims.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>

#include <engram/core/error.hpp>
#include <engram/io/csv.hpp>

#include "support/study_tables.hpp"

namespace support {

namespace {

constexpr double near = 1;  ///< dB of PSNR within which a decoder is as good as the autoencoder

/// What one seed's parts found.
struct SeedNumbers {
  const StudyPlan& plan;
  std::filesystem::path folder;
  StudyTable denoising;

  SeedNumbers(const StudyPlan& of, std::uint64_t seed)
      : plan(of), folder(of.folder(seed)), denoising(folder / "denoising.csv") {}

  double psnr(const std::string& model) const { return denoising.number({model}, "psnr"); }
  /// Of the frames as they were recorded.
  double input_psnr() const { return denoising.number({"", "noisy frames"}, "psnr"); }
  double variance_share() const {
    return 100 * StudyTable(folder / "pca_16" / "explained_variance.csv").number({"16"}, "cumulative");
  }
  double time_share() const { return training_seconds(folder / "pca_16") / training_seconds(folder / "autoencoder"); }
};

/// How well a label is decoded from a code by the better of both methods.
struct Carried {
  double score = NAN;  ///< degrees off on average, or R2
  double p = NAN;

  bool by_angle(double chance) const { return p < 0.05 && score < chance / 2; }
  bool by_number() const { return p < 0.05 && score > 0.25; }
};

Carried carried(const StudyTable& scores, const std::string& code, const std::string& label, bool angle) {
  Carried best;
  const std::string kind = angle ? "circular" : "linear";
  for (const char* method : {"neighbors", "ridge"}) {
    const std::vector<std::string> key{code, label, kind, method};
    const double score = scores.number(key, "score");
    if (std::isnan(best.score) || (angle ? score < best.score : score > best.score)) {
      best = {score, scores.number(key, "p_value")};
    }
  }
  return best;
}

Verdict verdict(const std::vector<bool>& holds) {
  return std::ranges::count(holds, true) == std::ssize(holds) ? Verdict::supported
         : std::ranges::count(holds, true) == 0               ? Verdict::contradicted
                                                              : Verdict::undecided;
}

template <class Number>
std::vector<double> of_seeds(const std::vector<SeedNumbers>& seeds, Number number) {
  std::vector<double> out;
  for (const SeedNumbers& seed : seeds) {
    out.push_back(number(seed));
  }
  return out;
}

template <class Holds>
Verdict verdict_of(const std::vector<SeedNumbers>& seeds, Holds holds) {
  std::vector<bool> all;
  for (const SeedNumbers& seed : seeds) {
    all.push_back(holds(seed));
  }
  return verdict(all);
}

ReportClaim which_reach(const std::vector<SeedNumbers>& seeds) {
  std::string measured;
  for (const char* model : {"autoencoder", "pca_16", "pca_2", "umap_16", "umap_2"}) {
    measured += engram::text(measured.empty() ? "" : ", ", model, " ",
                             spread(of_seeds(seeds, [&](const auto& s) { return s.psnr(model); }), 1), " dB");
  }
  return {.claim = "Of the reductions only PCA to 16 numbers reaches the autoencoder's quality",
          .study = "only PCA-16",
          .measured = measured + engram::text(" (reached: within ", near, " dB)"),
          .verdict = verdict_of(seeds, [](const SeedNumbers& s) {
            const auto reaches = [&](const char* model) { return s.psnr(model) > s.psnr("autoencoder") - near; };
            return reaches("pca_16") && !reaches("pca_2") && !reaches("umap_16") && !reaches("umap_2");
          })};
}

/// Whether codes carry the first angle and the first number.
std::vector<ReportClaim> what_codes_carry(const StudyPlan& plan, const std::vector<SeedNumbers>& seeds) {
  const std::string& angle = plan.options().angles.front();
  const std::string& number = plan.options().numbers.front();
  std::vector<StudyTable> scores;
  for (const SeedNumbers& seed : seeds) {
    scores.emplace_back(seed.folder / "decoding" / "scores.csv");
  }
  const auto words = [&](const std::string& code) {
    std::vector<double> degrees;
    std::vector<double> r2;
    std::vector<double> angle_p;
    std::vector<double> number_p;
    for (const StudyTable& table : scores) {
      const Carried a = carried(table, code, angle, true);
      const Carried n = carried(table, code, number, false);
      degrees.push_back(a.score);
      angle_p.push_back(a.p);
      r2.push_back(n.score);
      number_p.push_back(n.p);
    }
    return engram::text(angle, " ", spread(degrees, 1), " degrees off on average, p = ", spread(angle_p, 3), "; ",
                        number, " R2 ", spread(r2, 2), ", p = ", spread(number_p, 3));
  };
  const auto judged = [&](const std::string& code, bool number_too) {
    std::vector<bool> holds;
    for (const StudyTable& table : scores) {
      const double chance = table.number({code, angle, "circular", "neighbors"}, "chance");
      holds.push_back(carried(table, code, angle, true).by_angle(chance) &&
                      carried(table, code, number, false).by_number() == number_too);
    }
    return verdict(holds);
  };
  return {{.claim = "The autoencoder's code carries direction and distance",
           .study = "both",
           .measured = words("autoencoder"),
           .verdict = judged("autoencoder", true)},
          {.claim = "The direction tagger's code carries direction but forgets distance",
           .study = "direction alone",
           .measured = words("direction_tagger"),
           .verdict = judged("direction_tagger", false)}};
}

}  // namespace

double training_seconds(const std::filesystem::path& folder) {
  const auto seconds = engram::io::read_csv(folder / "history.csv").column("seconds");
  return std::accumulate(seconds.elements().begin(), seconds.elements().end(), 0.0);
}

std::vector<ReportClaim> study_claims(const StudyPlan& plan) {
  std::vector<SeedNumbers> seeds;
  for (const std::uint64_t seed : plan.options().seeds) {
    seeds.emplace_back(plan, seed);
  }
  const auto each = [&](const std::function<double(const SeedNumbers&)>& number, int digits) {
    return spread(of_seeds(seeds, number), digits);
  };
  std::vector<ReportClaim> claims{
      {.claim = "An autoencoder of 16 numbers per frame denoises",
       .study = "yes, as seen by eye",
       .measured = engram::text("PSNR ", each([](const auto& s) { return s.input_psnr(); }, 1), " dB as recorded, ",
                                each([](const auto& s) { return s.psnr("autoencoder"); }, 1),
                                " dB denoised, of frames it has not seen"),
       .verdict = verdict_of(seeds, [](const auto& s) { return s.psnr("autoencoder") > s.input_psnr(); })},
      {.claim = "PCA to 16 numbers keeps a bit more than half of the variance",
       .study = "about 55 %",
       .measured = each([](const auto& s) { return s.variance_share(); }, 0) + " % of the training frames' variance",
       .verdict = verdict_of(seeds, [](const auto& s) { return s.variance_share() > 45 && s.variance_share() < 65; })},
      {.claim = "With PCA in place of the encoder, training takes half the time",
       .study = "half",
       .measured = each([](const auto& s) { return 100 * s.time_share(); }, 0) + " % of the autoencoder's time",
       .verdict = verdict_of(seeds, [](const auto& s) { return s.time_share() > 0.35 && s.time_share() < 0.65; })},
      which_reach(seeds)};
  if (!plan.options().angles.empty() && !plan.options().numbers.empty()) {
    std::ranges::move(what_codes_carry(plan, seeds), std::back_inserter(claims));
  }
  return claims;
}

}  // namespace support
