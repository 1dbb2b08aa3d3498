#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/array.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/descriptor.hpp>
#include <engram/io/tiff_file.hpp>

// TIFF stacks through libtiff 4.5 or later: link it (pkg-config libtiff-4).

namespace engram::io {

/// Reads all pages of a TIFF, as microscopes and ImageJ write stacks.
/// @returns  u8, u16 or f32, [N, H, W], or [N, C, H, W] where pixels have colours
/// @throws IoError, FormatError naming the file: for pages of different sizes or kinds of pixels, palettes, planes of
/// colours, pixels of other types, damage
inline Array read_tiff(const std::filesystem::path& path) {
  const detail::TiffFile file(path);
  const detail::TiffPage first = detail::tiff_page(file);
  Array stack;
  stack.dtype = first.bits == 8 ? DType::u8 : first.bits == 16 ? DType::u16 : DType::f32;
  std::size_t page_bytes = 0;
  Index count = 0;
  do {
    const detail::TiffPage page = detail::tiff_page(file);
    file.need_to_hold(first.row_bytes(), std::uint64_t{first.height} * (static_cast<std::uint64_t>(count) + 1));
    page_bytes = first.row_bytes() * first.height;
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
  const detail::FileSizeSignal ignored;
  constexpr std::size_t page_head = 512;  // more than a page's tags take
  const std::size_t bytes = stack.elements().size_bytes() + page_head * static_cast<std::size_t>(stack.dim(0));
  const bool large = bytes > std::size_t{0xFFFFFFFF};
  detail::TiffFile file(target.temporary(), path, large ? "w8" : "w");
  const auto height = static_cast<std::uint32_t>(stack.dim(1));
  const auto width = static_cast<std::uint32_t>(stack.dim(2));
  for (Index page = 0; page < stack.dim(0); ++page) {
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
    const auto page_bytes = static_cast<tmsize_t>(pixels.size() * sizeof(P));
    file.check_written(TIFFWriteEncodedStrip(file.get(), 0, pixels.data(), page_bytes) == page_bytes);
    file.check_written(TIFFWriteDirectory(file.get()) == 1);
  }
  file.close();
  target.commit();
}

}  // namespace engram::io
