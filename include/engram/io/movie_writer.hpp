#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/child_process.hpp>
#include <engram/io/file.hpp>

namespace engram::io {

struct MovieOptions {
  double fps = 25;    ///< frames per second; a GIF keeps the time of each frame in whole 1/100 s
  int crf = 18;       ///< of an MP4: x264's constant rate factor, 0 (best) .. 51; 18 can hardly be told from the source
  Index enlarge = 1;  ///< a pixel becomes enlarge x enlarge pixels: for frames too small to be watched
};

namespace detail {

/// The arguments with which ffmpeg reads raw frames of shape [H, W] or [H, W, 3] from its standard input and writes a
/// movie. The same frames give the same bytes on any number of cores.
inline std::vector<std::string> ffmpeg_arguments(const Shape& frame, std::string_view extension,
                                                 const MovieOptions& options, const std::filesystem::path& out) {
  std::vector<std::string> all;
  const auto add = [&all](std::initializer_list<std::string> more) { all.insert(all.end(), more); };
  add({"-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-f", "rawvideo"});
  const std::string pixels = frame.rank() == 2 ? "gray" : "rgb24";
  add({"-pixel_format", pixels, "-video_size", text(frame[1], "x", frame[0])});
  add({"-framerate", text(options.fps), "-i", "pipe:0", "-an", "-threads", "1", "-filter_threads", "1"});
  const std::string large = text("scale=", frame[1] * options.enlarge, ":", frame[0] * options.enlarge,
                                 ":flags=neighbor,format=", pixels, ",");
  if (extension == ".avi") {
    add({"-vf", text(large, "format=", frame.rank() == 2 ? "gray" : "bgr24"), "-c:v", "rawvideo", "-f", "avi"});
  } else if (extension == ".gif") {
    const std::string palette = "palettegen=reserve_transparent=0[palette];[movie][palette]paletteuse";
    add({"-filter_complex", text(large, "split[movie][sample];[sample]", palette), "-f", "gif"});
  } else {
    add({"-vf", text(large, "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p")});
    add({"-c:v", "libx264", "-crf", text(options.crf), "-x264-params", "cpu-independent=1"});
    add({"-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "iec61966-2-1", "-color_range", "tv"});
    add({"-movflags", "+faststart", "-f", "mp4"});
  }
  add({"-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1", "file:" + out.string()});
  return all;
}

/// A frame [H, W] or [H, W, 3] with its last row or column twice where their number was odd.
inline Tensor<std::uint8_t> even_sized(const Tensor<std::uint8_t>& frame) {
  const Index height = frame.dim(0);
  const Index width = frame.dim(1);
  const Index channels = frame.rank() == 2 ? 1 : 3;
  const Index wide = width + width % 2;
  auto even = Tensor<std::uint8_t>::uninitialized({height + height % 2, wide, channels});
  for (Index y = 0; y < even.dim(0); ++y) {
    const std::uint8_t* row = frame.data() + std::min(y, height - 1) * width * channels;
    std::uint8_t* out = std::copy_n(row, width * channels, even.data() + y * wide * channels);
    std::copy_n(row + (width - 1) * channels, (wide - width) * channels, out);
  }
  return frame.rank() == 2 ? std::move(even).reshaped({even.dim(0), wide}) : even;
}

}  // namespace detail

/// Writes a movie frame by frame, through the program ffmpeg: by the target's extension an .mp4 (H.264, yuv420p, which
/// players and browsers show), an .avi (the frames as they are, not compressed, as ImageJ and MATLAB read them) or a
/// .gif (with a palette made for it, for which ffmpeg keeps all frames in memory). An MP4 of odd width or height has
/// its last column or row twice. The file appears on commit, whole; without it the target stays as it was. The same
/// frames give the same bytes with the same ffmpeg. POSIX only.
///
///     io::MovieWriter movie("codes.mp4", {.fps = 30});
///     for (Index t = 0; t < steps; ++t) {
///       movie.add(frame(t));  // [H, W, 3]
///     }
///     movie.commit();
class MovieWriter {
 public:
  /// @throws ArgumentError for another extension, or options out of range: fps in (0, 1000], in a GIF (0, 50], as
  /// viewers show faster ones at 10; crf in 0..51; enlarge >= 1
  /// @throws IoError if the target cannot be written or ffmpeg is not found
  explicit MovieWriter(std::filesystem::path target, const MovieOptions& options = {})
      : options_(options), extension_(lower_extension(target)), file_(checked(std::move(target), options)) {
    program_ = need_program("ffmpeg", name(), "written");
  }

  /// Frames so far.
  Index frames() const { return frames_; }

  /// Appends a frame.
  /// @param frame  grey [H, W] or red, green and blue [H, W, 3], 0..255
  /// @throws ShapeError for another shape, or another than the first frame's
  /// @throws IoError with what ffmpeg said if it failed
  void add(const Tensor<std::uint8_t>& frame) {
    const bool picture = frame.rank() == 2 || (frame.rank() == 3 && frame.dim(2) == 3);
    ensure<ShapeError>(picture && frame.size() > 0, "MovieWriter: need a frame [H, W] or [H, W, 3], got ",
                       frame.shape());
    if (frames_ == 0) {
      shape_ = frame.shape();
      uneven_ = extension_ == ".mp4" && options_.enlarge % 2 == 1 && (shape_[0] % 2 == 1 || shape_[1] % 2 == 1);
    }
    ensure<ShapeError>(frame.shape() == shape_, "MovieWriter: need a frame ", shape_, " as the first, got ",
                       frame.shape());
    if (uneven_) {
      send(detail::even_sized(frame));
    } else {
      send(frame);
    }
    ++frames_;
  }

  /// Completes the movie and puts it in the target's place.
  /// @throws IoError with what ffmpeg said if it failed, or if there is no frame; the target is then as it was
  void commit() {
    ensure<IoError>(frames_ > 0, name(), ": cannot be written: need at least one frame, got none");
    ensure<IoError>(ffmpeg_ != nullptr, name(), ": cannot be written: ffmpeg has failed, or the movie is complete");
    const auto end = ffmpeg_->finish();
    const std::string said = ffmpeg_->last_messages();
    if (end || !said.empty()) {  // on a full disk ffmpeg 5 may say so and still end well
      fail_ffmpeg(end ? *end : "exit status 0", said);
    }
    ffmpeg_.reset();
    file_.commit();
  }

 private:
  static std::filesystem::path checked(std::filesystem::path target, const MovieOptions& options) {
    const std::string extension = lower_extension(target);
    ensure<ArgumentError>(extension == ".mp4" || extension == ".avi" || extension == ".gif",
                          "MovieWriter: need a file .mp4, .avi or .gif, got ", target.string());
    const double most = extension == ".gif" ? 50 : 1000;
    ensure<ArgumentError>(options.fps > 0 && options.fps <= most, "MovieWriter: need fps in (0, ", most, "] for a ",
                          extension, ", got ", options.fps);
    ensure<ArgumentError>(options.crf >= 0 && options.crf <= 51, "MovieWriter: need crf in 0..51, got ", options.crf);
    ensure<ArgumentError>(options.enlarge >= 1, "MovieWriter: need enlarge >= 1, got ", options.enlarge);
    return target;
  }

  void send(const Tensor<std::uint8_t>& frame) {
    if (frames_ == 0) {
      ffmpeg_ = std::make_unique<ChildProcess>(
          program_, detail::ffmpeg_arguments(frame.shape(), extension_, options_, file_.temporary()));
    }
    ensure<IoError>(ffmpeg_ != nullptr, name(), ": cannot be written: ffmpeg has failed, or the movie is complete");
    if (!ffmpeg_->write(std::as_bytes(frame.elements()))) {
      const auto end = ffmpeg_->finish();
      fail_ffmpeg(end ? *end : "an end before the last frame", ffmpeg_->last_messages());
    }
  }

  std::string name() const { return file_.target().string(); }

  [[noreturn]] void fail_ffmpeg(const std::string& end, const std::string& said) {
    ffmpeg_.reset();
    fail<IoError>(name(), ": cannot be written: ", program_.string(), " failed with ", end,
                  said.empty() ? "" : ", saying: ", said);
  }

  MovieOptions options_;
  std::string extension_;
  AtomicFile file_;
  std::filesystem::path program_;
  std::unique_ptr<ChildProcess> ffmpeg_;  ///< declared after the file: it ends before the file goes
  Shape shape_;                           ///< of each frame
  bool uneven_ = false;                   ///< whether a row or column must be added
  Index frames_ = 0;
};

}  // namespace engram::io
