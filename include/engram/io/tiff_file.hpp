#pragma once

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/io/file.hpp>

#if TIFFLIB_VERSION < 20221213
#error "engram/io/tiff.hpp: need libtiff 4.5 or later"
#endif

namespace engram::io {

namespace detail {

/// An open TIFF and what libtiff finds wrong with it.
class TiffFile {
 public:
  /// Opens a file to read it. It is not mapped: one that shrinks or fails meanwhile would end the process.
  /// @throws IoError, FormatError naming the file
  explicit TiffFile(const std::filesystem::path& path) : source_(path.string()), bytes_(InputFile(path).size()) {
    open(path, "rm");
    need(file_ != nullptr, "need a TIFF file");
  }

  /// Opens a file to write it. @param target  the name to tell @param mode  "w", or "w8" for BigTIFF
  /// @throws IoError naming the target
  TiffFile(const std::filesystem::path& path, const std::filesystem::path& target, const char* mode)
      : source_(target.string()) {
    open(path, mode);
    check_written(file_ != nullptr);
  }

  TIFF* get() const { return file_.get(); }
  const std::string& source() const { return source_; }

  /// @throws FormatError naming the file, with what libtiff said
  void need(bool ok, const char* what) const {
    ensure<FormatError>(ok, source_, ": ", what, said_.empty() ? "" : ", got: ", said_);
  }

  /// Before memory is taken for what a page's tags claim.
  /// @throws FormatError naming the file if its size, times what the page's compression can make of a byte, is less
  /// than that of so many rows
  void need_to_hold(std::uint64_t row_bytes, std::uint64_t rows) const {
    const std::uint64_t most = bytes_ * largest_ratio(tag<std::uint16_t>(TIFFTAG_COMPRESSION));
    ensure<FormatError>(rows <= most / row_bytes, source_, ": need a file that can hold pages of ", rows, " rows of ",
                        row_bytes, " bytes, got ", bytes_, " bytes");
  }

  /// The number that a page's tag holds, or what stands for it where it is missing.
  template <class N>
  N tag(std::uint32_t name) const {
    N value = 0;
    TIFFGetFieldDefaulted(get(), name, &value);
    return value;
  }

  /// @throws IoError naming the file, with what libtiff said
  void check_written(bool ok) const { ensure<IoError>(ok, source_, ": cannot be written: ", said_); }

  /// Writes what is missing. @throws IoError as check_written does
  void close() {
    const bool flushed = TIFFFlush(get()) == 1;
    file_.reset();
    check_written(flushed && said_.empty());
  }
  const std::string& said() const { return said_; }

 private:
  void open(const std::filesystem::path& path, const char* mode) {
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                               TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep, &said_);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), drop, nullptr);
    file_.reset(TIFFOpenExt(path.c_str(), mode, options.get()));
  }

  /// Bytes that one byte may become.
  static std::uint64_t largest_ratio(std::uint16_t compression) {
    switch (compression) {
      case COMPRESSION_NONE:
        return 1;
      case COMPRESSION_PACKBITS:
        return 64;  // two bytes: 128 times the second
      case COMPRESSION_LZW:
      case COMPRESSION_DEFLATE:
      case COMPRESSION_ADOBE_DEFLATE:
        return 1400;  // LZW: codes of 9 to 12 bits, of up to 3,838 bytes; zlib's limit is 1,032
      case COMPRESSION_ZSTD:
        return 32768;  // a block of 4 bytes: 128 KiB of one value
      default:
        return 8192;  // nothing but pages of one value is compressed further
    }
  }

  struct Close {
    void operator()(TIFF* file) const { TIFFClose(file); }
  };
  static int keep(TIFF* /*file*/, void* said, const char* /*module*/, const char* format, va_list parts) {
    char line[300];
    std::vsnprintf(line, sizeof line, format, parts);
    *static_cast<std::string*>(said) = line;
    return 1;
  }
  static int drop(TIFF* /*file*/, void* /*data*/, const char* /*module*/, const char* /*format*/, va_list /*parts*/) {
    return 1;
  }

  std::string source_;
  std::uint64_t bytes_ = 0;
  std::string said_;
  std::unique_ptr<TIFF, Close> file_;
};

/// What the pages of a stack have in common.
struct TiffPage {
  std::uint32_t height = 0;
  std::uint32_t width = 0;
  std::uint16_t channels = 1;
  std::uint16_t bits = 8;
  std::uint16_t format = SAMPLEFORMAT_UINT;

