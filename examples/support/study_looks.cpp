#include "support/study_looks.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <engram/core/tensor.hpp>
#include <engram/data/load.hpp>
#include <engram/io/npz.hpp>

#include "support/picture.hpp"
#include "support/split.hpp"
#include "support/study_grid.hpp"
#include "support/trained_model.hpp"

namespace support {

using engram::Tensor;

StudyRecording::StudyRecording(const StudyPlan& plan)
    : frames(engram::data::load_frames(plan.options().images, plan.options().frames)),
      denoised(engram::data::load_frames(plan.denoised())) {
  const StudyOptions& o = plan.options();
  if (plan.has_labels()) {
    labels = load_labels({.file = o.labels, .angles = o.angles, .numbers = o.numbers, .classes = o.classes},
                         frames.size(), o.images.string());
  }
}

CodeMap study_map(const StudyPlan& plan, const StudyRecording& recording) {
  CodeMap map{.text = {},
              .codes = {},
              .labels = {},
              .images = {{"recorded", grey(recording.frames.levels(all_frames(recording.frames.size())))},
                         {"denoised", grey(recording.denoised.levels(all_frames(recording.denoised.size())))}}};
  for (const StudyModel& model : plan.models()) {
    const engram::io::NpzReader file("maps/" + model.name + "/map.npz");
    MapCode code{.name = model.what, .points = {}, .steps = {0}, .step_name = "update"};
    if (file.contains("embeddings")) {
      code.points = file.read("embeddings").as<float>();
      const auto steps = file.read("steps").as<std::int64_t>();
      code.steps.assign(steps.elements().begin(), steps.elements().end());
    } else {
      code.points = file.read("embedding").as<float>();
      code.points = std::move(code.points).reshaped({1, recording.frames.size(), 2});
    }
    map.codes.push_back(std::move(code));
  }
  for (const ChosenLabel& label : recording.labels) {
    map.labels.push_back({colors_of(label), label.period == 360 ? "degrees" : ""});
  }
  if (recording.labels.empty()) {
    auto time = Tensor<double>::uninitialized({recording.frames.size()});
    for (Index i = 0; i < time.size(); ++i) {
      time[i] = static_cast<double>(i);
    }
    map.labels.push_back({engram::plot::ContinuousColors{.values = time, .title = "frame"}});
  }
  return map;
}

void draw_study_grid(const std::filesystem::path& file, const StudyPlan& plan, const StudyRecording& recording,
                     const std::vector<StudyModel>& models) {
  const auto held_out = held_out_indices("autoencoder");
  const std::size_t third = held_out.size() / 3;
  const std::vector<Index> shown{held_out[third / 2], held_out[third + third / 2], held_out[2 * third + third / 2]};
  std::vector<GridColumn> columns;
  for (const StudyModel& model : models) {
    const TrainedModel trained = load_model_folder(model.name);
    const auto images = trained.denoise ? engram::data::Frames::to_levels(trained.denoise(recording.frames, shown))
                                        : engram::Tensor<std::uint8_t>();
    columns.push_back({model.what, trained.denoise ? grey(images) : images,
                       engram::io::NpzReader("maps/" + model.name + "/map.npz").read("embedding").as<float>()});
  }
  std::vector<engram::plot::PointColors> colors;
  for (const std::string& name : plan.looked_at()) {
    colors.push_back(colors_of(*std::ranges::find(recording.labels, name, &ChosenLabel::name)));
  }
  if (colors.empty()) {
    colors.emplace_back();
  }
  write_study_grid(file, columns, grey(recording.frames.levels(shown)), colors);
}

}  // namespace support
