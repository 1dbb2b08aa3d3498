#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/layout.hpp>
#include <engram/plot/pixels.hpp>
#include <engram/plot/write_figure.hpp>

namespace engram::plot {

/// Images side by side, such as the frames, or what one method makes of them.
struct ImageRow {
  std::string label;     ///< at the left
  Tensor<float> images;  ///< [N, 1, H, W]; NaN: unknown, drawn in light red
};

struct ImageRowsOptions {
  std::string title = {};
  std::vector<std::string> column_titles = {};  ///< above the first, second, .. image; may be fewer than images
  Index scale = 3;                              ///< pixels of the figure to one of an image; 150 to the inch
  Index gap = 8;                                ///< pixels of the figure between images
  float low = 0;                                ///< what is black, and all below
  float high = 1;                               ///< what is white, and all above
};

/// Rows of small grey images, in columns, each row with a label; where a row has fewer images than others, nothing is
/// drawn at its end. Every pixel is a sharp square, in .svg and .pdf too.
class ImageRows {
 public:
  /// @throws ShapeError unless there is a row, and all are [N, 1, H, W] with N, H, W >= 1 of one H and W; ArgumentError
  /// unless scale >= 1, gap >= 0 and low < high, or for more column titles than images
  explicit ImageRows(std::vector<ImageRow> rows, const ImageRowsOptions& options = {})
      : rows_(std::move(rows)), options_(options) {
    check();
    const Canvas measure(FigureFormat::png, 64, 64);
    const double most = 360;
    for (ImageRow& row : rows_) {
      columns_ = std::max(columns_, row.images.dim(0));
      row.label = detail::fitted(measure, row.label, letters, most);
      label_width_ = std::max(label_width_, measure.text_width(letters, row.label));
    }
    ensure<ArgumentError>(std::ssize(options_.column_titles) <= columns_, "image_rows: need at most ", columns_,
                          " column titles, got ", options_.column_titles.size());
    label_width_ = label_width_ > 0 ? std::ceil(label_width_) + 14 : 0;
    title_width_ = std::min(std::ceil(measure.text_width(title_letters, options_.title)), 1200.0);
  }

  /// Pixels of the figure that they need.
  Index width() const {
    const double images = static_cast<double>(columns_ * step_x() - options_.gap);
    return static_cast<Index>(std::max(64.0, 2 * margin + std::max(title_width_, label_width_ + images)));
  }
  Index height() const {
    const double images = static_cast<double>(std::ssize(rows_) * step_y() - options_.gap);
    return static_cast<Index>(std::max(64.0, 2 * margin + head() + images));
  }

  void draw(Canvas& canvas) const {
    canvas.text(margin, margin + 8, title_letters,
                detail::fitted(canvas, options_.title, title_letters, canvas.width() - 2 * margin));
    const double left = margin + label_width_;
    const double top = margin + head();
    const double image_width = static_cast<double>(step_x() - options_.gap);
    for (std::size_t c = 0; c < options_.column_titles.size(); ++c) {
      const double middle = left + static_cast<double>(static_cast<Index>(c) * step_x()) + image_width / 2;
      const double most = image_width + std::min(0.6 * static_cast<double>(options_.gap), 8.0);
      const double size = column_letters(canvas);
      canvas.text(middle, top - 14, size, detail::fitted(canvas, options_.column_titles[c], size, most), Align::centre);
    }
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const double y = top + static_cast<double>(static_cast<Index>(r) * step_y());
      canvas.text(left - 14, y + static_cast<double>(image_high()) / 2, letters, rows_[r].label, Align::right);
      for (Index i = 0; i < rows_[r].images.dim(0); ++i) {
        draw_image(canvas, rows_[r].images, i, left + static_cast<double>(i * step_x()), y);
      }
    }
  }

 private:
  static constexpr double margin = 20;
  static constexpr double letters = 18;
  static constexpr double title_letters = 22;

  void check() const {
    ensure<ShapeError>(!rows_.empty(), "image_rows: need at least one row");
    for (const ImageRow& row : rows_) {
      const Tensor<float>& x = row.images;
      ensure<ShapeError>(x.rank() == 4 && x.dim(1) == 1 && x.size() > 0 && x.dim(2) == rows_[0].images.dim(2) &&
                             x.dim(3) == rows_[0].images.dim(3),
                         "image_rows: need images [N, 1, H, W] of one size in all rows, got ", x.shape(), " in row '",
                         row.label, "' and ", rows_[0].images.shape(), " in the first");
    }
    ensure<ArgumentError>(options_.scale >= 1 && options_.gap >= 0, "image_rows: need scale >= 1 and gap >= 0, got ",
                          options_.scale, " and ", options_.gap);
    ensure<ArgumentError>(std::isfinite(options_.low) && std::isfinite(options_.high) && options_.low < options_.high,
                          "image_rows: need low < high, got ", options_.low, " and ", options_.high);
  }

  Index step_x() const { return rows_[0].images.dim(3) * options_.scale + options_.gap; }
  Index image_high() const { return rows_[0].images.dim(2) * options_.scale; }
  /// Labels need room too.
  Index step_y() const { return std::max<Index>(image_high(), label_width_ > 0 ? 22 : 0) + options_.gap; }
  double head() const { return (options_.title.empty() ? 0 : 38) + (options_.column_titles.empty() ? 0 : 28); }

  /// Small enough for the longest column title, if that can still be read.
  double column_letters(const Canvas& canvas) const {
    double longest = 1;
    for (const std::string& title : options_.column_titles) {
      longest = std::max(longest, canvas.text_width(1000, title) / 1000);
    }
    return std::clamp(static_cast<double>(step_x() - options_.gap) / longest, 13.0, 16.0);
  }

  std::uint32_t level(float value) const {
    if (std::isnan(value)) {
      return 0xFFC0C0;
    }
    const double share =
        (static_cast<double>(value) - options_.low) / (static_cast<double>(options_.high) - options_.low);
    return 0x010101U * static_cast<std::uint32_t>(std::lround(255 * std::clamp(share, 0.0, 1.0)));
  }

  void draw_image(Canvas& canvas, const Tensor<float>& images, Index which, double x, double y) const {
    const Index wide = images.dim(3);
    const float* from = images.data() + which * images.dim(2) * wide;
    draw_pixels(canvas, x, y, images.dim(2), wide, static_cast<double>(options_.scale),
                [&](Index row, Index column) { return level(from[row * wide + column]); });
  }

  std::vector<ImageRow> rows_;
  ImageRowsOptions options_;
  Index columns_ = 0;
  double label_width_ = 0;
  double title_width_ = 0;
};

/// Writes ImageRows as .png, .svg or .pdf, as large as they need; atomic, see io::AtomicFile.
/// @throws as ImageRows; ArgumentError for another extension or more than 16000 pixels, IoError if the file cannot be
/// written
inline void write_image_rows(const std::filesystem::path& path, std::vector<ImageRow> rows,
                             const ImageRowsOptions& options = {}) {
  const ImageRows figure(std::move(rows), options);
  write_figure(path, figure.width(), figure.height(), [&](Canvas& canvas) { figure.draw(canvas); });
}

}  // namespace engram::plot
