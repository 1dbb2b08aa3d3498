#include "support/study_files.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace support {

namespace {

std::string csv_line(const std::string& file) {
  return "numpy.genfromtxt('" + file + "', delimiter=',', names=True, dtype=None, encoding='utf-8')";
}

}  // namespace

std::vector<ReportFile> study_files(const StudyPlan& plan) {
  std::vector<ReportFile> all;
  if (plan.arena()) {
    all.push_back(
        {"arena.npz", "the recording: images, clean, labels and their columns", "numpy.load('arena.npz')['images']"});
  }
  all.push_back({"autoencoder/snapshots/", "codes of all frames, a file for each snapshot [N, 16]",
                 "numpy.load(sorted(glob.glob('autoencoder/snapshots/*.npy'))[-1])"});
  all.push_back({"autoencoder/model.npz", "the trained weights", "numpy.load('autoencoder/model.npz')"});
  all.push_back({"autoencoder/history.csv", "loss, learning rate and time of each epoch; as history.json too",
                 "numpy.genfromtxt('autoencoder/history.csv', delimiter=',', names=True)"});
  all.push_back({"pca_16/reduction.npz", "the fitted PCA", "numpy.load('pca_16/reduction.npz')"});
  all.push_back({"maps/autoencoder/map.npz",
                 "the map [N, 2], as embedding, and codes [N, 16]; embeddings [S, N, 2] at the updates steps [S]",
                 "numpy.load('maps/autoencoder/map.npz')['embedding']"});
  all.push_back({"denoising.csv", "PSNR and SSIM of each denoiser", csv_line("denoising.csv")});
  if (plan.has_labels()) {
    all.push_back({"decoding/scores.csv", "what is decoded from each code", csv_line("decoding/scores.csv")});
    all.push_back(
        {"training_measures/training.csv", "measures of each snapshot", csv_line("training_measures/training.csv")});
    for (const auto& [file, what] :
         {std::pair("direction_tagger/predictions.csv", "directions of held-out frames as measured and as told"),
          std::pair("rings/rings.csv", "the longest loops of codes and controls"),
          std::pair("rings/angles.csv", "how places on the rings go with angles")}) {
      if (std::filesystem::exists(file)) {
        all.push_back({file, what, csv_line(file)});
      }
    }
  }
  if (plan.denoised().extension() == ".npz") {
    all.push_back({"denoised.npz", "the frames as the autoencoder makes them", "numpy.load('denoised.npz')['images']"});
  }
  if (plan.options().seeds.size() > 1) {
    all.push_back({"seeds.csv", "similarity of the codes from seed to seed", csv_line("seeds.csv")});
  }
  all.push_back({"claims.csv", "the table of claims", "list(csv.DictReader(open('claims.csv')))"});
  all.push_back(
      {"study.json", "settings, and the parts with their commands, time and memory", "json.load(open('study.json'))"});
  return all;
}

}  // namespace support
