#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>

#include "support/embed_label.hpp"

namespace support {

using engram::text;

/// A map [N, D] and what its axes are called.
struct EmbeddedRows {
  Tensor<float> points;
  std::string axis;                                             ///< "UMAP"
  std::vector<std::string> remarks;                             ///< on the first axes
  std::string how;                                              ///< how it was made, for the user
  std::function<void(const std::filesystem::path&)> save = {};  ///< writes the model
};

/// The map as a .csv: a column for each axis and one for the label.
inline std::string map_table(const EmbeddedRows& map, const std::optional<support::Label>& label) {
  const Index dimensions = map.points.dim(1);
  std::vector<std::string> names;
  for (Index d = 0; d < dimensions; ++d) {
    names.push_back(text(map.axis, " ", d + 1));
  }
  if (label) {
    double number = 0;
    const bool is_name = std::ranges::find(names, label->title) == names.end() && !io::parse_cell(label->title, number);
    names.push_back(io::csv_cell(is_name ? label->title : text("label ", label->title)));
  }
  std::string out;
  for (const std::string& name : names) {
    out += text(out.empty() ? "" : ",", name);
  }
  for (Index i = 0; i < map.points.dim(0); ++i) {
    for (Index d = 0; d < dimensions; ++d) {
      out += text(d == 0 ? "\n" : ",", map.points[i * dimensions + d]);
    }
    out += label ? text(",", io::csv_cell(label->words(i))) : "";
  }
  return out + "\n";
}

/// Writes a map: .npy holds its points alone; .npz has them as `embedding`, and `labels`; .csv as map_table.
/// @throws IoError if the file cannot be written
inline void write_map(const std::filesystem::path& path, const EmbeddedRows& map,
                      const std::optional<support::Label>& label) {
  const std::string extension = io::lower_extension(path);
  if (extension == ".npy") {
    io::write_npy(path, map.points);
  } else if (extension == ".csv") {
    io::write_atomically(path, map_table(map, label));
  } else {
    io::NpzWriter file(path);
    file.add("embedding", map.points);
    if (label && label->names.empty()) {
      file.add("labels", label->values);
    } else if (label) {
      std::vector<std::string> words;
      for (Index i = 0; i < label->values.size(); ++i) {
        words.push_back(label->words(i));
      }
      file.add("labels", std::span<const std::string>(words));
    }
    file.commit();
  }
}

}  // namespace support
