#pragma once

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/array.hpp>
#include <engram/io/file.hpp>

// TIFF stacks through libtiff 4.5 or later: link it (pkg-config libtiff-4).

#if TIFFLIB_VERSION < 20221213
#error "engram/io/tiff.hpp: need libtiff 4.5 or later"
#endif

namespace engram::io {

namespace detail {

/// An open TIFF and what libtiff finds wrong with it.
class TiffFile {
 public:
  /// @throws IoError, FormatError naming the file
  TiffFile(const std::filesystem::path& path, const char* mode) : source_(path.string()) {
    if (mode[0] == 'r') {
      const InputFile can_be_read(path);
    }
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                               TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep, &said_);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), drop, nullptr);
    file_.reset(TIFFOpenExt(path.c_str(), mode, options.get()));
    need(file_ != nullptr, "need a TIFF file");
  }

  TIFF* get() const { return file_.get(); }
  const std::string& source() const { return source_; }

  /// @throws FormatError naming the file, with what libtiff said
  void need(bool ok, const char* what) const {
    ensure<FormatError>(ok, source_, ": ", what, said_.empty() ? "" : ", got: ", said_);
  }

  /// The number that a page's tag holds, or what stands for it where it is missing.
  template <class N>
  N tag(std::uint32_t name) const {
    N value = 0;
    TIFFGetFieldDefaulted(get(), name, &value);
    return value;
  }

  /// Writes what is missing. @returns false if that failed
  bool close() {
    const bool flushed = TIFFFlush(get()) == 1;
    file_.reset();
    return flushed && said_.empty();
  }
  const std::string& said() const { return said_; }

 private:
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
                          page.height > 0 && page.width > 0,
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
  std::vector<std::byte> tile(static_cast<std::size_t>(TIFFTileSize64(file.get())));
  ensure<FormatError>(tile.size() == std::size_t{tile_width} * tile_height * pixel, file.source(), ": need tiles of ",
                      tile_width, " x ", tile_height, " pixels, got ", tile.size(), " bytes");
  for (std::uint32_t top = 0; top < page.height; top += tile_height) {
    for (std::uint32_t left = 0; left < page.width; left += tile_width) {
      file.need(TIFFReadTile(file.get(), tile.data(), left, top, 0, 0) >= 0, "need whole pages");
      const std::size_t bytes = std::min(tile_width, page.width - left) * pixel;
      for (std::uint32_t row = 0; row < std::min(tile_height, page.height - top); ++row) {
        std::memcpy(to + (top + row) * page.row_bytes() + left * pixel, tile.data() + row * tile_width * pixel, bytes);
      }
    }
  }
}

}  // namespace detail

/// Reads all pages of a TIFF, as microscopes and ImageJ write stacks.
/// @returns  u8, u16 or f32, [N, H, W], or [N, C, H, W] where pixels have colours
/// @throws IoError, FormatError naming the file: for pages of different sizes or kinds of pixels, palettes, planes of
/// colours, pixels of other types, damage
inline Array read_tiff(const std::filesystem::path& path) {
  const detail::TiffFile file(path, "r");
  const detail::TiffPage first = detail::tiff_page(file);
  Array stack;
  stack.dtype = first.bits == 8 ? DType::u8 : first.bits == 16 ? DType::u16 : DType::f32;
  const std::size_t page_bytes = first.row_bytes() * first.height;
  Index count = 0;
  do {
    const detail::TiffPage page = detail::tiff_page(file);
    ensure<FormatError>(page == first, file.source(), ": need pages of one kind, got page ", count, " of ", page.height,
                        " x ", page.width, " pixels where the first has ", first.height, " x ", first.width);
    std::vector<std::byte> pixels(page_bytes);
    detail::read_tiff_page(file, page, pixels.data());
    stack.bytes.resize(stack.bytes.size() + page_bytes);
    std::byte* to = stack.bytes.data() + stack.bytes.size() - page_bytes;
    const std::size_t sample = page.sample_bytes();
    const std::size_t plane = std::size_t{page.height} * page.width;
    for (std::size_t i = 0; i < plane * page.channels; ++i) {  // channel by channel
      const std::size_t at = i % page.channels * plane + i / page.channels;
      std::memcpy(to + at * sample, pixels.data() + i * sample, sample);
    }
    ++count;
  } while (TIFFReadDirectory(file.get()) == 1);
  file.need(file.said().empty(), "need whole pages");
  const std::string told = detail::imagej_images(file);
  ensure<FormatError>(told.empty() || told == std::to_string(count), file.source(),
                      ": need a page for each image, got ", count, " for ", told,
                      " images: ImageJ writes stacks beyond 4 GB so; save it in parts");
  const Index channels = first.channels;
  stack.shape = channels == 1 ? Shape{count, Index{first.height}, Index{first.width}}
                              : Shape{count, channels, Index{first.height}, Index{first.width}};
  return stack;
}

/// Writes a stack of grey pages [N, H, W] that is not compressed; as BigTIFF beyond 4 GB. Atomic, see AtomicFile.
/// @throws ShapeError for another shape, IoError naming the file
template <class P>
requires(std::is_same_v<P, std::uint8_t> || std::is_same_v<P, std::uint16_t> ||
         std::is_same_v<P, float>) void write_tiff(const std::filesystem::path& path, const Tensor<P>& stack) {
  ensure<ShapeError>(stack.rank() == 3 && stack.size() > 0, "write_tiff: need a stack [N, H, W], got ", stack.shape());
  AtomicFile target(path);
  constexpr std::size_t page_head = 512;  // more than a page's tags take
  const std::size_t bytes = stack.elements().size_bytes() + page_head * static_cast<std::size_t>(stack.dim(0));
  const bool large = bytes > std::size_t{0xFFFFFFFF};
  detail::TiffFile file(target.temporary(), large ? "w8" : "w");
  const auto height = static_cast<std::uint32_t>(stack.dim(1));
  const auto width = static_cast<std::uint32_t>(stack.dim(2));
  bool written = true;
  for (Index page = 0; page < stack.dim(0) && written; ++page) {
    TIFFSetField(file.get(), TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(file.get(), TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(file.get(), TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(file.get(), TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * sizeof(P)));
    TIFFSetField(file.get(), TIFFTAG_SAMPLEFORMAT, std::is_same_v<P, float> ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
    TIFFSetField(file.get(), TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(file.get(), TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(file.get(), TIFFTAG_ROWSPERSTRIP, height);
    std::vector<P> pixels(stack.data() + page * stack.dim(1) * stack.dim(2),
                          stack.data() + (page + 1) * stack.dim(1) * stack.dim(2));  // libtiff takes no const
    written =
        TIFFWriteEncodedStrip(file.get(), 0, pixels.data(), static_cast<tmsize_t>(pixels.size() * sizeof(P))) >= 0 &&
        TIFFWriteDirectory(file.get()) == 1;
  }
  ensure<IoError>(file.close() && written, path.string(), ": cannot be written: ", file.said());
  target.commit();
}

}  // namespace engram::io
