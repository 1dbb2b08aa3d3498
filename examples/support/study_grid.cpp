#include "support/study_grid.hpp"

#include <algorithm>

#include <engram/plot/legend.hpp>
#include <engram/plot/pixels.hpp>
#include <engram/plot/scatter.hpp>
#include <engram/plot/write_figure.hpp>

namespace support {

using engram::Index;
using engram::plot::Canvas;

namespace {

constexpr Index column_width = 400;
constexpr Index map_height = 400;
constexpr Index margin = 26;
constexpr Index title_height = 44;

/// Images in a row, as large as they fit.
void draw_images(Canvas& canvas, double x, double y, const engram::Tensor<std::uint8_t>& images, double scale) {
  const Index high = images.dim(1);
  const Index wide = images.dim(2);
  const double step = static_cast<double>(wide) * scale + 6;
  for (Index i = 0; i < images.dim(0); ++i) {
    const std::uint8_t* image = images.data() + i * high * wide;
    engram::plot::draw_pixels(canvas, x + static_cast<double>(i) * step, y, high, wide, scale,
                              [&](Index row, Index column) { return 0x010101U * image[row * wide + column]; });
  }
}

}  // namespace

void write_study_grid(const std::filesystem::path& file, const std::vector<GridColumn>& columns,
                      const engram::Tensor<std::uint8_t>& recorded,
                      const std::vector<engram::plot::PointColors>& labels) {
  const double scale = engram::plot::pixel_scale(static_cast<double>((column_width - 2 * margin) / recorded.dim(0) - 6),
                                                 recorded.dim(2));
  const auto images_height = static_cast<Index>(static_cast<double>(recorded.dim(1)) * scale);
  const Index width = margin + (std::ssize(columns) + 1) * column_width;
  const Index height = margin + title_height + images_height + std::ssize(labels) * map_height + margin;
  engram::plot::write_figure(file, width, height, [&](Canvas& canvas) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const GridColumn& column = columns[c];
      const auto left = static_cast<double>(margin + static_cast<Index>(c) * column_width);
      canvas.text(left + margin, margin + 12, 20, column.title);
      if (column.images.size() > 0) {
        draw_images(canvas, left + margin, margin + title_height, column.images, scale);
      }
      for (std::size_t l = 0; l < labels.size(); ++l) {
        const auto top =
            static_cast<double>(margin + title_height + images_height + static_cast<Index>(l) * map_height);
        canvas.inset(left, top, column_width, map_height, [&] {
          engram::plot::scatter(canvas, column.map, labels[l], {.radius = 1.1, .alpha = 0.7, .legend = false});
        });
      }
    }
    const auto right = static_cast<double>(margin + std::ssize(columns) * column_width + margin);
    canvas.text(right, margin + 12, 20, "as recorded");
    draw_images(canvas, right, margin + title_height, recorded, scale);
    for (std::size_t l = 0; l < labels.size(); ++l) {
      const auto top = static_cast<double>(margin + title_height + images_height + static_cast<Index>(l) * map_height);
      const engram::plot::Coloring coloring = engram::plot::point_colors(labels[l], columns.front().map.dim(0));
      const engram::plot::Legend legend(canvas, coloring, 0.9, map_height - 2.0 * margin);
      legend.draw(canvas, right, top + margin);
    }
  });
}

}  // namespace support
