#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/layout.hpp>
#include <engram/plot/slab.hpp>
#include <engram/plot/write_figure.hpp>

namespace engram::plot {

/// What a network holds at one place for one item, and what made it.
struct NetworkStage {
  Shape shape;                               ///< [C, H, W], feature maps, or [F], numbers
  std::vector<std::string> operations = {};  ///< on the arrow that leads here, such as "conv 3 x 3"; not of the input
  std::string name = {};                     ///< above it, such as "code"
  bool marked = false;                       ///< in another colour, for the code
};

struct NetworkDiagramOptions {
  std::string title = {};
  Index width = 1600;  ///< of the figure in pixels at most, 150 of them to the inch; longer networks go on below
};

/// A network from its input to its output: blocks whose height and depth are the height and width of the feature maps,
/// and whose thickness is the number of channels, each in proportion; vectors as bars whose height grows with the
/// logarithm of their length. Arrows are labelled with the operations; below each block stands its shape. Whatever is
/// too small to be seen has a least size.
class NetworkDiagram {
 public:
  /// @throws ShapeError unless there is a stage and all shapes are [C, H, W] or [F] without a 0; ArgumentError if one
  /// stage does not fit in the width
  explicit NetworkDiagram(std::vector<NetworkStage> stages, const NetworkDiagramOptions& options = {})
      : stages_(std::move(stages)), options_(options) {
    ensure<ShapeError>(!stages_.empty(), "network_diagram: need at least one stage");
    for (const NetworkStage& s : stages_) {
      ensure<ShapeError>((s.shape.rank() == 3 || s.shape.rank() == 1) && s.shape.size() > 0,
                         "network_diagram: need shapes [C, H, W] or [F], got ", s.shape);
    }
    const detail::SlabScale scale = slab_scale();
    const Canvas measure(FigureFormat::png, 64, 64);
    for (const NetworkStage& s : stages_) {
      Place p{.slab = detail::slab(s.shape, scale), .gap = places_.empty() ? 0.0 : 40.0};
      p.wide = std::max({p.slab.wide(), measure.text_width(letters, shape_words(s.shape)) + 8,
                         measure.text_width(letters, s.name) + 8});
      for (const std::string& operation : s.operations) {
        p.gap = std::max(p.gap, measure.text_width(letters, operation) + 36);
      }
      ensure<ArgumentError>(p.gap + p.wide <= most(), "network_diagram: need a larger width than ", options_.width,
                            " for '", s.name, "' ", s.shape);
      places_.push_back(p);
    }
    const std::size_t rows = break_rows(most());
    double limit = most();
    while (limit > 20 && break_rows(limit - 20) == rows) {  // no row much shorter than the others
      limit -= 20;
    }
    break_rows(limit);
    title_width_ = std::min(measure.text_width(22, options_.title), most());
  }

  /// Pixels of the figure that it needs.
  Index width() const {
    return static_cast<Index>(std::ceil(std::max(64.0, 2 * margin + std::max(used_, title_width_))));
  }
  Index height() const { return static_cast<Index>(std::ceil(std::max(64.0, 2 * margin + head() + bottom_))); }

  void draw(Canvas& canvas) const {
    canvas.text(margin, margin + 8, 22, detail::fitted(canvas, options_.title, 22, canvas.width() - 2 * margin));
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      const NetworkStage& s = stages_[i];
      const Place& p = places_[i];
      const double y = margin + head() + row_middles_[p.row];
      const double column = margin + p.x + p.gap;
      const double middle = column + p.wide / 2;
      if (i > 0) {
        draw_arrow(canvas, s, margin + p.x + 8, column + (p.wide - p.slab.wide()) / 2 - 8, y);
      }
      const Color c = s.marked ? category_color(5, 7) : i == 0 ? color(0x909090) : category_color(4, 7);
      detail::draw_slab(canvas, p.slab, std::round(middle - p.slab.wide() / 2), std::round(y + p.slab.high() / 2), c);
      canvas.text(middle, y + p.slab.high() / 2 + line, letters, shape_words(s.shape), Align::centre);
      canvas.text(middle, y - p.slab.high() / 2 - 0.7 * line, letters, s.name, Align::centre,
                  s.marked ? category_color(5, 7) : black);
    }
  }

