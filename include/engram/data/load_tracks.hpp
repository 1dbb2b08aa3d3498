#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/tracks.hpp>
#include <engram/io/csv.hpp>

namespace engram::data {

namespace detail {

/// What a column of a file of tracks holds.
struct TrackColumn {
  enum class Kind { other, frame, x, y, likelihood };
  Kind kind = Kind::other;
  std::string point;
};

/// The kind that the end of a name tells: "x", "y", and "likelihood", "score" or "p".
inline TrackColumn::Kind track_kind(std::string_view end) {
  using enum TrackColumn::Kind;
  return end == "x" ? x : end == "y" ? y : end == "likelihood" || end == "score" || end == "p" ? likelihood : other;
}

/// "nose_x", "nose.x" or "x" as a column of the point "nose" or "animal".
inline TrackColumn plain_track_column(const std::string& name) {
  if (name == "frame" || name == "frame_idx" || name == "frame_index") {
    return {TrackColumn::Kind::frame, ""};
  }
  if (name.starts_with("instance.")) {  // SLEAP's score of the whole animal
    return {};
  }
  const std::size_t cut = name.find_last_of("._");
  const std::string end = cut == name.npos ? name : name.substr(cut + 1);
  const TrackColumn::Kind kind = track_kind(end);
  const std::string point = cut == name.npos || cut == 0 ? "animal" : name.substr(0, cut);
  return {kind, kind == TrackColumn::Kind::other ? "" : point};
}

/// @param unnamed  whether there is an animal without a name beside them
/// @throws ArgumentError unless `individual` is one of the animals, or empty and there is but one
inline void check_individual(const std::vector<std::string>& animals, bool unnamed, const std::string& individual,
                             const std::string& source) {
  ensure<ArgumentError>(individual.empty() || !animals.empty(), source,
                        ": need tracks that name their animals to find ", individual,
                        ", got some that name none: without the individual's name they can be read");
  const std::size_t count = animals.size() + (unnamed ? 1 : 0);
  const bool chosen = individual.empty() ? count < 2 : std::ranges::find(animals, individual) != animals.end();
  ensure<ArgumentError>(chosen, source, ": need the name of one of its ", count, " animals, such as ",
                        animals.empty() ? "none" : animals.front(),
                        unnamed ? " (other rows name none), got " : ", got ", individual.empty() ? "none" : individual);
}

/// The columns that the header lines of DeepLabCut name: scorer, perhaps individuals, bodyparts, coords.
inline std::vector<TrackColumn> deeplabcut_columns(io::CsvLines& lines, const std::string& individual) {
  std::vector<std::string> individuals;
  std::vector<std::string> points;
  while (lines.next() && lines.cells().front() != "coords") {
    const std::string& name = lines.cells().front();
    ensure<FormatError>(name == "individuals" || name == "bodyparts", lines.source(), ": line ", lines.line(),
                        ": need a header of DeepLabCut: scorer, bodyparts, coords, got ", name);
    (name == "individuals" ? individuals : points) = lines.cells();
  }
  const std::vector<std::string>& coords = lines.cells();
  ensure<FormatError>(!coords.empty() && coords.front() == "coords" && coords.size() == points.size() &&
                          (individuals.empty() || individuals.size() == points.size()),
                      lines.source(), ": need header lines of DeepLabCut of one length: scorer, bodyparts, coords");
  std::vector<std::string> animals(individuals.begin() + (individuals.empty() ? 0 : 1), individuals.end());
  animals.erase(std::unique(animals.begin(), animals.end()), animals.end());
  check_individual(animals, false, individual, lines.source());
  std::vector<TrackColumn> columns{{TrackColumn::Kind::frame, ""}};
  for (std::size_t c = 1; c < points.size(); ++c) {
    const bool chosen = individual.empty() || individuals[c] == individual;
    columns.push_back(chosen ? TrackColumn{track_kind(coords[c]), points[c]} : TrackColumn{});
  }
  return columns;
}

/// Rows as points by frame.
/// @param by_deeplabcut  which numbers its rows, but leaves out none
inline Tracks tracks_of_rows(const std::vector<TrackColumn>& columns, const std::vector<std::vector<double>>& rows,
                             bool by_deeplabcut, const std::string& source) {
  using Kind = TrackColumn::Kind;
  Tracks tracks{.points = {}, .x = {}, .y = {}, .likelihood = {}, .source = source};
  for (const TrackColumn& column : columns) {
    const bool place = column.kind == Kind::x || column.kind == Kind::y;
    if (place && std::ranges::find(tracks.points, column.point) == tracks.points.end()) {
      tracks.points.push_back(column.point);
    }
  }
  for (const std::string& point : tracks.points) {
    for (const Kind kind : {Kind::x, Kind::y}) {
      const bool found =
          std::ranges::count_if(columns, [&](const TrackColumn& c) { return c.kind == kind && c.point == point; }) == 1;
      ensure<FormatError>(found, source, ": need one column x and one column y of the point ", point);
    }
  }
  const auto frame_column = std::ranges::find(columns, Kind::frame, &TrackColumn::kind);
  const bool numbered = frame_column != columns.end();
  ensure<FormatError>(!tracks.points.empty() && !rows.empty(), source,
                      ": need columns such as nose_x and nose_y and at least one row, got ", tracks.points.size(),
                      " points in ", rows.size(), " rows");
  const double most = 1e6 + 1e3 * static_cast<double>(rows.size());  // more would take memory for nothing
  std::vector<Index> frames;
  for (const auto& row : rows) {
    const double frame =
        numbered ? row[static_cast<std::size_t>(frame_column - columns.begin())] : static_cast<double>(frames.size());
    ensure<FormatError>(frame >= 0 && frame == std::floor(frame), source, ": need frame numbers from 0 on, got ", frame,
                        " in row ", frames.size());
    ensure<FormatError>(frame < most, source, ": need frame numbers below ", most, " in a table of ", rows.size(),
                        " rows, got ", frame, " in row ", frames.size());
    frames.push_back(static_cast<Index>(frame));
  }
  std::vector<Index> sorted = frames;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
    fail<FormatError>(source, ": need one row for each frame, got several of frame ", *twice,
                      "; does the file hold several animals without names?");
  }
  const Index last = sorted.back();
  tracks.has_every_frame = (!numbered || by_deeplabcut) && last + 1 == std::ssize(rows);
  const Index count = std::ssize(tracks.points);
  tracks.x = Tensor<double>::full({last + 1, count}, std::numeric_limits<double>::quiet_NaN());
  tracks.y = tracks.x;
  tracks.likelihood = Tensor<double>::full({last + 1, count}, 1);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto point = std::ranges::find(tracks.points, columns[c].point);
    if (point == tracks.points.end() || columns[c].kind == Kind::other || columns[c].kind == Kind::frame) {
      continue;
    }
    Tensor<double>& to = columns[c].kind == Kind::x   ? tracks.x
                         : columns[c].kind == Kind::y ? tracks.y
                                                      : tracks.likelihood;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double value = rows[i][c];
      const bool untold = columns[c].kind == Kind::likelihood && std::isnan(value);  // as SLEAP's of points set by hand
      to[frames[i] * count + (point - tracks.points.begin())] = untold ? 1 : value;
    }
  }
  return tracks;
}

