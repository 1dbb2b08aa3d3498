#include "support/training_run.hpp"

namespace support {

TrainingData load_training_data(TrainingOptions& o, const CLI::App& app, const ResultFiles& files) {
  auto frames = engram::data::load_frames(o.images, o.frames);
  auto split = engram::naming(o.images.string(), [&] { return make_split(o.split, frames.size()); });
  apply_preset(o, app, std::ssize(split.training));
  if (o.resume) {
    files.check_frames(o, frames);
  }
  const auto network = network_options(o, frames);
  engram::io::make_folder(files.folder);
  return {std::move(frames), std::move(split), network};
}

std::string announcement(const TrainingOptions& o, const engram::data::Frames& frames,
                         const engram::data::Split& split) {
  const engram::Shape& s = frames.shape();
  return engram::text(o.images.string(), ": ", s[0], " frames of ", s[1], " x ", s[2], " x ", s[3], "; ",
                      split.training.size(), " to learn from, ", split.held_out.size(), " held out; ", o.epochs,
                      " epochs, ", engram::thread_count(), " threads");
}

engram::train::Callback picture_callback(const Lesson& lesson, const ResultFiles& files, const TrainingOptions& o,
                                         engram::io::TensorBoardWriter* board) {
  return {.epoch_end = [&lesson, folder = files.validation(), every = o.validate_every, board](
                           const engram::train::TrainingState& now, Index epochs) {
    if (now.epoch % every == 0 || now.epoch == epochs) {
      const engram::Tensor<std::uint8_t> picture = lesson.picture();
      engram::io::make_folder(folder);
      char name[32];
      std::snprintf(name, sizeof name, "epoch_%04td.png", now.epoch);
      engram::io::write_png(folder / name, picture);
      if (board != nullptr) {
        board->image("validation", now.step, picture);
      }
    }
  }};
}

}  // namespace support