 private:
  struct Place {
    detail::Slab slab;
    std::size_t row = 0;
    double x = 0;     ///< of the arrow's gap, from the margin
    double gap = 0;   ///< for the arrow
    double wide = 0;  ///< of the block and its words
  };

  static constexpr double margin = 24;
  static constexpr double letters = 15;
  static constexpr double line = 20;  ///< from one line of words to the next

  double most() const { return static_cast<double>(options_.width) - 2 * margin; }
  double head() const { return options_.title.empty() ? 0 : 38; }

  static std::string shape_words(const Shape& shape) {
    std::string out;
    for (Index axis = 0; axis < shape.rank(); ++axis) {
      out += (axis > 0 ? " \xC3\x97 " : "") + std::to_string(shape[axis]);
    }
    return out;
  }

  detail::SlabScale slab_scale() const {
    detail::SlabScale scale;
    for (const NetworkStage& s : stages_) {
      if (s.shape.rank() == 3) {
        scale.channels = std::max(scale.channels, s.shape[0]);
        scale.extent = std::max({scale.extent, s.shape[1], s.shape[2]});
      } else {
        scale.numbers = std::max(scale.numbers, s.shape[0]);
      }
    }
    return scale;
  }

  /// Places the stages in rows of at most that width, but for stages that are wider; how many rows there are.
  std::size_t break_rows(double limit) {
    row_middles_.clear();
    used_ = bottom_ = 0;
    double x = 0;
    double upper = 0;  // of the row, above its middle
    double lower = 0;
    const auto end_row = [&] {
      used_ = std::max(used_, x);
      row_middles_.push_back(bottom_ + (row_middles_.empty() ? 0 : 24) + upper);
      bottom_ = row_middles_.back() + lower;
      x = upper = lower = 0;
    };
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      Place& p = places_[i];
      if (x > 0 && x + p.gap + p.wide > limit) {
        end_row();
      }
      p.row = row_middles_.size();
      p.x = x;
      x += p.gap + p.wide;
      const auto words = static_cast<double>(stages_[i].operations.size());
      upper = std::max({upper, p.slab.high() / 2 + line, (words + 0.8) * line});
      lower = std::max(lower, p.slab.high() / 2 + 1.5 * line);
    }
    end_row();
    return row_middles_.size();
  }

  void draw_arrow(Canvas& canvas, const NetworkStage& s, double from, double to, double y) const {
    const Color ink = color(0x404040);
    canvas.line(from, y, to - 7, y, 2, ink);
    cairo_set_source_rgb(canvas.cairo(), ink.red, ink.green, ink.blue);
    cairo_move_to(canvas.cairo(), to, y);
    cairo_line_to(canvas.cairo(), to - 11, y - 5);
    cairo_line_to(canvas.cairo(), to - 11, y + 5);
    cairo_close_path(canvas.cairo());
    cairo_fill(canvas.cairo());
    for (std::size_t i = 0; i < s.operations.size(); ++i) {
      const auto above = static_cast<double>(s.operations.size() - i);
      canvas.text((from + to) / 2, y - above * line + 0.25 * line, letters, s.operations[i], Align::centre);
    }
  }

  std::vector<NetworkStage> stages_;
  NetworkDiagramOptions options_;
  std::vector<Place> places_;
  std::vector<double> row_middles_;
  double used_ = 0;
  double bottom_ = 0;
  double title_width_ = 0;
};

/// Writes a NetworkDiagram as .png, .svg or .pdf, as large as it needs; atomic, see io::AtomicFile.
/// @throws as NetworkDiagram; ArgumentError for another extension or more than 16000 pixels, IoError if the file cannot
/// be written
inline void write_network_diagram(const std::filesystem::path& path, std::vector<NetworkStage> stages,
                                  const NetworkDiagramOptions& options = {}) {
  const NetworkDiagram figure(std::move(stages), options);
  write_figure(path, figure.width(), figure.height(), [&](Canvas& canvas) { figure.draw(canvas); });
}

}  // namespace engram::plot
