#include "support/latent_figure.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include <engram/core/error.hpp>

#include "support/picture.hpp"

namespace support {

void check_chosen(const std::vector<Index>& chosen, Index frames) {
  for (const Index frame : chosen) {
    engram::ensure<engram::ArgumentError>(frame >= 0 && frame < frames, "--chosen: need frames from 0 to ", frames - 1,
                                          ", got ", frame);
  }
}

std::vector<engram::plot::Callout> make_callouts(const TrainedModel& model, const engram::data::Frames& frames,
                                                 std::vector<Index> chosen, const engram::Tensor<float>& map) {
  if (chosen.empty()) {
    chosen = {frames.size() / 6, frames.size() / 2, 5 * frames.size() / 6};
  }
  check_chosen(chosen, frames.size());
  const auto height = [&](Index frame) { return map[map.dim(1) * (frame + 1) - 1]; };
  std::ranges::sort(chosen, [&](Index a, Index b) { return height(a) > height(b); });
  const auto images =
      grey(model.denoise ? engram::data::Frames::to_levels(model.denoise(frames, chosen)) : frames.levels(chosen));
  const engram::Shape one{images.dim(1), images.dim(2)};
  std::vector<engram::plot::Callout> callouts;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto pixels =
        images.elements().subspan(i * static_cast<std::size_t>(one.size()), static_cast<std::size_t>(one.size()));
    callouts.push_back({.point = chosen[i],
                        .image = engram::Tensor<std::uint8_t>::from(one, pixels),
                        .title = engram::text(model.denoise ? "denoised " : "recorded ", chosen[i])});
  }
  return callouts;
}

std::string figure_title(const std::string& model, const std::vector<Index>& steps, std::size_t moment) {
  if (steps.empty()) {
    return "Codes of " + model;
  }
  std::string digits = engram::text(steps[moment]);
  for (Index at = std::ssize(digits) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return engram::text("Codes of ", model, ", update ", digits);
}

}  // namespace support
