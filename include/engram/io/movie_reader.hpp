#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/child_process.hpp>
#include <engram/io/file.hpp>

namespace engram::io {

/// Whether a file's name is that of a movie: .avi, .gif, .m4v, .mkv, .mov, .mp4, .mpg, .webm, .wmv.
inline bool is_movie(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 9> extensions{".avi", ".gif", ".m4v",  ".mkv", ".mov",
                                                       ".mp4", ".mpg", ".webm", ".wmv"};
  return std::ranges::find(extensions, lower_extension(path)) != extensions.end();
}

/// Reads the first video stream of a file frame by frame, from front to back, through the program ffmpeg, in any format
/// that it knows. Each frame that the file holds comes once, whatever its time: none is doubled or left out to keep a
/// rate, so that the n-th frame is the n-th row of tracks made from the same file. Colours become grey as ffmpeg turns
/// them, more than 8 bits become 8. Frames that the file wants turned, as telephones record them, are turned. A damaged
/// file is refused, since frames that are lost would shift all that follow. POSIX only.
///
///     io::MovieReader movie("rat.avi");
///     for (Tensor<std::uint8_t> frame; movie.next(frame);) { ... }  // [H, W]
class MovieReader {
 public:
  /// @throws IoError if there is no such file, or ffmpeg is not found
  explicit MovieReader(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code ignored;
    ensure<IoError>(!std::filesystem::is_directory(path_, ignored), path_.string(), ": need a movie, got a folder");
    ensure<IoError>(std::filesystem::exists(path_, ignored), path_.string(), ": no such file");
    ensure<IoError>(std::filesystem::is_regular_file(path_, ignored), path_.string(),
                    ": need a movie, got a device or pipe");
    program_ = need_program("ffmpeg", path_.string(), "read");
    start("-fps_mode");
  }

  const std::filesystem::path& path() const { return path_; }

  /// Frames so far.
  Index frames() const { return frames_; }

  /// Reads the next frame, [H, W], 0..255.
  /// @returns false after the last one
  /// @throws IoError with what ffmpeg said if it failed, or the file has no frame; FormatError for damage, or a frame
  /// of another size than the first
  bool next(Tensor<std::uint8_t>& frame) {
    if (ffmpeg_ == nullptr) {
      return false;
    }
    std::array<std::byte, 2> magic{};
    std::size_t got = ffmpeg_->read(magic);
    if (got == 0 && frames_ == 0 && ffmpeg_->last_messages().find("fps_mode") != std::string::npos) {
      start("-vsync");  // its name before ffmpeg 5.1; ffmpeg 9 knows it no more
      got = ffmpeg_->read(magic);
    }
    if (got < magic.size()) {
      finish();
      return false;
    }
    need_whole(magic[0] == std::byte{'P'} && magic[1] == std::byte{'5'});
    const Index width = number();
    const Index height = number();
    need_whole(number() == 255);
    ensure<FormatError>(width <= most_pixels && height <= most_pixels && width * height <= most_pixels, path_.string(),
                        ": need frames of at most ", most_pixels, " pixels, got ", height, " x ", width);
    shape_ = frames_ == 0 ? Shape{height, width} : shape_;
    ensure<FormatError>(shape_ == Shape{height, width}, path_.string(), ": need frames of one size, got frame ",
                        frames_, " of ", height, " x ", width, " pixels where the first has ", shape_[0], " x ",
                        shape_[1]);
    if (frame.shape() != shape_) {
      frame = Tensor<std::uint8_t>::uninitialized(shape_);
    }
    const auto bytes = std::as_writable_bytes(frame.elements());
    need_whole(ffmpeg_->read(bytes) == bytes.size());
    need_undamaged();
    ++frames_;
    return true;
  }

 private:
  static constexpr Index most_pixels = Index{1} << 28;  // ffmpeg's own limit

  /// The next number of an image's head, and the blank behind it.
  Index number() {
    std::string digits;
    for (std::byte letter{};;) {
      need_whole(ffmpeg_->read({&letter, 1}) == 1);
      const char c = static_cast<char>(letter);
      if (c >= '0' && c <= '9' && digits.size() < 9) {
        digits += c;
      } else if (!digits.empty()) {
        break;
      }
    }
    Index value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }

  /// @param times  the option that keeps frames as they are
  void start(const char* times) {
    // Each frame comes as an image that tells its size. Its time is replaced by its number: some files have several
    // frames at one time, or times that go back.
    std::vector<std::string> arguments{"-hide_banner",          "-nostdin", "-xerror", "-loglevel", "error", "-i",
                                       "file:" + path_.string()};
    for (const char* argument : {"-map", "0:v:0", "-vf", "settb=1/25,setpts=N", times, "passthrough", "-enc_time_base",
                                 "1:25", "-pix_fmt", "gray", "-c:v", "pgm", "-f", "image2pipe", "pipe:1"}) {
      arguments.emplace_back(argument);
    }
    ffmpeg_ = std::make_unique<ChildProcess>(program_, std::move(arguments), ChildStream::output);
  }

  void need_whole(bool whole) {
    if (!whole) {
      finish();
      fail<IoError>(path_.string(), ": cannot be read: ffmpeg ended within frame ", frames_);
    }
  }

  void need_undamaged() const {
    ensure<FormatError>(!ffmpeg_->has_messages(), path_.string(), ": need a movie without damage, got at frame ",
                        frames_, " or soon after, as ffmpeg says: ", ffmpeg_->last_messages(),
                        "; what can be read of it, ffmpeg writes to another file: ffmpeg -i FILE OTHER");
  }

  void finish() {
    const std::unique_ptr<ChildProcess> ffmpeg = std::move(ffmpeg_);
    const auto end = ffmpeg->finish();
    const std::string said = ffmpeg->last_messages();
    ensure<FormatError>(frames_ == 0 || said.empty(), path_.string(), ": need a movie without damage, got one of ",
                        frames_, " whole frames, as ffmpeg says: ", said);
    ensure<IoError>(!end, path_.string(), ": cannot be read: ffmpeg failed with ", end.value_or(""),
                    said.empty() ? "" : ", saying: ", said);
    ensure<IoError>(frames_ > 0, path_.string(), ": need a movie of at least one frame, got none",
                    said.empty() ? "" : "; ffmpeg says: ", said);
  }

  std::filesystem::path path_;
  std::filesystem::path program_;
  std::unique_ptr<ChildProcess> ffmpeg_;  ///< null after the last frame
  Shape shape_;                           ///< of the frames
  Index frames_ = 0;
};

}  // namespace engram::io