  bool operator==(const TiffPage&) const = default;
  std::size_t sample_bytes() const { return bits / 8U; }
  std::size_t row_bytes() const { return std::size_t{width} * channels * sample_bytes(); }
};

inline TiffPage tiff_page(const TiffFile& file) {
  const TiffPage page{.height = file.tag<std::uint32_t>(TIFFTAG_IMAGELENGTH),
                      .width = file.tag<std::uint32_t>(TIFFTAG_IMAGEWIDTH),
                      .channels = file.tag<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL),
                      .bits = file.tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE),
                      .format = file.tag<std::uint16_t>(TIFFTAG_SAMPLEFORMAT)};
  const bool whole = page.format == SAMPLEFORMAT_UINT && (page.bits == 8 || page.bits == 16);
  const bool real = page.format == SAMPLEFORMAT_IEEEFP && page.bits == 32;
  ensure<FormatError>(whole || real, file.source(), ": need pixels of 8 or 16 bits or single precision, got ",
                      page.bits, " bits of sample format ", page.format);
  const auto colours = file.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC);
  const bool one_by_one = file.tag<std::uint16_t>(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_CONTIG || page.channels == 1;
  ensure<FormatError>((colours == PHOTOMETRIC_MINISBLACK || colours == PHOTOMETRIC_RGB) && one_by_one &&
                          page.height > 0 && page.width > 0 && page.channels > 0,
                      file.source(), ": need grey or red, green and blue pixels, black being 0, got photometric ",
                      colours, " with ", page.channels, " samples a pixel");
  return page;
}

/// How many images ImageJ says that a stack has, in the first page's description; empty if it says nothing.
inline std::string imagej_images(const TiffFile& file) {
  const char* description = nullptr;
  TIFFSetDirectory(file.get(), 0);
  if (TIFFGetField(file.get(), TIFFTAG_IMAGEDESCRIPTION, &description) != 1 || description == nullptr) {
    return "";
  }
  const std::string text = description;
  const std::size_t at = text.find("\nimages=");
  if (!text.starts_with("ImageJ=") || at == text.npos) {
    return "";
  }
  return text.substr(at + 8, text.find('\n', at + 8) - at - 8);
}

/// The page's pixels, row after row, channels next to each other.
inline void read_tiff_page(const TiffFile& file, const TiffPage& page, std::byte* to) {
  if (TIFFIsTiled(file.get()) == 0) {
    ensure<FormatError>(static_cast<std::size_t>(TIFFScanlineSize64(file.get())) == page.row_bytes(), file.source(),
                        ": need rows of ", page.row_bytes(), " bytes, got ", TIFFScanlineSize64(file.get()));
    for (std::uint32_t row = 0; row < page.height; ++row) {
      file.need(TIFFReadScanline(file.get(), to + row * page.row_bytes(), row) == 1, "need whole pages");
    }
    return;
  }
  const auto tile_width = file.tag<std::uint32_t>(TIFFTAG_TILEWIDTH);
  const auto tile_height = file.tag<std::uint32_t>(TIFFTAG_TILELENGTH);
  const std::size_t pixel = page.channels * page.sample_bytes();
  file.need_to_hold(std::max<std::uint64_t>(1, TIFFTileSize64(file.get())), 1);
  std::vector<std::byte> tile(static_cast<std::size_t>(TIFFTileSize64(file.get())));
  ensure<FormatError>(tile.size() == std::size_t{tile_width} * tile_height * pixel, file.source(), ": need tiles of ",
                      tile_width, " x ", tile_height, " pixels, got ", tile.size(), " bytes");
  for (std::size_t top = 0; top < page.height; top += tile_height) {
    for (std::size_t left = 0; left < page.width; left += tile_width) {
      file.need(TIFFReadTile(file.get(), tile.data(), static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(top),
                             0, 0) >= 0,
                "need whole pages");
      const std::size_t bytes = std::min<std::size_t>(tile_width, page.width - left) * pixel;
      for (std::size_t row = 0; row < std::min<std::size_t>(tile_height, page.height - top); ++row) {
        std::memcpy(to + (top + row) * page.row_bytes() + left * pixel, tile.data() + row * tile_width * pixel, bytes);
      }
    }
  }
}

}  // namespace detail

}  // namespace engram::io
