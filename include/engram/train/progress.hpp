#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

#include <engram/train/fit_options.hpp>
#include <engram/train/number_text.hpp>
#include <engram/train/terminal.hpp>

namespace engram::train {

enum class ProgressStyle {
  automatic,  ///< a bar on a terminal, lines elsewhere
  bar,
  lines,
  quiet,
};

namespace detail {

/// "epoch  3/12", the first number as wide as the second.
inline std::string epoch_text(Index epoch, Index epochs) {
  const std::string total = text(epochs);
  const std::string number = text(epoch);
  return text("epoch ", std::string(total.size() - std::min(total.size(), number.size()), ' '), number, "/", total);
}

/// "epoch  3/12 [=======>      ]  56%  loss 0.0123  812 images/s  1:23 left", in `width` columns; what does not fit in
/// is left out.
inline std::string progress_line(const BatchReport& r, int width) {
  const double share = static_cast<double>(r.state.batch) / static_cast<double>(r.batches);
  char percent[16];
  std::snprintf(percent, sizeof percent, "%3.0f%%", 100 * share);
  const std::string left = text(epoch_text(r.state.epoch + 1, r.epochs), " ");
  const std::string loss = number_text(r.state.loss_sum / static_cast<double>(r.state.images));
  const std::string pace = width < 64 ? "" : text("  ", std::lround(r.images_per_second), " images/s");
  const std::string right = text(" ", percent, "  loss ", loss, pace, "  ", clock_text(r.seconds_left), " left");
  const int room = std::min(32, width - 1 - static_cast<int>(left.size() + right.size()) - 2);
  std::string bar;
  if (room >= 5) {
    bar = progress_bar(share, static_cast<std::size_t>(room));
  }
  return text(left, bar, right).substr(0, static_cast<std::size_t>(std::max(1, width - 1)));
}

/// "epoch  3/12  loss 0.0123  validation 0.0119  psnr 24.1  812 images/s  0:09".
inline std::string epoch_line(const TrainingState& state, Index epochs) {
  const History& h = state.history;
  std::string line = text(epoch_text(state.epoch, epochs), "  loss ", number_text(h.last("train_loss")));
  if (std::isfinite(h.last("validation_loss"))) {
    line += text("  validation ", number_text(h.last("validation_loss")));
  }
  for (const std::string& metric : h.metrics()) {
    if (!std::isnan(h.last(metric))) {
      line += text("  ", metric, " ", number_text(h.last(metric)));
    }
  }
  return line + text("  ", std::lround(h.last("images_per_second")), " images/s  ", clock_text(h.last("seconds")));
}

/// "stopped in epoch 3 after batch 12", "stopped after epoch 3".
inline std::string stopped_line(const TrainingState& state) {
  return state.batch == 0 ? text("stopped after epoch ", state.epoch)
                          : text("stopped in epoch ", state.epoch + 1, " after batch ", state.batch);
}

}  // namespace detail

/// Reports the training on `file`: a bar that is redrawn at most ten times a second, and one line per epoch that
/// stays.
inline Callback progress(ProgressStyle style = ProgressStyle::automatic, std::FILE* file = stderr) {
  if (style == ProgressStyle::quiet) {
    return {};
  }
  const int width = terminal_width(file);
  const bool bar = style == ProgressStyle::bar || (style == ProgressStyle::automatic && width > 0);
  using Clock = std::chrono::steady_clock;
  Callback callback;
  if (bar) {
    callback.batch_end = [file, last = Clock::time_point()](const BatchReport& report) mutable {
      if (Clock::now() - last < std::chrono::milliseconds(100)) {
        return;
      }
      last = Clock::now();
      const int columns = terminal_width(file);
      std::fprintf(file, "\r\033[K%s", detail::progress_line(report, columns > 0 ? columns : 80).c_str());
      std::fflush(file);
    };
  }
  callback.epoch_end = [file, bar](const TrainingState& state, Index epochs) {
    std::fprintf(file, "%s%s\n", bar ? "\r\033[K" : "", detail::epoch_line(state, epochs).c_str());
    std::fflush(file);
  };
  callback.stopped = [file, bar](const TrainingState& state) {
    std::fprintf(file, "%s%s\n", bar ? "\r\033[K" : "", detail::stopped_line(state).c_str());
    std::fflush(file);
  };
  return callback;
}

}  // namespace engram::train
