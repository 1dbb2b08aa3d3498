#pragma once

#include <filesystem>

#include <engram/core/shape.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/figure_format.hpp>

namespace engram::plot {

/// Writes what draw(canvas) draws as .png, .svg or .pdf, as the path's extension says; atomic, see io::AtomicFile.
/// @param width, height  in pixels, 150 of them to the inch
/// @throws ArgumentError for another extension or a size that a Canvas cannot have, IoError if the file cannot be
/// written, and what draw throws
template <class Draw>
void write_figure(const std::filesystem::path& path, Index width, Index height, Draw draw) {
  Canvas canvas(figure_format(path), width, height);
  draw(canvas);
  io::write_atomically(path, canvas.finish());
}

}  // namespace engram::plot
