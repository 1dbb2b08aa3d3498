#include <engram/io/tiff.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/resource_limit.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

template <class P>
Tensor<P> counted(const Shape& shape) {
  auto stack = Tensor<P>::uninitialized(shape);
  for (Index i = 0; i < stack.size(); ++i) {
    stack[i] = static_cast<P>(std::is_same_v<P, float> ? static_cast<float>(i) / 7 : static_cast<float>(i % 251));
  }
  return stack;
}

struct Layout {
  int channels = 1;
  int bits = 8;
  int compression = COMPRESSION_NONE;
  int tile = 0;
  int photometric = PHOTOMETRIC_MINISBLACK;
};

/// Adds a page whose samples count up.
void add_page(TIFF* file, std::uint32_t height, std::uint32_t width, const Layout& layout) {
  TIFFSetField(file, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(file, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, layout.channels);
  TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, layout.bits);
  TIFFSetField(file, TIFFTAG_PHOTOMETRIC, layout.photometric);
  TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(file, TIFFTAG_COMPRESSION, layout.compression);
  const auto channels = static_cast<std::uint32_t>(layout.channels);
  if (layout.tile > 0) {
    const auto side = static_cast<std::uint32_t>(layout.tile);
    TIFFSetField(file, TIFFTAG_TILEWIDTH, side);
    TIFFSetField(file, TIFFTAG_TILELENGTH, side);
    for (std::uint32_t top = 0; top < height; top += side) {
      for (std::uint32_t left = 0; left < width; left += side) {
        std::vector<std::uint8_t> tile(side * side * channels);
        for (std::uint32_t i = 0; i < side * side; ++i) {
          tile[i] = static_cast<std::uint8_t>((top + i / side) * width + left + i % side);
        }
        TIFFWriteTile(file, tile.data(), left, top, 0, 0);
      }
    }
  } else {
    for (std::uint32_t row = 0; row < height; ++row) {
      std::vector<std::uint8_t> samples(width * channels * static_cast<std::uint32_t>(layout.bits) / 8);
      for (std::uint32_t i = 0; i < width * channels; ++i) {
        samples[i] = static_cast<std::uint8_t>(row * width * channels + i);
      }
      TIFFWriteScanline(file, samples.data(), row, 0);
    }
  }
  TIFFWriteDirectory(file);
}

/// A TIFF of 8-bit pages, 40 x 100 pixels each, that all lie in the same bytes.
std::string pages_on_one_strip(int pages) {
  std::string out("II*\0", 4);
  const auto add = [&](std::uint64_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      out += static_cast<char>(number >> (8 * i) & 0xFF);
    }
  };
  constexpr std::uint32_t strip = 8;
  constexpr std::uint32_t size = 40 * 100;
  add(strip + size, 4);  // the first directory
  out.append(size, '\0');
  for (int page = 0; page < pages; ++page) {
    const std::pair<std::uint16_t, std::uint32_t> tags[] = {
        {TIFFTAG_IMAGEWIDTH, 100},  {TIFFTAG_IMAGELENGTH, 40},      {TIFFTAG_BITSPERSAMPLE, 8},
        {TIFFTAG_COMPRESSION, 1},   {TIFFTAG_PHOTOMETRIC, 1},       {TIFFTAG_STRIPOFFSETS, strip},
        {TIFFTAG_ROWSPERSTRIP, 40}, {TIFFTAG_STRIPBYTECOUNTS, size}};
    add(std::size(tags), 2);
    for (const auto& [tag, value] : tags) {
      add(tag, 2);
      add(TIFF_LONG, 2);
      add(1, 4);
      add(value, 4);
    }
    add(page + 1 < pages ? out.size() + 4 : 0, 4);
  }
  return out;
}

std::string error_of(const std::filesystem::path& file) {
  try {
    io::read_tiff(file);
  } catch (const Error& error) {
    return std::string(error.what()).substr(file.parent_path().string().size() + 1);
  }
  return "none";
}

}  // namespace

TEST_CASE_TEMPLATE("write_tiff, read_tiff: a stack comes back to the bit", P, std::uint8_t, std::uint16_t, float) {
  const TemporaryFolder folder;
  const auto stack = counted<P>({5, 7, 9});
  io::write_tiff(folder / "a.tif", stack);
  const io::Array read = io::read_tiff(folder / "a.tif");
  CHECK(read.shape == stack.shape());
  const auto back = read.template as<P>();
  CHECK(std::equal(back.data(), back.data() + back.size(), stack.data()));
  CHECK(read.bytes.size() == static_cast<std::size_t>(stack.size()) * sizeof(P));
  CHECK(folder.entries() == 1);
}

