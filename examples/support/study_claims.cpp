#include "support/study_claims.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
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
  /// "psnr" or "ssim" of the frames as they were recorded, and of what the autoencoder makes of them.
  double recorded(const char* measure) const { return denoising.number({"", "noisy frames"}, measure); }
  double denoised(const char* measure) const { return denoising.number({"autoencoder"}, measure); }
  double variance_share() const {
    const StudyTable table(folder / "pca_16" / "explained_variance.csv");  // ends where 95 % are reached
    const double of_16 = table.number({"16"}, "cumulative");
    return 100 * (std::isnan(of_16) ? table.number({table.rows.back().front()}, "cumulative") : of_16);
  }
  /// The decoders' work is the same, but for what else the machine does.
  double time_share() const {
    double shortest = std::numeric_limits<double>::infinity();
    for (const char* decoder : {"pca_16", "pca_2", "umap_16", "umap_2"}) {
      shortest = std::min(shortest, epoch_seconds(folder / decoder));
    }
    return shortest / epoch_seconds(folder / "autoencoder");
  }
};

/// How well a label is decoded from a code by one method.
struct Decoded {
  double score;   ///< degrees off on average, or R2
  double median;  ///< degrees off
  double chance;  ///< the score of the mean of the frames that are learned from
  double p;       ///< share of the shifts in time that are decoded as well

  bool known() const { return !std::isnan(score) && !std::isnan(p); }
};

/// Whether a code carries a label: by the nearest neighbours or by ridge regression.
struct Carried {
  Decoded neighbors;
  Decoded ridge;
  bool angle;

  bool known() const { return neighbors.known() && ridge.known(); }
  /// Of two methods, so that chance alone does it in one of 20 labels.
  bool yes() const { return found(neighbors, 0.025) || found(ridge, 0.025); }
  /// What chance alone might do, is not found.
  bool no() const { return !found(neighbors, 0.05) && !found(ridge, 0.05); }
  bool worse_than_chance() const { return no() && !better(neighbors) && !better(ridge); }

 private:
  /// By a twentieth of the way from chance to a perfect score, as next to nothing can be significant.
  bool better(const Decoded& d) const {
    const double chance = angle ? d.chance : std::max(0.0, d.chance);
    return angle ? d.score < 0.95 * chance : d.score > chance + 0.05 * (1 - chance);
  }
  bool found(const Decoded& d, double least) const { return better(d) && d.p < least; }
};

Carried carried(const StudyTable& scores, const std::string& code, const std::string& label, bool angle) {
  const auto by = [&](const char* method) {
    const std::vector<std::string> key{code, label, angle ? "circular" : "linear", method};
    return Decoded{scores.number(key, "score"), scores.number(key, "median_error"), scores.number(key, "chance"),
                   scores.number(key, "p_value")};
  };
  return {by("neighbors"), by("ridge"), angle};
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

/// Whether codes carry the first angle and the first number. By blocks, but the angles of the tagger are those of
/// frames that it was not trained on, as it learned from them.
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
      verdicts.push_back(angle.known() && number.known() && angle.yes() && number.yes() ? Verdict::supported
                         : angle.known() && number.known() && (angle.worse_than_chance() || number.worse_than_chance())
                             ? Verdict::contradicted
                             : Verdict::undecided);
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
      verdicts.push_back(!angle.known() || !number.known() || !to_forget ? Verdict::undecided
                         : number.yes() || angle.worse_than_chance()     ? Verdict::contradicted
                         : angle.yes() && number.no()                    ? Verdict::supported
                                                                         : Verdict::undecided);
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

  /// Of all seeds.
  template <class OfSeed>
  std::string spread_of(OfSeed of_seed, int digits) const {
    std::vector<double> all;
    for (std::size_t s = 0; s < blocks_.size(); ++s) {
      all.push_back(of_seed(s));
    }
    return spread(all, digits);
  }

  std::string measured(const std::string& code) const {
    const auto angle = [&](auto member, int digits) {
      return spread_of([&](std::size_t s) { return angle_of(s, code).neighbors.*member; }, digits);
    };
    const auto number = [&](auto member, int digits) {
      return spread_of([&](std::size_t s) { return number_of(s, code).neighbors.*member; }, digits);
    };
    const auto ridge_p = [&](bool of_angle) {
      return spread_of([&](std::size_t s) { return (of_angle ? angle_of(s, code) : number_of(s, code)).ridge.p; }, 3);
    };
    const std::string unseen =
        spread_of([&](std::size_t s) { return carried(held_out_[s], code, number_, false).neighbors.score; }, 2);
    return engram::text(angle_, " ", angle(&Decoded::score, 1), " degrees off on average",
                        code == "direction_tagger" ? " in frames it has not seen" : "", " (by chance ",
                        angle(&Decoded::chance, 1), "), half within ", angle(&Decoded::median, 1),
                        ", p = ", angle(&Decoded::p, 3), " (ridge ", ridge_p(true), "); ", number_, " R2 ",
                        number(&Decoded::score, 2), " by blocks (in frames it has not seen ", unseen,
                        "), p = ", number(&Decoded::p, 3), " (ridge ", ridge_p(false), ")");
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
       .measured = engram::text("PSNR ", each([](const auto& s) { return s.recorded("psnr"); }, 1), " dB as recorded, ",
                                each([](const auto& s) { return s.denoised("psnr"); }, 1),
                                " dB denoised, of frames it has not seen; SSIM ",
                                each([](const auto& s) { return s.recorded("ssim"); }, 2), ", ",
                                each([](const auto& s) { return s.denoised("ssim"); }, 2)),
       .verdict = verdict_of(seeds,
                             [](const auto& s) {
                               const bool nearer = s.denoised("psnr") > s.recorded("psnr");
                               const bool more_alike = s.denoised("ssim") > s.recorded("ssim");
                               const bool known = !std::isnan(s.denoised("psnr")) && !std::isnan(s.denoised("ssim"));
                               return verdict(known && nearer == more_alike, nearer);
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
                   " % of the autoencoder's time, of the shortest epochs with any decoder (half: 35 to 65 %)",
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
