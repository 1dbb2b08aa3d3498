// A study's report: one HTML file that holds all it shows and opens from a folder, without a network.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/report/map.hpp"
#include "support/report/table.hpp"

namespace support {

/// A picture, or a movie (.mp4), with words below; read when the report is written. A movie shows the .png of its name,
/// if there is one, until it is played.
struct ReportFigure {
  std::filesystem::path file;
  std::string caption;
  bool wide = false;  ///< it has the whole width, else half of it where there is room
};

/// A part under a heading, in this order.
struct ReportSection {
  std::string heading;
  std::vector<std::string> text = {};  ///< paragraphs
  std::vector<ReportFigure> figures = {};
  std::vector<ReportTable> tables = {};
};

enum class Verdict { supported, contradicted, undecided };

/// "supported", "contradicted", "undecided".
std::string_view verdict_name(Verdict verdict);

/// What the study says beside what was measured.
struct ReportClaim {
  std::string claim;
  std::string study;     ///< what the study found
  std::string measured;  ///< what was measured here
  Verdict verdict = Verdict::undecided;
};

/// A file that the study leaves.
struct ReportFile {
  std::string path;   ///< relative to the report
  std::string holds;  ///< what is in it
  std::string opens;  ///< a line of code that opens it
};

struct Report {
  std::string title;
  std::vector<std::string> summary = {};  ///< lines below the title
  std::vector<ReportClaim> claims = {};
  std::optional<CodeMap> map = {};
  std::vector<ReportSection> sections = {};
  std::vector<std::pair<std::string, std::string>> settings = {};  ///< names and values
  std::vector<ReportFile> files = {};
};

/// Writes a report; atomic, see AtomicFile. All texts are plain: what looks like HTML in them is shown as it is.
/// @throws ShapeError, ArgumentError naming what does not fit; IoError naming a figure that cannot be read, or the
/// report's file and why it cannot be written
void write_report(const std::filesystem::path& file, const Report& report);

}  // namespace support
