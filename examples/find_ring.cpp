// Is there a ring in the codes? The longest-lived loop of landmarks of the densest codes beside those of controls
// without a ring, and whether the place on the ring goes with a measured angle.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/circular_coordinate.hpp>
#include <engram/analysis/circular_correlation.hpp>
#include <engram/analysis/densest_rows.hpp>
#include <engram/analysis/landmarks.hpp>
#include <engram/analysis/persistence.hpp>
#include <engram/analysis/ring_controls.hpp>
#include <engram/analysis/time_shifts.hpp>
#include <engram/core/take_rows.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/folder.hpp>

#include "support/label_choice.hpp"
#include "support/model_codes.hpp"
#include "support/program.hpp"
#include "support/ring_figures.hpp"
#include "support/ring_report.hpp"
#include "support/run_record.hpp"
#include "support/shift_count.hpp"
#include "support/words.hpp"

using namespace engram;

namespace {

struct Options {
  std::vector<std::filesystem::path> models;
  std::filesystem::path images;
  std::filesystem::path labels;
  std::vector<std::string> angles;
  std::filesystem::path out;
  data::FrameOptions frames;
  double share = 0.2;
  Index n_neighbors = 15;
  Index landmarks = 200;
  Index controls = 5;
  Index shifts = 200;
  std::uint64_t seed = 0;
};

Tensor<float> rows_at(const Tensor<float>& x, const Tensor<std::int64_t>& rows) {
  return take_rows(x, std::vector<Index>(rows.elements().begin(), rows.elements().end()));
}

/// Persistence of landmarks among the densest rows: for codes and controls alike.
analysis::Persistence persistence_of(const Tensor<float>& x, const Options& o) {
  const Tensor<float> dense = rows_at(x, analysis::densest_rows(x, o.share, o.n_neighbors));
  const auto landmarks = analysis::farthest_landmarks(dense, std::min(o.landmarks, dense.dim(0)));
  return analysis::rips_persistence(rows_at(dense, landmarks.indices));
}

std::vector<support::RingSearch> search_rings(const support::ModelCode& code, const Options& o) {
  std::vector<support::RingSearch> found{{code.name, "codes", 1, persistence_of(code.values, o)}};
  Rng rng(o.seed);
  for (Index i = 1; i <= o.controls; ++i) {
    found.push_back(
        {code.name, "shuffled columns", i, persistence_of(analysis::shuffled_columns(code.values, rng), o)});
    found.push_back({code.name, "normal", i, persistence_of(analysis::normal_rows_like(code.values, rng), o)});
  }
  return found;
}

/// Whether `windings` times the angle takes more than two opposite directions, which have no circular correlation.
bool turns(const support::ChosenLabel& angle, int windings) {
  const double first = angle.values[0];
  return std::ranges::any_of(angle.values.elements(), [=](double degrees) {
    return std::abs(std::sin(windings * (degrees - first) * std::numbers::pi / 180)) > 1e-9;
  });
}

/// How the place on the ring goes with `windings` times the angle, in degrees, beside the angle shifted in time.
support::RingAngle compare_angle(const std::string& code, const analysis::CircularCoordinate& ring,
                                 const support::ChosenLabel& angle, int windings, const Options& o) {
  Tensor<double> place = ring.angles;
  for (double& value : place.elements()) {
    value *= 180 / std::numbers::pi;
  }
  Tensor<double> wound = angle.values;
  for (double& value : wound.elements()) {
    value *= windings;
  }
  const Index count = place.size();
  const auto strength = [&](const Tensor<double>& of) {
    return std::abs(analysis::circular_correlation(place, of, 360));
  };
  std::vector<double> null;
  for (const Index shift : analysis::time_shifts(count, o.shifts, analysis::default_min_shift(count), Rng(o.seed))) {
    null.push_back(strength(analysis::shifted_in_time(wound, shift)));
  }
  auto aligned = analysis::align_circular(place, wound, 360);
  const double correlation = analysis::circular_correlation(place, wound, 360);
  const double p_value = analysis::null_p_value(std::abs(correlation), null);
  return {.code = code,
          .angle = angle.name,
          .windings = windings,
          .plane_share = ring.plane_share,
          .radius_spread = ring.radius_spread,
          .correlation = correlation,
          .null_twentieth = analysis::null_twentieth(null),
          .p_value = p_value,
          .mean_error = aligned.mean_error,
          .measured = angle.values,
          .place = std::move(aligned.angles)};
}

int find_ring(Options o, const CLI::App& app) {
  const std::vector<support::ModelCode> codes = support::load_codes(o.models, o.images, o.frames);
  std::vector<support::ChosenLabel> angles;
  if (!o.labels.empty()) {
    angles = support::load_labels({.file = o.labels, .angles = o.angles, .numbers = {}, .classes = {}},
                                  codes.front().values.dim(0), o.images.string());
    std::erase_if(angles, [](const auto& label) { return label.kind != analysis::LabelKind::circular; });
    ensure<ArgumentError>(!angles.empty(), "--angles: need the columns of ", o.labels.string(), " that are angles");
  }
  if (!angles.empty()) {
    o.shifts = support::shift_count(app, o.shifts, codes.front().values.dim(0));
  }
  io::make_folder(o.out);
  std::vector<support::RingSearch> searches;
  std::vector<support::RingAngle> compared;
  for (const support::ModelCode& code : codes) {
    const std::vector<support::RingSearch> found = search_rings(code, o);
    support::print_rings(found);
    support::write_persistence_figure(o.out / (code.name + "_loops.png"), found);
    searches.insert(searches.end(), found.begin(), found.end());
    const analysis::CircularCoordinate ring = analysis::circular_coordinate(code.values);
    support::print_plane(ring);
    for (const support::ChosenLabel& angle : angles) {
      std::vector<support::RingAngle> wound;
      for (const int windings : {1, 2}) {  // twice: what looks alike half turned
        if (turns(angle, windings)) {
          wound.push_back(compare_angle(code.name, ring, angle, windings, o));
          support::print_angle(wound.back());
        }
      }
      if (!wound.empty()) {
        support::write_angle_figure(
            o.out / (code.name + "_" + support::file_name_of(angle.name) + ".png"),
            *std::ranges::max_element(wound, {}, [](const auto& w) { return std::abs(w.correlation); }));
      }
      compared.insert(compared.end(), wound.begin(), wound.end());
    }
  }
  support::write_run_record(o.out, app);
  io::write_atomically(o.out / "rings.csv", support::ring_table(searches));
  io::write_atomically(o.out / "persistence.csv", support::persistence_table(searches));
  if (!angles.empty()) {
    io::write_atomically(o.out / "angles.csv", support::angle_table(compared));
  }
  support::write_ring_figure(o.out / "rings.png", searches);
  std::printf("%s: rings.csv, persistence.csv%s and figures\n", o.out.c_str(), angles.empty() ? "" : ", angles.csv");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  support::Program app(
      "Is there a ring in the codes? Persistent homology of landmarks among the densest codes, beside controls without "
      "a ring that are treated alike, and the place on the ring beside measured angles.",
      "find_ring");
  const auto whole = [&](const char* name, auto& value, const char* what, long long least) {
    app.add_option(name, value, what)->capture_default_str()->check(support::whole_number(least));
  };
  app.add_option("--model", o.models, "Folders that the training programs wrote")->required();
  app.add_option("--images", o.images, "Frames: .npz, .npy, a movie or a folder of PNG, JPEG or BMP images")
      ->required();
  app.add_option("--labels", o.labels, "Labels with the measured angles, one row per frame: .csv, .npy or .npz");
  app.add_option("--angles", o.angles, "Columns in degrees; those whose names sound like it if not given")
      ->delimiter(',');
  app.add_option("--out", o.out, "Folder for the tables and the figures")->required();
  support::add_frame_options(app, o.frames);
  app.add_option("--share", o.share, "Of the codes that are kept, the densest")
      ->capture_default_str()
      ->check(support::share());
  whole("--n-neighbors", o.n_neighbors, "The nearest code of this rank tells how dense it is", 1);
  whole("--landmarks", o.landmarks, "Codes that stand for the densest ones", 3);
  whole("--controls", o.controls, "Of each kind: columns shuffled, and normal of the same covariance", 0);
  whole("--shifts", o.shifts, "Of the angles in time, for the null", 0);
  whole("--seed", o.seed, "Of controls and shifts", 0);
  return support::run(app, argc, argv, [&] { return find_ring(o, app); });
}
