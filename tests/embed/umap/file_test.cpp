#include <engram/embed/umap/file.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <engram/embed/umap.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using namespace engram::embed;

namespace {

Umap fitted() {
  Umap umap({.n_neighbors = 8,
             .min_dist = 0.3,
             .n_epochs = 20,
             .metric = Metric::manhattan,
             .init = UmapInit::random,
             .random_state = std::uint64_t{1} << 60});
  umap.fit(cast<float>(normal({50, 4}, 1)));
  return umap;
}

/// Writes the model after `change`.
template <class F>
std::filesystem::path changed(const TemporaryFolder& folder, F change) {
  UmapModel model = fitted().model();
  change(model);
  const auto path = folder / "changed.npz";
  write_umap(path, model);
  return path;
}

}  // namespace

TEST_CASE("Umap: saved and loaded, it is the same map and places new rows at the same bits") {
  const TemporaryFolder folder;
  const Umap umap = fitted();
  umap.save(folder / "map.npz");
  const Umap loaded = Umap::load(folder / "map.npz");
  CHECK(list(loaded.embedding()) == list(umap.embedding()));
  CHECK(loaded.graph().columns == umap.graph().columns);
  CHECK(loaded.graph().weights == umap.graph().weights);
  CHECK(loaded.options().min_dist == 0.3);
  CHECK(loaded.options().metric == Metric::manhattan);
  CHECK(loaded.options().init == UmapInit::random);
  CHECK(loaded.options().random_state == std::uint64_t{1} << 60);
  CHECK(loaded.options().n_epochs == 20);
  CHECK_FALSE(loaded.options().a.has_value());
  const auto more = cast<float>(normal({9, 4}, 2));
  CHECK(list(loaded.transform(more)) == list(umap.transform(more)));
}

TEST_CASE("Umap: nothing is saved before a fit") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(Umap().save(folder / "map.npz"), "Umap: save needs a finished fit, got none", ArgumentError);
  CHECK_FALSE(std::filesystem::exists(folder / "map.npz"));
}

TEST_CASE("read_umap: names the file and what is wrong with it") {
  const TemporaryFolder folder;
  const auto path = (folder / "changed.npz").string();
  const auto refused = [&](auto change, const std::string& why) {
    changed(folder, change);
    CHECK_THROWS_WITH_AS(Umap::load(path), (path + ": " + why).c_str(), FormatError);
  };
  refused([](UmapModel& m) { m.embedding = Tensor<float>::zeros({50, 3}); }, "need an embedding [N, 2], got [50, 3]");
  refused([](UmapModel& m) { m.data = Tensor<float>::zeros({49, 4}); }, "need data [50, D], got [49, 4]");
  refused([](UmapModel& m) { m.neighbors.indices[3] = 50; }, "need neighbours and columns from 0 to 49, got others");
  refused([](UmapModel& m) { m.widths.rhos = Tensor<float>::zeros({3}); },
          "need sigmas and rhos [50], got [50] and [3]");
  refused([](UmapModel& m) { m.embedding[1] = std::numeric_limits<float>::quiet_NaN(); },
          "need finite data and an embedding within 1e15, got others");
  refused([](UmapModel& m) { m.embedding[1] = 3e38F; }, "need finite data and an embedding within 1e15, got others");
  const char* numbers = "need finite distances, sigmas, rhos and weights >= 0, got others";
  refused([](UmapModel& m) { m.neighbors.distances[1] = NAN; }, numbers);
  refused([](UmapModel& m) { m.widths.sigmas[1] = NAN; }, numbers);
  refused([](UmapModel& m) { m.widths.rhos[1] = -1; }, numbers);
  refused([](UmapModel& m) { m.graph.weights[0] = INFINITY; }, numbers);
  refused([](UmapModel& m) { m.widths.mean_distance = NAN; }, "need mean_distance >= 0, got nan");
  refused([](UmapModel& m) { m.curve.a = NAN; },
          "Umap: need a from 1e-12 to 1e12 and 0 < b <= 4, got nan and " + text(fitted().model().curve.b));
  refused([](UmapModel& m) { m.options.min_dist = 5; }, "Umap: need min_dist from 0 to spread 1, got 5");
  refused([](UmapModel& m) { m.options.learning_rate = -1; }, "Umap: need 0 < learning_rate <= 1e6, got -1");
  refused([](UmapModel& m) { m.options.local_connectivity = -5; },
          "Umap: need local_connectivity from 0 to 1e9, got -5");
  refused([](UmapModel& m) { m.options.n_epochs = std::numeric_limits<Index>::max(); },
          "Umap: need n_epochs from 0 to 1e9, got 9223372036854775807");
  refused([](UmapModel& m) { m.options.negative_sample_rate = (Index{1} << 60) - 1; },
          "Umap: need negative_sample_rate from 0 to 1e6, got 1152921504606846975");
  refused([](UmapModel& m) { m.graph.offsets[5] = 1 << 30; },
          "need a graph of 50 rows, got offsets, columns and weights that do not fit together");
  refused([](UmapModel& m) { m.options.n_neighbors = 0; }, "Umap: need n_neighbors >= 2, got 0");
}

TEST_CASE("read_umap: refuses files of other kinds and versions, and damaged ones") {
  const TemporaryFolder folder;
  const auto path = folder / "other.npz";
  const auto write_settings = [&](const std::vector<std::string>& lines) {
    io::NpzWriter file(path);
    file.add("settings", std::span<const std::string>(lines));
    file.commit();
  };
  write_settings({"format=engram-pca", "version=1"});
  CHECK_THROWS_WITH_AS(read_umap(path), (path.string() + ": need a UMAP's file, got a model of another kind").c_str(),
                       FormatError);
  write_settings({"format=engram-umap", "version=2"});
  CHECK_THROWS_WITH_AS(read_umap(path), (path.string() + ": need version 1, got 2").c_str(), FormatError);
  write_settings({"format=engram-umap", "version=1"});
  CHECK_THROWS_WITH_AS(read_umap(path), (path.string() + ": need the setting fitted_a, got none").c_str(), FormatError);
  CHECK_THROWS_AS(read_umap(folder / "none.npz"), IoError);

  fitted().save(path);
  const auto size = std::filesystem::file_size(path);
  for (std::uintmax_t part = 0; part < 20; ++part) {
    const auto kept = size * part / 20 + part % 3;
    fitted().save(path);
    std::filesystem::resize_file(path, kept);
    CHECK_THROWS_AS(read_umap(path), Error);
  }
}
