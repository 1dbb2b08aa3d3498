// Evaluates a trained autoencoder as a closed-loop experiment does: frame by frame, on one thread, the code and the
// denoised image of each at once. Writes the codes and tells how long the frames took.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <span>
#include <vector>

#include <engram/data/load.hpp>
#include <engram/infer/runner.hpp>
#include <engram/io/npy.hpp>

#include "support/denoising.hpp"
#include "support/program.hpp"
#include "support/recording.hpp"

using namespace engram;

namespace {

/// The value that a share of the sorted ones does not exceed.
double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5)];
}

int closed_loop(const std::filesystem::path& folder, const std::filesystem::path& images,
                const std::filesystem::path& out, const data::FrameOptions& options) {
  const auto trained = support::load_autoencoder(folder);
  const data::Frames frames =
      support::load_frames_for(trained.model.options(), trained.maximum, trained.file, images, options);
  const Shape& s = frames.shape();

  const infer::Plan<float> plan(trained.model, {s[1], s[2], s[3]});  // once: weights folded, buffers made
  infer::Runner<float> runner(plan);

  auto codes = Tensor<float>::uninitialized({frames.size(), plan.output("code").shape[0]});
  std::vector<double> milliseconds;
  for (Index i = 0; i < frames.size(); ++i) {
    const Tensor<float> frame = frames.batch<float>(std::vector<Index>{i});  // what the camera would deliver
    const auto start = std::chrono::steady_clock::now();
    runner.run(frame.elements());  // what it returns is the denoised image
    const std::span<const float> code = runner.output("code");
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    milliseconds.push_back(took.count());
    std::ranges::copy(code, codes.data() + i * codes.dim(1));
  }
  io::write_npy(out, codes);
  std::ranges::sort(milliseconds);
  std::printf(
      "%s: codes %s\nmilliseconds per frame: median %.2f, 99 %% within %.2f, 99.9 %% within %.2f, longest %.2f\n",
      out.c_str(), codes.shape().text().c_str(), quantile(milliseconds, 0.5), quantile(milliseconds, 0.99),
      quantile(milliseconds, 0.999), milliseconds.back());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path model;
  std::filesystem::path images;
  std::filesystem::path out;
  data::FrameOptions options;
  support::Program app("Evaluates a trained autoencoder frame by frame and tells how long each takes.", "closed_loop");
  app.add_option("--model", model, "Folder that train_autoencoder wrote")->required();
  app.add_option("--images", images, "Frames: .npz, .npy, a movie or a folder of PNG, JPEG or BMP images")->required();
  app.add_option("--out", out, "Codes of the frames, .npy")->required();
  support::add_frame_options(app, options);
  return support::run(app, argc, argv, [&] {
    support::need_extension("--out", out, {".npy"});
    return closed_loop(model, images, out, options);
  });
}
