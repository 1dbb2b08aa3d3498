#pragma once

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>

#include <cmath>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/figure_format.hpp>
#include <engram/plot/words.hpp>

namespace engram::plot {

enum class Align { left, centre, right };

/// A white sheet that figures are drawn on, with Cairo. Places are in pixels from the upper left corner; in .svg and
/// .pdf there are 150 of them to the inch. Later strokes cover earlier ones.
class Canvas {
 public:
  /// @throws ArgumentError unless width and height are from 64 to 16000
  Canvas(FigureFormat format, Index width, Index height) : format_(format), width_(width), height_(height) {
    constexpr Index most = 16000;
    ensure<ArgumentError>(width >= 64 && height >= 64 && width <= most && height <= most,
                          "Canvas: need a width and a height from 64 to ", most, " pixels, got ", width, " and ",
                          height);
    const double points_wide = points_per_pixel * static_cast<double>(width);
    const double points_high = points_per_pixel * static_cast<double>(height);
    if (format == FigureFormat::png) {
      surface_.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
    } else if (format == FigureFormat::svg) {
      surface_.reset(cairo_svg_surface_create_for_stream(&append, &bytes_, points_wide, points_high));
    } else {
      surface_.reset(cairo_pdf_surface_create_for_stream(&append, &bytes_, points_wide, points_high));
      cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATE_DATE, "");  // same figure, same bytes
    }
    context_.reset(cairo_create(surface_.get()));
    check(cairo_status(cairo()));
    if (format != FigureFormat::png) {
      cairo_scale(cairo(), points_per_pixel, points_per_pixel);
    }
    fill(0, 0, static_cast<double>(width), static_cast<double>(height), white);
  }
  Canvas(const Canvas&) = delete;  // Cairo knows where bytes_ is

  FigureFormat format() const { return format_; }
  double width() const { return static_cast<double>(width_); }
  double height() const { return static_cast<double>(height_); }
  /// For what is not offered here.
  cairo_t* cairo() const { return context_.get(); }

  void fill(double x, double y, double wide, double high, const Color& color) {
    cairo_set_source_rgb(cairo(), color.red, color.green, color.blue);
    cairo_rectangle(cairo(), x, y, wide, high);
    cairo_fill(cairo());
  }
  void frame(double x, double y, double wide, double high, double line, const Color& color) {
    cairo_set_source_rgb(cairo(), color.red, color.green, color.blue);
    cairo_set_line_width(cairo(), line);
    cairo_rectangle(cairo(), x, y, wide, high);
    cairo_stroke(cairo());
  }
  void line(double x0, double y0, double x1, double y1, double wide, const Color& color) {
    cairo_set_source_rgb(cairo(), color.red, color.green, color.blue);
    cairo_set_line_width(cairo(), wide);
    cairo_move_to(cairo(), x0, y0);
    cairo_line_to(cairo(), x1, y1);
    cairo_stroke(cairo());
  }
  /// @param alpha  from 0, invisible, to 1
  void disc(double x, double y, double radius, const Color& color, double alpha = 1) {
    cairo_set_source_rgba(cairo(), color.red, color.green, color.blue, alpha);
    cairo_new_sub_path(cairo());
    cairo_arc(cairo(), x, y, radius, 0, 2 * std::numbers::pi);
    cairo_fill(cairo());
  }

