#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace engram::io::detail {

/// How large stb_image may let a part grow on this thread: small PNGs can unpack to a thousand times their size.
struct GrowthLimit {
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
  bool exceeded = false;

  static GrowthLimit& of_this_thread() {
    thread_local GrowthLimit limit;
    return limit;
  }
};
inline void* grow(void* memory, std::size_t bytes) {
  GrowthLimit& limit = GrowthLimit::of_this_thread();
  limit.exceeded = limit.exceeded || bytes > limit.bytes;
  return limit.exceeded ? nullptr : std::realloc(memory, bytes);
}

}  // namespace engram::io::detail

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif
#if defined(__clang__)  // version 2.27 shifts 32 bits by 32 or more where a JPEG's scan ends early: pixels are lost
#pragma clang attribute push(__attribute__((no_sanitize("shift-exponent"))), apply_to = function)
#endif
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_MAX_DIMENSIONS 32768
#define STBI_MALLOC(size) std::calloc(1, size)  // version 2.27 decodes damaged files with tables that it has not filled
#define STBI_REALLOC(memory, size) engram::io::detail::grow(memory, size)
#define STBI_FREE(memory) std::free(memory)
#if __has_include(<stb/stb_image.h>)
#include <stb/stb_image.h>
#else  // where vcpkg and Conan put it
#include <stb_image.h>
#endif
#if defined(__clang__)
#pragma clang attribute pop
#endif
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#if __has_include(<stb/stb_image_write.h>)
#include <stb/stb_image_write.h>
#else
#include <stb_image_write.h>
#endif
#undef STB_IMAGE_IMPLEMENTATION
#undef STB_IMAGE_STATIC
#undef STBI_ONLY_PNG
#undef STBI_ONLY_JPEG
#undef STBI_ONLY_BMP
#undef STBI_MALLOC
#undef STBI_REALLOC
#undef STBI_FREE
#undef STB_IMAGE_WRITE_IMPLEMENTATION
#undef STB_IMAGE_WRITE_STATIC
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/bmp_header.hpp>
#include <engram/io/file.hpp>
#include <engram/io/jpeg_tables.hpp>
#include <engram/io/png_checksums.hpp>

namespace engram::io {

namespace detail {

/// Bytes of a PNG's pixels as they are packed, without what is added to each row.
inline Index png_pixel_bytes(std::span<const std::byte> bytes, Index width, Index height) {
  const auto at = [&](std::size_t i) { return std::to_integer<Index>(bytes[i]); };
  const Index depth = at(24);
  const Index samples = at(25) == 2 ? 3 : at(25) == 4 ? 2 : at(25) == 6 ? 4 : 1;
  return height * (width * samples * depth / 8);
}

/// Whether an image of so many pixels fits into the bytes, before memory is taken for it: PNG's compression makes at
/// most 1032 bytes of one, JPEG has at least a bit for each block of 8 x 8 pixels.
inline bool can_hold(std::span<const std::byte> bytes, Index width, Index height) {
  if (!is_png(bytes) || bytes.size() < 26) {
    return width * height / 512 <= std::ssize(bytes);
  }
  return png_pixel_bytes(bytes, width, height) / 1032 <= std::ssize(bytes);
}

/// What stb_image makes of the bytes, null if it cannot.
/// @throws FormatError for a PNG that holds more than its pixels
inline std::unique_ptr<stbi_uc, void (*)(void*)> decode(std::span<const std::byte> bytes, int& width, int& height,
                                                        int channels) {
  GrowthLimit& limit = GrowthLimit::of_this_thread();
  if (is_png(bytes)) {  // twice the packed pixels with what is added to the rows of 7 passes: it grows by doubling
    limit.bytes = 4096 + 2 * bytes.size() +
                  2 * static_cast<std::size_t>(png_pixel_bytes(bytes, width, height) + 8 * Index{height});
  }
  int found = 0;
  std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()), static_cast<int>(bytes.size()), &width,
                            &height, &found, channels),
      stbi_image_free);
  ensure<FormatError>(!std::exchange(limit, {}).exceeded, "need the data of ", width, " x ", height,
                      " pixels, got more");
  return pixels;
}

}  // namespace detail