TEST_CASE("read_tiff: colours become channels; tiles and compressed strips are read") {
  const TemporaryFolder folder;
  const auto write = [&](const Layout& layout) {
    TIFF* file = TIFFOpen((folder / "a.tif").c_str(), "w");
    add_page(file, 5, 7, layout);
    TIFFClose(file);
    return io::read_tiff(folder / "a.tif");
  };
  const io::Array colours = write({.channels = 3, .photometric = PHOTOMETRIC_RGB});
  REQUIRE(colours.shape == Shape{1, 3, 5, 7});
  CHECK(colours.as<int>()[0] == 0);
  CHECK(colours.as<int>()[1] == 3);   // red of the second pixel
  CHECK(colours.as<int>()[35] == 1);  // green of the first
  for (const Layout& layout :
       {Layout{.compression = COMPRESSION_LZW}, Layout{.compression = COMPRESSION_ADOBE_DEFLATE}, Layout{.tile = 16}}) {
    const auto grey = write(layout).as<int>();
    REQUIRE(grey.shape() == Shape{1, 5, 7});
    for (Index i = 0; i < 35; ++i) {
      CHECK(grey[i] == i);
    }
  }
}

TEST_CASE("read_tiff: says what is wrong") {
  const TemporaryFolder folder;
  CHECK(error_of(folder / "none.tif") == "none.tif: cannot be read: No such file or directory");
  write_file(folder / "text.tif", "no picture at all");
  CHECK(error_of(folder / "text.tif").starts_with("text.tif: need a TIFF file, got: "));
  TIFF* uneven = TIFFOpen((folder / "uneven.tif").c_str(), "w");
  add_page(uneven, 5, 7, {});
  add_page(uneven, 5, 8, {});
  TIFFClose(uneven);
  CHECK(error_of(folder / "uneven.tif") ==
        "uneven.tif: need pages of one kind, got page 1 of 5 x 8 pixels where the first has 5 x 7");
  TIFF* imagej = TIFFOpen((folder / "imagej.tif").c_str(), "w");
  TIFFSetField(imagej, TIFFTAG_IMAGEDESCRIPTION, "ImageJ=1.53t\nimages=3\nslices=3\n");
  add_page(imagej, 5, 7, {});
  TIFFClose(imagej);
  CHECK(error_of(folder / "imagej.tif").starts_with("imagej.tif: need a page for each image, got 1 for 3 images"));
  TIFF* wide = TIFFOpen((folder / "wide.tif").c_str(), "w");
  add_page(wide, 5, 7, {.bits = 32});
  TIFFClose(wide);
  CHECK(error_of(folder / "wide.tif") ==
        "wide.tif: need pixels of 8 or 16 bits or single precision, got 32 bits of sample format 1");
  TIFF* inverse = TIFFOpen((folder / "inverse.tif").c_str(), "w");
  add_page(inverse, 5, 7, {.photometric = PHOTOMETRIC_MINISWHITE});
  TIFFClose(inverse);
  CHECK(error_of(folder / "inverse.tif").find("black being 0, got photometric 0") != std::string::npos);
  io::write_tiff(folder / "cut.tif", counted<std::uint8_t>({40, 50, 50}));
  std::filesystem::resize_file(folder / "cut.tif", 60'000);
  CHECK(error_of(folder / "cut.tif").find("need whole pages") != std::string::npos);
  io::write_tiff(folder / "many.tif", counted<std::uint8_t>({1, 5, 7}));
  std::string many = io::read_text(folder / "many.tif");
  const std::string one_sample("\x15\x01\x03\x00\x01\x00\x00\x00\x01\x00", 10);  // the tag SamplesPerPixel
  REQUIRE(many.find(one_sample) != std::string::npos);
  many.replace(many.find(one_sample) + 8, 2, "\xFF\xFF");
  write_file(folder / "many.tif", many);
  CHECK(error_of(folder / "many.tif") ==
        text("many.tif: need a file that can hold pages of 5 rows of 458745 bytes, got ", many.size(), " bytes"));
  many.replace(many.find("\xFF\xFF"), 2, std::string(2, '\0'));
  write_file(folder / "many.tif", many);
  CHECK(error_of(folder / "many.tif").starts_with("many.tif: need "));  // libtiff 4.5 says it before
  CHECK_THROWS_AS(io::write_tiff(folder / "a.tif", Tensor<float>::zeros({2, 2})), ShapeError);
  CHECK_THROWS_AS(io::write_tiff(folder / "none" / "a.tif", Tensor<float>::zeros({1, 2, 2})), IoError);
  CHECK_FALSE(std::filesystem::exists(folder / "a.tif"));
}

TEST_CASE("read_tiff: pages that claim more than the file can hold, together or compressed, take no memory") {
  const TemporaryFolder folder;
  write_file(folder / "one.tif", pages_on_one_strip(1));
  CHECK(error_of(folder / "one.tif") == "none");
  const std::string shared = pages_on_one_strip(100);
  write_file(folder / "shared.tif", shared);
  CHECK(error_of(folder / "shared.tif")
            .starts_with(text("shared.tif: need a file that can hold pages of ", 40 * (shared.size() / 4000 + 1),
                              " rows of 100 bytes, got ", shared.size(), " bytes")));
  TIFF* flat = TIFFOpen((folder / "flat.tif").c_str(), "w");
  add_page(flat, 5, 7, {.compression = COMPRESSION_PACKBITS});
  TIFFClose(flat);
  std::string claim = io::read_text(folder / "flat.tif");
  const std::string height("\x01\x01\x03\x00\x01\x00\x00\x00\x05\x00", 10);  // the tag ImageLength
  REQUIRE(claim.find(height) != std::string::npos);
  claim.replace(claim.find(height) + 8, 2, "\xFF\xFF");
  write_file(folder / "flat.tif", claim);
  CHECK(error_of(folder / "flat.tif") ==
        text("flat.tif: need a file that can hold pages of 65535 rows of 7 bytes, got ", claim.size(), " bytes"));
}

TEST_CASE("read_tiff: a file that shrinks while it is read ends no process") {
  const TemporaryFolder folder;
  io::write_tiff(folder / "a.tif", Tensor<float>::zeros({1, 200, 200}));
  const io::detail::TiffFile file(folder / "a.tif");
  const auto page = io::detail::tiff_page(file);
  std::filesystem::resize_file(folder / "a.tif", 8);
  std::vector<std::byte> pixels(page.row_bytes() * page.height);
  CHECK_THROWS_AS(io::detail::read_tiff_page(file, page, pixels.data()), FormatError);
}

TEST_CASE("write_tiff: on a disk without room the error names the file, and nothing is left") {
  const TemporaryFolder folder;
  for (const unsigned room : {0U, 4U, 1000U, 40'000U}) {
    const auto full = support::limit_file_size(room);
    std::string words;
    try {
      io::write_tiff(folder / "a.tif", Tensor<float>::zeros({1, 100, 100}));
    } catch (const IoError& error) {
      words = error.what();
    }
    CHECK_MESSAGE(words.starts_with((folder / "a.tif").string() + ": cannot be written: "), room);
    CHECK(folder.entries() == 0);
  }
}

TEST_CASE("read_tiff: pages of one value, whatever they were compressed with") {
  const TemporaryFolder folder;
  for (const int compression : {COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_LZMA, COMPRESSION_ZSTD}) {
    if (TIFFIsCODECConfigured(static_cast<std::uint16_t>(compression)) == 0) {
      continue;
    }
    constexpr std::uint32_t side = 2048;
    TIFF* file = TIFFOpen((folder / "a.tif").c_str(), "w");
    for (int page = 0; page < 4; ++page) {
      TIFFSetField(file, TIFFTAG_IMAGEWIDTH, side);
      TIFFSetField(file, TIFFTAG_IMAGELENGTH, side);
      TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, 8);
      TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 1);
      TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
      TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, side);
      TIFFSetField(file, TIFFTAG_COMPRESSION, compression);
      std::vector<std::uint8_t> pixels(side * side, 7);
      REQUIRE(TIFFWriteEncodedStrip(file, 0, pixels.data(), static_cast<tmsize_t>(pixels.size())) > 0);
      REQUIRE(TIFFWriteDirectory(file) == 1);
    }
    TIFFClose(file);
    CHECK_MESSAGE(error_of(folder / "a.tif") == "none", compression);
  }
}
