// Seconds of each stage of a UMAP. time_umap DATA.npy [MAP.npy [seed 0 [threads 2 [NEW.npy PLACED.npy]]]]
//
// Prints one line of JSON: seconds for neighbours, graph, start and layout, the peak of resident memory and, if new
// rows are given, seconds to place all of them in the map, first the index with the first row, and one row alone.
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include <engram/core/parallel.hpp>
#include <engram/embed/umap.hpp>
#include <engram/io/npy.hpp>

using namespace engram;

namespace {

/// Seconds since the last call.
class Clock {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> passed = now - last_;
    last_ = now;
    return passed.count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

double peak_mebibytes() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::stod(line.substr(6)) / 1024;
    }
  }
  fail<IoError>("time_umap: need VmHWM in /proc/self/status, got none");
}

Tensor<float> first_row(const Tensor<float>& x) {
  return Tensor<float>::from({1, x.dim(1)}, x.elements().first(static_cast<std::size_t>(x.dim(1))));
}

/// The stages one by one, as Umap::start composes them. @returns the map
Tensor<float> time_stages(const Tensor<float>& x, std::uint64_t seed) {
  const embed::UmapOptions options{.random_state = seed};
  const embed::NeighborOptions search{.metric = options.metric, .seed = seed};
  Clock clock;
  const auto lists = embed::nearest_neighbors(x, options.n_neighbors, search);
  const double neighbors = clock.lap();
  const auto graph = embed::fuzzy_union(embed::membership_graph(lists, embed::smooth_knn(lists.distances)));
  const double memberships = clock.lap();
  auto start = embed::initial_positions(graph, options.n_components, {.seed = seed}, &x);
  const double initial = clock.lap();
  embed::Layout layout(graph, std::move(start),
                       {.curve = options.curve(), .n_epochs = options.epochs(x.dim(0)), .seed = seed});
  while (!layout.done()) {
    layout.step();
  }
  const double moved = clock.lap();
  std::printf("\"neighbors_s\": %.4f, \"graph_s\": %.4f, \"start_s\": %.4f, \"layout_s\": %.4f, \"total_s\": %.4f",
              neighbors, memberships, initial, moved, neighbors + memberships + initial + moved);
  return layout.coordinates();
}

/// @returns where the new rows lie
Tensor<float> time_transform(const Tensor<float>& x, const Tensor<float>& more, std::uint64_t seed) {
  embed::Umap umap({.random_state = seed});
  umap.fit(x);
  const Tensor<float> one = first_row(more);
  Clock clock;
  umap.transform(one);
  const double first = clock.lap();
  auto placed = umap.transform(more);
  const double all = clock.lap();
  constexpr int repeats = 200;
  for (int i = 0; i < repeats; ++i) {
    umap.transform(one);
  }
  std::printf(", \"first_transform_s\": %.4f, \"transform_s\": %.4f, \"one_row_ms\": %.4f", first, all,
              clock.lap() / repeats * 1e3);
  return placed;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    ensure<ArgumentError>(argc >= 2 && argc != 6 && argc <= 7,
                          "need DATA.npy [MAP.npy [seed [threads [NEW.npy PLACED.npy]]]]");
    const std::uint64_t seed = argc > 3 ? std::stoull(argv[3]) : 0;
    const ThreadScope threads(argc > 4 ? std::stoi(argv[4]) : 2);
    const auto x = io::read_npy(argv[1]).as<float>();
    std::printf("{\"peer\": \"engram\", \"rows\": %td, \"columns\": %td, \"seed\": %llu, \"threads\": %d, ", x.dim(0),
                x.dim(1), static_cast<unsigned long long>(seed), thread_count());
    const auto map = time_stages(x, seed);
    std::printf(", \"peak_mib\": %.0f", peak_mebibytes());
    if (argc > 2) {
      io::write_npy(argv[2], map);
    }
    if (argc > 6) {
      io::write_npy(argv[6], time_transform(x, io::read_npy(argv[5]).as<float>(), seed));
    }
    std::printf("}\n");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "time_umap: %s\n", error.what());
    return 2;
  }
}
