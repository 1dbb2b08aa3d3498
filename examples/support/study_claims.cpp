#include "support/study_claims.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <engram/core/error.hpp>
#include <engram/io/csv.hpp>

#include "support/study_tables.hpp"

namespace support {

namespace {

constexpr double near = 1;  ///< dB of PSNR within which a decoder is as good as the autoencoder

/// What one seed's parts found.
struct SeedNumbers {
  std::filesystem::path folder;
  StudyTable denoising;

  SeedNumbers(const StudyPlan& plan, std::uint64_t seed)
      : folder(plan.folder(seed)), denoising(folder / "denoising.csv") {}

  double psnr(const std::string& model) const { return denoising.number({model}, "psnr"); }
  /// Of the frames as they were recorded.
  double input_psnr() const { return denoising.number({"", "noisy frames"}, "psnr"); }
  double variance_share() const {
    const StudyTable table(folder / "pca_16" / "explained_variance.csv");  // ends where 95 % are reached
    const double of_16 = table.number({"16"}, "cumulative");
    return 100 * (std::isnan(of_16) ? table.number({table.rows.back().front()}, "cumulative") : of_16);
  }
  double time_share() const { return epoch_seconds(folder / "pca_16") / epoch_seconds(folder / "autoencoder"); }
};

/// How well a label is decoded from a code by the nearest neighbours.
struct Carried {
  double score;   ///< degrees off on average, or R2
  double chance;  ///< likewise, of the mean of the frames that are learned from
  double p;       ///< share of the shifts in time that are decoded as well
  bool angle;

  bool known() const { return !std::isnan(score) && !std::isnan(p); }
  bool yes() const { return p < 0.05 && (angle ? score < chance : score > chance); }
};

Carried carried(const StudyTable& scores, const std::string& code, const std::string& label, bool angle) {
  const std::vector<std::string> key{code, label, angle ? "circular" : "linear", "neighbors"};
  return {scores.number(key, "score"), scores.number(key, "chance"), scores.number(key, "p_value"), angle};
}

Verdict verdict(const std::vector<Verdict>& of_seeds) {
  return std::ranges::count(of_seeds, of_seeds.front()) == std::ssize(of_seeds) ? of_seeds.front() : Verdict::undecided;
}

Verdict verdict(bool known, bool holds) {
  return !known ? Verdict::undecided : holds ? Verdict::supported : Verdict::contradicted;
}

template <class Number>
std::vector<double> of_seeds(const std::vector<SeedNumbers>& seeds, Number number) {
  std::vector<double> out;
  for (const SeedNumbers& seed : seeds) {
    out.push_back(number(seed));
  }
  return out;
}

/// @param judge  the verdict of one seed
template <class Judge>
Verdict verdict_of(const std::vector<SeedNumbers>& seeds, Judge judge) {
  std::vector<Verdict> all;
  for (const SeedNumbers& seed : seeds) {
    all.push_back(judge(seed));
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
            bool known = !std::isnan(s.psnr("autoencoder")) && !std::isnan(s.psnr("pca_16"));
            bool others = false;
            for (const char* model : {"pca_2", "umap_16", "umap_2"}) {
              known = known && !std::isnan(s.psnr(model));
              others = others || reaches(model);
            }
            return verdict(known, reaches("pca_16") && !others);
          })};
}

/// Whether codes carry the first angle and the first number: if they are decoded better than by chance, and fewer than
/// one in 20 shifts in time as well. By blocks, but the angles of the tagger are those of frames that it was not
/// trained on.
class WhatCodesCarry {
 public:
  WhatCodesCarry(const StudyPlan& plan, const std::vector<SeedNumbers>& seeds)
      : angle_(plan.options().angles.front()), number_(plan.options().numbers.front()) {
    for (const SeedNumbers& seed : seeds) {
      blocks_.emplace_back(seed.folder / "decoding" / "scores.csv");
      held_out_.emplace_back(seed.folder / "decoding_held_out" / "scores.csv");
    }
  }

