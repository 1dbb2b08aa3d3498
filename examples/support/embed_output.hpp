#pragma once

#include <charconv>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>

#include "support/embed_label.hpp"

namespace support {

using engram::text;

/// A map [N, D] and what its axes are called.
struct EmbeddedRows {
  Tensor<float> points;
  std::string axis;                  ///< "UMAP"
  std::vector<std::string> remarks;  ///< on the first axes
  std::string how;                   ///< how it was made, for the user
};

/// The number that is written as a float is, with no more digits than that needs.
inline double shortest(float value) {
  const std::string digits = text(value);
  double wide = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), wide);
  return wide;
}

/// Writes a map: .npy holds its points alone; .npz has them as `embedding`, and `labels`; .csv has a column for each
/// axis and one for the label, unless that is of words.
/// @throws IoError if the file cannot be written
inline void write_map(const std::filesystem::path& path, const EmbeddedRows& map,
                      const std::optional<support::Label>& label) {
  const bool numbers = label && label->names.empty();
  const std::string extension = io::lower_extension(path);
  if (extension == ".npy") {
    io::write_npy(path, map.points);
  } else if (extension == ".npz") {
    io::NpzWriter file(path);
    file.add("embedding", map.points);
    if (numbers) {
      file.add("labels", label->values);
    } else if (label) {
      std::vector<std::string> words;
      for (const double value : label->values.elements()) {
        words.push_back(value == value ? label->names[static_cast<std::size_t>(value)] : "");
      }
      file.add("labels", std::span<const std::string>(words));
    }
    file.commit();
  } else {
    const Index dimensions = map.points.dim(1);
    io::Table table;
    for (Index d = 0; d < dimensions; ++d) {
      table.columns.push_back(text(map.axis, " ", d + 1));
    }
    if (numbers) {
      table.columns.push_back(label->title);
    }
    const Index columns = std::ssize(table.columns);
    table.values = Tensor<double>::uninitialized({map.points.dim(0), columns});
    for (Index i = 0; i < table.values.size(); ++i) {
      const Index row = i / columns;
      const Index c = i % columns;
      table.values[i] = c < dimensions ? shortest(map.points[row * dimensions + c]) : label->values[row];
    }
    io::write_csv(path, table);
  }
}

}  // namespace support
