// Seconds of a PCA. time_pca DATA.npy VARIANCES.npy [components 16 [threads 2]]
//
// Prints one line of JSON: the least of five seconds for fit and transform,. The explained
// variances go to the second file.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

#include <engram/core/parallel.hpp>
#include <engram/embed/pca.hpp>
#include <engram/io/npy.hpp>

using namespace engram;

int main(int argc, char** argv) {
  try {
    ensure<ArgumentError>(argc >= 3 && argc <= 5, "need DATA.npy VARIANCES.npy [components [threads]]");
    const Index components = argc > 3 ? std::stoll(argv[3]) : 16;
    const ThreadScope threads(argc > 4 ? std::stoi(argv[4]) : 2);
    const auto x = io::read_npy(argv[1]).as<float>();
    double least = 1e9;
    for (int i = 0; i < 5; ++i) {
      const auto start = std::chrono::steady_clock::now();
      embed::Pca<float> pca({.n_components = components});
      pca.fit_transform(x);
      const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
      least = std::min(least, passed.count());
      io::write_npy(argv[2], pca.explained_variance());
    }
    std::printf("{\"peer\": \"engram\", \"threads\": %d, \"seconds\": %.4f}\n", thread_count(), least);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "time_pca: %s\n", error.what());
    return 2;
  }
}