/// The numbers of a line, for columns of them.
inline std::vector<double> track_row(const io::CsvLines& lines, const std::vector<TrackColumn>& columns) {
  std::vector<double> row(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::string& cell = lines.cells()[c];
    ensure<FormatError>(columns[c].kind == TrackColumn::Kind::other || io::parse_cell(cell, row[c]), lines.source(),
                        ": line ", lines.line(), ", column ", c + 1, ": need a number, got '", cell, "'");
  }
  return row;
}

inline bool has_point(const std::vector<TrackColumn>& columns, const std::vector<double>& row) {
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].kind == TrackColumn::Kind::x && std::isfinite(row[c])) {
      return true;
    }
  }
  return false;
}

}  // namespace detail

/// Reads key points from a .csv, by what its first line shows:
/// - DeepLabCut's: header lines scorer, bodyparts, coords, with several animals also individuals;
/// - SLEAP's analysis: columns track, frame_idx, instance.score, nose.x, nose.y, nose.score, ...;
/// - plain: columns nose_x, nose_y (or nose.x, nose.y) and perhaps nose_likelihood of each point, or x and y of the one
///   point "animal"; a column frame if rows are missing. Other columns are left out.
/// @param individual  which animal, in DeepLabCut's line individuals or SLEAP's column track; empty if there is one
/// @throws IoError, FormatError naming the file and what is wrong, as several rows for a frame; ArgumentError for an
/// animal that is not there, or if there are several and none is named
inline Tracks load_tracks(const std::filesystem::path& path, const std::string& individual = "") {
  io::CsvLines lines(path);
  ensure<FormatError>(lines.next(), path.string(), ": need tracks, got an empty file");
  std::vector<detail::TrackColumn> columns;
  std::size_t animal_column = lines.cells().size();
  const bool by_deeplabcut = lines.cells().front() == "scorer";
  if (by_deeplabcut) {
    columns = detail::deeplabcut_columns(lines, individual);
  } else {
    for (std::size_t c = 0; c < lines.cells().size(); ++c) {
      columns.push_back(detail::plain_track_column(lines.cells()[c]));
      animal_column = lines.cells()[c] == "track" ? c : animal_column;
    }
  }
  const bool has_animals = !by_deeplabcut && animal_column < columns.size();
  std::vector<std::vector<double>> rows;
  std::vector<std::string> animals;
  bool unnamed = false;  // whether a row has points of an animal without a name
  while (lines.next()) {
    const std::vector<std::string>& cells = lines.cells();
    ensure<FormatError>(cells.size() == columns.size(), path.string(), ": line ", lines.line(), ": need ",
                        columns.size(), " cells, got ", cells.size());
    const std::string animal = has_animals && cells[animal_column] != "nan" ? cells[animal_column] : "";
    if (!animal.empty() && std::ranges::find(animals, animal) == animals.end()) {
      animals.push_back(animal);
    }
    if (has_animals && !individual.empty() && animal != individual) {
      continue;
    }
    std::vector<double> row = detail::track_row(lines, columns);
    unnamed = unnamed || (has_animals && animal.empty() && detail::has_point(columns, row));
    rows.push_back(std::move(row));
  }
  if (!by_deeplabcut) {
    detail::check_individual(animals, unnamed, individual, path.string());
  }
  return detail::tracks_of_rows(columns, rows, by_deeplabcut, path.string());
}

}  // namespace engram::data