  /// One line of text; y is the middle of its small letters.
  void text(double x, double y, double size, std::string_view words, Align align = Align::left,
            const Color& color = black) {
    const std::string shown = printable(words);
    const double wide = text_width(size, shown);
    cairo_set_source_rgb(cairo(), color.red, color.green, color.blue);
    cairo_move_to(cairo(), x - (align == Align::left ? 0 : align == Align::right ? wide : wide / 2), y + 0.36 * size);
    cairo_show_text(cairo(), shown.c_str());
    cairo_new_path(cairo());
  }
  /// As text(), from below to above, with its middle at (x, y).
  void upward_text(double x, double y, double size, std::string_view words, const Color& color = black) {
    cairo_save(cairo());
    cairo_translate(cairo(), x, y);
    cairo_rotate(cairo(), -std::numbers::pi / 2);
    text(0, 0, size, words, Align::centre, color);
    cairo_restore(cairo());
  }
  double text_width(double size, std::string_view words) const {
    cairo_select_font_face(cairo(), "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo(), size);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo(), printable(words).c_str(), &extents);
    return extents.x_advance;
  }

  /// Calls draw() with the canvas being the rectangle alone: places are from its corner, and it is as large as that. So
  /// figures become parts of a figure.
  template <class Draw>
  void inset(double x, double y, Index wide, Index high, Draw draw) {
    cairo_save(cairo());
    cairo_translate(cairo(), x, y);
    const Index width = std::exchange(width_, wide);
    const Index height = std::exchange(height_, high);
    draw();
    width_ = width;
    height_ = height;
    cairo_restore(cairo());
  }

  /// Calls draw() and keeps what it draws in the rectangle as pixels, 300 to the inch, in .svg and .pdf too.
  template <class Draw>
  void as_image(double x, double y, double wide, double high, Draw draw) {
    constexpr double finer = 2;
    const Surface image(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, static_cast<int>(std::ceil(finer * wide)),
                                                   static_cast<int>(std::ceil(finer * high))));
    Context sheet = std::exchange(context_, Context(cairo_create(image.get())));
    cairo_scale(cairo(), finer, finer);
    cairo_translate(cairo(), -x, -y);
    draw();
    check(cairo_status(cairo()));
    context_ = std::move(sheet);
    cairo_save(cairo());
    cairo_translate(cairo(), x, y);
    cairo_scale(cairo(), 1 / finer, 1 / finer);
    cairo_set_source_surface(cairo(), image.get(), 0, 0);
    cairo_paint(cairo());
    cairo_restore(cairo());
  }

  /// The figure as a file holds it; nothing can be drawn afterwards.
  std::string finish() {
    check(cairo_status(cairo()));
    if (format_ == FigureFormat::png) {
      check(cairo_surface_write_to_png_stream(surface_.get(), &append, &bytes_));
    }
    cairo_surface_finish(surface_.get());
    check(cairo_surface_status(surface_.get()));
    return std::move(bytes_);
  }

  /// The pixels as they are now, [3, H, W], of a figure for .png.
  Tensor<std::uint8_t> pixels() const {
    ensure<ArgumentError>(format_ == FigureFormat::png, "Canvas: need a figure for .png to take pixels of");
    check(cairo_status(cairo()));
    cairo_surface_flush(surface_.get());
    const unsigned char* data = cairo_image_surface_get_data(surface_.get());
    check(data == nullptr ? CAIRO_STATUS_SURFACE_FINISHED : CAIRO_STATUS_SUCCESS);
    const int stride = cairo_image_surface_get_stride(surface_.get());
    auto out = Tensor<std::uint8_t>::uninitialized({3, height_, width_});
    for (Index y = 0; y < height_; ++y) {
      const auto* row = reinterpret_cast<const std::uint32_t*>(data + y * stride);
      for (Index x = 0; x < width_; ++x) {
        for (Index c = 0; c < 3; ++c) {
          out[(c * height_ + y) * width_ + x] = static_cast<std::uint8_t>(row[x] >> (16 - 8 * c));
        }
      }
    }
    return out;
  }

 private:
  static constexpr double points_per_pixel = 72.0 / 150;

  static cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) noexcept {
    try {
      static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
      return CAIRO_STATUS_SUCCESS;
    } catch (const std::exception&) {
      return CAIRO_STATUS_NO_MEMORY;
    }
  }

  static void check(cairo_status_t status) {
    if (status == CAIRO_STATUS_NO_MEMORY) {
      throw std::bad_alloc();
    }
    ensure<Error>(status == CAIRO_STATUS_SUCCESS, "Canvas: ", cairo_status_to_string(status));
  }

  struct Release {
    void operator()(cairo_t* context) const { cairo_destroy(context); }
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  };

  using Surface = std::unique_ptr<cairo_surface_t, Release>;
  using Context = std::unique_ptr<cairo_t, Release>;

  FigureFormat format_;
  Index width_;
  Index height_;
  std::string bytes_;  // outlives the surface, which may write to it until its end
  Surface surface_;
  Context context_;
};

}  // namespace engram::plot