/// A PNG, JPEG or BMP image as [C, H, W], 0..255.
/// @param channels  1 (grey) or 3 (red, green, blue); 0 takes 3 for images with colours, else 1. Transparency is
/// dropped.
/// @throws IoError, FormatError naming the file and what is wrong with it
inline Tensor<std::uint8_t> read_image(const std::filesystem::path& path, Index channels = 0) {
  ensure<ArgumentError>(channels == 0 || channels == 1 || channels == 3, "read_image: need channels 0, 1 or 3, got ",
                        channels);
  const auto bytes = read_bytes(path);
  ensure<FormatError>(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()), path.string(),
                      ": need an image of less than 2 GiB, got ", bytes.size(), " bytes");
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(bytes.size());
  int width = 0;
  int height = 0;
  int found = 0;
  const auto damaged = [&]() -> void {
    const char* reason = stbi_failure_reason();
    fail<FormatError>(path.string(), ": need a PNG, JPEG or BMP image, got ", bytes.size(),
                      " bytes that are none: ", reason == nullptr ? "unknown reason" : reason);
  };
  if (!bytes.empty() && bytes[0] == std::byte{0xFF}) {
    naming(path.string(), [&] { detail::check_jpeg_tables(bytes); });
  }
  if (stbi_info_from_memory(data, size, &width, &height, &found) == 0) {
    damaged();
  }
  ensure<FormatError>(detail::can_hold(bytes, width, std::abs(Index{height})),
                      path.string(),  // a BMP's may be negative
                      ": need a plausible size, got ", width, " x ", height, " pixels from ", bytes.size(), " bytes");
  if (detail::is_png(bytes)) {
    naming(path.string(), [&] { detail::check_png(bytes); });
  }
  const detail::BmpHeader bmp = detail::read_bmp_header(bytes);
  ensure<FormatError>(bytes.size() >= bmp.size, path.string(), ": need at least ", bmp.size, " bytes, got ",
                      bytes.size(), ": the file is cut short");
  const int wanted = channels != 0 ? static_cast<int>(channels) : found >= 3 && !bmp.grey ? 3 : 1;
  const auto pixels = naming(path.string(), [&] { return detail::decode(bytes, width, height, wanted); });
  if (pixels == nullptr) {
    damaged();
  }
  auto image = Tensor<std::uint8_t>::uninitialized({wanted, height, width});
  const Index area = image.dim(1) * image.dim(2);
  for (Index c = 0; c < wanted; ++c) {
    for (Index p = 0; p < area; ++p) {
      image[c * area + p] = pixels.get()[p * wanted + c];
    }
  }
  return image;
}

namespace detail {

/// Runs of digits compare as numbers, everything else byte by byte: frame2 before frame10.
inline bool natural_less(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto number = [&](std::string_view& s) {
    std::size_t end = 0;
    while (end < s.size() && digit(s[end])) {
      ++end;
    }
    std::string_view run = s.substr(0, end);
    s.remove_prefix(end);
    return run.substr(std::min(run.find_first_not_of('0'), run.size()));
  };
  const std::string_view all_a = a;
  const std::string_view all_b = b;
  while (!a.empty() && !b.empty()) {
    if (digit(a.front()) && digit(b.front())) {
      const std::string_view na = number(a);
      const std::string_view nb = number(b);
      if (na != nb) {
        return na.size() != nb.size() ? na.size() < nb.size() : na < nb;
      }
    } else if (a.front() != b.front()) {
      return a.front() < b.front();
    } else {
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.empty() && b.empty() ? all_a < all_b : a.empty();
}

}  // namespace detail

/// The PNG, JPEG and BMP files of a folder, in natural order (frame2 before frame10).
/// @throws IoError if the folder cannot be read, FormatError if it has no images
inline std::vector<std::filesystem::path> list_images(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string extension = lower_extension(entry->path());
    constexpr std::array<std::string_view, 4> known{".png", ".jpg", ".jpeg", ".bmp"};
    if (std::ranges::find(known, extension) != known.end()) {
      files.push_back(entry->path());
    }
  }
  ensure<IoError>(!error, folder.string(), ": cannot be read: ", error.message());
  ensure<FormatError>(!files.empty(), folder.string(),
                      ": need a folder with .png, .jpg, .jpeg or .bmp images, got none");
  std::ranges::sort(files, [](const auto& a, const auto& b) {
    return detail::natural_less(a.filename().string(), b.filename().string());
  });
  return files;
}

/// The bytes of a PNG file of a grey [H, W] or [1, H, W] or coloured [3, H, W] picture.
/// @param operation  what the error's text says is being done
/// @throws ShapeError for another shape
inline std::string encode_png(const Tensor<std::uint8_t>& pixels, std::string_view operation = "encode_png") {
  const bool grey = pixels.rank() == 2 || (pixels.rank() == 3 && pixels.dim(0) == 1);
  ensure<ShapeError>((grey || (pixels.rank() == 3 && pixels.dim(0) == 3)) && pixels.size() > 0, operation,
                     ": need pixels [H, W], [1, H, W] or [3, H, W], got ", pixels.shape());
  const Index channels = grey ? 1 : 3;
  const Index area = pixels.size() / channels;
  std::vector<std::uint8_t> interleaved(static_cast<std::size_t>(pixels.size()));
  for (Index c = 0; c < channels; ++c) {
    for (Index p = 0; p < area; ++p) {
      interleaved[static_cast<std::size_t>(p * channels + c)] = pixels[c * area + p];
    }
  }
  std::string encoded;
  const auto append = [](void* context, void* data, int size) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
  };
  const int width = static_cast<int>(pixels.dim(-1));
  const int height = static_cast<int>(pixels.dim(-2));
  const int written = stbi_write_png_to_func(append, &encoded, width, height, static_cast<int>(channels),
                                             interleaved.data(), width * static_cast<int>(channels));
  ensure<Error>(written != 0, operation, ": the picture ", pixels.shape(), " cannot be encoded");
  return encoded;
}

/// Writes a grey [H, W] or [1, H, W] or coloured [3, H, W] picture; atomic, see AtomicFile.
/// @throws ShapeError for another shape, IoError naming the file and the reason
inline void write_png(const std::filesystem::path& path, const Tensor<std::uint8_t>& pixels) {
  write_atomically(path, encode_png(pixels, "write_png"));
}

}  // namespace engram::io
