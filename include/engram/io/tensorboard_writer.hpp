#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/descriptor.hpp>
#include <engram/io/folder.hpp>
#include <engram/io/image.hpp>
#include <engram/io/tensorboard_events.hpp>

namespace engram::io {

struct TensorBoardOptions {
  /// Step from which on TensorBoard shall forget what earlier files of the folder say: for a training that goes on from
  /// a checkpoint older than they are.
  std::optional<Index> purge_step = {};

  /// Longest time that an event waits for the file; PyTorch's 120 keep a short training out of sight.
  double flush_seconds = 5;
};

/// Writes numbers, images and histograms into a folder that TensorBoard shows: `tensorboard --logdir FOLDER`. Each
/// writer makes a new file, events.out.tfevents.TIME.HOST.PROCESS.NUMBER; TensorBoard joins the files of a folder into
/// one run, so a training that goes on just makes another. Tags with the same text before a "/" are shown together.
/// What is written after the last flush is lost if the program crashes, nothing else. For one thread at a time. POSIX
/// only.
///
///     io::TensorBoardWriter board("runs/first");
///     board.scalar("loss/train", step, loss);
///     board.image("reconstruction", step, image);  // [C, H, W]
class TensorBoardWriter {
 public:
  /// @param folder  made if it is not there
  /// @throws IoError if the folder or the file cannot be made
  explicit TensorBoardWriter(const std::filesystem::path& folder, const TensorBoardOptions& options = {})
      : options_(options) {
    make_folder(folder);
    const bool first = !has_events(folder);
    open(folder);
    add(detail::version_event(now()));
    if (first || options_.purge_step) {  // TensorBoard forgets nothing at a folder's first start, only at later ones
      add(detail::start_event(now(), options_.purge_step.value_or(0)));
    }
    flush();
  }
  TensorBoardWriter(const TensorBoardWriter&) = delete;
  TensorBoardWriter& operator=(const TensorBoardWriter&) = delete;
  /// Flushes; a disk that is full by then is not reported.
  ~TensorBoardWriter() {
    try {
      flush();
    } catch (const Error&) {
      return;
    }
  }

  const std::filesystem::path& file() const { return path_; }

  /// A point of a curve, kept in single precision. It may be NaN or infinite: TensorBoard marks such points.
  /// @throws ArgumentError for a tag that is empty or not UTF-8
  /// @throws IoError if the disk is full or fails
  void scalar(std::string_view tag, Index step, double value) {
    add(detail::summary_event(now(), step, detail::scalar_value(tag, value)));
  }

  /// A grey [H, W] or [1, H, W] or coloured [3, H, W] picture, 0..1; what is outside is clipped.
  /// @throws ShapeError for another shape; ArgumentError for NaN, or a tag that is empty or not UTF-8
  /// @throws IoError if the disk is full or fails
  template <std::floating_point T>
  void image(std::string_view tag, Index step, const Tensor<T>& picture) {
    auto pixels = Tensor<std::uint8_t>::uninitialized(picture.shape());
    std::ranges::transform(picture.elements(), pixels.data(), [](T v) {
      ensure<ArgumentError>(!std::isnan(v), "TensorBoardWriter: need a picture of numbers 0..1, got NaN");
      return static_cast<std::uint8_t>(std::lround(std::clamp(v, T{0}, T{1}) * 255));
    });
    image(tag, step, pixels);
  }
  /// The same of pixels 0..255.
  void image(std::string_view tag, Index step, const Tensor<std::uint8_t>& pixels) {
    add(detail::summary_event(now(), step, detail::image_value(tag, pixels)));
  }

  /// How values of any shape are distributed: counts in 30 intervals of equal width from the least to the largest, as
  /// tf.summary.histogram makes them.
  /// @throws ArgumentError for no value, or one that is not finite or whose square is not, or a tag that is empty or
  /// not UTF-8
  /// @throws IoError if the disk is full or fails
  template <std::floating_point T>
  void histogram(std::string_view tag, Index step, const Tensor<T>& values) {
    add(detail::summary_event(now(), step, detail::histogram_value(tag, values.elements())));
  }

  /// Hands all events to the file.
  /// @throws IoError if the disk is full or fails; the file then ends after the last whole flush, and the events are
  /// kept for the next
  void flush() {
    try {
      detail::write_all(descriptor_, std::as_bytes(std::span(waiting_.data(), waiting_.size())), path_);
    } catch (const IoError&) {
      (void)!::ftruncate(descriptor_.get(), static_cast<off_t>(size_));
      throw;
    }
    size_ += waiting_.size();
    waiting_.clear();
    flushed_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// Seconds since 1970.
  static double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }

  static bool has_events(const std::filesystem::path& folder) {
    std::error_code error;
    const std::filesystem::directory_iterator entries(folder, error);
    return !error && std::any_of(begin(entries), end(entries), [](const std::filesystem::directory_entry& entry) {
      return entry.path().filename().string().find("tfevents") != std::string::npos;
    });
  }

  void open(const std::filesystem::path& folder) {
    char host[256] = {};
    if (::gethostname(host, sizeof host - 1) != 0 || host[0] == '\0') {
      std::snprintf(host, sizeof host, "localhost");
    }
    char time[32];
    std::snprintf(time, sizeof time, "%010lld", static_cast<long long>(now()));
    static std::atomic<unsigned> counter{0};
    do {
      path_ = folder / text("events.out.tfevents.", time, ".", host, ".", ::getpid(), ".", counter++);
      descriptor_ = detail::Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666));
    } while (descriptor_.get() < 0 && errno == EEXIST);
    if (descriptor_.get() < 0) {
      detail::fail_system(path_, "cannot be written", errno);
    }
  }

  void add(const ProtobufMessage& event) {
    waiting_ += detail::tf_record(event.bytes());
    if (waiting_.size() > (std::size_t{1} << 20) ||
        std::chrono::duration<double>(Clock::now() - flushed_).count() >= options_.flush_seconds) {
      flush();
    }
  }

  TensorBoardOptions options_;
  std::filesystem::path path_;
  detail::Descriptor descriptor_;
  std::string waiting_;   ///< records that are not in the file yet
  std::size_t size_ = 0;  ///< of the file
  Clock::time_point flushed_ = Clock::now();
};

}  // namespace engram::io
