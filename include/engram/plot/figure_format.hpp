#pragma once

#include <filesystem>
#include <string>

#include <engram/core/error.hpp>
#include <engram/io/file.hpp>

namespace engram::plot {

enum class FigureFormat {
  png,  ///< pixels
  svg,  ///< lines and letters, for the web and for drawing programs
  pdf,  ///< lines and letters, for papers
};

/// By the file's extension: .png, .svg or .pdf.
/// @throws ArgumentError for another
inline FigureFormat figure_format(const std::filesystem::path& path) {
  const std::string extension = io::lower_extension(path);
  ensure<ArgumentError>(extension == ".png" || extension == ".svg" || extension == ".pdf", path.string(),
                        ": need a figure as .png, .svg or .pdf, got '", extension, "'");
  return extension == ".png" ? FigureFormat::png : extension == ".svg" ? FigureFormat::svg : FigureFormat::pdf;
}

}  // namespace engram::plot
