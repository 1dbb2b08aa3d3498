#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <engram/data/frames.hpp>
#include <engram/data/labels.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/io/image.hpp>
#include <engram/io/movie_reader.hpp>
#include <engram/io/npz.hpp>

namespace engram::data {

namespace detail {

/// The numbers of a file's array. @throws FormatError naming the file if it is one of text
template <class T>
Tensor<T> numbers(const io::Array& array, const std::filesystem::path& source) {
  return naming(source.string(), [&] { return array.as<T>(); });
}

/// Keeps 8 and 16 bit unsigned pixels as they are; every other number becomes a float. Integers of other types need a
/// `maximum`: where theirs lies says nothing about the pixels.
inline Frames::Pixels to_pixels(const io::Array& array, const std::filesystem::path& source, double maximum) {
  switch (array.dtype) {
    case io::DType::u8:
      return numbers<std::uint8_t>(array, source);
    case io::DType::u16:
      return numbers<std::uint16_t>(array, source);
    case io::DType::boolean:
    case io::DType::f32:
    case io::DType::f64:
    case io::DType::text:
      break;
    default:
      ensure<ArgumentError>(maximum > 0, source.string(),
                            ": need a maximum for integers that are neither u1 nor u2, such as 255, got none");
  }
  return numbers<float>(array, source);
}

/// All images of a folder, in natural order, grey unless the first has colours: [N, C, H, W].
inline Tensor<std::uint8_t> read_folder(const std::filesystem::path& folder) {
  const auto files = io::list_images(folder);
  Tensor<std::uint8_t> all;
  Shape first;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto image = io::read_image(files[i], i == 0 ? 0 : first[0]);
    if (i == 0) {
      first = image.shape();
      all = Tensor<std::uint8_t>::uninitialized({std::ssize(files), first[0], first[1], first[2]});
    }
    ensure<ShapeError>(image.shape() == first, files[i].string(), ": need an image ", first, " as ",
                       files.front().filename().string(), " is, got ", image.shape());
    std::copy_n(image.data(), image.size(), all.data() + static_cast<Index>(i) * first.size());
  }
  return all;
}

/// All frames of a movie, grey: [N, H, W].
inline Tensor<std::uint8_t> read_movie(const std::filesystem::path& path) {
  io::MovieReader movie(path);
  std::vector<std::uint8_t> all;
  Tensor<std::uint8_t> frame;
  while (movie.next(frame)) {
    all.insert(all.end(), frame.elements().begin(), frame.elements().end());
  }
  return Tensor<std::uint8_t>::from({movie.frames(), frame.dim(0), frame.dim(1)}, all);
}

/// The array called `name`, or the only one there is.
inline io::Array read_named(const io::NpzReader& file, const std::string& name) {
  return !file.contains(name) && file.names().size() == 1 ? file.read(file.names().front()) : file.read(name);
}

}  // namespace detail

struct FrameOptions {
  std::string array = "images";  ///< which array of an .npz; one that is alone is taken whatever its name
  double maximum = 0;            ///< the pixel value that becomes 1; 0 takes the type's, see Frames
};

/// Frames from an .npz, an .npy, a folder of PNG, JPEG or BMP images, or a movie, which becomes grey (io::MovieReader).
/// @throws IoError, FormatError, ShapeError naming the file, what was found and what was needed
inline Frames load_frames(const std::filesystem::path& path, const FrameOptions& options = {}) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Frames(detail::read_folder(path), options.maximum, path.string());
  }
  const std::string extension = io::lower_extension(path);
  if (extension == ".npz") {
    const io::Array array = detail::read_named(io::NpzReader(path), options.array);
    return Frames(detail::to_pixels(array, path, options.maximum), options.maximum, path.string());
  }
  if (extension == ".npy") {
    return Frames(detail::to_pixels(io::read_npy(path), path, options.maximum), options.maximum, path.string());
  }
  ensure<IoError>(std::filesystem::exists(path, ignored), path.string(), ": no such file or folder");
  if (io::is_movie(path)) {
    return Frames(detail::read_movie(path), options.maximum, path.string());
  }
  fail<FormatError>(path.string(), ": need frames as .npz, .npy, a movie or a folder of images, got '", extension, "'");
}

/// Labels from a .csv with a header, an .npy [N, L] (columns are then called 0, 1, ...) or the arrays `labels` and
/// `columns` of an .npz.
/// @throws IoError, FormatError, ShapeError naming the file, what was found and what was needed
inline Labels load_labels(const std::filesystem::path& path) {
  std::error_code ignored;
  const std::string extension = io::lower_extension(path);
  Labels labels{.values = {}, .columns = {}, .source = path.string()};
  if (extension == ".csv") {
    auto table = io::read_csv(path);
    labels.values = std::move(table.values);
    labels.columns = std::move(table.columns);
  } else if (extension == ".npy" || extension == ".npz") {
    if (extension == ".npy") {
      labels.values = detail::numbers<double>(io::read_npy(path), path);
    } else {
      const io::NpzReader file(path);
      labels.values = detail::numbers<double>(file.read("labels"), path);
      if (file.contains("columns")) {
        io::Array columns = file.read("columns");
        ensure<FormatError>(columns.dtype == io::DType::text, path.string(), ": array columns: need text, got numbers");
        labels.columns = std::move(columns.strings);
        naming(path.string(), [&] { io::detail::check_different(labels.columns); });
      }
    }
    if (labels.values.rank() == 1) {
      labels.values = std::move(labels.values).reshaped({-1, 1});
    }
    ensure<ShapeError>(labels.values.rank() == 2 && labels.values.dim(0) > 0, path.string(),
                       ": need labels [N, L] of at least one frame, got ", labels.values.shape());
    const bool named = !labels.columns.empty();
    for (Index c = 0; c < labels.values.dim(1) && !named; ++c) {
      labels.columns.push_back(std::to_string(c));
    }
  } else {
    ensure<IoError>(std::filesystem::exists(path, ignored), path.string(), ": no such file");
    fail<FormatError>(path.string(), ": need labels as .csv, .npy or .npz, got '", extension, "'");
  }
  check_labels(labels, labels.values.dim(0));
  return labels;
}

}  // namespace engram::data