  ReportClaim autoencoder() const {
    std::vector<Verdict> verdicts;
    for (std::size_t s = 0; s < blocks_.size(); ++s) {
      const Carried angle = angle_of(s, "autoencoder");
      const Carried number = number_of(s, "autoencoder");
      verdicts.push_back(verdict(angle.known() && number.known(), angle.yes() && number.yes()));
    }
    return {.claim = "The autoencoder's code carries " + angle_ + " and " + number_,
            .study = "both",
            .measured = measured("autoencoder"),
            .verdict = verdict(verdicts)};
  }

  ReportClaim tagger() const {
    std::vector<Verdict> verdicts;
    for (std::size_t s = 0; s < blocks_.size(); ++s) {
      const Carried angle = angle_of(s, "direction_tagger");
      const Carried number = number_of(s, "direction_tagger");
      const bool to_forget = number_of(s, "autoencoder").yes();  // else there is nothing that could be forgotten
      verdicts.push_back(verdict(angle.known() && number.known() && to_forget, angle.yes() && !number.yes()));
    }
    return {.claim = "The direction tagger's code carries " + angle_ + " but forgets " + number_,
            .study = angle_ + " alone",
            .measured = measured("direction_tagger"),
            .verdict = verdict(verdicts)};
  }

 private:
  Carried angle_of(std::size_t seed, const std::string& code) const {
    return carried(code == "direction_tagger" ? held_out_[seed] : blocks_[seed], code, angle_, true);
  }
  Carried number_of(std::size_t seed, const std::string& code) const {
    return carried(blocks_[seed], code, number_, false);
  }

  std::string measured(const std::string& code) const {
    std::vector<double> degrees;
    std::vector<double> angle_p;
    std::vector<double> r2;
    std::vector<double> number_p;
    for (std::size_t s = 0; s < blocks_.size(); ++s) {
      degrees.push_back(angle_of(s, code).score);
      angle_p.push_back(angle_of(s, code).p);
      r2.push_back(number_of(s, code).score);
      number_p.push_back(number_of(s, code).p);
    }
    return engram::text(angle_, " ", spread(degrees, 1), " degrees off on average",
                        code == "direction_tagger" ? " in frames it has not seen" : "", ", p = ", spread(angle_p, 3),
                        "; ", number_, " R2 ", spread(r2, 2), " by blocks, p = ", spread(number_p, 3),
                        " (carried: better than chance, p < 0.05)");
  }

  std::string angle_;
  std::string number_;
  std::vector<StudyTable> blocks_;    ///< of each seed
  std::vector<StudyTable> held_out_;  ///< likewise
};

}  // namespace

double epoch_seconds(const std::filesystem::path& folder) {
  return std::ranges::min(engram::io::read_csv(folder / "history.csv").column("seconds").elements());
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
       .verdict = verdict_of(seeds,
                             [](const auto& s) {
                               return verdict(!std::isnan(s.psnr("autoencoder")),
                                              s.psnr("autoencoder") > s.input_psnr());
                             })},
      {.claim = "PCA to 16 numbers keeps a bit more than half of the variance",
       .study = "about 55 %",
       .measured = each([](const auto& s) { return s.variance_share(); }, 0) +
                   " % of the training frames' variance (a bit more than half: 50 to 65 %)",
       .verdict = verdict_of(seeds,
                             [](const auto& s) {
                               return verdict(!std::isnan(s.variance_share()),
                                              s.variance_share() > 50 && s.variance_share() < 65);
                             })},
      {.claim = "With PCA in place of the encoder, training takes half the time",
       .study = "half",
       .measured = each([](const auto& s) { return 100 * s.time_share(); }, 0) +
                   " % of the autoencoder's time, of the shortest epochs (half: 35 to 65 %)",
       .verdict = verdict_of(
           seeds, [](const auto& s) { return verdict(true, s.time_share() > 0.35 && s.time_share() < 0.65); })},
      which_reach(seeds)};
  if (!plan.options().angles.empty() && !plan.options().numbers.empty()) {
    const WhatCodesCarry carry(plan, seeds);
    claims.push_back(carry.autoencoder());
    claims.push_back(carry.tagger());
  }
  return claims;
}

}  // namespace support
